//! Rows as an array of objects, one on each line. A text that holds JSON stays a text.

use std::io::{Result, Write};

use rusqlite::types::Value;
use serde_json::Value as Json;

use super::hex;
use crate::warehouse::Answer;

pub(super) fn write(answer: &Answer, out: &mut impl Write) -> Result<()> {
    let mut before_row = "[{";
    for row in &answer.rows {
        out.write_all(before_row.as_bytes())?;
        // By hand, because a map would sort the columns and keep one of two with the same name.
        let mut before_value = "";
        for (name, value) in answer.columns.iter().zip(row) {
            out.write_all(before_value.as_bytes())?;
            serde_json::to_writer(&mut *out, name)?;
            out.write_all(b":")?;
            serde_json::to_writer(&mut *out, &json(value))?;
            before_value = ",";
        }
        before_row = "},\n{";
    }
    out.write_all(if answer.rows.is_empty() { b"[]\n" } else { b"}]\n" })
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
