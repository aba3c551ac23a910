//! The SQS sink that takes what the stream does not: the record in base64, its key as an attribute.

use std::time::Instant;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::operation::send_message_batch::SendMessageBatchOutput;
use aws_sdk_sqs::types::{MessageAttributeValue, SendMessageBatchRequestEntry};
use record_sink::{BatchLimits, Record, RecordSink, WriteError, WriteReport};
use tokio::sync::OnceCell;
use tokio::time::Instant as Clock;

use crate::deliver::{Destination, Fate, Patience, deliver, limited};
use crate::failure::{CallFailure, printable};
use crate::settings::SinkSettings;

/// The most messages that one `SendMessageBatch` call takes.
pub(crate) const REQUEST_MESSAGES_MAX: usize = 10;
/// The message attribute that holds the partition key; the replay tool reads it.
const KEY_ATTRIBUTE: &str = "kinesisKey";

/// An SQS queue as a sink.
#[derive(Debug)]
pub struct SqsSink {
    client: Client,
    queue: String,
    url: OnceCell<String>,
    bytes_max: usize,
    patience: Patience,
}

impl SqsSink {
    /// A sink for a queue, given by its URL or its name.
    pub fn new(client: Client, queue: &str, settings: &SinkSettings) -> Self {
        let is_url = queue.starts_with("https://") || queue.starts_with("http://");
        Self {
            client,
            queue: queue.to_owned(),
            url: OnceCell::new_with(is_url.then(|| queue.to_owned())),
            bytes_max: settings.sqs_bytes_max,
            patience: settings.patience(),
        }
    }

    /// The queue's URL; a name is looked up once, when the queue is first needed.
    async fn url(&self) -> Result<&str, CallFailure> {
        self.url.get_or_try_init(|| self.look_up()).await.map(String::as_str)
    }

    async fn look_up(&self) -> Result<String, CallFailure> {
        let name = self.queue.rsplit('/').next().unwrap_or_default();
        let answer = self
            .client
            .get_queue_url()
            .queue_name(name)
            .send()
            .await
            .map_err(|error| CallFailure::from_sdk(&error))?;
        answer.queue_url.ok_or_else(|| CallFailure::new("NoQueueUrl", false))
    }
}

impl RecordSink for SqsSink {
    async fn write(&self, records: Vec<Record>, deadline: Instant) -> WriteReport {
        deliver(self, &records, self.patience, deadline).await
    }

    async fn is_healthy(&self, deadline: Instant) -> bool {
        let limit = self.patience.attempt_timeout;
        matches!(limited(self.look_up(), limit, Clock::from_std(deadline)).await, Ok(Ok(_)))
    }
}

impl Destination for SqsSink {
    fn limits(&self) -> BatchLimits {
        BatchLimits { records_max: REQUEST_MESSAGES_MAX, bytes_max: self.bytes_max }
    }

    fn unfit(&self, record: &Record) -> Option<WriteError> {
        let size_bytes = record.data.len();
        (size_bytes > self.bytes_max)
            .then_some(WriteError::TooLarge { size_bytes, bytes_max: self.bytes_max })
    }

    async fn call(&self, records: &[&Record]) -> Result<Vec<Fate>, CallFailure> {
        let url = self.url().await?;
        let entries =
            records.iter().enumerate().map(|(id, record)| entry(id, record)).collect::<Option<_>>();
        let answer = self
            .client
            .send_message_batch()
            .queue_url(url)
            .set_entries(entries)
            .send()
            .await
            .map_err(|error| CallFailure::from_sdk(&error))?;
        Ok(fates(&answer, records.len()))
    }
}

/// One message; its id is its place in the call.
fn entry(id: usize, record: &Record) -> Option<SendMessageBatchRequestEntry> {
    let key = MessageAttributeValue::builder()
        .data_type("String")
        .string_value(&record.partition_key)
        .build()
        .ok()?;
    SendMessageBatchRequestEntry::builder()
        .id(id.to_string())
        .message_body(base64_simd::STANDARD.encode_to_string(&record.data))
        .message_attributes(KEY_ATTRIBUTE, key)
        .build()
        .ok()
}

/// SQS answers in any order, by id; a message of which it says nothing is not acknowledged.
pub(crate) fn fates(answer: &SendMessageBatchOutput, count: usize) -> Vec<Fate> {
    let mut fates = vec![Fate::Refused("MissingResult".to_owned()); count];
    let mut set = |id: &str, fate: Fate| {
        if let Some(slot) = id.parse().ok().and_then(|place: usize| fates.get_mut(place)) {
            *slot = fate;
        }
    };
    for message in &answer.successful {
        set(&message.id, Fate::Acknowledged);
    }
    for message in &answer.failed {
        let code = printable(&message.code);
        let fate = if message.sender_fault { Fate::Rejected(code) } else { Fate::Refused(code) };
        set(&message.id, fate);
    }
    fates
}
