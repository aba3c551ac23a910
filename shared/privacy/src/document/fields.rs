//! The `fields` of a schema: paths with their treatments, grown into a tree.

use super::Builder;
use json_tree::write_text;
use yaml_tree::{Entry, Map, Node, Value, under};

use super::treatments::Place;
use crate::nodes::{Node as Tree, NodeId, Target, Walk};

/// The most steps of one path.
const STEPS_MAX: usize = 16;

/// The most fields of one object that have rules.
const FIELDS_MAX: usize = 128;

/// One step of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Step {
    Key(String),
    Items,
}

impl Builder {
    /// A new place in the JSON of a schema.
    pub(super) fn tree(&mut self, path: &str) -> NodeId {
        let list = &mut self.policy.nodes.list;
        let Ok(id) = u16::try_from(list.len()) else {
            self.problems.add(0, "schemas", "have too many places");
            return NodeId(0);
        };
        list.push(Tree { path: path.to_owned(), ..Tree::default() });
        NodeId(id)
    }

    pub(super) fn fields(&mut self, node: &Node, subject: &str, schema: (&str, NodeId)) {
        let subject = under(subject, "fields");
        let Some(map) = Map::of(node, &subject, &mut self.problems) else { return };
        for entry in map.rest() {
            self.field(entry, &under(&subject, &entry.key), schema);
        }
    }

    fn field(&mut self, entry: &Entry, subject: &str, (schema, root): (&str, NodeId)) {
        let Some(steps) = steps(&entry.key) else {
            let message = "is no path such as a.b[].c";
            return self.problems.add(entry.line, subject, message);
        };
        let plain = entry.key.strip_prefix("$.").unwrap_or(&entry.key);
        let place = Place {
            subject,
            shown: format!("{schema} {plain}"),
            domain: format!("@{schema}/{plain}"),
        };
        if let Some(walk) = self.of_walk(&entry.node, subject) {
            let walk = self.walk(walk, &place);
            let tree = self.grow(&steps, root, entry.line, subject);
            if let (Some(walk), Some(tree)) = (walk, tree) {
                self.set_walk(tree, walk, entry.line, subject);
            }
            return;
        }
        let Some((last, above)) = steps.split_last() else {
            return self.problems.add(entry.line, subject, "is the whole: only walk fits it");
        };
        let Some(rule) = self.treatment(&entry.node, &place) else { return };
        let leaf = Target::Leaf(self.rule(rule));
        let Some(parent) = self.grow(above, root, entry.line, subject) else { return };
        if self.target(parent, last).is_some() {
            let message = "has a treatment, and so has something below it or it itself";
            return self.problems.add(entry.line, subject, message);
        }
        self.set(parent, last, leaf, (entry.line, subject));
    }

