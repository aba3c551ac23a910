//! One object in a record of S3 or in an event of `EventBridge`, and what is forwarded of it.

use std::borrow::Cow;

use serde::Deserialize;
use serde_json::{Value, json};

use crate::key::{Sequencer, decoded, encoded};

/// An object, as far as it matters here.
#[derive(Debug)]
pub(crate) struct Object<'a> {
    /// Whether it is new; anything else of S3's events is of no interest.
    pub(crate) is_created: bool,
    pub(crate) bucket: Cow<'a, str>,
    /// Decoded.
    pub(crate) key: String,
    /// Missing in some events.
    pub(crate) size: Option<u64>,
    pub(crate) sequencer: Option<Sequencer>,
    /// The record in S3's shape: its own bytes, if S3 wrote it.
    pub(crate) record: Cow<'a, str>,
}

/// A record of S3.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct S3Record<'a> {
    #[serde(borrow)]
    event_version: Cow<'a, str>,
    #[serde(borrow)]
    event_source: Cow<'a, str>,
    #[serde(borrow)]
    event_name: Cow<'a, str>,
    #[serde(borrow)]
    s3: Entity<'a>,
}

/// What both forms say of an object.
#[derive(Deserialize)]
struct Entity<'a> {
    #[serde(borrow)]
    bucket: Bucket<'a>,
    #[serde(borrow)]
    object: Described<'a>,
}

#[derive(Deserialize)]
struct Bucket<'a> {
    #[serde(borrow)]
    name: Cow<'a, str>,
}

#[derive(Deserialize)]
struct Described<'a> {
    #[serde(borrow)]
    key: Cow<'a, str>,
    #[serde(default)]
    size: Option<u64>,
    #[serde(default, alias = "eTag")]
    etag: Option<String>,
    #[serde(default)]
    sequencer: Option<String>,
}

/// An event of `EventBridge`.
#[derive(Deserialize)]
struct Bridged<'a> {
    #[serde(borrow, rename = "detail-type")]
    detail_type: Cow<'a, str>,
    #[serde(borrow)]
    source: Cow<'a, str>,
    #[serde(borrow)]
    region: Cow<'a, str>,
    #[serde(borrow)]
    time: Cow<'a, str>,
    #[serde(borrow)]
    detail: Entity<'a>,
}

impl<'a> Object<'a> {
    /// Reads a record of S3, of any version 2.
    pub(crate) fn of_s3(record: &'a str) -> Option<Self> {
        let S3Record { event_version, event_source, event_name, s3 } =
            serde_json::from_str(record).ok()?;
        let is_known = event_source == "aws:s3" && event_version.split('.').next() == Some("2");
        // Some stores that speak S3's language write the prefix.
        let name = event_name.strip_prefix("s3:").unwrap_or(&event_name);
        let sequencer = s3.object.sequencer.as_deref();
        is_known.then_some(Self {
            is_created: name.starts_with("ObjectCreated:"),
            bucket: s3.bucket.name,
            key: decoded(&s3.object.key)?,
            size: s3.object.size,
            sequencer: sequencer.and_then(Sequencer::parse),
            record: Cow::Borrowed(record),
        })
    }

    /// Reads an event of `EventBridge`, whose key is not encoded, and writes the record that S3 would
    /// have written.
    pub(crate) fn of_event_bridge(event: &'a str) -> Option<Self> {
        let event: Bridged<'a> = serde_json::from_str(event).ok()?;
        if event.source != "aws.s3" {
            return None;
        }
        let record = as_s3(&event).to_string();
        let Entity { bucket, object } = event.detail;
        Some(Self {
            is_created: event.detail_type == "Object Created",
            bucket: bucket.name,
            key: object.key.into_owned(),
            size: object.size,
            sequencer: object.sequencer.as_deref().and_then(Sequencer::parse),
            record: Cow::Owned(record),
        })
    }
}

