//! The bad rows of old: a request in base64, what was wrong with it in free text, a moment.

use json_tree::{Json, Object, write_text};

use super::known::KEYWORDS;
use super::leaf::{Leaf, WITHHELD};
use super::shape::{At, Shape};
use super::{DOMAIN, comma, push_added, texts};
use crate::pseudonym::Pseudonyms;
use crate::rewriter::Rewriter;

/// The most schemas, and the most keywords, that one message shows.
const SHOWN_MAX: usize = 8;
/// How severe an error is.
const LEVELS: &[&str] = &["error", "warn", "warning", "info", "fatal", "debug", "trace"];

/// Whether an object is such a bad row.
pub(super) fn is_legacy(object: &Object<'_>) -> bool {
    object.contains_key("line") && object.contains_key("errors")
}

impl<P: Pseudonyms> Rewriter<'_, P> {
    pub(super) fn legacy(&mut self, row: &Object<'_>, added: &str, out: &mut String) {
        out.push('{');
        for (key, value) in row.iter() {
            let shape: &'static Shape = match (key, value) {
                ("line", _) if self.policy.bad_events.drops_payload => {
                    self.tally.dropped += 1;
                    comma(out);
                    out.push_str("\"line\":\"\"");
                    continue;
                }
                ("line", Json::Text(_)) => &Shape::Leaf(Leaf::Thrift),
                ("failure_tstamp", _) => &Shape::Leaf(Leaf::Timestamp),
                ("errors", Json::Array(errors)) => {
                    comma(out);
                    out.push_str("\"errors\":[");
                    for error in errors {
                        comma(out);
                        self.legacy_error(error, out);
                    }
                    out.push(']');
                    continue;
                }
                _ => {
                    self.unlisted_pair(DOMAIN, (key, value), out);
                    continue;
                }
            };
            comma(out);
            write_text(key, out);
            out.push(':');
            self.shaped(shape, value, At { key: "legacy", siblings: row }, out);
        }
        push_added(added, out);
        out.push('}');
    }

    fn legacy_error(&mut self, error: &Json<'_>, out: &mut String) {
        if let Some(message) = error.as_str() {
            return write_text(&self.legacy_message(message), out);
        }
        let Some(error) = error.as_object() else { return self.unlisted(DOMAIN, error, out) };
        out.push('{');
        for (key, value) in error.iter() {
            let shown = match (key, value.as_str()) {
                ("message", Some(message)) => self.legacy_message(message),
                ("level", Some(level)) if LEVELS.contains(&level) => level.to_owned(),
                ("level", Some(_)) => WITHHELD.to_owned(),
                _ => {
                    self.unlisted_pair(DOMAIN, (key, value), out);
                    continue;
                }
            };
            comma(out);
            write_text(key, out);
            out.push(':');
            write_text(&shown, out);
        }
        out.push('}');
    }

    /// Free text quotes values at any place, so it is made anew of the schemas and keywords in it.
    fn legacy_message(&mut self, text: &str) -> String {
        let mut parts: Vec<String> = texts::shown(text).into_iter().collect();
        for uri in self.shown_uris(text) {
            parts.push(format!("schema: {uri}"));
        }
        for keyword in keywords(text) {
            parts.push(format!("keyword: {keyword}"));
        }
        if parts.is_empty() {
            self.tally.dropped += 1;
            return WITHHELD.to_owned();
        }
        self.tally.reduced += 1;
        parts.join("; ")
    }

    fn shown_uris(&mut self, text: &str) -> Vec<String> {
        let mut uris: Vec<String> = Vec::new();
        for (at, _) in text.match_indices("iglu:").take(SHOWN_MAX) {
            let rest = text.get(at..).unwrap_or_default();
            let is_part = |character: char| {
                character.is_ascii_alphanumeric()
                    || matches!(character, ':' | '/' | '.' | '-' | '_')
            };
            let end = rest.find(|character| !is_part(character)).unwrap_or(rest.len());
            let uri = rest.get(..end).unwrap_or_default().trim_end_matches(['.', ':', '-']);
            if self.schema_key_text(uri) == uri && !uris.iter().any(|known| known == uri) {
                uris.push(uri.to_owned());
            }
        }
        uris
    }
}

/// The keywords of JSON schemas that stand where the validator names one: `keyword: "type"`.
fn keywords(text: &str) -> Vec<&'static str> {
    let mut found = Vec::new();
    for (at, phrase) in text.match_indices("keyword").take(SHOWN_MAX) {
        let rest = text.get(at + phrase.len()..).unwrap_or_default();
        let rest = rest.trim_start_matches(['"', '\\']).trim_start();
        let Some(rest) = rest.strip_prefix(':') else { continue };
        let rest = rest.trim_start().trim_start_matches(['"', '\\']);
        let end = rest.find(|it: char| !it.is_ascii_alphabetic()).unwrap_or(rest.len());
        let word = rest.get(..end).unwrap_or_default();
        let known = KEYWORDS.iter().find(|known| **known == word);
        found.extend(known.filter(|known| !found.contains(*known)));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keywords_are_found_where_the_validator_names_them() {
        for (text, expected) in [
            (r#"keyword: "type""#, vec!["type"]),
            (r#"{"keyword":"required","x":1}"#, vec!["required"]),
            (r#"{\"keyword\":\"enum\"}"#, vec!["enum"]),
            (r#"keyword: "alex""#, vec![]),
            ("the keyword type", vec![]),
            (&*format!("{}keyword: \"type\"", "keyword ".repeat(SHOWN_MAX - 1)), vec!["type"]),
            (&*format!("{}keyword: \"type\"", "keyword ".repeat(SHOWN_MAX)), vec![]),
            (r#"keyword: "type" keyword: "type" keyword: "pattern""#, vec!["type", "pattern"]),
        ] {
            assert_eq!(keywords(text), expected, "{text}");
        }
    }
}