    /// The inside of `{walk: {...}}`, which stands alone.
    fn of_walk<'n>(&mut self, node: &'n Node, subject: &str) -> Option<&'n Node> {
        let Value::Map(entries) = &node.value else { return None };
        let walk = entries.iter().find(|entry| entry.key == "walk")?;
        for entry in entries.iter().filter(|entry| entry.key != "walk") {
            let message = "stands beside walk, which is a treatment of its own";
            self.problems.add(entry.line, &under(subject, &entry.key), message);
        }
        Some(&walk.node)
    }

    fn walk(&mut self, node: &Node, place: &Place<'_>) -> Option<Walk> {
        let mut map = Map::of(node, place.subject, &mut self.problems)?;
        let keys = map.require("keys", &mut self.problems)?;
        let leaves = map.require("leaves", &mut self.problems)?;
        map.finish(&mut self.problems);
        let hides_keys = matches!(&keys.value, Value::Text(text) if text == "pseudonymize");
        let keys = if hides_keys { None } else { Some(self.class(keys, place.subject)?) };
        let leaves = self.treatment(leaves, place)?;
        Some(Walk { keys, leaves: self.rule(leaves) })
    }

    fn set_walk(&mut self, tree: NodeId, walk: Walk, line: usize, subject: &str) {
        let Some(tree) = self.policy.nodes.list.get_mut(usize::from(tree.0)) else { return };
        if tree.walk.is_some() {
            self.problems.add(line, subject, "has two walks");
        }
        tree.walk = Some(walk);
    }

    /// The place at the end of the steps, made where it is missing.
    fn grow(&mut self, steps: &[Step], root: NodeId, line: usize, subject: &str) -> Option<NodeId> {
        let mut place = root;
        for step in steps {
            place = match self.target(place, step) {
                Some(Target::Tree(next)) => next,
                Some(Target::Leaf(_)) => {
                    let message = "stands below a path that has a treatment of its own";
                    self.problems.add(line, subject, message);
                    return None;
                }
                None => {
                    let path = &self.policy.nodes.get(place).path;
                    let path = match step {
                        Step::Key(key) => format!("{path}/{key}"),
                        Step::Items => format!("{path}[]"),
                    };
                    let next = self.tree(&path);
                    self.set(place, step, Target::Tree(next), (line, subject));
                    next
                }
            };
        }
        Some(place)
    }

    fn target(&self, place: NodeId, step: &Step) -> Option<Target> {
        let tree = self.policy.nodes.get(place);
        match step {
            Step::Key(key) => tree.field(key, 0).map(|(_, target)| target),
            Step::Items => tree.items,
        }
    }

    fn set(&mut self, place: NodeId, step: &Step, target: Target, (line, subject): (usize, &str)) {
        let Some(tree) = self.policy.nodes.list.get_mut(usize::from(place.0)) else { return };
        match step {
            Step::Key(_) if tree.fields.len() == FIELDS_MAX => {
                let message = format!("is one of more than {FIELDS_MAX} fields in one object");
                self.problems.add(line, subject, message);
            }
            Step::Key(key) => {
                let mut written = String::new();
                write_text(key, &mut written);
                written.push(':');
                tree.written.push(written.into());
                tree.fields.push((key.as_str().into(), target));
            }
            Step::Items => tree.items = Some(target),
        }
    }
}

/// `a.b[].c`, also with `$.` before it; `$` alone is the whole. A backslash takes away the meaning
/// of what follows it.
fn steps(path: &str) -> Option<Vec<Step>> {
    let path = match path.strip_prefix('$') {
        Some("") => return Some(Vec::new()),
        Some(rest) if rest.starts_with('.') => rest.strip_prefix('.')?,
        Some(rest) if rest.starts_with('[') => rest,
        _ => path,
    };
    let (mut steps, mut key, mut after_items) = (Vec::new(), String::new(), false);
    let mut characters = path.chars();
    let end = |key: &mut String, steps: &mut Vec<Step>, after_items: bool| -> Option<()> {
        if key.is_empty() {
            return after_items.then_some(());
        }
        steps.push(Step::Key(std::mem::take(key)));
        Some(())
    };
    while let Some(character) = characters.next() {
        match character {
            '\\' => key.push(characters.next()?),
            '.' => {
                end(&mut key, &mut steps, after_items)?;
                after_items = false;
            }
            '[' => {
                let may_be_empty = after_items || steps.is_empty();
                end(&mut key, &mut steps, may_be_empty)?;
                let next = characters.next()?;
                if next != ']' && !(next == '*' && characters.next() == Some(']')) {
                    return None;
                }
                steps.push(Step::Items);
                after_items = true;
            }
            plain if !after_items => key.push(plain),
            _ => return None,
        }
    }
    end(&mut key, &mut steps, after_items)?;
    (!steps.is_empty() && steps.len() <= STEPS_MAX).then_some(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_have_steps() {
        let key = |text: &str| Step::Key(text.to_owned());
        for (path, expected) in [
            ("a", Some(vec![key("a")])),
            ("$.a.b", Some(vec![key("a"), key("b")])),
            ("a[]", Some(vec![key("a"), Step::Items])),
            ("a[*].b", Some(vec![key("a"), Step::Items, key("b")])),
            ("[].b", Some(vec![Step::Items, key("b")])),
            ("$[][]", Some(vec![Step::Items, Step::Items])),
            ("a\\.b", Some(vec![key("a.b")])),
            ("wiki-format", Some(vec![key("wiki-format")])),
            ("$", Some(vec![])),
            ("", None),
            ("a.", None),
            (".a", None),
            ("a..b", None),
            ("a[0]", None),
            ("a[]b", None),
            ("a\\", None),
        ] {
            assert_eq!(steps(path), expected, "{path}");
        }
        let deep = vec!["a"; STEPS_MAX].join(".");
        assert!(steps(&deep).is_some() && steps(&(deep + ".a")).is_none());
    }
}