fn as_s3(event: &Bridged<'_>) -> Value {
    let Entity { bucket, object } = &event.detail;
    let name = &bucket.name;
    let partition = match () {
        () if event.region.starts_with("cn-") => "aws-cn",
        () if event.region.starts_with("us-gov-") => "aws-us-gov",
        () => "aws",
    };
    let mut described = json!({"key": encoded(&object.key)});
    let more = [
        ("size", object.size.map(Value::from)),
        ("eTag", object.etag.as_deref().map(Value::from)),
        ("sequencer", object.sequencer.as_deref().map(Value::from)),
    ];
    if let Value::Object(fields) = &mut described {
        fields.extend(more.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    }
    json!({
        "eventVersion": "2.1",
        "eventSource": "aws:s3",
        "awsRegion": event.region,
        "eventTime": event.time,
        "eventName": "ObjectCreated:Put",
        "s3": {
            "s3SchemaVersion": "1.0",
            "bucket": {"name": name, "arn": format!("arn:{partition}:s3:::{name}")},
            "object": described,
        },
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record(version: &str, name: &str) -> String {
        format!(
            r#"{{ "eventVersion":"{version}", "eventSource":"aws:s3","eventName":"{name}","new":[1],
            "s3":{{"bucket":{{"name":"b"}},"object":{{"key":"a%3Db+c.gz","size":7,"sequencer":"0A"}}}}}}"#
        )
    }

    #[test]
    fn any_version_2_of_a_record_is_read() {
        for (version, is_read) in [
            ("2.0", true),
            ("2.1", true),
            ("2.6", true),
            ("2.37", true),
            ("2", true),
            ("1.9", false),
            ("3.0", false),
            ("22.1", false),
            ("", false),
        ] {
            let record = record(version, "ObjectCreated:Put");
            assert_eq!(Object::of_s3(&record).is_some(), is_read, "{version}");
        }
        let text = record("2.1", "ObjectCreated:CompleteMultipartUpload");
        let object = Object::of_s3(&text).unwrap();
        assert_eq!((&*object.bucket, &*object.key), ("b", "a=b c.gz"));
        assert_eq!((object.size, object.is_created), (Some(7), true));
        assert_eq!(object.sequencer, Sequencer::parse("0a00"));
        assert_eq!(object.record, text);
        for (name, is_created) in [
            ("s3:ObjectCreated:Put", true),
            ("ObjectRemoved:Delete", false),
            ("ObjectCreatedX", false),
        ] {
            let record = record("2.1", name);
            assert_eq!(Object::of_s3(&record).unwrap().is_created, is_created, "{name}");
        }
        for broken in ["7", "{}", "", "null", "[]"] {
            assert!(Object::of_s3(broken).is_none() && Object::of_event_bridge(broken).is_none());
        }
    }

    #[test]
    fn an_event_of_event_bridge_becomes_a_record() {
        let event = r#"{"version":"0","detail-type":"Object Created","source":"aws.s3",
            "time":"2026-01-02T03:04:05Z","region":"eu-west-1","detail":{"version":"0",
            "bucket":{"name":"b"},"object":{"key":"a=b+c d.gz","size":7,"etag":"e","sequencer":"0A"},
            "reason":"PutObject"}}"#;
        let object = Object::of_event_bridge(event).unwrap();
        assert_eq!((&*object.key, object.is_created), ("a=b+c d.gz", true));
        let written: Value = serde_json::from_str(&object.record).unwrap();
        let expected = json!({
            "eventVersion": "2.1", "eventSource": "aws:s3", "awsRegion": "eu-west-1",
            "eventTime": "2026-01-02T03:04:05Z", "eventName": "ObjectCreated:Put",
            "s3": {
                "s3SchemaVersion": "1.0",
                "bucket": {"name": "b", "arn": "arn:aws:s3:::b"},
                "object": {"key": "a%3Db%2Bc+d.gz", "size": 7, "eTag": "e", "sequencer": "0A"},
            },
        });
        assert_eq!(written, expected);
        let again = Object::of_s3(&object.record).unwrap();
        assert_eq!((again.key, again.size), (object.key, object.size));
        let deleted = event.replace("Object Created", "Object Deleted");
        assert!(!Object::of_event_bridge(&deleted).unwrap().is_created);
        assert!(Object::of_event_bridge(&event.replace("aws.s3", "aws.ec2")).is_none());
    }
}
