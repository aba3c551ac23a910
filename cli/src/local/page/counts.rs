//! How many there are at each stage.

use std::collections::BTreeMap;

use rusqlite::{Connection, params};
use serde::Serialize;

use super::api::Answered;
use super::bad_groups;
use super::timeline::{Timeline, timeline};
use crate::local::answer::Answer;
use crate::local::routes::Door;
use crate::local::stream::Stream;

/// The most groups of bad events that families are counted in.
const GROUPS_MAX: usize = 100_000;

/// The number of each stage.
#[derive(Debug, Default, Serialize)]
pub(super) struct Counts {
    /// Requests that the collector took.
    pub(super) received: u64,
    /// Requests that it could not take.
    pub(super) raw_bad: u64,
    pub(super) good: u64,
    /// All bad events, those of the collector among them.
    pub(super) bad: u64,
    pub(super) incomplete: u64,
    /// Bad events that the classifier has told about.
    pub(super) classes: u64,
}

#[derive(Debug, Serialize)]
struct Everything {
    #[serde(flatten)]
    counts: Counts,
    bad_by_family: BTreeMap<String, u64>,
    objects: Vec<Folder>,
    loaded: BTreeMap<String, u64>,
    timeline: Timeline,
}

/// Delivered objects below one prefix.
#[derive(Debug, Serialize)]
struct Folder {
    prefix: String,
    objects: u64,
    lines: u64,
    bytes: u64,
}

/// All numbers, and when they came about.
pub(super) async fn answer(door: &Door, space: &str) -> Answered {
    let space = space.to_owned();
    let now = now_millis();
    let everything = door.reader.read(move |db| {
        Ok(Everything {
            counts: counts(db, &space)?,
            bad_by_family: families(db, &space)?,
            objects: objects(db, &space)?,
            loaded: loaded(db, &space)?,
            timeline: timeline(db, &space, now)?,
        })
    });
    Ok(Answer::json(200, &everything.await?))
}

/// How many events there are of each kind, and how many requests.
pub(super) fn counts(db: &Connection, space: &str) -> rusqlite::Result<Counts> {
    let mut records =
        db.prepare_cached("SELECT count(*) FROM _records WHERE space = ? AND stream = ?")?;
    let mut of_stream =
        |stream: Stream| records.query_row(params![space, stream.number()], |row| row.get(0));
    let mut events =
        db.prepare_cached("SELECT count(*) FROM _events WHERE space = ? AND kind = ?")?;
    let mut of_kind = |kind: i64| events.query_row(params![space, kind], |row| row.get(0));
    let classes = "SELECT count(*) FROM _classes WHERE space = ?";
    Ok(Counts {
        received: of_stream(Stream::RawGood)?,
        raw_bad: of_stream(Stream::RawBad)?,
        good: of_kind(0)?,
        bad: of_kind(1)?,
        incomplete: of_kind(2)?,
        classes: db.prepare_cached(classes)?.query_row([space], |row| row.get(0))?,
    })
}

fn families(db: &Connection, space: &str) -> rusqlite::Result<BTreeMap<String, u64>> {
    let mut families = BTreeMap::new();
    for group in bad_groups::groups(db, space, GROUPS_MAX)?.0 {
        *families.entry(group.family().to_owned()).or_default() += group.count;
    }
    Ok(families)
}

fn objects(db: &Connection, space: &str) -> rusqlite::Result<Vec<Folder>> {
    let mut select = db.prepare_cached(
        "SELECT substr(key, 1, instr(key, '/') - 1) AS prefix, count(*), sum(lines), sum(bytes)
         FROM _objects WHERE space = ? GROUP BY prefix ORDER BY prefix",
    )?;
    let prefixes = select.query_map([space], |row| {
        Ok(Folder {
            prefix: row.get(0)?,
            objects: row.get(1)?,
            lines: row.get(2)?,
            bytes: row.get(3)?,
        })
    })?;
    prefixes.collect()
}

/// Rows of the warehouse's tables.
fn loaded(db: &Connection, space: &str) -> rusqlite::Result<BTreeMap<String, u64>> {
    let mut select = db.prepare_cached(
        "SELECT h.table_name, sum(h.row_count) FROM _objects AS o
         JOIN _load_history AS h ON h.object_key = o.key WHERE o.space = ? GROUP BY h.table_name",
    )?;
    let tables = select.query_map([space], |row| Ok((row.get(0)?, row.get(1)?)))?;
    tables.collect()
}

#[allow(clippy::disallowed_methods, reason = "the page is an edge where time comes in")]
fn now_millis() -> i64 {
    function_env::epoch_micros().div_euclid(1_000)
}
