//! Where the functions of the local pipeline write: to whoever called them, or to the pipeline's queue.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use record_sink::{Record, RecordSink, WriteError, WriteReport};
use tokio::sync::{mpsc, oneshot};
use tokio::time::timeout_at;

use super::worker::{Submission, Target, Work};

/// Keeps what a function writes until whoever called the function takes it.
#[derive(Clone, Debug, Default)]
pub(super) struct Gathered(Arc<Mutex<Vec<Record>>>);

impl Gathered {
    /// What was written since the last time.
    pub(super) fn take(&self) -> Vec<Record> {
        // A push is all or nothing, so a panic elsewhere leaves the list whole.
        std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl RecordSink for Gathered {
    async fn write(&self, records: Vec<Record>, _deadline: Instant) -> WriteReport {
        let count = records.len();
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend(records);
        WriteReport::all_acknowledged(count)
    }

    async fn is_healthy(&self, _deadline: Instant) -> bool {
        true
    }
}

/// Hands records to the pipeline, and acknowledges them once they are safe there.
#[derive(Clone, Debug)]
pub(crate) struct Queued {
    pub(super) to: Target,
    pub(super) space: Arc<str>,
    pub(super) queue: mpsc::Sender<Work>,
}

impl RecordSink for Queued {
    async fn write(&self, records: Vec<Record>, deadline: Instant) -> WriteReport {
        let count = records.len();
        let failed = |error: WriteError| WriteReport::all_failed(count, &error);
        let (done, outcome) = oneshot::channel();
        let submission = Submission { to: self.to, space: Arc::clone(&self.space), records, done };
        let handed = async {
            self.queue.send(Work::Records(submission)).await.ok()?;
            outcome.await.ok()
        };
        match timeout_at(deadline.into(), handed).await {
            Ok(Some(Ok(()))) => WriteReport::all_acknowledged(count),
            Ok(Some(Err(reason))) => failed(WriteError::Refused(reason)),
            Ok(None) => failed(WriteError::CallFailed("the pipeline has ended".to_owned())),
            Err(_) => failed(WriteError::DeadlineReached),
        }
    }

    async fn is_healthy(&self, _deadline: Instant) -> bool {
        !self.queue.is_closed()
    }
}
