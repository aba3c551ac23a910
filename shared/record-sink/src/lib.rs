#![doc = include_str!("../README.md")]

mod batch;
mod memory;
mod report;
mod write;

use std::future::Future;
use std::time::Instant;

pub use batch::{BatchLimits, batches};
pub use memory::{MemorySink, StoredRecord};
pub use report::{WriteError, WriteReport};
pub use write::write_all;

/// One record for a stream.
#[derive(Clone, PartialEq, Eq)]
pub struct Record {
    /// Decides the shard; it counts towards the record's size.
    pub partition_key: String,
    /// The bytes as they shall stand in the stream.
    pub data: Vec<u8>,
}

impl Record {
    /// The size that limits are counted in: data and partition key.
    pub fn size_bytes(&self) -> usize {
        self.data.len() + self.partition_key.len()
    }
}

impl std::fmt::Debug for Record {
    /// Sizes only: a record is payload.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Record").field("data_bytes", &self.data.len()).finish_non_exhaustive()
    }
}

/// Where records go.
pub trait RecordSink: Send + Sync {
    /// Writes the records and says of each what became of it; never takes longer than the deadline.
    fn write(
        &self,
        records: Vec<Record>,
        deadline: Instant,
    ) -> impl Future<Output = WriteReport> + Send;

    /// Whether the destination can be written to, asked of the destination itself.
    fn is_healthy(&self, deadline: Instant) -> impl Future<Output = bool> + Send;
}
