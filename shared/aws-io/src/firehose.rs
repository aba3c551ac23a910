//! The Firehose sink: `PutRecordBatch` in batches, health from `DescribeDeliveryStream`.

use std::time::Instant;

use aws_sdk_firehose::Client;
use aws_sdk_firehose::primitives::Blob;
use aws_sdk_firehose::types::{DeliveryStreamStatus, PutRecordBatchResponseEntry};
use record_sink::{BatchLimits, Record, RecordSink, WriteError, WriteReport};

use crate::deliver::{Destination, Fate, Patience, deliver};
use crate::failure::{CallFailure, printable};
use crate::health::{Health, ask};
use crate::settings::SinkSettings;

/// The most records that one `PutRecordBatch` call takes.
const REQUEST_RECORDS_MAX: usize = 500;
/// The most bytes that one `PutRecordBatch` call takes.
const REQUEST_BYTES_MAX: usize = 4 * 1_048_576;
/// The most bytes that one record may have before base64: 1,000 KiB.
const RECORD_BYTES_MAX: usize = 1_024_000;

/// A Firehose stream as a sink. It has no shards, so partition keys are not sent.
#[derive(Debug)]
pub struct FirehoseSink {
    client: Client,
    name: String,
    limits: BatchLimits,
    record_bytes_max: usize,
    patience: Patience,
    health: Health,
}

impl FirehoseSink {
    /// A sink for the stream that the settings name, by name or by ARN. Firehose's own limits hold
    /// where the settings have higher ones; the settings' queue does not count.
    pub fn new(client: Client, settings: &SinkSettings) -> Self {
        Self {
            client,
            name: name(&settings.stream).to_owned(),
            limits: BatchLimits {
                records_max: REQUEST_RECORDS_MAX,
                bytes_max: settings.request_bytes_max.min(REQUEST_BYTES_MAX),
            },
            record_bytes_max: settings.record_bytes_max.min(RECORD_BYTES_MAX),
            patience: settings.patience(),
            health: Health::new(settings.health_max_age),
        }
    }

    /// Opens the connection with one cheap call, so that no record has to wait for it, and says
    /// whether the stream can be written to. To be logged; a start must not fail for it.
    pub async fn open(&self, deadline: Instant) -> Result<(), WriteError> {
        let call = self.client.describe_delivery_stream().delivery_stream_name(&self.name).send();
        let answer = ask(call, self.patience.attempt_timeout, deadline).await;
        let result = answer.and_then(|answer| {
            match answer.delivery_stream_description.map(|it| it.delivery_stream_status) {
                Some(DeliveryStreamStatus::Active) => Ok(()),
                Some(status) => Err(WriteError::Refused(printable(status.as_str()))),
                None => Err(WriteError::CallFailed("NoStreamStatus".to_owned())),
            }
        });
        self.health.remember(result.is_ok());
        result
    }
}

impl RecordSink for FirehoseSink {
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

impl Destination for FirehoseSink {
    /// Batches are counted with the partition keys, which are not sent: a call stays a little below
    /// what it may carry.
    fn limits(&self) -> BatchLimits {
        self.limits
    }

    fn unfit(&self, record: &Record) -> Option<WriteError> {
        let size_bytes = record.data.len();
        (size_bytes > self.record_bytes_max)
            .then_some(WriteError::TooLarge { size_bytes, bytes_max: self.record_bytes_max })
    }

    async fn call(&self, records: &[&Record]) -> Result<Vec<Fate>, CallFailure> {
        let entries = records.iter().map(|record| entry(record)).collect::<Option<Vec<_>>>();
        let answer = self
            .client
            .put_record_batch()
            .delivery_stream_name(&self.name)
            .set_records(entries)
            .send()
            .await
            .map_err(|error| CallFailure::from_sdk(&error))?;
        Ok(answer.request_responses.iter().map(fate).collect())
    }
}

/// Firehose knows names only: of an ARN, what follows the slash.
fn name(stream: &str) -> &str {
    let resource = stream.strip_prefix("arn:").and_then(|arn| arn.split_once(":deliverystream/"));
    resource.map_or(stream, |(_, name)| name)
}

/// The builder can only fail without data, and they are given.
fn entry(record: &Record) -> Option<aws_sdk_firehose::types::Record> {
    aws_sdk_firehose::types::Record::builder().data(Blob::new(record.data.clone())).build().ok()
}

/// Only a record id is an acknowledgement.
fn fate(result: &PutRecordBatchResponseEntry) -> Fate {
    match (&result.error_code, &result.record_id) {
        (None, Some(_)) => Fate::Acknowledged,
        (Some(code), _) => Fate::Refused(printable(code)),
        (None, None) => Fate::Refused("NoRecordId".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_ends_with_the_name() {
        for (stream, expected) in [
            ("enriched-good", "enriched-good"),
            (
                "arn:aws:firehose:eu-west-1:123456789012:deliverystream/enriched-good",
                "enriched-good",
            ),
            ("arn:aws-cn:firehose:cn-north-1:123456789012:deliverystream/a.b_c", "a.b_c"),
            // Firehose says that there is no such stream.
            ("arn:aws:kinesis:eu-west-1:1:stream/x", "arn:aws:kinesis:eu-west-1:1:stream/x"),
        ] {
            assert_eq!(name(stream), expected);
        }
    }
}
