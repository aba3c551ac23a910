//! What the local pipeline remembers: its streams, what became of each event, its objects, and how far each consumer is.
//!
//! One SQLite file, which the warehouse shares, so that a turn of the pipeline is done as a whole or not at all.

use rusqlite::{Connection, OptionalExtension as _, params};

use super::stream::Stream;

/// The layout below. A file of an older version is refused: it says so rather than guess.
pub(super) const LAYOUT_VERSION: i64 = 1;

const LAYOUT: &str = "
CREATE TABLE _records (
  sequence INTEGER PRIMARY KEY AUTOINCREMENT,
  stream INTEGER NOT NULL,
  space TEXT NOT NULL,
  origin INTEGER,
  at INTEGER NOT NULL,
  partition_key TEXT NOT NULL,
  data BLOB NOT NULL
);
CREATE INDEX _records_of_stream ON _records (stream, sequence);
CREATE INDEX _records_in_time ON _records (space, stream, at);
CREATE TABLE _events (
  record INTEGER PRIMARY KEY,
  space TEXT NOT NULL,
  kind INTEGER NOT NULL,
  at INTEGER NOT NULL,
  raw INTEGER,
  place INTEGER,
  event_id TEXT,
  app_id TEXT,
  event TEXT
);
CREATE INDEX _events_of_space ON _events (space, kind, record);
CREATE INDEX _events_in_order ON _events (space, record);
CREATE INDEX _events_by_id ON _events (event_id);
CREATE INDEX _events_of_raw ON _events (raw);
CREATE TABLE _classes (
  record INTEGER PRIMARY KEY,
  space TEXT NOT NULL,
  fingerprint TEXT NOT NULL,
  class TEXT NOT NULL
);
CREATE INDEX _classes_by_fingerprint ON _classes (space, fingerprint);
CREATE TABLE _objects (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  key TEXT NOT NULL UNIQUE,
  space TEXT NOT NULL,
  at INTEGER NOT NULL,
  bytes INTEGER NOT NULL,
  lines INTEGER NOT NULL
);
CREATE TABLE _lines (
  record INTEGER PRIMARY KEY,
  object INTEGER NOT NULL,
  line INTEGER NOT NULL
);
CREATE TABLE _positions (
  consumer TEXT PRIMARY KEY,
  sequence INTEGER NOT NULL
);
";

/// A record as it stands in a stream.
pub(super) struct Stored {
    pub(super) sequence: i64,
    pub(super) space: String,
    pub(super) at_millis: i64,
    pub(super) partition_key: String,
    pub(super) data: Vec<u8>,
}

/// A record that is to be stored.
pub(super) struct New<'a> {
    pub(super) stream: Stream,
    pub(super) space: &'a str,
    /// The raw record that it came of.
    pub(super) origin: Option<i64>,
    pub(super) at_millis: i64,
    pub(super) partition_key: &'a str,
    pub(super) data: &'a [u8],
}

/// What became of a tracker event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// It is a row.
    Good = 0,
    /// It is a bad event.
    Bad = 1,
    /// What remains of a bad one, as a row.
    Incomplete = 2,
}

/// An event for the index over records.
pub(super) struct Indexed<'a> {
    pub(super) record: i64,
    pub(super) space: &'a str,
    pub(super) kind: Kind,
    pub(super) at_millis: i64,
    pub(super) raw: Option<i64>,
    /// Which event of its raw record it is, from 0, if that is known.
    pub(super) place: Option<usize>,
    pub(super) event_id: Option<&'a str>,
    pub(super) app_id: Option<&'a str>,
    pub(super) event: Option<&'a str>,
}

/// An object that was delivered.
pub(super) struct NewObject<'a> {
    pub(super) key: &'a str,
    pub(super) space: &'a str,
    pub(super) at_millis: i64,
    pub(super) bytes: usize,
    pub(super) lines: usize,
}

/// Which records a consumer is handed at once.
#[derive(Clone, Copy)]
pub(super) struct Batch {
    pub(super) records_max: usize,
    pub(super) bytes_max: usize,
}

type Result<T> = rusqlite::Result<T>;

/// Creates the layout in an empty file; says which version the file has otherwise.
pub(super) fn create(db: &Connection) -> Result<i64> {
    let version: i64 = db.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    if version == 0 {
        db.execute_batch(&format!(
            "BEGIN IMMEDIATE; {LAYOUT} PRAGMA user_version = {LAYOUT_VERSION}; COMMIT;"
        ))?;
        return Ok(LAYOUT_VERSION);
    }
    Ok(version)
}

/// Appends a record to its stream; gives its sequence number.
pub(super) fn append(db: &Connection, new: &New<'_>) -> Result<i64> {
    let mut insert = db.prepare_cached(
        "INSERT INTO _records (stream, space, origin, at, partition_key, data) VALUES (?, ?, ?, ?, ?, ?)",
    )?;
    insert.insert(params![
        new.stream.number(),
        new.space,
        new.origin,
        new.at_millis,
        new.partition_key,
        new.data
    ])
}

/// The next records of a stream behind this one: all of one space, within the limits of a batch,
/// and one at least.
pub(super) fn next_batch(
    db: &Connection,
    stream: Stream,
    behind: i64,
    batch: Batch,
) -> Result<Vec<Stored>> {
    let mut select = db.prepare_cached(
        "SELECT sequence, space, at, partition_key, data FROM _records
         WHERE stream = ? AND sequence > ? ORDER BY sequence LIMIT ?",
    )?;
    let mut rows = select.query(params![stream.number(), behind, batch.records_max])?;
    let (mut found, mut bytes): (Vec<Stored>, usize) = (Vec::new(), 0);
    while let Some(row) = rows.next()? {
        let stored = stored(row)?;
        bytes += stored.data.len();
        if found.first().is_some_and(|first| first.space != stored.space || bytes > batch.bytes_max)
        {
            break;
        }
        found.push(stored);
    }
    Ok(found)
}

