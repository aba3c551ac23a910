//! What AWS puts between the functions: the trigger events of Kinesis, Firehose and S3, and what it reads of their answers.

use base64_simd::STANDARD;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::store::Stored;

/// The bucket that objects are said to be in.
pub(super) const BUCKET: &str = "whiteout";
const REGION: &str = "local";
const ACCOUNT: &str = "000000000000";

/// The ARN of a stream, as trigger events name it.
fn arn(service: &str, resource: &str) -> String {
    format!("arn:aws:{service}:{REGION}:{ACCOUNT}:{resource}")
}

/// What an event source mapping hands over: records of a Kinesis stream.
pub(super) fn kinesis_event(stream: &str, records: &[Stored]) -> Vec<u8> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Kinesis<'a> {
        #[serde(rename = "kinesisSchemaVersion")]
        version: &'static str,
        partition_key: &'a str,
        sequence_number: String,
        data: String,
        approximate_arrival_timestamp: f64,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Record<'a> {
        kinesis: Kinesis<'a>,
        event_source: &'static str,
        #[serde(rename = "eventSourceARN")]
        event_source_arn: &'a str,
    }
    #[derive(Serialize)]
    struct Event<'a> {
        #[serde(rename = "Records")]
        records: Vec<Record<'a>>,
    }
    let source = arn("kinesis", &format!("stream/{stream}"));
    let records = records.iter().map(|stored| Record {
        kinesis: Kinesis {
            version: "1.0",
            partition_key: &stored.partition_key,
            sequence_number: stored.sequence.to_string(),
            data: STANDARD.encode_to_string(&stored.data),
            approximate_arrival_timestamp: seconds(stored.at_millis),
        },
        event_source: "aws:kinesis",
        event_source_arn: &source,
    });
    json_bytes(&Event { records: records.collect() })
}

/// What Firehose hands to its transformation: records of the Kinesis stream that it reads.
pub(super) fn firehose_event(stream: &str, records: &[Stored]) -> Vec<u8> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Metadata<'a> {
        partition_key: &'a str,
        sequence_number: String,
        shard_id: &'static str,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Record<'a> {
        #[serde(rename = "recordId")]
        id: String,
        approximate_arrival_timestamp: i64,
        data: String,
        kinesis_record_metadata: Metadata<'a>,
    }
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Event<'a> {
        invocation_id: &'static str,
        delivery_stream_arn: String,
        source_kinesis_stream_arn: String,
        region: &'static str,
        records: Vec<Record<'a>>,
    }
    let records = records.iter().map(|stored| Record {
        id: stored.sequence.to_string(),
        approximate_arrival_timestamp: stored.at_millis,
        data: STANDARD.encode_to_string(&stored.data),
        kinesis_record_metadata: Metadata {
            partition_key: &stored.partition_key,
            sequence_number: stored.sequence.to_string(),
            shard_id: "shardId-000000000000",
        },
    });
    json_bytes(&Event {
        invocation_id: "local",
        delivery_stream_arn: arn("firehose", &format!("deliverystream/{stream}")),
        source_kinesis_stream_arn: arn("kinesis", &format!("stream/{stream}")),
        region: REGION,
        records: records.collect(),
    })
}

/// What Firehose reads of a transformation's answer: the bytes to deliver of each record, in order;
/// nothing of those that were dropped.
pub(super) fn transformed(answer: &str) -> Result<Vec<Option<Vec<u8>>>, NoAnswer> {
    #[derive(Deserialize)]
    struct Answer {
        records: Vec<Record>,
    }
    #[derive(Deserialize)]
    struct Record {
        result: String,
        data: Option<String>,
    }
    let answer: Answer = serde_json::from_str(answer).map_err(|_| NoAnswer)?;
    let data = |record: Record| match (record.result.as_str(), record.data) {
        ("Ok", Some(data)) => {
            STANDARD.decode_to_vec(data.as_bytes()).map(Some).map_err(|_| NoAnswer)
        }
        ("Dropped", _) => Ok(None),
        _ => Err(NoAnswer),
    };
    answer.records.into_iter().map(data).collect()
}

/// A transformation's answer is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct NoAnswer;

/// What S3 says of a new object.
pub(super) fn object_created(key: &str, bytes_len: usize, at_millis: i64) -> String {
    let record = json!({
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": REGION,
        "eventTime": timestamps::iso_millis(at_millis),
        "eventName": "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": {"name": BUCKET, "arn": format!("arn:aws:s3:::{BUCKET}")},
            "object": {"key": key, "size": bytes_len, "sequencer": format!("{at_millis:016X}")},
        },
    });
    json!({ "Records": [record] }).to_string()
}

/// The keys that a message to a loader names. Ours hold nothing that S3 would encode.
pub(super) fn keys_to_load(message: &[u8]) -> Vec<String> {
    #[derive(Deserialize)]
    struct Message {
        #[serde(rename = "Records")]
        records: Vec<Record>,
    }
    #[derive(Deserialize)]
    struct Record {
        s3: S3,
    }
    #[derive(Deserialize)]
    struct S3 {
        object: Object,
    }
    #[derive(Deserialize)]
    struct Object {
        key: String,
    }
    let message: Option<Message> = serde_json::from_slice(message).ok();
    let records = message.into_iter().flat_map(|message| message.records);
    records.map(|record| record.s3.object.key).collect()
}

#[allow(clippy::cast_precision_loss, reason = "milliseconds since 1970 are far below 2^53")]
fn seconds(millis: i64) -> f64 {
    millis as f64 / 1_000.0
}

fn json_bytes(event: &impl Serialize) -> Vec<u8> {
    // Numbers and texts: there is nothing that could not be written.
    serde_json::to_vec(event).unwrap_or_default()
}
