//! Rows for tests: realistic ones, hostile ones, and all between.
#![allow(dead_code, reason = "not every test uses all of it")]

pub(crate) mod choices;
pub(crate) mod json;
pub(crate) mod needles;
pub(crate) mod places;
pub(crate) mod value;
pub(crate) mod words;

use enriched_event::{COLUMN_COUNT, Column, Kind};
use privacy::{Key, Policy};

use choices::Choices;
use value::{Style, Value};
use words::Words;

pub(crate) const GITLAB: &str = include_str!("../../../../policies/gitlab.yaml");
pub(crate) const STRICT: &str = include_str!("../../../../policies/strict.yaml");
pub(crate) const HOSTILE: &str = include_str!("../cases/hostile.yaml");

/// A policy and what its text offers for rows.
pub(crate) struct Subject {
    pub(crate) policy: Policy,
    pub(crate) words: Words,
}

impl Subject {
    pub(crate) fn new(text: &str) -> Self {
        let policy = Policy::parse(text).unwrap();
        let words = Words::of(text, &policy);
        Self { policy, words }
    }
}

/// A key that anybody may know.
pub(crate) fn key() -> Key {
    Key::new("k1", b"0123456789abcdef0123456789abcdef".to_vec()).unwrap()
}

/// A column's value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Text(String),
    Json(Value),
}

/// A row before it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Row {
    pub(crate) cells: Vec<Cell>,
}

impl Row {
    /// A row without anything in it.
    pub(crate) fn empty() -> Self {
        Self { cells: vec![Cell::Text(String::new()); COLUMN_COUNT] }
    }

    pub(crate) fn chosen(words: &Words, choices: &mut Choices<'_>) -> Self {
        Self { cells: Column::ALL.into_iter().map(|it| cell(words, it, choices)).collect() }
    }

    /// A row's text, read; JSON that is none stays a text.
    pub(crate) fn read(line: &str) -> Self {
        let cells = Column::ALL.into_iter().zip(line.split('\t')).map(|(column, text)| {
            let json = (column.kind() == Kind::Json).then(|| serde_json::from_str(text).ok());
            json.flatten().map_or_else(|| Cell::Text(text.to_owned()), |it| Cell::Json(value(it)))
        });
        Self { cells: cells.collect() }
    }

    pub(crate) fn compact(&self) -> String {
        self.written(&mut Style::Compact)
    }

    pub(crate) fn written(&self, style: &mut Style<'_, '_>) -> String {
        let texts = self.cells.iter().map(|cell| match cell {
            Cell::Text(text) => text.replace('\t', " "),
            Cell::Json(value) => {
                let mut out = String::new();
                value.write(style, &mut out);
                out
            }
        });
        texts.collect::<Vec<_>>().join("\t")
    }
}

fn value(json: serde_json::Value) -> Value {
    match json {
        serde_json::Value::Null => Value::Null,
        serde_json::Value::Bool(truth) => Value::Bool(truth),
        serde_json::Value::Number(number) => Value::Number(number.to_string()),
        serde_json::Value::String(text) => Value::Text(text),
        serde_json::Value::Array(items) => Value::Array(items.into_iter().map(value).collect()),
        serde_json::Value::Object(pairs) => {
            Value::Object(pairs.into_iter().map(|(key, it)| (key, value(it))).collect())
        }
    }
}

fn cell(words: &Words, column: Column, choices: &mut Choices<'_>) -> Cell {
    if column.kind() == Kind::Json {
        return match choices.below(32) {
            0..4 => Cell::Text(String::new()),
            31 if choices.one_in(3) => Cell::Text(words.text(choices)),
            _ => Cell::Json(words.column(choices, column != Column::UnstructEvent)),
        };
    }
    if choices.below(5) < 2 {
        return Cell::Text(String::new());
    }
    let name = column.name();
    Cell::Text(match name {
        _ if choices.one_in(6) => words.text(choices),
        "page_url" | "page_referrer" => words.url(choices),
        _ if name.ends_with("urlpath") => words.path(choices),
        _ if name.ends_with("urlquery") => Words::query(choices),
        _ if matches!(column.kind(), Kind::Text) => words.text(choices),
        _ => choices.word(&words::TEXTS).to_owned(),
    })
}
