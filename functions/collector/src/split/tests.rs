//! The arithmetic of splitting against known sizes, and its conservation over generated bodies.

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;

const SCHEMA: &str = "iglu:com.snowplowanalytics.snowplow.badrows/size_violation/jsonschema/1-0-0";

fn split_body(body: &[u8], record_bytes_max: usize) -> Result<Split, SplitError> {
    let payload = CollectorPayload { body: Some(body.into()), ..CollectorPayload::default() };
    split(&payload, payload.encoded_bytes(), record_bytes_max)
}

fn tracker_versions(body: &[u8]) -> Vec<usize> {
    let body: Value = serde_json::from_slice(body).unwrap();
    body["data"].as_array().unwrap().iter().map(|e| e["tv"].as_str().unwrap().len()).collect()
}

#[test]
fn three_events_fit_into_two_payloads_and_four_do_not() {
    let data: Vec<Value> = [600, 5, 600, 1000, 1000, 1000, 1000]
        .into_iter()
        .map(|length| json!({"e": "se", "tv": "x".repeat(length)}))
        .collect();
    let body = format!("{{\"schema\":\"{SCHEMA}\",\"data\":{}}}", Value::Array(data));
    let payload = CollectorPayload { body: Some(body.as_bytes().into()), ..Default::default() };
    assert_eq!(payload.encoded_bytes(), 5454);
    let split = split(&payload, 5454, 1000).unwrap();
    let sizes: Vec<_> = split
        .bodies
        .iter()
        .map(|body| {
            CollectorPayload { body: Some(body.into()), ..Default::default() }.encoded_bytes()
        })
        .collect();
    assert_eq!(sizes, [735, 759]);
    assert_eq!(tracker_versions(&split.bodies[0]), [600]);
    assert_eq!(tracker_versions(&split.bodies[1]), [5, 600]);
    assert_eq!(split.oversized_events, [1018; 4]);
}

#[test]
fn says_why_a_body_cannot_be_split() {
    let check = |body: &str, expected: &str| {
        let message = split_body(body.as_bytes(), 100).unwrap_err().to_string();
        assert!(message.contains(expected), "{body}: {message}");
    };
    check("{", "not json at line 1 column 1");
    check("[]", "not self-describing no object");
    check(r#"{"foo":1}"#, "not self-describing no schema");
    check(r#"{"schema":"s","data":[]}"#, "not self-describing schema is no Iglu URI");
    check(r#"{"schema":7,"data":[]}"#, "not self-describing schema is no text");
    check(&format!(r#"{{"schema":"{SCHEMA}"}}"#), "not self-describing no data");
    check(&format!(r#"{{"schema":"{SCHEMA}","data":{{}}}}"#), "data array");
    check(&format!(r#"{{"schema":"{SCHEMA}","data":[]}}"#), "still too big");
    let pixel = CollectorPayload::default();
    assert_eq!(split(&pixel, 100, 10), Err(SplitError::NoBody));
}

#[test]
fn numbers_and_escapes_keep_their_text() {
    let body = format!(
        r#"{{ "data" : [ {{ "a" : 1.50 , "b c" : "x \" y\\" , "d":123456789012345678901234567890 }} ] , "schema":"{SCHEMA}","other":1}}"#
    );
    let split = split_body(body.as_bytes(), 1000).unwrap();
    let expected = format!(
        r#"{{"schema":"{SCHEMA}","data":[{{"a":1.50,"b c":"x \" y\\","d":123456789012345678901234567890}}]}}"#
    );
    assert_eq!(String::from_utf8(split.bodies[0].clone()).unwrap(), expected);
}

#[test]
fn knows_an_iglu_uri() {
    for uri in ["iglu:a/b/c/1-0-0", "iglu:com.acme/x_y/jsonschema/10-2-33"] {
        assert!(is_iglu_uri(uri), "{uri}");
    }
    for uri in [
        "",
        "iglu:a/b/c",
        "iglu:a/b/c/1-0",
        "iglu:a/b/c/0-0-0",
        "iglu:a/b/c/01-0-0",
        "a/b/c/1-0-0",
        "iglu:/b/c/1-0-0",
        "iglu:a/b/c/1-0-0/d",
    ] {
        assert!(!is_iglu_uri(uri), "{uri}");
    }
}

proptest! {
    #[test]
    fn every_event_comes_out_exactly_once(
        lengths in prop::collection::vec(0usize..400, 0..60),
        record_bytes_max in 250usize..900,
        padding in "[ \n\t]{0,3}",
    ) {
        let events: Vec<String> = lengths
            .iter()
            .enumerate()
            .map(|(id, length)| format!(r#"{{"id":{padding}{id},"x":"{}"}}"#, "y".repeat(*length)))
            .collect();
        let body = format!("{{\"schema\":\"{SCHEMA}\",\"data\":[{}]}}", events.join(","));
        let split = split_body(body.as_bytes(), record_bytes_max).unwrap();
        let mut found = Vec::new();
        for body in &split.bodies {
            let payload = CollectorPayload { body: Some(body.into()), ..Default::default() };
            prop_assert!(payload.encoded_bytes() <= record_bytes_max + 1);
            let body: Value = serde_json::from_slice(body).unwrap();
            found.extend(body["data"].as_array().unwrap().iter().map(|e| e["id"].as_u64().unwrap()));
        }
        prop_assert_eq!(found.len() + split.oversized_events.len(), lengths.len());
        let mut unique = found.clone();
        unique.sort_unstable();
        unique.dedup();
        prop_assert_eq!(unique.len(), found.len());
    }

    #[test]
    fn no_body_makes_it_panic(body in prop::collection::vec(any::<u8>(), 0..200), limit in 0usize..300) {
        drop(split_body(&body, limit));
    }

    #[test]
    fn compact_json_means_the_same(value in "\\PC{0,30}") {
        let json = json!({"k e y": [value, 1.5, null]});
        let spaced = serde_json::to_string_pretty(&json).unwrap();
        prop_assert_eq!(compact(&spaced).into_owned(), json.to_string());
    }
}
