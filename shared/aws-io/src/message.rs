//! Sinks for messages that others read as they are: text without base64, without attributes.

use std::time::Instant;

use aws_sdk_sqs::Client;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use record_sink::{BatchLimits, Record, RecordSink, WriteError, WriteReport};
use tokio::time::Instant as Clock;

use crate::deliver::{Destination, Fate, Patience, deliver, limited};
use crate::failure::CallFailure;
use crate::settings::SinkSettings;
use crate::sns::TopicSink;
use crate::sqs::{REQUEST_MESSAGES_MAX, fates};

/// The most bytes of one `SendMessageBatch` call, and so of one message.
pub(crate) const QUEUE_BYTES_MAX: usize = 1_048_576;

/// Where messages can be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum MessageTarget {
    /// A standard queue, by its URL; in the region of the settings.
    Queue(String),
    /// A standard topic, in whatever region its ARN says.
    Topic {
        /// The topic's ARN.
        arn: String,
        /// The region in it.
        region: String,
    },
}

impl MessageTarget {
    /// A queue by its URL or ARN, or a topic by its ARN. FIFO queues and topics are none: their
    /// messages need groups. Nor are queues of another region, which the client does not reach.
    pub(crate) fn parse(text: &str, own_region: &str) -> Option<Self> {
        if let Some(rest) = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")) {
            let (host, path) = rest.split_once('/')?;
            let is_plain = |b: u8| b.is_ascii_graphic() && !b"@?#\\\"<>{}|^`".contains(&b);
            let is_url = !host.is_empty() && rest.bytes().all(is_plain);
            let is_queue = path.rsplit('/').next().is_some_and(is_name);
            let region = host.strip_prefix("sqs.").and_then(|rest| rest.split_once(".amazonaws."));
            let is_ours = region.is_none_or(|(region, _)| region == own_region);
            return (is_url && is_queue && is_ours).then(|| Self::Queue(text.to_owned()));
        }
        let parts: Vec<&str> = text.split(':').collect();
        let ["arn", partition, service, region, account, name] = *parts.as_slice() else {
            return None;
        };
        let is_region = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let is_valid = ["aws", "aws-cn", "aws-us-gov"].contains(&partition)
            && !region.is_empty()
            && region.bytes().all(is_region)
            && account.len() == 12
            && account.bytes().all(|b| b.is_ascii_digit())
            && is_name(name);
        match service {
            _ if !is_valid => None,
            "sns" => Some(Self::Topic { arn: text.to_owned(), region: region.to_owned() }),
            "sqs" if region == own_region => {
                let more = if partition == "aws-cn" { ".cn" } else { "" };
                let host = format!("sqs.{region}.amazonaws.com{more}");
                Some(Self::Queue(format!("https://{host}/{account}/{name}")))
            }
            _ => None,
        }
    }
}

/// What names of queues and topics are made of; those of FIFO ones have a dot.
fn is_name(name: &str) -> bool {
    let is_byte = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-');
    !name.is_empty() && name.bytes().all(is_byte)
}

/// A queue or a topic as a sink. A record's data is the message; its partition key is not sent.
#[derive(Debug)]
pub enum MessageSink {
    /// A queue.
    Queue(QueueSink),
    /// A topic.
    Topic(Box<TopicSink>),
}

impl RecordSink for MessageSink {
    async fn write(&self, records: Vec<Record>, deadline: Instant) -> WriteReport {
        match self {
            Self::Queue(queue) => queue.write(records, deadline).await,
            Self::Topic(topic) => topic.write(records, deadline).await,
        }
    }

    async fn is_healthy(&self, deadline: Instant) -> bool {
        match self {
            Self::Queue(queue) => queue.is_healthy(deadline).await,
            Self::Topic(topic) => topic.is_healthy(deadline).await,
        }
    }
}

/// An SQS queue that takes text.
#[derive(Debug)]
pub struct QueueSink {
    client: Client,
    url: String,
    patience: Patience,
}

impl QueueSink {
    /// A sink for a queue, given by its URL.
    pub fn new(client: Client, url: &str, settings: &SinkSettings) -> Self {
        Self { client, url: url.to_owned(), patience: settings.patience() }
    }

    async fn look_up(&self) -> Result<(), CallFailure> {
        let asked = self.client.get_queue_attributes().queue_url(&self.url).send().await;
        asked.map(drop).map_err(|error| CallFailure::from_sdk(&error))
    }
}

