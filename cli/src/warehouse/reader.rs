//! Answers queries, and only queries: whatever writes is refused, whatever takes too long is stopped.

use std::fmt;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::hooks::{AuthAction, AuthContext, Authorization};
use rusqlite::limits::Limit;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, ErrorCode, OpenFlags};

use super::{dialect, functions};

/// The longest value that a query may make, in bytes; four times the longest that is loaded.
const VALUE_BYTES_MAX: i32 = 64 * 1024 * 1024;

/// The longest query, in bytes.
const QUERY_BYTES_MAX: i32 = 1024 * 1024;

/// The clock is looked at after so many steps of SQLite's machine: far less than a millisecond.
const STEPS_BETWEEN_LOOKS: i32 = 1_000;

/// Pragmas that say something and change nothing.
const PRAGMAS: [&str; 5] = ["index_info", "index_list", "table_info", "table_list", "table_xinfo"];

/// How much a query may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// So long it may run.
    pub(crate) time: Duration,
    /// So many rows are taken.
    pub(crate) rows: usize,
    /// So many bytes of values are taken.
    pub(crate) bytes: usize,
}

/// What a query found.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Answer {
    /// The names of its columns.
    pub(crate) columns: Vec<String>,
    /// Its rows, a value for each column.
    pub(crate) rows: Vec<Vec<Value>>,
    /// There are more rows than the limits let through.
    pub(crate) is_cut: bool,
}

/// Why there is no answer.
#[derive(Debug)]
pub(crate) enum QueryError {
    /// It would do more than read.
    Refused(String),
    /// It took longer than this.
    Stopped(Duration),
    /// What SQLite says about it.
    Sqlite(rusqlite::Error),
    /// What takes the rows could not.
    Output(std::io::Error),
}

impl fmt::Display for QueryError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(reason) => write!(f, "only a query that reads is run here ({reason})"),
            Self::Stopped(time) => write!(
                f,
                "the query was stopped after {} seconds: ask for less, or for fewer days",
                time.as_secs_f64()
            ),
            // The query itself is known to whoever asked.
            Self::Sqlite(rusqlite::Error::SqlInputError { msg, .. }) => f.write_str(msg),
            Self::Sqlite(error) => write!(f, "{error}"),
            Self::Output(error) => write!(f, "{error}"),
        }
    }
}

impl std::error::Error for QueryError {}

impl From<rusqlite::Error> for QueryError {
    fn from(error: rusqlite::Error) -> Self {
        let code = error.sqlite_error_code();
        match Self::Sqlite(error) {
            // Of a function SQLite says it in words alone.
            refused
                if code == Some(ErrorCode::AuthorizationForStatementDenied)
                    || code == Some(ErrorCode::ReadOnly)
                    || refused.to_string().starts_with("not authorized") =>
            {
                Self::Refused(refused.to_string())
            }
            other => other,
        }
    }
}

/// Takes rows one by one; `false` is enough.
pub(crate) trait Sink {
    /// The names of the columns, before any row.
    fn columns(&mut self, names: &[String]) -> std::io::Result<()>;
    /// A row.
    fn row(&mut self, values: &[ValueRef<'_>]) -> std::io::Result<bool>;
}

/// A connection that only reads.
pub(crate) struct Reader {
    db: Connection,
    started: Instant,
    /// The running query is stopped so many milliseconds after `started`.
    deadline: Arc<AtomicU64>,
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reader")
    }
}

impl Reader {
    /// Opens a file that another process may be writing; `prepare` sees it first.
    pub(crate) fn open(
        path: &Path,
        prepare: impl FnOnce(&Connection) -> Result<(), rusqlite::Error>,
    ) -> Result<Self, rusqlite::Error> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(path, flags)?;
        prepare(&db)?;
        Self::over(db)
    }

    /// Makes a connection one that only reads.
    pub(crate) fn over(mut db: Connection) -> Result<Self, rusqlite::Error> {
        functions::register(&db)?;
        db.pragma_update(None, "query_only", true)?;
        // "gitlab" in quotes of a name is no text: a name that does not exist is told.
        db.set_db_config(DbConfig::SQLITE_DBCONFIG_DQS_DML, false)?;
        db.set_limit(Limit::SQLITE_LIMIT_LENGTH, VALUE_BYTES_MAX)?;
        db.set_limit(Limit::SQLITE_LIMIT_SQL_LENGTH, QUERY_BYTES_MAX)?;
        db.authorizer(Some(may))?;
        let started = Instant::now();
        let deadline = Arc::new(AtomicU64::new(u64::MAX));
        let looked_at = Arc::clone(&deadline);
        let is_over = move || millis(started.elapsed()) >= looked_at.load(Ordering::Relaxed);
        db.progress_handler(STEPS_BETWEEN_LOOKS, Some(is_over))?;
        Ok(Self { db, started, deadline })
    }

