//! Rows as an array of objects, one on each line. A text that holds JSON stays a text.

use std::io::{Result, Write};

use rusqlite::types::Value;
use serde_json::{Map, Value as Json};

use super::hex;
use crate::warehouse::Answer;

pub(super) fn write(answer: &Answer, out: &mut impl Write) -> Result<()> {
    let mut between = "[";
    for row in &answer.rows {
        out.write_all(between.as_bytes())?;
        let values = row.iter().map(json);
        let object: Map<_, _> = answer.columns.iter().cloned().zip(values).collect();
        serde_json::to_writer(&mut *out, &object)?;
        between = ",\n";
    }
    out.write_all(if answer.rows.is_empty() { b"[]\n" } else { b"]\n" })
}

fn json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Integer(number) => Json::from(*number),
        Value::Real(number) => Json::from(*number),
        Value::Text(text) => Json::from(text.as_str()),
        Value::Blob(bytes) => Json::from(hex(bytes)),
    }
}
