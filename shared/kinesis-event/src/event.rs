//! The trigger event of a Kinesis event source mapping, and the answer to it.

use std::borrow::Cow;
use std::fmt;

use base64_simd::STANDARD;
use serde::{Deserialize, Serialize};

/// One record of a batch.
#[derive(Clone, PartialEq)]
pub struct StreamRecord<'a> {
    /// Names the record within its shard.
    pub sequence_number: Cow<'a, str>,
    /// Chose the shard.
    pub partition_key: Cow<'a, str>,
    /// When the stream took it, in milliseconds since 1970, if the event says so.
    pub arrived_millis: Option<i64>,
    /// What was written; `None` if the event's base64 is broken.
    pub data: Option<Vec<u8>>,
}

impl fmt::Debug for StreamRecord<'_> {
    /// Sizes only: a record is payload.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StreamRecord")
            .field("sequence_number", &self.sequence_number)
            .field("data_bytes", &self.data.as_ref().map(Vec::len))
            .finish_non_exhaustive()
    }
}

/// The event is no batch of Kinesis records; says where, never what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MalformedEvent {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl fmt::Display for MalformedEvent {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line, column } = self;
        write!(f, "the event is no batch of Kinesis records (line {line} column {column})")
    }
}

impl std::error::Error for MalformedEvent {}

#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, rename = "Records")]
    records: Vec<EventRecord<'a>>,
}

#[derive(Deserialize)]
struct EventRecord<'a> {
    #[serde(borrow)]
    kinesis: Kinesis<'a>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Kinesis<'a> {
    #[serde(borrow)]
    sequence_number: Cow<'a, str>,
    #[serde(borrow, default)]
    partition_key: Cow<'a, str>,
    #[serde(borrow)]
    data: Cow<'a, str>,
    #[serde(default)]
    approximate_arrival_timestamp: Option<f64>,
}

/// Takes the records out of a trigger event, in their order.
pub fn read(event: &[u8]) -> Result<Vec<StreamRecord<'_>>, MalformedEvent> {
    let event: Event<'_> = serde_json::from_slice(event)
        .map_err(|error| MalformedEvent { line: error.line(), column: error.column() })?;
    Ok(event.records.into_iter().map(|record| record.kinesis.into_record()).collect())
}

impl<'a> Kinesis<'a> {
    fn into_record(self) -> StreamRecord<'a> {
        StreamRecord {
            sequence_number: self.sequence_number,
            partition_key: self.partition_key,
            arrived_millis: self.approximate_arrival_timestamp.map(millis),
            data: STANDARD.decode_to_vec(self.data.as_bytes()).ok(),
        }
    }
}

#[allow(
    clippy::cast_possible_truncation,
    reason = "a cast from a float saturates, and no arrival is that far away"
)]
fn millis(seconds: f64) -> i64 {
    (seconds * 1_000.0).round() as i64
}

/// The answer to a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct BatchResponse {
    #[serde(rename = "batchItemFailures")]
    failures: Vec<Failure>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Failure {
    #[serde(rename = "itemIdentifier")]
    sequence_number: String,
}

impl BatchResponse {
    /// Every record is done with.
    pub fn complete() -> Self {
        Self::default()
    }

    /// This record and everything behind it must be delivered again.
    pub fn again_from(record: &StreamRecord<'_>) -> Self {
        Self { failures: vec![Failure { sequence_number: record.sequence_number.to_string() }] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = r#"{"Records":[
        {"kinesis":{"kinesisSchemaVersion":"1.0","partitionKey":"1","sequenceNumber":"495",
            "data":"aGVsbG8=","approximateArrivalTimestamp":1545084650.98},
         "eventSource":"aws:kinesis","eventID":"shardId-000000000006:495","awsRegion":"eu-west-1"},
        {"kinesis":{"sequenceNumber":"496","data":"not base64!","approximateArrivalTimestamp":1545084650}}
    ]}"#;

    #[test]
    fn takes_the_records_out() {
        let records = read(EVENT.as_bytes()).unwrap();
        assert_eq!(records[0].data.as_deref(), Some(&b"hello"[..]));
        assert_eq!(records[0].arrived_millis, Some(1_545_084_650_980));
        assert_eq!(records[1].data, None);
        assert_eq!(records[1].arrived_millis, Some(1_545_084_650_000));
    }

    #[test]
    fn says_where_an_event_is_none_without_showing_it() {
        for event in ["", "{}", "[]", r#"{"Records":[{"kinesis":{"secret":1}}]}"#] {
            let message = read(event.as_bytes()).unwrap_err().to_string();
            assert!(message.contains("no batch of Kinesis records"), "{message}");
            assert!(!message.contains("secret"), "{message}");
        }
    }

    #[test]
    fn the_answer_names_the_first_record_that_must_come_again() {
        let records = read(EVENT.as_bytes()).unwrap();
        let text = |response| serde_json::to_string(&response).unwrap();
        assert_eq!(text(BatchResponse::complete()), r#"{"batchItemFailures":[]}"#);
        assert_eq!(
            text(BatchResponse::again_from(&records[1])),
            r#"{"batchItemFailures":[{"itemIdentifier":"496"}]}"#
        );
    }
}
