//! JSON that need not be right: keys come twice, numbers are texts, anything can stand for a value.

use super::choices::Choices;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    Array(Vec<Value>),
    Object(Vec<(String, Value)>),
    /// This text in place of a value.
    Raw(String),
}

/// How a value is written.
pub(crate) enum Style<'c, 'b> {
    /// Without white space.
    Compact,
    /// With white space and escapes where the choices want them.
    Chosen(&'c mut Choices<'b>),
}

impl Style<'_, '_> {
    fn space(&mut self, out: &mut String) {
        if let Self::Chosen(choices) = self
            && choices.one_in(24)
        {
            out.push_str(choices.word(&[" ", "  ", "\n", "\r\n "]));
        }
    }

    fn text(&mut self, text: &str, out: &mut String) {
        out.push('"');
        for character in text.chars() {
            let escapes = match self {
                Self::Compact => false,
                Self::Chosen(choices) => choices.one_in(40),
            };
            match character {
                '"' | '\\' => out.extend(['\\', character]),
                control if control < ' ' => out.push_str(&format!("\\u{:04x}", control as u32)),
                '/' if escapes => out.push_str("\\/"),
                other if escapes => {
                    for unit in other.encode_utf16(&mut [0; 2]) {
                        out.push_str(&format!("\\u{unit:04X}"));
                    }
                }
                plain => out.push(plain),
            }
        }
        out.push('"');
    }
}

impl Value {
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Self-describing JSON.
    pub(crate) fn described(uri: &str, data: Self) -> Self {
        Self::Object(vec![("schema".into(), Self::text(uri)), ("data".into(), data)])
    }

    pub(crate) fn compact(&self) -> String {
        let mut out = String::new();
        self.write(&mut Style::Compact, &mut out);
        out
    }

    pub(crate) fn write(&self, style: &mut Style<'_, '_>, out: &mut String) {
        style.space(out);
        match self {
            Self::Null => out.push_str("null"),
            Self::Bool(truth) => out.push_str(&truth.to_string()),
            Self::Number(text) | Self::Raw(text) => out.push_str(text),
            Self::Text(text) => style.text(text, out),
            Self::Array(items) => {
                out.push('[');
                for (place, item) in items.iter().enumerate() {
                    out.push_str(if place > 0 { "," } else { "" });
                    item.write(style, out);
                }
                style.space(out);
                out.push(']');
            }
            Self::Object(pairs) => {
                out.push('{');
                for (place, (key, value)) in pairs.iter().enumerate() {
                    out.push_str(if place > 0 { "," } else { "" });
                    style.space(out);
                    style.text(key, out);
                    style.space(out);
                    out.push(':');
                    value.write(style, out);
                }
                style.space(out);
                out.push('}');
            }
        }
        style.space(out);
    }
}