    /// Gives every row to the sink, until it has enough.
    pub(crate) fn run(
        &self,
        sql: &str,
        time: Duration,
        sink: &mut impl Sink,
    ) -> Result<(), QueryError> {
        let deadline = millis(self.started.elapsed().saturating_add(time));
        self.deadline.store(deadline, Ordering::Relaxed);
        let ran = self.run_until_stopped(sql, sink);
        self.deadline.store(u64::MAX, Ordering::Relaxed);
        match ran {
            Err(QueryError::Sqlite(error))
                if error.sqlite_error_code() == Some(ErrorCode::OperationInterrupted) =>
            {
                Err(QueryError::Stopped(time))
            }
            other => other,
        }
    }

    fn run_until_stopped(&self, sql: &str, sink: &mut impl Sink) -> Result<(), QueryError> {
        let mut statement = self.db.prepare(&dialect::for_sqlite(sql))?;
        let names: Vec<_> = statement.column_names().map(str::to_owned).collect();
        if names.is_empty() {
            return Err(QueryError::Refused("this asks for nothing".to_owned()));
        }
        sink.columns(&names).map_err(QueryError::Output)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            let values = (0..names.len()).map(|index| row.get_ref(index));
            let values = values.collect::<Result<Vec<_>, _>>()?;
            if !sink.row(&values).map_err(QueryError::Output)? {
                break;
            }
        }
        Ok(())
    }
}

/// The answer to a query, within limits.
pub(crate) fn query(reader: &Reader, sql: &str, limits: Limits) -> Result<Answer, QueryError> {
    let mut taken = Taken { answer: Answer::default(), limits, bytes: 0 };
    reader.run(sql, limits.time, &mut taken)?;
    Ok(taken.answer)
}

struct Taken {
    answer: Answer,
    limits: Limits,
    bytes: usize,
}

impl Sink for Taken {
    fn columns(&mut self, names: &[String]) -> std::io::Result<()> {
        self.answer.columns = names.to_vec();
        Ok(())
    }

    fn row(&mut self, values: &[ValueRef<'_>]) -> std::io::Result<bool> {
        self.bytes = values.iter().map(size).fold(self.bytes, usize::saturating_add);
        let has_room = self.answer.rows.len() < self.limits.rows && self.bytes <= self.limits.bytes;
        if has_room {
            self.answer.rows.push(values.iter().map(|&value| owned(value)).collect());
        } else {
            self.answer.is_cut = true;
        }
        Ok(has_room)
    }
}

/// About what a value takes in memory.
pub(super) fn size(value: &ValueRef<'_>) -> usize {
    size_of::<Value>().saturating_add(match value {
        ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) => 0,
        ValueRef::Text(bytes) | ValueRef::Blob(bytes) => bytes.len(),
    })
}

/// SQLite lets a text be no UTF-8; a query can make one.
fn owned(value: ValueRef<'_>) -> Value {
    match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(bytes) => Value::Text(String::from_utf8_lossy(bytes).into_owned()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

/// What a query may do. SQLite asks while it prepares a statement; the connection is read-only besides.
#[allow(clippy::wildcard_enum_match_arm, reason = "SQLite's actions: what is new is refused")]
fn may(context: AuthContext<'_>) -> Authorization {
    match context.action {
        AuthAction::Select | AuthAction::Read { .. } | AuthAction::Recursive => {
            Authorization::Allow
        }
        AuthAction::Function { function_name } if !is_dangerous(function_name) => {
            Authorization::Allow
        }
        AuthAction::Pragma { pragma_name, .. } if PRAGMAS.contains(&pragma_name) => {
            Authorization::Allow
        }
        _ => Authorization::Deny,
    }
}

/// Functions that reach beyond the database.
fn is_dangerous(function: &str) -> bool {
    ["load_extension", "fts3_tokenizer"].contains(&function.to_ascii_lowercase().as_str())
}
