//! The configuration file in HOCON, with single keys from the command line over it.

use std::path::Path;

use collector::config::{FromKeys, variables_from_keys};
use serde_json::{Map, Value};

use super::Usage;
use super::local::BadConfig;

/// Variables of the enricher that a file may set. The others are about streams that are not here.
const OF_THE_ENRICHER: [&str; 4] =
    ["ATOMIC_LIMITS", "ACCEPT_TOO_LONG", "JSON_DEPTH_MAX", "BAD_ROWS"];

/// What a file and single keys came to.
#[derive(Debug, Default)]
pub(crate) struct FromFile {
    pub(super) collector: FromKeys,
    /// Variables of the enricher.
    pub(crate) enricher: Vec<(&'static str, String)>,
    /// Keys that have no effect.
    pub(crate) without_effect: Vec<String>,
}

/// Reads a file, if there is one, and puts keys over it.
pub(super) fn read(
    path: Option<&Path>,
    properties: &[(String, String)],
) -> Result<FromFile, BadConfig> {
    let mut tree = match path {
        Some(path) => tree_of(path)?,
        None => Value::Object(Map::new()),
    };
    for (key, value) in properties {
        put(&mut tree, key, value);
    }
    Ok(split(tree))
}

fn tree_of(path: &Path) -> Result<Value, BadConfig> {
    let complain = |problem: String| BadConfig(format!("{}: {problem}", path.display()));
    let file = hocon::parse_file(path).map_err(|error| complain(error.to_string()))?;
    file.deserialize().map_err(|error| complain(error.to_string()))
}

/// Sets a dotted key; one of the collector also where the file has no outer `collector`.
fn put(tree: &mut Value, key: &str, value: &str) {
    let has_outer = tree.as_object().is_none_or(Map::is_empty) || tree.get("collector").is_some();
    let key = if has_outer { key } else { key.strip_prefix("collector.").unwrap_or(key) };
    let mut at = tree;
    for part in key.split('.') {
        if !at.is_object() {
            *at = Value::Object(Map::new());
        }
        let Some(members) = at.as_object_mut() else { return };
        at = members.entry(part).or_insert(Value::Null);
    }
    *at = Value::String(value.to_owned());
}

fn split(mut tree: Value) -> FromFile {
    let enrich = tree.as_object_mut().and_then(|keys| keys.remove("enrich"));
    let mut found = FromFile { collector: variables_from_keys(&tree), ..FromFile::default() };
    found.without_effect.append(&mut found.collector.unknown);
    let Some(enrich) = enrich else { return found };
    let known: Vec<_> = enricher::config::VARIABLES
        .iter()
        .filter(|row| OF_THE_ENRICHER.contains(&row.name))
        .collect();
    for row in &known {
        let value = row.key.split('.').try_fold(&enrich, |value, part| value.get(part));
        found.enricher.extend(value.and_then(text).map(|text| (row.name, text)));
    }
    let is_known = |path: &str| known.iter().any(|row| row.key == path);
    note_others(&enrich, "", &is_known, &mut found.without_effect);
    found
}

/// A value as a variable has it.
fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(_) | Value::Bool(_) => Some(value.to_string()),
        Value::Object(members) => {
            let texts = members.iter().filter_map(|(name, value)| Some((name, text(value)?)));
            Some(Value::Object(texts.map(|(name, text)| (name.clone(), text.into())).collect()))
                .map(|pairs| pairs.to_string())
        }
        Value::Null | Value::Array(_) => None,
    }
}

fn note_others(value: &Value, path: &str, is_known: &impl Fn(&str) -> bool, to: &mut Vec<String>) {
    if is_known(path) {
        return;
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let dot = if path.is_empty() { "" } else { "." };
                note_others(member, &format!("{path}{dot}{name}"), is_known, to);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            to.push(format!("enrich.{path}"));
        }
    }
}

/// A key and its value, as Java takes them.
pub(super) fn property(text: &str) -> Result<(String, String), Usage> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(Usage(format!("-D{text} is not -Dkey=value"))),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn each_part_of_a_file_goes_to_its_function() {
        let found = split(json!({
            "collector": {"cookie": {"name": "a"}, "odd": 1},
            "enrich": {
                "validation": {"acceptInvalid": true, "atomicFieldsLimits": {"app_id": 3}},
                "input": {"type": "Kinesis"},
            },
        }));
        assert_eq!(found.collector.variables.get("COOKIE_NAME"), Some("a"));
        assert_eq!(
            found.enricher,
            [
                ("ATOMIC_LIMITS", r#"{"app_id":"3"}"#.to_owned()),
                ("ACCEPT_TOO_LONG", "true".to_owned())
            ]
        );
        assert_eq!(found.without_effect, ["odd", "enrich.input.type"]);
    }

    #[test]
    fn single_keys_win_over_the_file() {
        for mut tree in [json!({}), json!({"collector": {}}), json!({"cookie": {"name": "a"}})] {
            put(&mut tree, "collector.cookie.name", "b");
            put(&mut tree, "enrich.validation.acceptInvalid", "true");
            let found = split(tree);
            assert_eq!(found.collector.variables.get("COOKIE_NAME"), Some("b"));
            assert_eq!(found.enricher, [("ACCEPT_TOO_LONG", "true".to_owned())]);
        }
    }
}
