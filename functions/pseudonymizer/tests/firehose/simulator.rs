//! Firehose as AWS documents it: what it asks of a transformation, and what it does with the answer.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use base64_simd::STANDARD;
use serde_json::{Value, json};

pub(crate) const DELIVERY: &str = "arn:aws:firehose:eu-central-1:123456789012:deliverystream/";
pub(crate) const SOURCE: &str = "arn:aws:kinesis:eu-central-1:123456789012:stream/";

/// What Lambda takes and gives at most.
const PAYLOAD_BYTES_MAX: usize = 6_291_456;
/// How often a batch that fails is tried again.
const RETRIES: usize = 3;

/// What became of records.
#[derive(Debug, Default)]
pub(crate) struct Delivered {
    /// What stands in the destination, by partition.
    pub(crate) objects: BTreeMap<String, String>,
    /// What is delivered as it came, below `processing-failed`.
    pub(crate) processing_failed: Vec<Vec<u8>>,
    pub(crate) dropped: usize,
    pub(crate) attempts: usize,
}

impl Delivered {
    /// Every line in the destination.
    pub(crate) fn lines(&self) -> Vec<&str> {
        for object in self.objects.values() {
            assert!(object.is_empty() || object.ends_with('\n'), "the last line has an end");
        }
        self.objects.values().flat_map(|object| object.lines()).collect()
    }
}

/// A batch as a delivery stream of this name hands it over.
pub(crate) fn batch(stream: &str, records: &[Vec<u8>]) -> Value {
    let records: Vec<_> = records
        .iter()
        .enumerate()
        .map(|(place, data)| {
            json!({
                "recordId": record_id(place),
                "approximateArrivalTimestamp": 1_767_323_045_678_u64,
                "data": STANDARD.encode_to_string(data),
                "kinesisRecordMetadata": {
                    "shardId": "shardId-000000000000",
                    "partitionKey": format!("key-{place}"),
                    "approximateArrivalTimestamp": 1_767_323_045_678_u64,
                    "sequenceNumber": format!("4954626638385{place:043}"),
                    "subsequenceNumber": "",
                },
            })
        })
        .collect();
    json!({
        "invocationId": "invocation",
        "deliveryStreamArn": format!("{DELIVERY}{stream}"),
        "sourceKinesisStreamArn": format!("{SOURCE}{stream}-source"),
        "region": "eu-central-1",
        "records": records,
    })
}

fn record_id(place: usize) -> String {
    format!("4954626638385{place:043}000000")
}

/// Hands a batch to the transformation until it succeeds or its attempts are used up.
pub(crate) fn deliver(
    event: &Value,
    mut transform: impl FnMut(&[u8]) -> Result<String, String>,
) -> Delivered {
    let mut delivered = Delivered::default();
    let text = event.to_string();
    assert!(text.len() <= PAYLOAD_BYTES_MAX, "Lambda takes no {} bytes", text.len());
    let records = event["records"].as_array().unwrap();
    for _ in 0..=RETRIES {
        delivered.attempts += 1;
        match transform(text.as_bytes()) {
            Ok(answer) if answer.len() <= PAYLOAD_BYTES_MAX => {
                apply(records, &answer, &mut delivered);
                return delivered;
            }
            _ => {}
        }
    }
    delivered.processing_failed.extend(records.iter().map(original));
    delivered
}

fn original(record: &Value) -> Vec<u8> {
    let data = record["data"].as_str().or(record["kafkaRecordValue"].as_str()).unwrap_or("");
    STANDARD.decode_to_vec(data).unwrap_or_else(|_| data.as_bytes().to_vec())
}

/// What Firehose does with an answer: a record whose answer is not right has failed.
fn apply(records: &[Value], answer: &str, delivered: &mut Delivered) {
    let Ok(answer) = serde_json::from_str::<Value>(answer) else {
        delivered.processing_failed.extend(records.iter().map(original));
        return;
    };
    let mut answers: BTreeMap<&str, VecDeque<&Value>> = BTreeMap::new();
    for answer in answer["records"].as_array().map_or(&[][..], Vec::as_slice) {
        answers.entry(answer["recordId"].as_str().unwrap_or("")).or_default().push_back(answer);
    }
    let asked: Vec<_> = records.iter().map(|record| record["recordId"].as_str().unwrap()).collect();
    let given = answer["records"].as_array().unwrap();
    let given: Vec<_> = given.iter().map(|record| record["recordId"].as_str().unwrap()).collect();
    // More than AWS asks: the order as well.
    assert_eq!(given, asked, "every id comes back once, in order");
    let different: BTreeSet<_> = asked.iter().collect();
    for (record, id) in records.iter().zip(&asked) {
        let found = answers.get_mut(id).and_then(VecDeque::pop_front);
        let is_unique = different.len() == asked.len();
        match found.filter(|_| is_unique).and_then(outcome) {
            Some(Answered::Delivered { partition, data }) => {
                delivered.objects.entry(partition).or_default().push_str(&data);
            }
            Some(Answered::Dropped) => delivered.dropped += 1,
            None => delivered.processing_failed.push(original(record)),
        }
    }
}

/// A right answer to a record.
enum Answered {
    Delivered { partition: String, data: String },
    Dropped,
}

/// What an answer says; nothing if it is not right.
fn outcome(answer: &Value) -> Option<Answered> {
    match answer["result"].as_str()? {
        "Ok" => {
            let data = STANDARD.decode_to_vec(answer["data"].as_str()?).ok()?;
            let mut partition = Vec::new();
            if let Some(keys) = answer["metadata"]["partitionKeys"].as_object() {
                for (name, value) in keys {
                    let value = value.as_str().filter(|value| !value.is_empty())?;
                    partition.push(format!("{name}={value}"));
                }
            }
            let (partition, data) = (partition.join("/"), String::from_utf8(data).ok()?);
            Some(Answered::Delivered { partition, data })
        }
        "Dropped" => Some(Answered::Dropped),
        _ => None,
    }
}