/// Reads the columns of a record in the order of `Stored`.
pub(super) fn stored(row: &rusqlite::Row<'_>) -> Result<Stored> {
    Ok(Stored {
        sequence: row.get(0)?,
        space: row.get(1)?,
        at_millis: row.get(2)?,
        partition_key: row.get(3)?,
        data: row.get(4)?,
    })
}

/// Whether anything of a stream stands behind this record.
pub(super) fn is_behind(db: &Connection, stream: Stream, position: i64) -> Result<bool> {
    let mut select =
        db.prepare_cached("SELECT 1 FROM _records WHERE stream = ? AND sequence > ? LIMIT 1")?;
    select.exists(params![stream.number(), position])
}

/// How many bytes wait for a consumer, and since when.
pub(super) fn backlog(db: &Connection, stream: Stream, behind: i64) -> Result<(u64, Option<i64>)> {
    let mut select = db.prepare_cached(
        "SELECT coalesce(sum(length(data)), 0), min(at) FROM _records WHERE stream = ? AND sequence > ?",
    )?;
    select.query_row(params![stream.number(), behind], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// How far a consumer has come.
pub(super) fn position(db: &Connection, consumer: &str) -> Result<i64> {
    let mut select = db.prepare_cached("SELECT sequence FROM _positions WHERE consumer = ?")?;
    Ok(select.query_row([consumer], |row| row.get(0)).optional()?.unwrap_or(0))
}

/// Says how far a consumer has come.
pub(super) fn set_position(db: &Connection, consumer: &str, sequence: i64) -> Result<()> {
    let mut insert = db.prepare_cached(
        "INSERT INTO _positions (consumer, sequence) VALUES (?1, ?2)
         ON CONFLICT (consumer) DO UPDATE SET sequence = ?2",
    )?;
    insert.execute(params![consumer, sequence]).map(drop)
}

/// Adds an event to the index over records.
pub(super) fn index(db: &Connection, event: &Indexed<'_>) -> Result<()> {
    let mut insert = db.prepare_cached(
        "INSERT INTO _events (record, space, kind, at, raw, place, event_id, app_id, event)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
    )?;
    let values = params![
        event.record,
        event.space,
        event.kind as i64,
        event.at_millis,
        event.raw,
        event.place,
        event.event_id,
        event.app_id,
        event.event
    ];
    insert.execute(values).map(drop)
}

/// Keeps what the classifier says of a bad event.
pub(super) fn classify(
    db: &Connection,
    record: &Stored,
    fingerprint: &str,
    class: &str,
) -> Result<()> {
    let mut insert = db.prepare_cached(
        "INSERT OR REPLACE INTO _classes (record, space, fingerprint, class) VALUES (?, ?, ?, ?)",
    )?;
    insert.execute(params![record.sequence, record.space, fingerprint, class]).map(drop)
}

/// Adds an object to the list; gives its number.
pub(super) fn add_object(db: &Connection, object: &NewObject<'_>) -> Result<i64> {
    let mut insert = db.prepare_cached(
        "INSERT INTO _objects (key, space, at, bytes, lines) VALUES (?, ?, ?, ?, ?)",
    )?;
    insert.insert(params![object.key, object.space, object.at_millis, object.bytes, object.lines])
}

/// The number of the next object; none is ever given twice, whatever was forgotten.
pub(super) fn next_object(db: &Connection) -> Result<i64> {
    let mut select =
        db.prepare_cached("SELECT seq FROM sqlite_sequence WHERE name = '_objects'")?;
    let last: Option<i64> = select.query_row([], |row| row.get(0)).optional()?;
    Ok(last.unwrap_or(0).saturating_add(1))
}

/// Keeps where a record was delivered: the object and the line in it, from 1.
pub(super) fn add_line(db: &Connection, record: i64, object: i64, line: usize) -> Result<()> {
    let mut insert =
        db.prepare_cached("INSERT OR REPLACE INTO _lines (record, object, line) VALUES (?, ?, ?)")?;
    insert.execute(params![record, object, line]).map(drop)
}

/// Forgets everything of a space but its objects' files, whose keys it gives.
pub(super) fn forget(db: &Connection, space: &str) -> Result<Vec<String>> {
    let mut select = db.prepare_cached("SELECT key FROM _objects WHERE space = ?")?;
    let keys = select.query_map([space], |row| row.get(0))?.collect::<Result<Vec<String>>>()?;
    for statement in [
        "DELETE FROM _lines WHERE object IN (SELECT id FROM _objects WHERE space = ?)",
        "DELETE FROM _objects WHERE space = ?",
        "DELETE FROM _classes WHERE space = ?",
        "DELETE FROM _events WHERE space = ?",
        "DELETE FROM _records WHERE space = ?",
    ] {
        db.prepare_cached(statement)?.execute([space])?;
    }
    Ok(keys)
}

/// Whether an object is in the list.
pub(super) fn has_object(db: &Connection, key: &str) -> Result<bool> {
    let mut select = db.prepare_cached("SELECT 1 FROM _objects WHERE key = ?")?;
    select.exists([key])
}
