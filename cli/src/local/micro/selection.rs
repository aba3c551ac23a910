//! Some of the events of a space: counted, or visited newest first, by the store itself.

use std::ops::ControlFlow;
use std::sync::Arc;

use rusqlite::functions::FunctionFlags;
use rusqlite::{Connection, params};

use super::super::reader::ReadError;
use super::super::store::Kind;

/// Whether a record is wanted; it is shown the record's bytes.
pub(super) type Test = Arc<dyn Fn(&[u8]) -> bool + Send + Sync>;
/// What records are sorted by.
pub(super) type SortKey = Arc<dyn Fn(&[u8]) -> String + Send + Sync>;

/// The names of tests and keys in SQL.
const PASSES: &str = "_micro_passes";
const SORT_KEY: &str = "_micro_sort_key";

/// Which events.
#[derive(Clone)]
pub(super) struct Selection {
    pub(super) space: Arc<str>,
    /// One at least.
    pub(super) kinds: Vec<Kind>,
    pub(super) event_id: Option<String>,
    pub(super) test: Option<Test>,
}

/// An event that was found.
pub(super) struct Found {
    pub(super) record: i64,
    pub(super) is_good: bool,
    /// The raw record that it came of.
    pub(super) raw: Option<i64>,
    /// Which event of that record it is, from 0.
    pub(super) place: Option<i64>,
    pub(super) data: Vec<u8>,
}

/// Whether rows are wanted in their order, which decides by which index they are found.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wanted {
    Ordered,
    Unordered,
}

impl Selection {
    /// The good events of a space.
    pub(super) fn of(space: Arc<str>) -> Self {
        Self { space, kinds: vec![Kind::Good], event_id: None, test: None }
    }

    /// Good events and what remains of bad ones.
    pub(super) fn rows(space: Arc<str>) -> Self {
        Self { kinds: vec![Kind::Good, Kind::Incomplete], ..Self::of(space) }
    }

    /// How many there are behind a record, and up to which record that is so.
    pub(super) fn count(&self, db: &Connection, behind: i64) -> Result<(u64, i64), ReadError> {
        self.install(db)?;
        let last = "SELECT coalesce(max(record), 0) FROM _events";
        let last: i64 = db.query_row(last, [], |row| row.get(0))?;
        let from = self.from(Wanted::Unordered);
        let mut select = db.prepare(&format!("SELECT count(*) {from}"))?;
        let values = params![self.space, behind, last.saturating_add(1), self.event_id];
        Ok((select.query_row(values, |row| row.get(0))?, last.max(behind)))
    }

    /// Shows those before a record, newest first, until it is told to stop.
    pub(super) fn visit(
        &self,
        db: &Connection,
        before: i64,
        mut see: impl FnMut(Found) -> Result<ControlFlow<()>, ReadError>,
    ) -> Result<(), ReadError> {
        self.install(db)?;
        let from = self.from(Wanted::Ordered);
        let mut select = db.prepare(&format!(
            "SELECT e.record, e.kind, e.raw, e.place, r.data {from} ORDER BY e.record DESC"
        ))?;
        let mut rows = select.query(params![self.space, 0, before, self.event_id])?;
        while let Some(row) = rows.next()? {
            let found = Found {
                record: row.get(0)?,
                is_good: row.get::<_, i64>(1)? == Kind::Good as i64,
                raw: row.get(2)?,
                place: row.get(3)?,
                data: row.get(4)?,
            };
            if see(found)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// The records of a page: sorted by a key, or newest first. The store sorts, so that it need not fit into memory.
    pub(super) fn page(
        &self,
        db: &Connection,
        (sort_key, is_descending): (Option<&SortKey>, bool),
        (limit, offset): (u64, u64),
    ) -> Result<Vec<i64>, ReadError> {
        self.install(db)?;
        let order = match sort_key {
            Some(key) => {
                let key = Arc::clone(key);
                db.create_scalar_function(SORT_KEY, 1, FunctionFlags::SQLITE_UTF8, move |call| {
                    Ok(key(call.get_raw(0).as_blob().unwrap_or_default()))
                })?;
                let direction = if is_descending { "DESC" } else { "ASC" };
                format!("{SORT_KEY}(r.data) {direction}, e.record DESC")
            }
            None => "e.record DESC".to_owned(),
        };
        let from = self.from(Wanted::Ordered);
        let mut select =
            db.prepare(&format!("SELECT e.record {from} ORDER BY {order} LIMIT ?5 OFFSET ?6"))?;
        let values = params![self.space, 0, i64::MAX, self.event_id, limit, offset];
        select.query_map(values, |row| row.get(0))?.collect()
    }

    fn install(&self, db: &Connection) -> Result<(), ReadError> {
        let Some(test) = self.test.clone() else { return Ok(()) };
        db.create_scalar_function(PASSES, 1, FunctionFlags::SQLITE_UTF8, move |call| {
            Ok(test(call.get_raw(0).as_blob().unwrap_or_default()))
        })
    }

    /// The tables and the condition; parameters are space, behind, before and the event's id.
    fn from(&self, wanted: Wanted) -> String {
        let kinds: Vec<_> = self.kinds.iter().map(|kind| (*kind as i64).to_string()).collect();
        let kinds = kinds.join(", ");
        // A plus keeps a column from choosing the index.
        let place = if self.event_id.is_some() {
            format!("e.event_id IN (?4, lower(?4)) AND +e.space = ?1 AND +e.kind IN ({kinds})")
        } else if wanted == Wanted::Ordered && self.kinds.len() > 1 {
            format!("+e.space = ?1 AND +e.kind IN ({kinds}) AND ?4 IS NULL")
        } else {
            format!("e.space = ?1 AND e.kind IN ({kinds}) AND ?4 IS NULL")
        };
        let test = self.test.as_ref().map(|_| format!(" AND {PASSES}(r.data)")).unwrap_or_default();
        let join = if self.test.is_some() || wanted == Wanted::Ordered {
            " JOIN _records r ON r.sequence = e.record"
        } else {
            ""
        };
        format!("FROM _events e{join} WHERE {place} AND e.record > ?2 AND e.record < ?3{test}")
    }
}