impl RecordSink for QueueSink {
    async fn write(&self, records: Vec<Record>, deadline: Instant) -> WriteReport {
        deliver(self, &records, self.patience, deadline).await
    }

    async fn is_healthy(&self, deadline: Instant) -> bool {
        let limit = self.patience.attempt_timeout;
        matches!(limited(self.look_up(), limit, Clock::from_std(deadline)).await, Ok(Ok(())))
    }
}

impl Destination for QueueSink {
    fn limits(&self) -> BatchLimits {
        BatchLimits { records_max: REQUEST_MESSAGES_MAX, bytes_max: QUEUE_BYTES_MAX }
    }

    fn unfit(&self, record: &Record) -> Option<WriteError> {
        unfit(record, QUEUE_BYTES_MAX)
    }

    async fn call(&self, records: &[&Record]) -> Result<Vec<Fate>, CallFailure> {
        let entries =
            records.iter().enumerate().map(|(id, record)| entry(id, record)).collect::<Option<_>>();
        let call = self.client.send_message_batch().queue_url(&self.url).set_entries(entries);
        let answer = call.send().await.map_err(|error| CallFailure::from_sdk(&error))?;
        Ok(fates(&answer, records.len()))
    }
}

/// Why a record can be no message.
pub(crate) fn unfit(record: &Record, bytes_max: usize) -> Option<WriteError> {
    let size_bytes = record.size_bytes();
    if size_bytes > bytes_max {
        return Some(WriteError::TooLarge { size_bytes, bytes_max });
    }
    let is_text = !record.data.is_empty() && std::str::from_utf8(&record.data).is_ok();
    (!is_text).then(|| WriteError::Refused("NoText".to_owned()))
}

/// One message; its id is its place in the call.
fn entry(id: usize, record: &Record) -> Option<SendMessageBatchRequestEntry> {
    let text = std::str::from_utf8(&record.data).ok()?;
    SendMessageBatchRequestEntry::builder().id(id.to_string()).message_body(text).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_standard_queue_or_topic() {
        let parse = |text: &str| MessageTarget::parse(text, "eu-west-1");
        let queue = |url: &str| Some(MessageTarget::Queue(url.to_owned()));
        let url = "https://sqs.eu-west-1.amazonaws.com/123456789012/pipe_good-1";
        let arn = "arn:aws:sqs:eu-west-1:123456789012:pipe_good-1";
        assert_eq!((parse(url), parse(arn)), (queue(url), queue(url)));
        let china = "https://sqs.cn-north-1.amazonaws.com.cn/123456789012/q";
        let found = MessageTarget::parse("arn:aws-cn:sqs:cn-north-1:123456789012:q", "cn-north-1");
        assert_eq!(found, queue(china));
        let local = "http://127.0.0.1:4566/000000000000/q";
        assert_eq!(parse(local), queue(local));
        let arn = "arn:aws:sns:us-east-2:123456789012:topic";
        let topic = MessageTarget::Topic { arn: arn.to_owned(), region: "us-east-2".to_owned() };
        assert_eq!(parse(arn), Some(topic));
        for text in [
            "",
            "queue",
            "https://",
            "https:///q",
            "https://host",
            "https://host/",
            "https://u:p@host/1/q",
            "https://host/1/q?x=y",
            "https://host/1/q.fifo",
            "arn:aws:sqs:eu-west-1:123456789012:q.fifo",
            "arn:aws:sqs:eu-west-2:123456789012:q",
            "https://sqs.eu-west-2.amazonaws.com/123456789012/q",
            "arn:aws:sns:eu-west-1:123456789012:t.fifo",
            "arn:aws:sns:eu-west-1:123456789012:t:subscription",
            "arn:aws:sns:eu west:123456789012:t",
            "arn:aws:sns::123456789012:t",
            "arn:aws:sns:eu-west-1:12345678901:t",
            "arn:nope:sns:eu-west-1:123456789012:t",
            "arn:aws:lambda:eu-west-1:123456789012:f",
        ] {
            assert_eq!(parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_message_is_text_up_to_its_limit() {
        let unfit = |data: &[u8]| {
            unfit(&Record { partition_key: String::new(), data: data.to_vec() }, 4).is_some()
        };
        assert!(!unfit(b"four") && unfit(b"fives") && unfit(b"") && unfit(&[0xff]));
    }
}
