//! JSON as a tree that keeps every pair of an object, also when a key comes twice.

use std::borrow::Cow;

use json_tree::{Json, write_text};

use crate::canonical;

/// How many steps a value may stand below the whole.
const STEPS_MAX: usize = 64;
/// More than the steps, so that the steps decide.
const PARSED_DEPTH_MAX: usize = 128;
const WHITE_SPACE: [char; 4] = [' ', '\t', '\n', '\r'];

#[derive(Clone, PartialEq, Eq)]
pub(super) enum Tree {
    Null,
    Bool(bool),
    /// As it was written.
    Number(String),
    Text(String),
    Array(Vec<Tree>),
    Object(Vec<(String, Tree)>),
}

impl Tree {
    /// Reads a text; none if it is no JSON or nested too deeply.
    pub(super) fn parse(text: &str) -> Option<Self> {
        // The grammar is checked by a parser that everybody uses. It keeps one pair of a key, so
        // the pairs are gathered again, from a text that is known to be right.
        Json::parse(text, PARSED_DEPTH_MAX).ok()?;
        let (tree, _) = value(text)?;
        (tree.steps() <= STEPS_MAX).then_some(tree)
    }

    fn steps(&self) -> usize {
        let below = match self {
            Self::Array(items) => items.iter().map(Self::steps).max(),
            Self::Object(pairs) => pairs.iter().map(|(_, value)| value.steps()).max(),
            Self::Null | Self::Bool(_) | Self::Number(_) | Self::Text(_) => None,
        };
        below.map_or(0, |below| below + 1)
    }

    pub(super) fn is_scalar(&self) -> bool {
        !matches!(self, Self::Array(_) | Self::Object(_))
    }

    /// What a rule decides on: a text, the digits of a number, `true`; else the JSON.
    pub(super) fn text(&self) -> Cow<'_, str> {
        match self {
            Self::Text(text) | Self::Number(text) => Cow::Borrowed(text),
            Self::Null | Self::Bool(_) | Self::Array(_) | Self::Object(_) => {
                let mut out = String::new();
                self.write(&mut out);
                Cow::Owned(out)
            }
        }
    }

    /// What a pseudonym is made of.
    pub(super) fn canonical(&self) -> Cow<'_, str> {
        match self {
            Self::Number(token) => canonical::number(token),
            Self::Null | Self::Bool(_) | Self::Text(_) | Self::Array(_) | Self::Object(_) => {
                self.text()
            }
        }
    }

    pub(super) fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(truth) => out.push_str(if *truth { "true" } else { "false" }),
            Self::Number(token) => out.push_str(token),
            Self::Text(text) => write_text(text, out),
            Self::Array(items) => {
                for (place, item) in items.iter().enumerate() {
                    out.push(if place > 0 { ',' } else { '[' });
                    item.write(out);
                }
                out.push_str(if items.is_empty() { "[]" } else { "]" });
            }
            Self::Object(pairs) => {
                for (place, (key, value)) in pairs.iter().enumerate() {
                    out.push(if place > 0 { ',' } else { '{' });
                    write_text(key, out);
                    out.push(':');
                    value.write(out);
                }
                out.push_str(if pairs.is_empty() { "{}" } else { "}" });
            }
        }
    }
}

/// The value at the start of a text that is right, and the text behind it.
fn value(text: &str) -> Option<(Tree, &str)> {
    let text = text.trim_start_matches(WHITE_SPACE);
    if let Some(mut rest) = text.strip_prefix('[') {
        let mut items = Vec::new();
        while let Some(inside) = member(rest, ']') {
            let (item, behind) = value(inside)?;
            items.push(item);
            rest = behind;
        }
        return Some((Tree::Array(items), behind(rest, ']')?));
    }
    if let Some(mut rest) = text.strip_prefix('{') {
        let mut pairs = Vec::new();
        while let Some(inside) = member(rest, '}') {
            let (Tree::Text(key), after_key) = value(inside)? else { return None };
            let (value, after_value) = value(behind(after_key, ':')?)?;
            pairs.push((key, value));
            rest = after_value;
        }
        return Some((Tree::Object(pairs), behind(rest, '}')?));
    }
    scalar(text)
}

/// The text of the next member, unless the closing character comes.
fn member(text: &str, close: char) -> Option<&str> {
    let text = text.trim_start_matches(WHITE_SPACE);
    (!text.starts_with(close)).then(|| text.strip_prefix(',').unwrap_or(text))
}

fn behind(text: &str, character: char) -> Option<&str> {
    text.trim_start_matches(WHITE_SPACE).strip_prefix(character)
}

fn scalar(text: &str) -> Option<(Tree, &str)> {
    let mut is_escaped = false;
    let end = match text.strip_prefix('"') {
        Some(inner) => {
            inner.find(|character| {
                let ends = character == '"' && !is_escaped;
                is_escaped = character == '\\' && !is_escaped;
                ends
            })? + 2
        }
        None => text
            .find(|it| WHITE_SPACE.contains(&it) || matches!(it, ',' | ']' | '}'))
            .unwrap_or(text.len()),
    };
    let (token, rest) = text.split_at_checked(end)?;
    let tree = match Json::parse(token, 1).ok()? {
        Json::Null => Tree::Null,
        Json::Bool(truth) => Tree::Bool(truth),
        Json::Number(token) => Tree::Number(token.into_owned()),
        Json::Text(text) => Tree::Text(text.into_owned()),
        Json::Array(_) | Json::Object(_) => return None,
    };
    Some((tree, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_pair_is_kept_and_numbers_stay_as_they_are() {
        for (text, expected) in [
            (r#"{"a":1,"a":1.0}"#, r#"{"a":1,"a":1.0}"#),
            (" [ 1 , {\"b\" : \"x\\\"y\\\\\" } , [ ] , { } ] ", r#"[1,{"b":"x\"y\\"},[],{}]"#),
            (r#"{"\u0061":null,"b":[true,false]}"#, r#"{"a":null,"b":[true,false]}"#),
            ("[\"\\\\\"]", "[\"\\\\\"]"),
        ] {
            let tree = Tree::parse(text);
            assert_eq!(tree.as_ref().map(Tree::text).as_deref(), Some(expected), "{text}");
        }
        for text in ["", "{", "[1,]", "{\"a\"}", "1 2", "\"\t\"", "[1,,2]", "{\"a\":1 \"b\":2}"] {
            assert!(Tree::parse(text).is_none(), "{text}");
        }
        let nested = |steps: usize| format!("{}1{}", "[".repeat(steps), "]".repeat(steps));
        assert!(Tree::parse(&nested(STEPS_MAX)).is_some());
        assert!(Tree::parse(&nested(STEPS_MAX + 1)).is_none());
    }
}
