//! What a sink may do: its destinations, its limits in bytes and its patience.

use std::time::Duration;

use crate::backoff::Backoff;
use crate::deliver::Patience;

/// A stream's default record limit in bytes, partition key included; `UpdateMaxRecordSize` raises it.
const RECORD_BYTES_MAX: usize = 1_048_576;
/// The older limit of one `PutRecords` call in bytes. 10 MiB is allowed by now, but 5 MiB works with
/// every emulator too, and a smaller call loses less to a timeout.
const REQUEST_BYTES_MAX: usize = 5 * 1_048_576;
/// As in the Snowplow collector: 192,000 bytes are 256,000 in base64, which every queue takes.
const SQS_BYTES_MAX: usize = 192_000;

/// Where a sink writes and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SinkSettings {
    /// The stream's name, or its ARN.
    pub stream: String,
    /// The largest record that the stream takes, in bytes, partition key included.
    pub record_bytes_max: usize,
    /// The most bytes of one `PutRecords` call, partition keys included.
    pub request_bytes_max: usize,
    /// The shortest pause before a retry.
    pub backoff_min: Duration,
    /// The longest pause before a retry.
    pub backoff_max: Duration,
    /// One call that takes longer is given up and retried.
    pub attempt_timeout: Duration,
    /// How long an answer about the destination's health is good.
    pub health_max_age: Duration,
    /// The queue that takes what the stream does not: a queue's URL, or its name.
    pub sqs_buffer: Option<String>,
    /// The most bytes of one SQS call, and so of one record, before base64.
    pub sqs_bytes_max: usize,
    /// The part of the time that the stream gets when there is a queue behind it.
    pub primary_share_percent: u32,
}

impl SinkSettings {
    /// The defaults for a stream, given its name or its ARN.
    pub fn new(stream: impl Into<String>) -> Self {
        Self {
            stream: stream.into(),
            record_bytes_max: RECORD_BYTES_MAX,
            request_bytes_max: REQUEST_BYTES_MAX,
            backoff_min: Duration::from_millis(500),
            backoff_max: Duration::from_millis(1_500),
            attempt_timeout: Duration::from_secs(3),
            health_max_age: Duration::from_secs(5),
            sqs_buffer: None,
            sqs_bytes_max: SQS_BYTES_MAX,
            primary_share_percent: 60,
        }
    }

    /// The same with other pauses before retries, the shortest and the longest.
    #[must_use]
    pub fn pausing(self, (backoff_min, backoff_max): (Duration, Duration)) -> Self {
        Self { backoff_min, backoff_max, ..self }
    }

    /// The defaults for a stream that is to take records of this size.
    pub fn sized(stream: impl Into<String>, record_bytes_max: usize) -> Self {
        let record_bytes_max = function_env::stream_bytes_max(record_bytes_max);
        Self { record_bytes_max, ..Self::new(stream) }
    }

    pub(crate) fn patience(&self) -> Patience {
        Patience {
            backoff: Backoff { min: self.backoff_min, max: self.backoff_max },
            attempt_timeout: self.attempt_timeout,
        }
    }
}
