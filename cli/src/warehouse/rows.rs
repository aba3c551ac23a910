//! Lines of an object as rows of a table.

use enriched_event::COLUMN_COUNT;
use rusqlite::{CachedStatement, Connection, Error};

/// The longest value, in bytes, as in Snowflake.
const VALUE_BYTES_MAX: usize = 16 * 1024 * 1024;

/// The numbers of the loader's columns, which follow those of the row.
const UPLOADED_AT: usize = COLUMN_COUNT + 1;
const OBJECT_KEY: usize = COLUMN_COUNT + 2;
const OBJECT_LINE: usize = COLUMN_COUNT + 3;

/// The lines of a text without their breaks, counted from 1; what follows the last break is a line if it is not empty.
pub(super) struct Lines<'a> {
    rest: &'a [u8],
    number: i64,
}

impl<'a> Lines<'a> {
    pub(super) fn new(text: &'a [u8]) -> Self {
        Self { rest: text, number: 0 }
    }
}

impl<'a> Iterator for Lines<'a> {
    type Item = (i64, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        if self.rest.is_empty() {
            return None;
        }
        self.number += 1;
        let end = memchr::memchr(b'\n', self.rest).unwrap_or(self.rest.len());
        let (line, rest) = self.rest.split_at_checked(end)?;
        self.rest = rest.get(1..).unwrap_or_default();
        Some((self.number, line))
    }
}

/// Why a line is no row. Too few columns are none: the rest is NULL, and the views tell a quarantine line by that.
pub(super) fn event_problem(line: &[u8]) -> Option<&'static str> {
    if line.is_empty() {
        Some("the line is empty")
    } else if std::str::from_utf8(line).is_err() {
        Some("the line is no UTF-8")
    } else if line.len() > VALUE_BYTES_MAX
        && line.split(|&byte| byte == b'\t').any(|value| value.len() > VALUE_BYTES_MAX)
    {
        Some("a value is too long")
    } else {
        None
    }
}

/// Why a line is no JSON; SQLite says whether it is, because the views ask it for what is in it. Between documents
/// there may be empty lines.
pub(super) fn json_problem(db: &Connection, line: &[u8]) -> Result<Option<&'static str>, Error> {
    let Ok(text) = std::str::from_utf8(line) else { return Ok(Some("the line is no UTF-8")) };
    if text.len() > VALUE_BYTES_MAX {
        return Ok(Some("the line is too long"));
    }
    if text.trim_ascii().is_empty() {
        return Ok(None);
    }
    let is_json: bool =
        db.prepare_cached("SELECT json_valid(?1)")?.query_row([text], |row| row.get(0))?;
    Ok((!is_json).then_some("the line is no JSON"))
}

/// Inserts a row for each line; returns how many.
pub(super) fn insert_events(
    db: &Connection,
    text: &str,
    from: (&str, &str),
) -> Result<usize, Error> {
    let places = vec!["?"; OBJECT_LINE].join(", ");
    let mut insert = db.prepare_cached(&format!("INSERT INTO gitlab_events VALUES ({places})"))?;
    let mut count = 0;
    for (number, line) in Lines::new(text.as_bytes()) {
        // What a row leaves empty is NULL.
        insert.clear_bindings();
        bind_values(&mut insert, std::str::from_utf8(line).unwrap_or_default())?;
        insert.raw_bind_parameter(UPLOADED_AT, from.0)?;
        insert.raw_bind_parameter(OBJECT_KEY, from.1)?;
        insert.raw_bind_parameter(OBJECT_LINE, number)?;
        insert.raw_execute()?;
        count += 1;
    }
    Ok(count)
}

fn bind_values(insert: &mut CachedStatement<'_>, line: &str) -> Result<(), Error> {
    let mut start = 0;
    let ends = memchr::memchr_iter(b'\t', line.as_bytes()).chain([line.len()]);
    // A value too many is passed over, as the pipe's select list does.
    for (end, column) in ends.zip(1..=COLUMN_COUNT) {
        if end > start {
            insert.raw_bind_parameter(column, line.get(start..end))?;
        }
        start = end + 1;
    }
    Ok(())
}

/// Inserts a row for each document; returns how many.
pub(super) fn insert_json(
    db: &Connection,
    table: &str,
    text: &str,
    from: (&str, &str),
) -> Result<usize, Error> {
    let mut insert = db.prepare_cached(&format!("INSERT INTO {table} VALUES (?1, ?2, ?3, ?4)"))?;
    let mut count = 0;
    for (number, line) in Lines::new(text.as_bytes()) {
        let document = std::str::from_utf8(line).unwrap_or_default().trim_ascii();
        if !document.is_empty() {
            insert.execute((document, from.0, from.1, number))?;
            count += 1;
        }
    }
    Ok(count)
}
