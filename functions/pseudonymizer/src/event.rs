//! The batch that Firehose hands over, read leniently and without copies.

use std::borrow::Cow;
use std::fmt;

use base64_simd::STANDARD;
use serde::Deserialize;
use serde::de::{Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

/// A batch. What is not needed here may be missing, or of any type: samples in the wild differ.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Event<'a> {
    #[serde(borrow, default)]
    delivery_stream_arn: Text<'a>,
    /// As one of AWS's own samples spells it.
    #[serde(borrow, default, rename = "deliverySteamArn")]
    misspelt_delivery_stream_arn: Text<'a>,
    #[serde(borrow, default)]
    source_kinesis_stream_arn: Text<'a>,
    /// In the order of the answer.
    #[serde(borrow)]
    pub(crate) records: Vec<EventRecord<'a>>,
}

/// One record of a batch.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct EventRecord<'a> {
    /// What the answer must name it by.
    #[serde(borrow)]
    pub(crate) record_id: Cow<'a, str>,
    #[serde(borrow, default)]
    data: Text<'a>,
    /// What Kafka's records have in place of `data`.
    #[serde(borrow, default)]
    kafka_record_value: Text<'a>,
    #[serde(borrow, default)]
    kinesis_record_metadata: Option<&'a RawValue>,
}

/// Where a batch came from, and so where a record of it can be put back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin<'a> {
    /// The ARN of the Kinesis stream that the delivery stream reads.
    Kinesis(&'a str),
    /// The ARN of the delivery stream, to which producers write themselves.
    Firehose(&'a str),
}

/// The event is no batch of Firehose records; says where, never what.
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
        write!(f, "the event is no batch of Firehose records (line {line} column {column})")
    }
}

impl<'a> Event<'a> {
    pub(crate) fn read(event: &'a [u8]) -> Result<Self, MalformedEvent> {
        serde_json::from_slice(event)
            .map_err(|error| MalformedEvent { line: error.line(), column: error.column() })
    }

    /// The ARN of the delivery stream, then that of the stream that it reads; empty if unknown.
    pub(crate) fn streams(&self) -> [&str; 2] {
        let right = self.delivery_stream_arn.text();
        let delivery =
            if right.is_empty() { self.misspelt_delivery_stream_arn.text() } else { right };
        [delivery, self.source_kinesis_stream_arn.text()]
    }

    /// A delivery stream that reads a Kinesis stream takes no records from anybody else.
    pub(crate) fn origin(&self) -> Origin<'_> {
        let [delivery, source] = self.streams();
        if source.is_empty() { Origin::Firehose(delivery) } else { Origin::Kinesis(source) }
    }
}

impl EventRecord<'_> {
    /// Appends the record's bytes; an error is what stands in their place and is no base64.
    pub(crate) fn decode(&self, out: &mut Vec<u8>) -> Result<(), &str> {
        let data = match (&self.data, &self.kafka_record_value) {
            (Text::Absent, kafka) => kafka,
            (data, _) => data,
        };
        if matches!(data, Text::Other) {
            return Err("");
        }
        let text = data.text();
        STANDARD.decode_append(text.as_bytes(), out).map_err(|_| text)
    }

    /// The key that chose the record's shard.
    pub(crate) fn partition_key(&self) -> Option<String> {
        #[derive(Deserialize)]
        #[serde(rename_all = "camelCase")]
        struct Metadata<'m> {
            #[serde(borrow, default)]
            partition_key: Text<'m>,
        }
        let metadata = self.kinesis_record_metadata?.get();
        let metadata: Metadata<'_> = serde_json::from_str(metadata).ok()?;
        Some(metadata.partition_key.text().to_owned()).filter(|key| !key.is_empty())
    }
}

/// A text, or whatever else stands there.
#[derive(Default)]
enum Text<'a> {
    #[default]
    Absent,
    Is(Cow<'a, str>),
    Other,
}

impl Text<'_> {
    fn text(&self) -> &str {
        match self {
            Self::Is(text) => text,
            Self::Absent | Self::Other => "",
        }
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Text<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(AnyText)
    }
}

struct AnyText;

