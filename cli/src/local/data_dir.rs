//! Where the local pipeline keeps what must survive it: one folder, used by one pipeline at a time.

use std::fs::{self, File, TryLockError};
use std::io;
use std::path::{Path, PathBuf};

use rusqlite::{Connection, OpenFlags};

use super::StartError;
use super::objects::Objects;
use super::store;
use crate::warehouse;

/// The file of the store and the warehouse.
pub(crate) const DATABASE: &str = "whiteout.db";
/// Folders of pipelines that keep nothing, below the system's folder for such things.
const EPHEMERAL_PREFIX: &str = "whiteout-ephemeral-";
/// How large a page of the file is: a row of the warehouse fills half of a small one.
const PAGE_BYTES: i64 = 16_384;
/// How many pages of the file one connection keeps in memory.
const CACHE_PAGES: i64 = 500;
/// How long a reader waits for a writer that changes the file's layout.
const BUSY_MILLIS: i64 = 5_000;

/// A data directory that is in use by this process.
#[derive(Debug)]
pub(super) struct DataDir {
    path: PathBuf,
    is_ephemeral: bool,
    /// Held as long as the process lives; the system gives it up even when it is killed.
    _lock: File,
}

impl DataDir {
    /// Opens a folder that stays.
    pub(super) fn open(path: &Path) -> Result<Self, StartError> {
        let problem = |error: io::Error| StartError::DataDir {
            path: path.to_path_buf(),
            problem: error.to_string(),
        };
        fs::create_dir_all(path.join("objects")).map_err(problem)?;
        let lock = File::create(path.join("lock")).map_err(problem)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_path_buf(), is_ephemeral: false, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(StartError::DataDir {
                path: path.to_path_buf(),
                problem: "another whiteout uses it; end that one, or choose another --data-dir"
                    .to_owned(),
            }),
            Err(TryLockError::Error(error)) => Err(problem(error)),
        }
    }

    /// Makes a folder that goes with the process, and removes what killed ones left.
    pub(super) fn ephemeral() -> Result<Self, StartError> {
        let parent = std::env::temp_dir();
        remove_abandoned(&parent);
        let mut name = [0; 8];
        getrandom::fill(&mut name)
            .map_err(|_| StartError::System(io::Error::other("no random numbers")))?;
        let name = format!("{EPHEMERAL_PREFIX}{:016x}", u64::from_le_bytes(name));
        let mut folder = Self::open(&parent.join(name))?;
        folder.is_ephemeral = true;
        Ok(folder)
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn objects(&self) -> Objects {
        Objects::new(self.path.join("objects"))
    }

    /// Opens the store for the one that writes; creates it in an empty folder.
    pub(super) fn writer(&self) -> Result<Connection, StartError> {
        let problem = |problem: String| StartError::DataDir { path: self.path.clone(), problem };
        let sql = |error: rusqlite::Error| problem(format!("{DATABASE}: {error}"));
        let db = Connection::open(self.path.join(DATABASE)).map_err(sql)?;
        // Rows are wide. A killed process loses nothing with this; a machine that loses power may lose the last moments.
        db.execute_batch(&format!(
            "PRAGMA page_size = {PAGE_BYTES}; PRAGMA journal_mode = WAL; PRAGMA synchronous = NORMAL; PRAGMA cache_size = {CACHE_PAGES};
             PRAGMA busy_timeout = {BUSY_MILLIS};"
        ))
        .map_err(sql)?;
        db.set_prepared_statement_cache_capacity(64);
        let version = store::create(&db).map_err(sql)?;
        if version != store::LAYOUT_VERSION {
            return Err(problem(format!(
                "it was written by another version of whiteout (layout {version}, this one has {}); \
                 remove it, or choose another --data-dir",
                store::LAYOUT_VERSION
            )));
        }
        warehouse::create(&db).map_err(|error| problem(error.to_string()))?;
        Ok(db)
    }

    /// Opens the store for reading, beside the one that writes.
    pub(super) fn reader(&self) -> rusqlite::Result<Connection> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let db = Connection::open_with_flags(self.path.join(DATABASE), flags)?;
        db.execute_batch(&format!(
            "PRAGMA query_only = ON; PRAGMA cache_size = {CACHE_PAGES}; PRAGMA busy_timeout = {BUSY_MILLIS};"
        ))?;
        db.set_prepared_statement_cache_capacity(64);
        Ok(db)
    }
}

impl Drop for DataDir {
    fn drop(&mut self) {
        if self.is_ephemeral {
            // What stays is removed by the next pipeline that keeps nothing.
            fs::remove_dir_all(&self.path).ok();
        }
    }
}

/// Removes folders whose process was killed: their locks are free.
fn remove_abandoned(parent: &Path) {
    let Ok(entries) = fs::read_dir(parent) else { return };
    for entry in entries.flatten() {
        let is_ours = entry.file_name().to_str().is_some_and(|it| it.starts_with(EPHEMERAL_PREFIX));
        // Only a folder with a lock file: one without is being made at this moment.
        let lock = File::open(entry.path().join("lock"));
        if is_ours && lock.is_ok_and(|lock| lock.try_lock().is_ok()) {
            fs::remove_dir_all(entry.path()).ok();
        }
    }
}
