//! The section `classes`, and classes where they are used.

use yaml_tree::{Map, Node, Value, list, number, text, texts, under};

use super::Builder;
use crate::class::{Builtin, Class, ClassId, Pattern};
use crate::hash::TextSet;

/// The most texts of one closed list.
const TEXTS_MAX: usize = 5_000;

impl Builder {
    pub(super) fn classes(&mut self, node: Option<&Node>) {
        for (builtin, name) in Builtin::ALL {
            self.policy.classes.add(name.to_owned(), Class::Builtin(builtin));
        }
        let Some(map) = node.and_then(|node| Map::of(node, "classes", &mut self.problems)) else {
            return;
        };
        for entry in map.rest() {
            let subject = under("classes", &entry.key);
            if self.policy.classes.named(&entry.key).is_some() {
                self.problems.add(entry.line, &subject, "is the name of a class that exists");
                continue;
            }
            let class = self.definition(&entry.node, &subject);
            let id = class.and_then(|it| self.add_class(entry.key.clone(), it, entry.line));
            if let Some(id) = id {
                self.policy.classes.set_line(id, entry.line);
            }
        }
    }

    /// A class by its name, or defined in place.
    pub(super) fn class(&mut self, node: &Node, subject: &str) -> Option<ClassId> {
        if let Value::Text(name) = &node.value {
            let id = self.policy.classes.named(name);
            if id.is_none() {
                let message = format!("names the class {name}, which is defined nowhere above");
                self.problems.add(node.line, subject, message);
            }
            return id;
        }
        let class = self.definition(node, subject)?;
        let name = format!("that of {subject}");
        self.add_class(name, class, node.line)
    }

    fn add_class(&mut self, name: String, class: Class, line: usize) -> Option<ClassId> {
        let id = self.policy.classes.add(name, class);
        if id.is_none() {
            self.problems.add(line, "classes", "are too many");
        }
        id
    }

    fn definition(&mut self, node: &Node, subject: &str) -> Option<Class> {
        let map = Map::of(node, subject, &mut self.problems)?;
        let line = map.line();
        let [entry] = map.rest()[..] else {
            self.problems.add(
                line,
                subject,
                "is not defined by exactly one of enum, integer, decimal, regex, any_of",
            );
            return None;
        };
        let node = &entry.node;
        match entry.key.as_str() {
            "enum" => self.closed_list(node, subject),
            "integer" => self.integer(node, subject),
            "decimal" => self.decimal(node, subject),
            "regex" => {
                let pattern = text(node, subject, &mut self.problems)?;
                let pattern = Pattern::new(pattern);
                pattern
                    .map(Class::Pattern)
                    .map_err(|it| self.problems.add(node.line, subject, it))
                    .ok()
            }
            "any_of" => {
                let items = list(node, subject, &mut self.problems)?;
                if items.is_empty() {
                    self.problems.add(node.line, subject, "names no class");
                }
                let ids: Option<Vec<_>> =
                    items.iter().map(|item| self.class(item, subject)).collect();
                ids.map(Class::AnyOf)
            }
            other => {
                let message = format!(
                    "is defined by {other:?} and not by one of enum, integer, decimal, regex, any_of"
                );
                self.problems.add(entry.line, subject, message);
                None
            }
        }
    }

    fn closed_list(&mut self, node: &Node, subject: &str) -> Option<Class> {
        let texts = texts(node, subject, &mut self.problems)?;
        if texts.is_empty() || texts.len() > TEXTS_MAX {
            self.problems.add(
                node.line,
                subject,
                format!("lists no text, or more than {TEXTS_MAX}"),
            );
        }
        let set: TextSet = texts.iter().map(|text| Box::from(*text)).collect();
        if set.len() < texts.len() {
            self.problems.add(node.line, subject, "lists a text twice");
        }
        Some(Class::Enum(set))
    }

    fn integer(&mut self, node: &Node, subject: &str) -> Option<Class> {
        let mut map = Map::of(node, subject, &mut self.problems)?;
        let all = (i64::MIN, i64::MAX);
        let problems = &mut self.problems;
        let min = map.require("min", problems).and_then(|it| number(it, subject, all, problems));
        let max = map.require("max", problems).and_then(|it| number(it, subject, all, problems));
        map.finish(problems);
        let (min, max) = (min?, max?);
        if min > max {
            problems.add(node.line, subject, "has a min above its max");
        }
        Some(Class::Integer { min, max })
    }

    fn decimal(&mut self, node: &Node, subject: &str) -> Option<Class> {
        let mut map = Map::of(node, subject, &mut self.problems)?;
        let problems = &mut self.problems;
        let all = (-1e15, 1e15);
        let min = map.require("min", problems).and_then(|it| number(it, subject, all, problems));
        let max = map.require("max", problems).and_then(|it| number(it, subject, all, problems));
        let digits =
            map.require("digits", problems).and_then(|it| number(it, subject, (0, 15), problems));
        map.finish(problems);
        let (min, max) = (min?, max?);
        if min > max {
            problems.add(node.line, subject, "has a min above its max");
        }
        Some(Class::Decimal { min, max, digits: digits? })
    }
}
