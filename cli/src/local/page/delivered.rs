//! Where a record was delivered, and the line that stands there.

use std::io::{BufRead as _, Read as _};

use rusqlite::{Connection, OptionalExtension as _};
use serde::Serialize;

use crate::local::objects::Objects;

/// The longest line that is shown; no record of a stream is near it.
const LINE_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// A line of an object.
#[derive(Debug, Serialize)]
pub(super) struct Delivered {
    key: String,
    line: usize,
    at: String,
    /// What may be seen of the event.
    #[serde(skip)]
    pub(super) text: Option<String>,
}

/// The line that a record became, if it was delivered.
pub(super) fn delivered(
    db: &Connection,
    objects: &Objects,
    record: i64,
) -> rusqlite::Result<Option<Delivered>> {
    let mut select = db.prepare_cached(
        "SELECT o.key, l.line, o.at FROM _lines AS l JOIN _objects AS o ON o.id = l.object
         WHERE l.record = ?",
    )?;
    let found = select.query_row([record], |row| {
        let at = timestamps::iso_millis(row.get(2)?);
        Ok(Delivered { key: row.get(0)?, line: row.get(1)?, at, text: None })
    });
    let mut found = found.optional()?;
    if let Some(found) = &mut found {
        // An object that somebody removed shows no line.
        found.text = line(objects, &found.key, found.line).ok().flatten();
    }
    Ok(found)
}

/// A line of an object, from 1.
fn line(objects: &Objects, key: &str, number: usize) -> std::io::Result<Option<String>> {
    let file = objects.open(key)?;
    let mut lines = std::io::BufReader::new(flate2::read::MultiGzDecoder::new(file));
    let mut bytes = Vec::new();
    for _ in 0..number {
        bytes.clear();
        lines.by_ref().take(LINE_BYTES_MAX).read_until(b'\n', &mut bytes)?;
    }
    if bytes.last() == Some(&b'\n') {
        bytes.pop();
    }
    Ok(String::from_utf8(bytes).ok().filter(|line| !line.is_empty()))
}
