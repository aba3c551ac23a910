//! Rows as RFC 4180 has them: commas, quotes where they are needed, CRLF at the end of each line.
//!
//! NULL is nothing, an empty text is two quotes.

use std::io::{Result, Write};
use std::time::Duration;

use rusqlite::types::ValueRef;

use super::shown;
use crate::warehouse::{Answer, QueryError, Reader, Sink};

pub(super) fn write(answer: &Answer, out: &mut impl Write) -> Result<()> {
    let mut csv = Csv { out };
    csv.columns(&answer.columns)?;
    for row in &answer.rows {
        csv.values(row.iter().map(ValueRef::from))?;
    }
    Ok(())
}

/// All that a query finds.
pub(super) fn export(
    reader: &Reader,
    sql: &str,
    time: Duration,
    mut out: impl Write,
) -> std::result::Result<(), QueryError> {
    reader.run(sql, time, &mut Csv { out: &mut out })?;
    out.flush().map_err(QueryError::Output)
}

struct Csv<'a, W> {
    out: &'a mut W,
}

impl<W: Write> Csv<'_, W> {
    fn values<'v>(&mut self, values: impl Iterator<Item = ValueRef<'v>>) -> Result<()> {
        for (index, value) in values.enumerate() {
            if index > 0 {
                self.out.write_all(b",")?;
            }
            if let Some(text) = shown(value) {
                self.out.write_all(field(&text).as_bytes())?;
            }
        }
        self.out.write_all(b"\r\n")
    }
}

impl<W: Write> Sink for Csv<'_, W> {
    fn columns(&mut self, names: &[String]) -> Result<()> {
        self.values(names.iter().map(|name| ValueRef::Text(name.as_bytes())))
    }

    fn row(&mut self, values: &[ValueRef<'_>]) -> Result<bool> {
        self.values(values.iter().copied()).map(|()| true)
    }
}

fn field(text: &str) -> String {
    if text.is_empty() || text.contains([',', '"', '\r', '\n']) {
        format!("\"{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::types::Value;

    #[test]
    fn quotes_stand_where_they_are_needed() {
        let text = |text: &str| Value::Text(text.to_owned());
        let answer = Answer {
            columns: vec!["a".to_owned(), "b,c".to_owned()],
            rows: vec![
                vec![text("plain"), text("say \"hi\"\r\n")],
                vec![Value::Null, text("")],
                vec![Value::Real(1.0), Value::Blob(vec![0, 255])],
            ],
            is_cut: false,
        };
        let mut out = Vec::new();
        write(&answer, &mut out).unwrap();
        let expected = "a,\"b,c\"\r\nplain,\"say \"\"hi\"\"\r\n\"\r\n,\"\"\r\n1.0,00ff\r\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
