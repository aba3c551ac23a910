//! Takes a YAML tree apart, and says what is missing, wrong or unknown.

use crate::problem::Problems;
use crate::tree::{Entry, Node, Value};

/// A map of which every key must be taken.
pub struct Map<'a> {
    entries: Vec<&'a Entry>,
    subject: String,
    line: usize,
}

impl<'a> Map<'a> {
    /// The node as a map.
    pub fn of(node: &'a Node, subject: &str, problems: &mut Problems) -> Option<Self> {
        let Value::Map(entries) = &node.value else {
            problems.add(node.line, subject, "is no map");
            return None;
        };
        let entries = entries.iter().collect();
        Some(Self { entries, subject: subject.to_owned(), line: node.line })
    }

    /// The line where it begins.
    pub fn line(&self) -> usize {
        self.line
    }

    /// Takes a key that may be missing.
    pub fn take(&mut self, key: &str) -> Option<&'a Node> {
        let place = self.entries.iter().position(|entry| entry.key == key)?;
        Some(&self.entries.remove(place).node)
    }

    /// Takes a key that must be there.
    pub fn require(&mut self, key: &str, problems: &mut Problems) -> Option<&'a Node> {
        let node = self.take(key);
        if node.is_none() {
            problems.add(self.line, &self.subject, format!("lacks `{key}`"));
        }
        node
    }

    /// Takes all that is left, in order.
    pub fn rest(self) -> Vec<&'a Entry> {
        self.entries
    }

    /// What nobody took is not known.
    pub fn finish(self, problems: &mut Problems) {
        for entry in self.entries {
            let subject = under(&self.subject, &entry.key);
            problems.add(entry.line, &subject, "is not known");
        }
    }
}

/// `columns.user_id`
pub fn under(subject: &str, key: &str) -> String {
    if subject.is_empty() { key.to_owned() } else { format!("{subject}.{key}") }
}

/// The node as text.
pub fn text<'a>(node: &'a Node, subject: &str, problems: &mut Problems) -> Option<&'a str> {
    match &node.value {
        Value::Text(text) => Some(text),
        Value::List(_) | Value::Map(_) => {
            problems.add(node.line, subject, "is no text");
            None
        }
    }
}

/// The node as a list.
pub fn list<'a>(node: &'a Node, subject: &str, problems: &mut Problems) -> Option<&'a [Node]> {
    match &node.value {
        Value::List(items) => Some(items),
        Value::Text(_) | Value::Map(_) => {
            problems.add(node.line, subject, "is no list");
            None
        }
    }
}

/// The node as a list of texts.
pub fn texts<'a>(node: &'a Node, subject: &str, problems: &mut Problems) -> Option<Vec<&'a str>> {
    let items = list(node, subject, problems)?;
    items.iter().map(|item| text(item, subject, problems)).collect()
}

/// The node as a number in a range.
pub fn number<T>(
    node: &Node,
    subject: &str,
    (min, max): (T, T),
    problems: &mut Problems,
) -> Option<T>
where
    T: std::str::FromStr + PartialOrd + std::fmt::Display,
{
    let found = text(node, subject, problems)?;
    let number = found.parse::<T>().ok().filter(|number| (&min..=&max).contains(&number));
    if number.is_none() {
        problems.add(node.line, subject, format!("is {found:?} and no number from {min} to {max}"));
    }
    number
}
