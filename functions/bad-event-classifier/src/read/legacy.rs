//! The bad rows of old: a request in base64 and what was wrong with it in free text.

use json_tree::{Json, Object};

use super::{sender, words};
use crate::failure::{FAILURES_MAX, Failure, Reading, Stage, cut, push};
use crate::pointer::Pointer;

/// The most properties that one message names.
const NAMES_MAX: usize = 64;

/// The longest part of a message that is looked at, in bytes; lists of values make some long.
const TEXT_BYTES_MAX: usize = 16_384;

/// Reads a bad row of old.
pub(super) fn read(row: &Object<'_>) -> Reading {
    let errors = row.get("errors").and_then(Json::as_array).unwrap_or_default();
    let mut failures = Vec::new();
    for error in errors.iter().take(FAILURES_MAX) {
        let text = error.as_str().or_else(|| error.get("message").and_then(Json::as_str));
        message(text.unwrap_or_default(), &mut failures);
    }
    if failures.is_empty() {
        push(&mut failures, Failure::default());
    }
    let line = row.get("line").and_then(Json::as_str).unwrap_or_default();
    let sender = sender::of_record(line);
    Reading { kind: "legacy", stage: Stage::Enrich, failures, sender }
}

/// The old validator says `keyword: "type"` and `instance: {"pointer":"/user_id"}`, as a text of its
/// own or as JSON, and JSON in a text has its quotes escaped.
fn message(text: &str, failures: &mut Vec<Failure>) {
    let text = text.get(..text.floor_char_boundary(TEXT_BYTES_MAX)).unwrap_or(text);
    let plain = text.replace('\\', "");
    let keyword = value(&plain, "keyword").and_then(words::keyword);
    let schema = plain.find("iglu:").and_then(|at| {
        let rest = plain.get(at..)?;
        let is_part = |it: char| it.is_ascii_alphanumeric() || "_-./:".contains(it);
        let end = rest.find(|it| !is_part(it)).unwrap_or(rest.len());
        words::schema(rest.get(..end)?.trim_end_matches(['.', ':', '-', '/']))
    });
    let place = after(&plain, "instance").and_then(|rest| value(rest, "pointer"));
    let pointer = Pointer::parse(place.unwrap_or_default());
    let code =
        if plain.starts_with("Could not find schema") { Some("NotFound".to_owned()) } else { None };
    let mut expected = names(&plain, "expected");
    expected.retain(|name| words::is_type(name));
    expected.sort();
    let failure = Failure {
        keyword,
        code,
        schema,
        pointer,
        message: cut(text),
        expected: if keyword == Some("type") { expected.join(",") } else { String::new() },
    };
    let properties = match keyword {
        Some("additionalProperties") => names(&plain, "unwanted"),
        Some("required") => names(&plain, "missing"),
        _ => Vec::new(),
    };
    if properties.is_empty() {
        push(failures, failure);
        return;
    }
    for name in properties {
        push(failures, Failure { pointer: failure.pointer.property(&name), ..failure.clone() });
    }
}

/// What follows `name:`, in quotes or not.
fn after<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    text.match_indices(name).find_map(|(at, _)| {
        let rest = text.get(at + name.len()..)?;
        let rest = rest.strip_prefix('"').unwrap_or(rest);
        Some(rest.trim_start().strip_prefix(':')?.trim_start())
    })
}

/// The text in quotes, or the word, that follows `name:`.
fn value<'a>(text: &'a str, name: &str) -> Option<&'a str> {
    let rest = after(text, name)?;
    if let Some(quoted) = rest.strip_prefix('"') {
        return quoted.split_once('"').map(|(value, _)| value);
    }
    let end = rest.find(|it: char| !(it.is_ascii_alphanumeric() || "_$".contains(it)));
    rest.get(..end.unwrap_or(rest.len()))
}

/// The texts of the list that follows `name:`.
fn names(text: &str, name: &str) -> Vec<String> {
    let list = after(text, name).and_then(|rest| rest.strip_prefix('['));
    let inner = list.and_then(|rest| rest.split_once(']')).map_or("", |(inner, _)| inner);
    let mut names: Vec<_> = inner
        .split(',')
        .take(NAMES_MAX)
        .map(|name| name.trim().trim_matches('"').to_owned())
        .filter(|name| !name.is_empty())
        .collect();
    names.sort();
    names.dedup();
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ways_to_write_a_message_are_read() {
        let sentence = "error: object instance has properties which are not allowed by the schema: [\"b\"]\n    level: \"error\"\n    schema: {\"loadingURI\":\"#\",\"pointer\":\"/properties/a\"}\n    instance: {\"pointer\":\"/a/0\"}\n    domain: \"validation\"\n    keyword: \"additionalProperties\"\n    unwanted: [\"b\",\"a\"]\n";
        let json = r#"{\"level\":\"error\",\"schema\":{\"pointer\":\"/properties/a\"},\"instance\":{\"pointer\":\"/a/0\"},\"keyword\":\"additionalProperties\",\"unwanted\":[\"a\",\"b\"]}"#;
        for text in [sentence, json] {
            let mut failures = Vec::new();
            message(text, &mut failures);
            let found: Vec<_> =
                failures.iter().map(|it| (it.keyword, it.pointer.shown())).collect();
            let keyword = Some("additionalProperties");
            assert_eq!(
                found,
                [(keyword, "/a/[*]/a".to_owned()), (keyword, "/a/[*]/b".to_owned())],
                "{text}"
            );
        }
    }

    #[test]
    fn names_end_at_the_limit() {
        for count in [NAMES_MAX, NAMES_MAX + 1] {
            let list: Vec<_> = (0..count).map(|n| format!("\"n{n}\"")).collect();
            assert_eq!(names(&format!("x: [{}]", list.join(",")), "x").len(), NAMES_MAX);
        }
    }
}
