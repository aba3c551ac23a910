//! `whiteout sql` and `whiteout export`: what is in the warehouse, on standard output or in a file.

mod csv;
mod json;
mod parquet;
mod table;

use std::fmt;
use std::fs::File;
use std::io::{BufWriter, ErrorKind, Read as _, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::types::ValueRef;
use rusqlite::{Connection, ErrorCode};

use crate::config::{ExportOptions, FileFormat, RowFormat, SqlOptions};
use crate::local::space;
use crate::warehouse::{Limits, QueryError, Reader, query};

/// The longest query on standard input, in bytes.
const QUERY_BYTES_MAX: u64 = 1024 * 1024;

/// What `whiteout sql` prints at most; `whiteout export` has no such limits.
const LIMITS: Limits =
    Limits { time: Duration::from_mins(10), rows: 100_000, bytes: 256 * 1024 * 1024 };

/// An export takes as long as it takes: who waits for it can stop it.
const EXPORT_TIME: Duration = Duration::MAX;

/// Why there are no rows.
#[derive(Debug)]
pub(crate) enum SqlError {
    /// There is no warehouse.
    Missing(PathBuf),
    /// The file cannot be read.
    Unreadable(PathBuf, rusqlite::Error),
    /// The query on standard input.
    Input(String),
    /// What the warehouse says.
    Query(QueryError),
    /// The file cannot be written.
    Unwritable(PathBuf, std::io::Error),
}

impl fmt::Display for SqlError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(path) => write!(
                f,
                "there is no {}: `whiteout local` writes it, and --data-dir names the folder",
                path.display()
            ),
            Self::Unreadable(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Input(problem) => write!(f, "standard input: {problem}"),
            Self::Query(error) => write!(f, "{error}"),
            Self::Unwritable(path, error) => write!(f, "{}: {error}", path.display()),
        }
    }
}

impl std::error::Error for SqlError {}

/// Prints what a query finds.
pub(crate) fn run(options: &SqlOptions) -> Result<(), SqlError> {
    let sql = options.query.clone().map_or_else(from_input, Ok)?;
    let reader = opened(&options.database, options.space.as_deref(), "")?;
    let answer = query(&reader, &sql, LIMITS).map_err(SqlError::Query)?;
    let mut out = BufWriter::new(std::io::stdout().lock());
    let written = match options.format {
        RowFormat::Table => table::write(&answer, &mut out),
        RowFormat::Csv => csv::write(&answer, &mut out),
        RowFormat::Json => json::write(&answer, &mut out),
    };
    match written.and_then(|()| out.flush()) {
        // Whoever closed the pipe has read enough.
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            return Err(SqlError::Query(QueryError::Output(error)));
        }
        _ => {}
    }
    if answer.is_cut {
        let count = answer.rows.len();
        writeln!(
            std::io::stderr(),
            "whiteout: these are the first {count} rows, `whiteout export` writes all of them"
        )
        .ok();
    }
    Ok(())
}

/// Writes a table, or what a query finds, into a file.
pub(crate) fn export(options: &ExportOptions) -> Result<(), SqlError> {
    let sql = if is_name(&options.source) {
        format!("SELECT * FROM {}", options.source)
    } else {
        options.source.clone()
    };
    // Its queries see the file as the first one found it.
    let reader = opened(&options.database, options.space.as_deref(), "BEGIN")?;
    // Written beside it first: whoever looks for the file finds all of it or nothing.
    let mut begun = options.file.clone().into_os_string();
    begun.push(".part");
    let begun = PathBuf::from(begun);
    let unwritable = |error| SqlError::Unwritable(options.file.clone(), error);
    let file = BufWriter::new(File::create(&begun).map_err(unwritable)?);
    let written = match options.format {
        FileFormat::Csv => csv::export(&reader, &sql, EXPORT_TIME, file),
        FileFormat::Parquet => parquet::export(&reader, &sql, EXPORT_TIME, file),
    };
    let ended = match written {
        Ok(()) => std::fs::rename(&begun, &options.file).map_err(unwritable),
        Err(QueryError::Output(error)) => Err(unwritable(error)),
        Err(error) => Err(SqlError::Query(error)),
    };
    if ended.is_err() {
        std::fs::remove_file(&begun).ok();
    }
    ended
}

/// Opens the warehouse, as one space filled it if one is named.
fn opened(path: &Path, space: Option<&str>, first: &str) -> Result<Reader, SqlError> {
    let prepare = |db: &Connection| {
        if let Some(name) = space {
            space::narrow(db, name)?;
        }
        db.execute_batch(first)
    };
    Reader::open(path, prepare).map_err(|error| match error.sqlite_error_code() {
        Some(ErrorCode::CannotOpen) if !path.exists() => SqlError::Missing(path.to_owned()),
        _ => SqlError::Unreadable(path.to_owned(), error),
    })
}

/// Whether this is a table's name, perhaps with those of its database and schema.
fn is_name(text: &str) -> bool {
    !text.is_empty()
        && text
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || letter == '_' || letter == '.')
}

fn from_input() -> Result<String, SqlError> {
    let mut text = String::new();
    let input = std::io::stdin().lock();
    #[allow(clippy::disallowed_methods, reason = "the stream has a limit")]
    input
        .take(QUERY_BYTES_MAX + 1)
        .read_to_string(&mut text)
        .map_err(|error| SqlError::Input(error.to_string()))?;
    if u64::try_from(text.len()).is_ok_and(|length| length > QUERY_BYTES_MAX) {
        return Err(SqlError::Input(format!("a query has at most {QUERY_BYTES_MAX} bytes")));
    }
    Ok(text)
}

/// A value as text; none for NULL.
fn shown(value: ValueRef<'_>) -> Option<String> {
    match value {
        ValueRef::Null => None,
        ValueRef::Integer(number) => Some(number.to_string()),
        ValueRef::Real(number) => Some(format!("{number:?}")),
        ValueRef::Text(text) => Some(String::from_utf8_lossy(text).into_owned()),
        ValueRef::Blob(bytes) => Some(hex(bytes)),
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        for digit in [byte >> 4, byte & 0xf] {
            text.extend(char::from_digit(digit.into(), 16));
        }
        text
    })
}
