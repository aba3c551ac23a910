//! Reads one step of a recipe.

use iglu::SchemaKey;
use json_tree::Json;
use regex::Regex;
use yaml_tree::{Map, Node, Problems, Value, text};

use super::read::wanted;
use super::{Act, Described, Inside, Part, PathStep, Step, Type};

/// What can be done; each is the key that names the step.
const VERBS: [&str; 6] = ["cast", "remove", "rename", "set", "replace", "become"];
const PLACES: [&str; 4] = ["event", "entities", "parameters", "request"];
const TYPES: [(&str, Type); 4] = [
    ("integer", Type::Integer),
    ("number", Type::Number),
    ("boolean", Type::Boolean),
    ("string", Type::Text),
];
/// The deepest JSON that a step sets.
const JSON_DEPTH_MAX: usize = 50;
/// The longest path.
const PATH_STEPS_MAX: usize = 64;

/// A step on its way.
struct Draft<'a, 'p> {
    map: Map<'a>,
    subject: &'p str,
    problems: &'p mut Problems,
    verb: &'static str,
    target: &'a str,
    line: usize,
}

/// Reads a step.
pub(super) fn read(node: &Node, subject: &str, problems: &mut Problems) -> Option<Step> {
    if let Value::Text(word) = &node.value {
        if word != "drop" {
            let message = format!("is {word:?} and can only be drop, or a map");
            problems.add(node.line, subject, message);
        }
        return Some(Step::Drop);
    }
    let mut map = Map::of(node, subject, problems)?;
    let found: Vec<_> = VERBS.iter().filter_map(|verb| Some((*verb, map.take(verb)?))).collect();
    let [(verb, target)] = found.as_slice() else {
        let message = format!("needs exactly one of {}", VERBS.join(", "));
        problems.add(node.line, subject, message);
        return None;
    };
    let line = target.line;
    let target = text(target, &format!("{subject}: {verb}"), problems)?;
    let mut draft = Draft { map, subject, problems, verb, target, line };
    let step = draft.step();
    // What is left over after another problem may well be right.
    if step.is_some() {
        draft.map.finish(draft.problems);
    }
    step
}

