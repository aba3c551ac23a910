//! Loads an object once, whole or not at all, as Snowflake's pipes do.

use std::fmt;
use std::io::Read as _;

use rusqlite::{Connection, OptionalExtension as _, params};

use super::Pipe;
use super::rows::{self, Lines};

/// The longest object, unpacked, in bytes: twice what Firehose puts into one.
pub(crate) const OBJECT_BYTES_MAX: usize = 256 * 1024 * 1024;

/// So many lines of an object that could not be loaded are noted with their reason; all are counted.
const LINES_NOTED_MAX: usize = 100;

/// A line that cannot be loaded, and why.
type Rejected = (i64, &'static str);

const GZIP: &[u8] = &[0x1f, 0x8b];

/// What loading an object did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Loaded {
    /// So many rows are new.
    pub(crate) rows: usize,
    /// So many lines are no rows; then none of the object is loaded, and `_load_errors` says why.
    pub(crate) rejected: usize,
    /// The object was loaded, or rejected, before: nothing was done.
    pub(crate) was_known: bool,
}

/// Nothing was loaded, and the object is not known to have been.
#[derive(Debug)]
pub(crate) enum LoadError {
    /// Objects with such a key are not loaded.
    NoPipe,
    /// What the database says.
    Database(rusqlite::Error),
}

impl fmt::Display for LoadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoPipe => f.write_str("no table is loaded from objects with such a key"),
            Self::Database(error) => write!(f, "the warehouse: {error}"),
        }
    }
}

impl std::error::Error for LoadError {}

impl From<rusqlite::Error> for LoadError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

/// Loads an object as it was delivered, packed or not, unless it was loaded before. After an error of the database the
/// caller's transaction has to be rolled back.
pub(crate) fn load(db: &Connection, key: &str, object: &[u8]) -> Result<Loaded, LoadError> {
    let pipe = Pipe::of_key(key).ok_or(LoadError::NoPipe)?;
    if is_known(db, key)? {
        return Ok(Loaded { was_known: true, ..Loaded::default() });
    }
    let now: String = db
        .prepare_cached("SELECT strftime('%Y-%m-%d %H:%M:%f', 'now')")?
        .query_row((), |row| row.get(0))?;
    let unpacked;
    let bytes = if object.starts_with(GZIP) {
        match unpack(object) {
            Ok(bytes) => {
                unpacked = bytes;
                &unpacked
            }
            Err(reason) => return reject(db, (pipe, key, &now), &[(0, reason)], 1),
        }
    } else {
        object
    };
    let (noted, rejected) = check(db, pipe, bytes)?;
    if rejected > 0 {
        return reject(db, (pipe, key, &now), &noted, rejected);
    }
    let text = std::str::from_utf8(bytes).unwrap_or_default();
    let rows = match pipe {
        Pipe::Events => rows::insert_events(db, text, (&now, key))?,
        Pipe::BadEvents | Pipe::BadEventClasses | Pipe::ServicePing => {
            rows::insert_json(db, pipe.table(), text, (&now, key))?
        }
    };
    // The rows of a transaction's only writer follow each other.
    let count = i64::try_from(rows).unwrap_or(i64::MAX);
    let last = (rows > 0).then(|| db.last_insert_rowid());
    let first = last.map(|last| last.saturating_sub(count).saturating_add(1));
    let sql = "INSERT INTO _load_history VALUES (?1, ?2, 'Loaded', ?3, 0, NULL, ?4, ?5, ?6)";
    db.prepare_cached(sql)?.execute(params![key, pipe.table(), count, first, last, now])?;
    Ok(Loaded { rows, ..Loaded::default() })
}

/// Removes what an object brought, and that it was loaded.
pub(crate) fn forget(db: &Connection, key: &str) -> Result<(), LoadError> {
    let pipe = Pipe::of_key(key).ok_or(LoadError::NoPipe)?;
    let select = "SELECT first_rowid, last_rowid FROM _load_history WHERE object_key = ?1";
    let range: Option<(Option<i64>, Option<i64>)> = db
        .prepare_cached(select)?
        .query_row([key], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()?;
    if let Some((Some(first), Some(last))) = range {
        let delete = format!("DELETE FROM {} WHERE rowid BETWEEN ?1 AND ?2", pipe.table());
        db.prepare_cached(&delete)?.execute([first, last])?;
    }
    for table in ["_load_history", "_load_errors"] {
        db.prepare_cached(&format!("DELETE FROM {table} WHERE object_key = ?1"))?.execute([key])?;
    }
    Ok(())
}

fn is_known(db: &Connection, key: &str) -> Result<bool, rusqlite::Error> {
    db.prepare_cached("SELECT 1 FROM _load_history WHERE object_key = ?1")?.exists([key])
}

fn unpack(object: &[u8]) -> Result<Vec<u8>, &'static str> {
    let most = u64::try_from(OBJECT_BYTES_MAX).unwrap_or(u64::MAX);
    let mut bytes = Vec::new();
    // Firehose puts gzip members one behind the other.
    let mut stream = flate2::read::MultiGzDecoder::new(object).take(most.saturating_add(1));
    #[allow(clippy::disallowed_methods, reason = "the stream has a limit")]
    stream.read_to_end(&mut bytes).map_err(|_| "the object is no gzip")?;
    if bytes.len() > OBJECT_BYTES_MAX { Err("the object is too long") } else { Ok(bytes) }
}

/// The lines that could not be loaded, some of them with their reason, and how many there are.
fn check(
    db: &Connection,
    pipe: Pipe,
    bytes: &[u8],
) -> Result<(Vec<Rejected>, usize), rusqlite::Error> {
    let (mut noted, mut rejected) = (Vec::new(), 0);
    for (number, line) in Lines::new(bytes) {
        let reason = match pipe {
            Pipe::Events => rows::event_problem(line),
            Pipe::BadEvents | Pipe::BadEventClasses | Pipe::ServicePing => {
                rows::json_problem(db, line)?
            }
        };
        if let Some(reason) = reason {
            rejected += 1;
            if noted.len() < LINES_NOTED_MAX {
                noted.push((number, reason));
            }
        }
    }
    Ok((noted, rejected))
}

/// Notes that an object is not loaded, and why.
fn reject(
    db: &Connection,
    (pipe, key, now): (Pipe, &str, &str),
    noted: &[Rejected],
    rejected: usize,
) -> Result<Loaded, LoadError> {
    let first = noted.first().map(|(_, reason)| *reason);
    let count = i64::try_from(rejected).unwrap_or(i64::MAX);
    let sql = "INSERT INTO _load_history VALUES (?1, ?2, 'Load failed', 0, ?3, ?4, NULL, NULL, ?5)";
    db.prepare_cached(sql)?.execute(params![key, pipe.table(), count, first, now])?;
    let mut insert = db.prepare_cached("INSERT INTO _load_errors VALUES (?1, ?2, ?3, ?4)")?;
    for (line, reason) in noted {
        insert.execute(params![key, line, reason, now])?;
    }
    Ok(Loaded { rejected, ..Loaded::default() })
}
