//! Reads what the pipeline remembers, beside the worker that writes it.

use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::Connection;

use super::data_dir::DataDir;
use super::objects::Objects;

/// Connections that are kept open for the next reader.
const IDLE_MAX: usize = 4;

/// Gives connections that only read.
#[derive(Clone, Debug)]
pub(crate) struct Reader {
    data_dir: Arc<DataDir>,
    idle: Arc<Mutex<Vec<Connection>>>,
    pub(super) objects: Objects,
}

/// Why something could not be read.
pub(crate) type ReadError = rusqlite::Error;

impl Reader {
    pub(super) fn new(data_dir: Arc<DataDir>) -> Self {
        let objects = data_dir.objects();
        Self { data_dir, idle: Arc::default(), objects }
    }

    /// Runs a query on a thread that may wait for the disk.
    pub(crate) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, ReadError> {
        let this = self.clone();
        let read = tokio::task::spawn_blocking(move || this.read_here(query));
        read.await.unwrap_or(Err(ReadError::InvalidQuery))
    }

    /// A connection of its own, for queries of foreign words.
    pub(crate) fn connection(&self) -> Result<Connection, ReadError> {
        self.data_dir.reader()
    }

    /// Runs a query on this thread.
    pub(crate) fn read_here<T>(
        &self,
        query: impl FnOnce(&Connection) -> Result<T, ReadError>,
    ) -> Result<T, ReadError> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let db = match idle {
            Some(db) => db,
            None => self.data_dir.reader()?,
        };
        let outcome = query(&db);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE_MAX {
            idle.push(db);
        }
        outcome
    }
}
