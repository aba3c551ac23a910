//! Every place of a row, by the name that explanations give it.

use enriched_event::Column;
use iglu::SchemaKey;

use super::value::Value;
use super::{Cell, Row};

/// What stands at a place, to be changed.
pub(crate) enum Slot<'a> {
    /// A column's text.
    Column(&'a mut String),
    /// A value of JSON, which may hold others.
    Value(&'a mut Value),
    /// A key of an object in which each key stands once.
    Key(&'a mut String),
    /// The name of the schema of an entity.
    Schema(&'a mut String),
}

type Visit<'v> = dyn FnMut(&str, Slot<'_>) + 'v;

impl Row {
    /// Shows every place to the visitor, what a value holds before the value itself.
    pub(crate) fn visit(&mut self, visit: &mut Visit<'_>) {
        for (column, cell) in Column::ALL.into_iter().zip(&mut self.cells) {
            match cell {
                Cell::Text(text) => visit(&format!("column {column}"), Slot::Column(text)),
                Cell::Json(Value::Object(pairs)) => {
                    if let Some((_, data)) = pairs.iter_mut().find(|(key, _)| key == "data") {
                        envelope(column, data, visit);
                    }
                }
                Cell::Json(_) => {}
            }
        }
    }
}

fn envelope(column: Column, data: &mut Value, visit: &mut Visit<'_>) {
    if column == Column::UnstructEvent {
        return entity(column.name(), data, visit);
    }
    if let Value::Array(items) = data {
        for (place, item) in items.iter_mut().enumerate() {
            entity(&format!("{column}[{place}]"), item, visit);
        }
    }
}

fn entity(shown: &str, value: &mut Value, visit: &mut Visit<'_>) {
    let Value::Object(pairs) = value else { return };
    let uri = pairs.iter().find_map(|(key, value)| {
        if let Value::Text(uri) = value { (key == "schema").then(|| uri.clone()) } else { None }
    });
    let key = uri.as_deref().and_then(|uri| SchemaKey::parse(uri).ok());
    let name = key
        .map_or_else(|| "(no schema)".to_owned(), |key| format!("{}/{}", key.vendor(), key.name()));
    let prefix = format!("{shown} {name}");
    let is_plain = uri.is_some()
        && !has_twice(pairs)
        && pairs.iter().all(|(key, _)| key == "schema" || key == "data");
    for (key, value) in pairs {
        match (key.as_str(), value) {
            ("schema", Value::Text(uri)) if is_plain => {
                visit(&format!("{shown} schema"), Slot::Schema(uri));
            }
            ("data", value) if is_plain => below(&prefix, "", value, visit),
            // Whether it is a text decides on the whole entity.
            ("schema", _) => {}
            (key, value) => below(&prefix, key, value, visit),
        }
    }
}

fn below(prefix: &str, path: &str, value: &mut Value, visit: &mut Visit<'_>) {
    match value {
        Value::Array(items) => {
            for (place, item) in items.iter_mut().enumerate() {
                below(prefix, &format!("{path}[{place}]"), item, visit);
            }
        }
        Value::Object(pairs) => {
            let has_twice = has_twice(pairs);
            for (key, value) in pairs {
                let dot = if path.is_empty() { "" } else { "." };
                let inner = format!("{path}{dot}{key}");
                below(prefix, &inner, value, visit);
                // Whether a key comes twice decides on the whole object.
                if !has_twice {
                    visit(&format!("{prefix} {inner} (key)"), Slot::Key(key));
                }
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Raw(_) => {}
    }
    let place = if path.is_empty() { prefix.to_owned() } else { format!("{prefix} {path}") };
    visit(&place, Slot::Value(value));
}

fn has_twice(pairs: &[(String, Value)]) -> bool {
    let mut keys: Vec<_> = pairs.iter().map(|(key, _)| key).collect();
    keys.sort();
    keys.windows(2).any(|pair| pair[0] == pair[1])
}