impl<'de> Visitor<'de> for AnyText {
    type Value = Text<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("anything")
    }

    fn visit_borrowed_str<E: Error>(self, text: &'de str) -> Result<Self::Value, E> {
        Ok(Text::Is(Cow::Borrowed(text)))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
        Ok(Text::Is(Cow::Owned(text.to_owned())))
    }

    fn visit_unit<E: Error>(self) -> Result<Self::Value, E> {
        Ok(Text::Absent)
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<Self::Value, E> {
        Ok(Text::Other)
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Self::Value, E> {
        Ok(Text::Other)
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<Self::Value, E> {
        Ok(Text::Other)
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<Self::Value, E> {
        Ok(Text::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
        while items.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Text::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Self::Value, A::Error> {
        while entries.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Text::Other)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn decoded(record: &str) -> Result<Vec<u8>, String> {
        let event = format!(r#"{{"records":[{record}]}}"#);
        let event = Event::read(event.as_bytes()).unwrap();
        let mut out = Vec::new();
        event.records[0].decode(&mut out).map_err(str::to_owned).map(|()| out)
    }

    #[test]
    fn data_is_found_wherever_it_stands() {
        for (record, expected) in [
            (r#"{"recordId":"1","data":"aGk="}"#, Ok("hi")),
            (r#"{"recordId":"1","data":"aGk\u003d"}"#, Ok("hi")),
            (r#"{"recordId":"1","kafkaRecordValue":"aGk="}"#, Ok("hi")),
            (r#"{"recordId":"1","data":null,"kafkaRecordValue":"aGk="}"#, Ok("hi")),
            (r#"{"recordId":"1","data":""}"#, Ok("")),
            (r#"{"recordId":"1"}"#, Ok("")),
            (r#"{"recordId":"1","data":"a_-="}"#, Err("a_-=")),
            (r#"{"recordId":"1","data":7}"#, Err("")),
            (r#"{"recordId":"1","data":{"a":[1]}}"#, Err("")),
        ] {
            let expected = expected.map(|text| text.as_bytes().to_vec()).map_err(str::to_owned);
            assert_eq!(decoded(record), expected, "{record}");
        }
    }

    #[test]
    fn types_that_do_not_matter_may_be_anything() {
        for metadata in [
            r#"{"partitionKey":"p","subsequenceNumber":"","approximateArrivalTimestamp":"2026-01-02T03:04:05.678Z"}"#,
            r#"{"partitionKey":"p","subsequenceNumber":0,"approximateArrivalTimestamp":1510772160000.5}"#,
            r#"{"partitionKey":"p","subsequenceNumber":null,"shardId":[]}"#,
        ] {
            let event = format!(
                r#"{{"invocationId":7,"region":null,"records":[{{"recordId":"1",
                "approximateArrivalTimestamp":"x","kinesisRecordMetadata":{metadata}}}]}}"#
            );
            let event = Event::read(event.as_bytes()).unwrap();
            assert_eq!(event.records[0].partition_key().as_deref(), Some("p"), "{metadata}");
        }
        for metadata in ["null", "7", "{}", r#"{"partitionKey":""}"#, r#"{"partitionKey":[]}"#] {
            let event =
                format!(r#"{{"records":[{{"recordId":"1","kinesisRecordMetadata":{metadata}}}]}}"#);
            let event = Event::read(event.as_bytes()).unwrap();
            assert_eq!(event.records[0].partition_key(), None, "{metadata}");
        }
    }

    #[test]
    fn a_batch_says_where_it_came_from() {
        let (delivery, source) =
            ("arn:aws:firehose:e:1:deliverystream/d", "arn:aws:kinesis:e:1:stream/s");
        let direct = format!(r#"{{"deliveryStreamArn":"{delivery}","records":[]}}"#);
        let event = Event::read(direct.as_bytes()).unwrap();
        assert_eq!((event.streams(), event.origin()), ([delivery, ""], Origin::Firehose(delivery)));
        let fed = format!(
            r#"{{"deliverySteamArn":"{delivery}","sourceKinesisStreamArn":"{source}","records":[]}}"#
        );
        let event = Event::read(fed.as_bytes()).unwrap();
        assert_eq!(
            (event.streams(), event.origin()),
            ([delivery, source], Origin::Kinesis(source))
        );
    }

    #[test]
    fn says_where_an_event_is_none_without_showing_it() {
        for event in
            ["", "{}", "[]", r#"{"records":[{"data":"secret"}]}"#, r#"{"records":"secret"}"#]
        {
            let message = Event::read(event.as_bytes()).err().unwrap().to_string();
            assert!(message.contains("no batch of Firehose records"), "{message}");
            assert!(!message.contains("secret"), "{message}");
        }
    }
}
