//! The warehouse on a laptop: loading what is delivered, asking for it, taking it elsewhere.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly"
)]

#[path = "../../src"]
mod cli {
    #[allow(dead_code, unused_imports, reason = "the commands use what the tests do not")]
    pub(crate) mod warehouse;
}

mod answers;
mod commands;
mod load;
mod queries;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;

use flate2::Compression;
use flate2::write::GzEncoder;
use rusqlite::Connection;
use rusqlite::types::Value;

use cli::warehouse::{self, Answer, Limits, Reader};

const BINARY: &str = env!("CARGO_BIN_EXE_whiteout");
const LIMITS: Limits =
    Limits { time: Duration::from_mins(1), rows: 100_000, bytes: 64 * 1024 * 1024 };

/// A folder that is gone when the test is.
struct Folder(PathBuf);

impl Folder {
    fn new(test: &str) -> Self {
        let path = std::env::temp_dir().join(format!("whiteout-{test}-{}", std::process::id()));
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// The file in which the commands look for the warehouse.
    fn database(&self) -> PathBuf {
        let data = self.0.join("whiteout-data");
        std::fs::create_dir_all(&data).unwrap();
        data.join("whiteout.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        std::fs::remove_dir_all(&self.0).ok();
    }
}

/// An empty warehouse, in a file as the pipeline has it or in memory.
fn warehouse_in(file: Option<&Path>) -> Connection {
    let db = file.map_or_else(Connection::open_in_memory, Connection::open).unwrap();
    db.pragma_update(None, "journal_mode", "WAL").unwrap();
    warehouse::create(&db).unwrap();
    db
}

fn load(db: &Connection, key: &str, object: impl AsRef<[u8]>) -> warehouse::Loaded {
    warehouse::load(db, key, object.as_ref()).unwrap()
}

fn packed(text: &str) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
    packer.write_all(text.as_bytes()).unwrap();
    packer.finish().unwrap()
}

/// The single value that a query finds.
fn value(db: &Connection, sql: &str) -> Value {
    db.query_row(sql, (), |row| row.get(0)).unwrap()
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn answer(reader: &Reader, sql: &str) -> Answer {
    warehouse::query(reader, sql, LIMITS).unwrap_or_else(|error| panic!("{sql}: {error}"))
}

/// A row with these columns.
fn row(columns: &[(&str, &str)]) -> String {
    let values = enriched_event::Column::ALL.map(|column| {
        columns.iter().find(|(name, _)| *name == column.name()).map_or("", |(_, value)| value)
    });
    values.join("\t")
}

/// What the command prints for this input.
fn whiteout(folder: &Path, args: &[&str], input: &str) -> (String, String, bool) {
    let mut command = Command::new(BINARY)
        .args(args)
        .current_dir(folder)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    command.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let ended = command.wait_with_output().unwrap();
    let [out, err] = [ended.stdout, ended.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
    (out, err, ended.status.success())
}
