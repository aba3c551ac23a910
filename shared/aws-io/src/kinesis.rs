//! The Kinesis sink: `PutRecords` in batches, health from `DescribeStreamSummary`.

use std::time::Instant;

use aws_sdk_kinesis::Client;
use aws_sdk_kinesis::primitives::Blob;
use aws_sdk_kinesis::types::{PutRecordsRequestEntry, PutRecordsResultEntry, StreamStatus};
use record_sink::{BatchLimits, Record, RecordSink, WriteError, WriteReport};

use crate::deliver::{Destination, Fate, Patience, deliver};
use crate::failure::{CallFailure, printable};
use crate::health::{Health, ask};
use crate::settings::SinkSettings;

/// The most records that one `PutRecords` call takes.
const REQUEST_RECORDS_MAX: usize = 500;
/// The longest partition key in characters; one that is longer, or empty, fails the whole call.
const PARTITION_KEY_CHARS_MAX: usize = 256;

/// A Kinesis stream as a sink.
#[derive(Debug)]
pub struct KinesisSink {
    client: Client,
    name: Option<String>,
    arn: Option<String>,
    limits: BatchLimits,
    record_bytes_max: usize,
    patience: Patience,
    health: Health,
}

impl KinesisSink {
    /// A sink for the stream that the settings name, by name or by ARN.
    pub fn new(client: Client, settings: &SinkSettings) -> Self {
        let stream = Some(settings.stream.clone());
        let (name, arn) =
            if settings.stream.starts_with("arn:") { (None, stream) } else { (stream, None) };
        Self {
            client,
            name,
            arn,
            limits: BatchLimits {
                records_max: REQUEST_RECORDS_MAX,
                bytes_max: settings.request_bytes_max,
            },
            record_bytes_max: settings.record_bytes_max,
            patience: settings.patience(),
            health: Health::new(settings.health_max_age),
        }
    }

    /// Opens the connection with one cheap call, so that no record has to wait for it, and says
    /// whether the stream can be written to. To be logged; a start must not fail for it.
    pub async fn open(&self, deadline: Instant) -> Result<(), WriteError> {
        let call = self
            .client
            .describe_stream_summary()
            .set_stream_name(self.name.clone())
            .set_stream_arn(self.arn.clone())
            .send();
        let answer = ask(call, self.patience.attempt_timeout, deadline).await;
        let result = answer.and_then(|answer| {
            match answer.stream_description_summary.map(|it| it.stream_status) {
                Some(StreamStatus::Active | StreamStatus::Updating) => Ok(()),
                Some(status) => Err(WriteError::Refused(printable(status.as_str()))),
                None => Err(WriteError::CallFailed("NoStreamStatus".to_owned())),
            }
        });
        self.health.remember(result.is_ok());
        result
    }
}

impl RecordSink for KinesisSink {
    async fn write(&self, records: Vec<Record>, deadline: Instant) -> WriteReport {
        deliver(self, &records, self.patience, deadline).await
    }

    async fn is_healthy(&self, deadline: Instant) -> bool {
        match self.health.known() {
            Some(healthy) => healthy,
            None => self.open(deadline).await.is_ok(),
        }
    }
}

impl Destination for KinesisSink {
    fn limits(&self) -> BatchLimits {
        self.limits
    }

    fn unfit(&self, record: &Record) -> Option<WriteError> {
        let size_bytes = record.size_bytes();
        if size_bytes > self.record_bytes_max {
            return Some(WriteError::TooLarge { size_bytes, bytes_max: self.record_bytes_max });
        }
        let key = &record.partition_key;
        (key.is_empty() || key.chars().count() > PARTITION_KEY_CHARS_MAX)
            .then(|| WriteError::Refused("PartitionKeyLength".to_owned()))
    }

    async fn call(&self, records: &[&Record]) -> Result<Vec<Fate>, CallFailure> {
        let entries = records.iter().map(|record| entry(record)).collect::<Option<Vec<_>>>();
        let answer = self
            .client
            .put_records()
            .set_records(entries)
            .set_stream_name(self.name.clone())
            .set_stream_arn(self.arn.clone())
            .send()
            .await
            .map_err(|error| CallFailure::from_sdk(&error))?;
        Ok(answer.records.iter().map(fate).collect())
    }
}

/// The builder can only fail without data or key, and both are given.
fn entry(record: &Record) -> Option<PutRecordsRequestEntry> {
    PutRecordsRequestEntry::builder()
        .data(Blob::new(record.data.clone()))
        .partition_key(&record.partition_key)
        .build()
        .ok()
}

/// Only a sequence number is an acknowledgement.
fn fate(result: &PutRecordsResultEntry) -> Fate {
    match (&result.error_code, &result.sequence_number) {
        (None, Some(_)) => Fate::Acknowledged,
        (Some(code), _) => Fate::Refused(printable(code)),
        (None, None) => Fate::Refused("NoSequenceNumber".to_owned()),
    }
}
