//! Prints compact JSON.

use std::fmt::Write as _;

use crate::{Json, scan};

impl Json<'_> {
    /// Appends the value without any whitespace.
    pub fn write(&self, out: &mut String) {
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(true) => out.push_str("true"),
            Self::Bool(false) => out.push_str("false"),
            Self::Number(number) => out.push_str(number),
            Self::Text(text) => write_text(text, out),
            Self::Array(values) => {
                out.push('[');
                for (place, value) in values.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    value.write(out);
                }
                out.push(']');
            }
            Self::Object(object) => {
                out.push('{');
                for (place, (key, value)) in object.iter().enumerate() {
                    if place > 0 {
                        out.push(',');
                    }
                    write_text(key, out);
                    out.push(':');
                    value.write(out);
                }
                out.push('}');
            }
        }
    }

    /// The value as a text of its own.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        self.write(&mut out);
        out
    }
}

/// Appends a text with its quotes. ISO control characters are escaped, nothing else that JSON
/// does not demand.
pub fn write_text(text: &str, out: &mut String) {
    out.push('"');
    let mut rest = text;
    loop {
        let place = scan::plain_bytes_to_write(rest.as_bytes());
        let (plain, from_special) = rest.split_at_checked(place).unwrap_or((rest, ""));
        out.push_str(plain);
        let mut characters = from_special.chars();
        let Some(special) = characters.next() else { break };
        write_special(special, out);
        rest = characters.as_str();
    }
    out.push('"');
}

fn write_special(special: char, out: &mut String) {
    match special {
        '"' => out.push_str("\\\""),
        '\\' => out.push_str("\\\\"),
        '\u{8}' => out.push_str("\\b"),
        '\u{c}' => out.push_str("\\f"),
        '\n' => out.push_str("\\n"),
        '\r' => out.push_str("\\r"),
        '\t' => out.push_str("\\t"),
        control if control.is_control() => {
            // Writing to a String cannot fail.
            write!(out, "\\u{:04x}", u32::from(control)).unwrap_or_default();
        }
        plain => out.push(plain),
    }
}
