//! Rows below each other, for people.

use std::io::{Result, Write};

use rusqlite::types::ValueRef;

use super::shown;
use crate::warehouse::Answer;

/// What is shown of a value, in characters.
const CELL_CHARS_MAX: usize = 64;

pub(super) fn write(answer: &Answer, out: &mut impl Write) -> Result<()> {
    let names: Vec<_> = answer.columns.iter().map(|name| cell(name)).collect();
    let rows: Vec<Vec<String>> = answer
        .rows
        .iter()
        .map(|row| {
            row.iter()
                .map(|value| cell(&shown(ValueRef::from(value)).unwrap_or_default()))
                .collect()
        })
        .collect();
    let mut widths: Vec<_> = names.iter().map(|name| name.chars().count()).collect();
    for row in &rows {
        for (width, text) in widths.iter_mut().zip(row) {
            *width = text.chars().count().max(*width);
        }
    }
    line(&names, &widths, out)?;
    let rules: Vec<_> = widths.iter().map(|&width| "-".repeat(width)).collect();
    writeln!(out, "{}", rules.join("-+-"))?;
    for row in &rows {
        line(row, &widths, out)?;
    }
    let count = rows.len();
    writeln!(out, "({count} {})", if count == 1 { "row" } else { "rows" })
}

fn line(cells: &[String], widths: &[usize], out: &mut impl Write) -> Result<()> {
    let padded: Vec<_> =
        cells.iter().zip(widths).map(|(text, &width)| format!("{text:width$}")).collect();
    writeln!(out, "{}", padded.join(" | ").trim_end())
}

/// A value on one line, cut where it is too long. What would steer the terminal is shown as an escape.
fn cell(text: &str) -> String {
    let mut shown = String::new();
    for (index, letter) in text.chars().enumerate() {
        if index == CELL_CHARS_MAX {
            shown.push('…');
            break;
        }
        if letter.is_control() {
            shown.extend(letter.escape_default());
        } else {
            shown.push(letter);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;
    use rusqlite::types::Value;

    #[test]
    fn columns_are_as_wide_as_their_values() {
        let long = "é".repeat(CELL_CHARS_MAX + 1);
        let answer = Answer {
            columns: vec!["n".to_owned(), "text".to_owned()],
            rows: vec![
                vec![Value::Integer(12), Value::Text("a\u{1b}[1m\n".to_owned())],
                vec![Value::Null, Value::Text(long)],
            ],
            is_cut: false,
        };
        let mut out = Vec::new();
        write(&answer, &mut out).unwrap();
        let cut = "é".repeat(CELL_CHARS_MAX);
        let rule = "-".repeat(CELL_CHARS_MAX + 1);
        let expected =
            format!("n  | text\n---+-{rule}\n12 | a\\u{{1b}}[1m\\n\n   | {cut}…\n(2 rows)\n");
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