impl<'a> Draft<'a, '_> {
    fn step(&mut self) -> Option<Step> {
        let (place, line) = self.text("in")?;
        match place {
            "event" => self.described(Described::Event),
            "entities" => self.described(Described::Entities),
            "parameters" if self.verb != "become" => {
                let act = self.act()?;
                Some(Step::Parameter { name: self.target.to_owned(), act })
            }
            "request" if ["remove", "set", "replace"].contains(&self.verb) => {
                let part = Part::NAMED.iter().find(|(name, _)| *name == self.target);
                let Some((_, part)) = part else {
                    let names = Part::NAMED.map(|(name, _)| name).join(", ");
                    return self.wrong(format!("is {:?} and none of {names}", self.target));
                };
                Some(Step::Request { part: *part, act: self.act()? })
            }
            "parameters" => self.wrong("is nothing that can be done to parameters"),
            "request" => self.wrong("is nothing that can be done to a request"),
            _ => self.no_choice("in", (place, line), &PLACES.join(", ")),
        }
    }

    fn described(&mut self, place: Described) -> Option<Step> {
        let schema = match self.map.take("schema") {
            Some(node) => {
                let subject = format!("{}: schema", self.subject);
                let name = text(node, &subject, self.problems)?;
                Some(wanted(name, node.line, &subject, self.problems)?)
            }
            None => None,
        };
        let inside = Inside { place, schema };
        if self.verb == "become" {
            let Ok(to) = SchemaKey::parse(self.target) else {
                return self.wrong(format!(
                    "is {:?} and no schema, such as iglu:com.acme/cart/jsonschema/1-0-0",
                    self.target
                ));
            };
            if inside.schema.is_none() {
                return self.wrong("needs the schema that it is instead of: `schema`");
            }
            return Some(Step::Become { inside, to });
        }
        let Some(path) = self.path() else {
            return self.wrong(format!(
                "is {:?}, and a path begins with a slash and has at most {PATH_STEPS_MAX} steps",
                self.target
            ));
        };
        let act = self.act()?;
        if path.is_empty() {
            match (&act, place) {
                (Act::Remove, Described::Event) => {
                    return self.wrong("is the whole event: use drop");
                }
                (Act::Rename(_), _) => return self.wrong("is the whole, which has no name"),
                (Act::Remove | Act::Cast(_) | Act::Set(_) | Act::Replace(..), _) => {}
            }
        }
        Some(Step::Json { inside, path, act })
    }

    /// `/items/[*]/sku`, as the classifier writes it; a slash alone is the whole.
    fn path(&self) -> Option<Vec<PathStep>> {
        let rest = self.target.strip_prefix('/')?;
        if rest.is_empty() {
            return Some(Vec::new());
        }
        let step = |name: &str| match name {
            "[*]" => PathStep::Items,
            name => PathStep::Name(name.replace("~1", "/").replace("~0", "~")),
        };
        let path: Vec<_> = rest.split('/').map(step).collect();
        (path.len() <= PATH_STEPS_MAX).then_some(path)
    }

    fn act(&mut self) -> Option<Act> {
        match self.verb {
            "cast" => {
                let (name, line) = self.text("to")?;
                match TYPES.iter().find(|(known, _)| *known == name) {
                    Some((_, to)) => Some(Act::Cast(*to)),
                    None => {
                        self.no_choice("to", (name, line), &TYPES.map(|(name, _)| name).join(", "))
                    }
                }
            }
            "rename" => Some(Act::Rename(self.text("to")?.0.to_owned())),
            "set" => self.value().map(Act::Set),
            "replace" => {
                let ((pattern, line), (with, _)) = (self.text("pattern")?, self.text("with")?);
                match Regex::new(pattern) {
                    Ok(pattern) => Some(Act::Replace(pattern, with.to_owned())),
                    Err(error) => {
                        let subject = format!("{}: pattern", self.subject);
                        let reason = error.to_string();
                        let reason = reason.lines().last().unwrap_or_default();
                        self.problems.add(line, &subject, format!("is no pattern: {reason}"));
                        None
                    }
                }
            }
            _ => Some(Act::Remove),
        }
    }

    fn value(&mut self) -> Option<Json<'static>> {
        let (plain, json) = (self.map.take("text"), self.map.take("json"));
        let subject = |name: &str| format!("{}: {name}", self.subject);
        match (plain, json) {
            (Some(node), None) => {
                let plain = text(node, &subject("text"), self.problems)?;
                Some(Json::text(plain.to_owned()))
            }
            (None, Some(node)) => {
                let json = text(node, &subject("json"), self.problems)?;
                match Json::parse(json, JSON_DEPTH_MAX) {
                    Ok(json) => Some(json.into_owned()),
                    Err(error) => {
                        let message = format!("is no JSON: {}", error.message());
                        self.problems.add(node.line, &subject("json"), message);
                        None
                    }
                }
            }
            _ => {
                let line = self.map.line();
                self.problems.add(line, self.subject, "needs exactly one of text, json");
                None
            }
        }
    }

    /// A key that must be there, with its line.
    fn text(&mut self, key: &str) -> Option<(&'a str, usize)> {
        let node = self.map.require(key, self.problems)?;
        Some((text(node, &format!("{}: {key}", self.subject), self.problems)?, node.line))
    }

    fn wrong<T>(&mut self, message: impl Into<String>) -> Option<T> {
        self.problems.add(self.line, &format!("{}: {}", self.subject, self.verb), message);
        None
    }

    fn no_choice<T>(&mut self, key: &str, found: (&str, usize), all: &str) -> Option<T> {
        let message = format!("is {:?} and none of {all}", found.0);
        self.problems.add(found.1, &format!("{}: {key}", self.subject), message);
        None
    }
}
