//! Trigger events of Kinesis, and payloads to put into them.

use base64_simd::STANDARD;
use collector_payload::{CollectorPayload, SCHEMA};
use serde_json::{Value, json};

const SNOWPLOW: &str = "com.snowplowanalytics.snowplow";

/// A batch as Lambda delivers it; the records are numbered from 0.
pub(super) fn batch(records: &[Vec<u8>]) -> String {
    let records: Vec<Value> = records
        .iter()
        .enumerate()
        .map(|(place, data)| {
            let number = sequence_number(place);
            json!({
                "kinesis": {
                    "kinesisSchemaVersion": "1.0",
                    "partitionKey": format!("{place}"),
                    "sequenceNumber": number,
                    "data": STANDARD.encode_to_string(data),
                    "approximateArrivalTimestamp": 1_767_323_045.678,
                },
                "eventSource": "aws:kinesis",
                "eventVersion": "1.0",
                "eventID": format!("shardId-000000000000:{number}"),
                "eventName": "aws:kinesis:record",
                "invokeIdentityArn": "arn:aws:iam::123456789012:role/enricher",
                "awsRegion": "eu-central-1",
                "eventSourceARN": "arn:aws:kinesis:eu-central-1:123456789012:stream/raw-good",
            })
        })
        .collect();
    json!({"Records": records}).to_string()
}

/// The number of a batch's record at this place.
pub(super) fn sequence_number(place: usize) -> String {
    format!("49656158763812345678901234567890123456789012345678901{place:03}")
}

/// What a collector writes when it is asked for its pixel.
pub(super) fn pixel(query: &str) -> Vec<u8> {
    CollectorPayload { path: Some("/i".into()), querystring: Some(query.into()), ..collected() }
        .encode()
}

/// What a collector writes when a tracker posts these events.
pub(super) fn post(events: &[Value]) -> Vec<u8> {
    let schema = format!("iglu:{SNOWPLOW}/payload_data/jsonschema/1-0-4");
    let body = json!({"schema": schema, "data": events}).to_string();
    CollectorPayload {
        path: Some(format!("/{SNOWPLOW}/tp2").into()),
        body: Some(body.into_bytes().into()),
        content_type: Some("application/json; charset=utf-8".into()),
        ..collected()
    }
    .encode()
}

fn collected() -> CollectorPayload<'static> {
    CollectorPayload {
        timestamp: 1_767_323_045_678,
        encoding: Some("UTF-8".into()),
        collector: Some("whiteout-0.1.0-kinesis".into()),
        hostname: Some("c.acme.example".into()),
        ip_address: Some("198.51.100.23".into()),
        user_agent: Some("Mozilla/5.0 (X11; Linux x86_64)".into()),
        network_user_id: Some("1e6f0a52-0b5f-4d5e-9d1c-0d2f5a7b8c9d".into()),
        schema: Some(SCHEMA.into()),
        ..CollectorPayload::default()
    }
}

/// The value of a tracker's parameter for entities.
pub(super) fn contexts(entities: &[(&str, Value)]) -> String {
    let entities: Vec<Value> = entities
        .iter()
        .map(|(schema, data)| json!({"schema": format!("iglu:{schema}"), "data": data}))
        .collect();
    let schema = format!("iglu:{SNOWPLOW}/contexts/jsonschema/1-0-1");
    json!({"schema": schema, "data": entities}).to_string()
}

/// A page view with the entities that GitLab sends along.
pub(super) fn page_view(page: &str) -> Value {
    let entities = contexts(&[
        (
            "com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0",
            json!({"id": "0a1b2c3d-4e5f-4607-8899-aabbccddeeff"}),
        ),
        (
            "com.gitlab/gitlab_standard/jsonschema/1-1-0",
            json!({"environment": "production", "project_id": 278_964, "plan": null}),
        ),
    ]);
    json!({
        "e": "pv", "p": "web", "tv": "js-4.6.0", "aid": "gitlab", "page": page,
        "url": "https://gitlab.example/group/project", "co": entities,
    })
}
