//! Whole bad events, byte for byte.

use std::borrow::Cow;

use proptest::prelude::*;
use serde_json::value::RawValue;
use serde_json::{Value, json};

use super::*;

const PROCESSOR: Processor<'static> = Processor { artifact: "whiteout-enricher", version: "0.1.0" };
const ENVELOPE: Envelope<'static> =
    Envelope { processor: PROCESSOR, generation: SchemaGeneration::Enrich6 };
/// 2026-01-02T03:04:05.678Z
const NOW_MICROS: i64 = 1_767_323_045_678_000;

fn raw(json: &str) -> &RawValue {
    serde_json::from_str(json).unwrap()
}

fn text(json: Vec<u8>) -> String {
    String::from_utf8(json).unwrap()
}

fn request<'a>() -> RequestPayload<'a> {
    RequestPayload {
        vendor: "com.acme",
        version: "v1",
        querystring: &[Parameter { name: "a", value: None }],
        content_type: None,
        body: Some("{"),
        collector: "ssc",
        encoding: "UTF-8",
        hostname: Some("example.com"),
        epoch_millis: Some(1_767_323_045_000),
        ip_address: Some("192.0.2.1"),
        useragent: None,
        referer_uri: None,
        headers: &[Cow::Borrowed("Host: example.com")],
        network_user_id: None,
    }
}

fn event(enriched: &RawValue) -> EventPayload<'_> {
    let raw = RawEvent {
        vendor: "com.acme",
        version: "v1",
        parameters: &[Parameter { name: "e", value: Some("pv") }],
        content_type: Some("application/json"),
        loader_name: "ssc",
        encoding: "UTF-8",
        hostname: None,
        epoch_millis: None,
        ip_address: None,
        useragent: Some("curl"),
        referer_uri: None,
        headers: &[],
        user_id: Some("u"),
    };
    EventPayload { enriched, raw }
}

#[test]
fn a_request_that_no_adapter_takes() {
    let messages = [
        Message::NotJson { field: "body".into(), value: Some("{".into()), error: "broken".into() },
        Message::NotIglu {
            json: Cow::Borrowed(raw(r#"{"a":1.0}"#)),
            error: IgluParseError::InvalidSchemaver,
        },
        Message::InputData { field: "body".into(), value: None, expectation: "not empty".into() },
        Message::SchemaMapping {
            actual: None,
            expected_mapping: [("ping".into(), "iglu:a/b/jsonschema/1-0-0".into())].into(),
            expectation: "a known event".into(),
        },
    ];
    let failures =
        AdapterFailures { epoch_micros: NOW_MICROS, messages: &messages, payload: request() };
    assert_eq!(
        text(BadEvent::AdapterFailures(failures).to_json(ENVELOPE)),
        concat!(
            r#"{"schema":"iglu:com.snowplowanalytics.snowplow.badrows/adapter_failures/jsonschema/1-0-0","#,
            r#""data":{"processor":{"artifact":"whiteout-enricher","version":"0.1.0"},"#,
            r#""failure":{"timestamp":"2026-01-02T03:04:05.678Z","vendor":"com.acme","version":"v1","messages":["#,
            r#"{"field":"body","value":"{","error":"broken"},"#,
            r#"{"json":{"a":1.0},"error":"INVALID_SCHEMAVER"},"#,
            r#"{"field":"body","value":null,"expectation":"not empty"},"#,
            r#"{"actual":null,"expectedMapping":{"ping":"iglu:a/b/jsonschema/1-0-0"},"expectation":"a known event"}]},"#,
            r#""payload":{"vendor":"com.acme","version":"v1","querystring":[{"name":"a","value":null}],"#,
            r#""contentType":null,"body":"{","collector":"ssc","encoding":"UTF-8","hostname":"example.com","#,
            r#""timestamp":"2026-01-02T03:04:05.000Z","ipAddress":"192.0.2.1","useragent":null,"refererUri":null,"#,
            r#""headers":["Host: example.com"],"networkUserId":null}}}"#
        )
    );
}

#[test]
fn an_event_that_does_not_match_its_schema() {
    let messages = [
        Message::CriterionMismatch {
            schema_key: "iglu:a/b/jsonschema/1-0-0".into(),
            schema_criterion: "iglu:a/c/jsonschema/1-0-*".into(),
        },
        Message::IgluError {
            schema_key: "iglu:a/b/jsonschema/1-0-0".into(),
            error: Cow::Owned(raw(r#"{"error":"ValidationError"}"#).to_owned()),
        },
    ];
    let violations = SchemaViolations {
        epoch_micros: 1_000_000,
        messages: &messages,
        payload: event(raw(r#"{"app_id":null}"#)),
    };
    assert_eq!(
        text(BadEvent::SchemaViolations(violations).to_json(ENVELOPE)),
        concat!(
            r#"{"schema":"iglu:com.snowplowanalytics.snowplow.badrows/schema_violations/jsonschema/2-0-1","#,
            r#""data":{"processor":{"artifact":"whiteout-enricher","version":"0.1.0"},"#,
            r#""failure":{"timestamp":"1970-01-01T00:00:01Z","messages":["#,
            r#"{"schemaKey":"iglu:a/b/jsonschema/1-0-0","schemaCriterion":"iglu:a/c/jsonschema/1-0-*"},"#,
            r#"{"schemaKey":"iglu:a/b/jsonschema/1-0-0","error":{"error":"ValidationError"}}]},"#,
            r#""payload":{"enriched":{"app_id":null},"raw":{"vendor":"com.acme","version":"v1","#,
            r#""parameters":[{"name":"e","value":"pv"}],"contentType":"application/json","loaderName":"ssc","#,
            r#""encoding":"UTF-8","hostname":null,"timestamp":null,"ipAddress":null,"useragent":"curl","#,
            r#""refererUri":null,"headers":[],"userId":"u"}}}}"#
        )
    );
}

#[test]
fn the_generation_chooses_the_schema() {
    let payload = event(raw("{}"));
    let bad_events = [
        BadEvent::TrackerProtocolViolations(TrackerProtocolViolations {
            epoch_micros: 0,
            messages: &[],
            payload: request(),
        }),
        BadEvent::SchemaViolations(SchemaViolations { epoch_micros: 0, messages: &[], payload }),
        BadEvent::EnrichmentFailures(EnrichmentFailures {
            epoch_micros: 0,
            messages: &[],
            payload,
        }),
    ];
    for (generation, versions) in [
        (SchemaGeneration::Enrich3, ["1-0-0", "2-0-0", "2-0-0"]),
        (SchemaGeneration::Enrich6, ["1-0-1", "2-0-1", "2-0-1"]),
    ] {
        for (bad_event, version) in bad_events.into_iter().zip(versions) {
            let json = bad_event.to_json(Envelope { processor: PROCESSOR, generation });
            let json: Value = serde_json::from_slice(&json).unwrap();
            assert!(json["schema"].as_str().unwrap().ends_with(version), "{json}");
        }
    }
}

#[test]
fn a_failed_enrichment_names_itself() {
    let enrichment =
        Enrichment { schema_key: "iglu:a/b/jsonschema/1-0-0".into(), identifier: "api".into() };
    let messages = [
        EnrichmentMessage { enrichment: None, message: Message::Simple { error: "no key".into() } },
        EnrichmentMessage {
            enrichment: Some(enrichment),
            message: Message::Simple { error: "no answer".into() },
        },
    ];
    let payload = event(raw("{}"));
    let failures = EnrichmentFailures { epoch_micros: 0, messages: &messages, payload };
    let json = text(BadEvent::EnrichmentFailures(failures).to_json(ENVELOPE));
    assert!(
        json.contains(concat!(
            r#""messages":[{"enrichment":null,"message":{"error":"no key"}},"#,
            r#"{"enrichment":{"schemaKey":"iglu:a/b/jsonschema/1-0-0","identifier":"api"},"#,
            r#""message":{"error":"no answer"}}]"#
        )),
        "{json}"
    );
}

#[test]
fn a_record_that_is_no_request_is_kept_in_base64() {
    for (message, expected) in [
        (FormatMessage::Fallback { error: "broken" }, json!({"error": "broken"})),
        (
            FormatMessage::InputData { payload_field: "path", value: None, expectation: "a path" },
            json!({"payloadField": "path", "value": null, "expectation": "a path"}),
        ),
    ] {
        let violation = FormatViolation { epoch_micros: 0, message, record: b"<thrift>" };
        let json = BadEvent::FormatViolation(violation).to_json(ENVELOPE);
        let json: Value = serde_json::from_slice(&json).unwrap();
        assert_eq!(json["data"]["failure"]["loader"], "thrift");
        assert_eq!(json["data"]["failure"]["message"], expected);
        assert_eq!(json["data"]["payload"], "PHRocmlmdD4=");
    }
}

#[test]
fn a_size_violation_has_its_keys_in_order() {
    let violation = SizeViolation {
        epoch_micros: 1_743_508_800_123_456,
        bytes_max: 10,
        bytes: 11,
        expectation: "oversized",
        payload: "Coll\u{7}",
    };
    assert_eq!(
        text(violation.to_json(PROCESSOR)),
        concat!(
            r#"{"schema":"iglu:com.snowplowanalytics.snowplow.badrows/size_violation/jsonschema/1-0-0","#,
            r#""data":{"processor":{"artifact":"whiteout-enricher","version":"0.1.0"},"#,
            r#""failure":{"timestamp":"2025-04-01T12:00:00.123456Z","maximumAllowedSizeBytes":10,"#,
            r#""actualSizeBytes":11,"expectation":"oversized"},"payload":"Coll\u0007"}}"#
        )
    );
}

#[test]
fn an_expectation_is_cut_at_the_schemas_limit() {
    for (length, kept) in [(256, 256), (257, 256)] {
        let expectation = "é".repeat(length);
        let violation = SizeViolation {
            epoch_micros: 0,
            bytes_max: 1,
            bytes: 2,
            expectation: &expectation,
            payload: "",
        };
        let json: Value = serde_json::from_slice(&violation.to_json(PROCESSOR)).unwrap();
        let expectation = json["data"]["failure"]["expectation"].as_str().unwrap();
        assert_eq!(expectation.chars().count(), kept);
    }
}

#[test]
fn a_generic_error_lists_its_errors() {
    let error =
        GenericError { epoch_micros: 0, errors: &["Illegal query".to_owned()], payload: "a={" };
    let json: Value = serde_json::from_slice(&error.to_json(PROCESSOR)).unwrap();
    assert_eq!(json["data"]["failure"]["errors"][0], "Illegal query");
    assert_eq!(json["data"]["payload"], "a={");
}

#[test]
fn a_record_of_the_limit_stays_and_a_larger_one_is_cut() {
    let long = "é".repeat(3_000);
    let error = GenericError { epoch_micros: NOW_MICROS, errors: &[], payload: &long };
    let bad_event = BadEvent::GenericError(error);
    let json = bad_event.to_json(ENVELOPE);
    assert_eq!(bad_event.to_record(ENVELOPE, json.len()), json);
    let bytes_max = json.len() - 1;
    let record = bad_event.to_record(ENVELOPE, bytes_max);
    let cut: Value = serde_json::from_slice(&record).unwrap();
    let failure = &cut["data"]["failure"];
    assert_eq!(failure["timestamp"], "2026-01-02T03:04:05.678Z");
    assert_eq!(failure["maximumAllowedSizeBytes"], bytes_max);
    assert_eq!(failure["actualSizeBytes"], json.len() - 3_000);
    assert_eq!(
        failure["expectation"],
        format!(
            "Event failed enrichment and resulting bad row exceeds the maximum allowed size of {bytes_max} bytes"
        )
    );
    let payload = cut["data"]["payload"].as_str().unwrap();
    assert_eq!(payload.chars().count(), bytes_max / 10);
    assert!(text(json).starts_with(payload) && record.len() <= bytes_max);
}

#[test]
fn a_row_that_is_too_large_becomes_a_size_violation() {
    let row = format!("gitlab\tweb\t{}", "😀".repeat(30));
    let json = oversized_enriched_event(&row, 100, 0, PROCESSOR);
    let json: Value = serde_json::from_slice(&json).unwrap();
    let expectation = "Enriched event exceeds the maximum allowed size of 100 bytes";
    assert_eq!(json["data"]["failure"]["expectation"], expectation);
    assert_eq!(json["data"]["failure"]["actualSizeBytes"], 71);
    assert_eq!(json["data"]["payload"], "gitlab\tweb");
}

#[test]
fn debug_shows_no_content() {
    let secret = Message::InputData {
        field: "uid".into(),
        value: Some("secret".into()),
        expectation: "secret".into(),
    };
    let messages = [secret];
    let payload = event(raw(r#"{"user_id":"secret"}"#));
    let message = FormatMessage::Fallback { error: "secret" };
    let errors = ["secret".to_owned()];
    for bad_event in [
        BadEvent::SchemaViolations(SchemaViolations {
            epoch_micros: 0,
            messages: &messages,
            payload,
        }),
        BadEvent::FormatViolation(FormatViolation { epoch_micros: 0, message, record: b"secret" }),
        BadEvent::GenericError(GenericError {
            epoch_micros: 0,
            errors: &errors,
            payload: "secret",
        }),
    ] {
        let shown = format!("{bad_event:?}");
        assert!(!shown.contains("secret") && !shown.contains("curl"), "{shown}");
    }
}

mod failure_entities {
    use super::*;

    fn entity(cause: FailureCause<'_>) -> String {
        let entity = FailureEntity { epoch_micros: NOW_MICROS, component: PROCESSOR, cause };
        let json = entity.to_json();
        let start =
            r#"{"schema":"iglu:com.snowplowanalytics.snowplow/failure/jsonschema/1-0-0","data":"#;
        let end = r#","timestamp":"2026-01-02T03:04:05.678Z","componentName":"whiteout-enricher","componentVersion":"0.1.0"}}"#;
        let inner = json.get().strip_prefix(start).and_then(|json| json.strip_suffix(end));
        format!("{}}}", inner.unwrap())
    }

    #[test]
    fn a_violation_repeats_the_reports() {
        for (error, expected) in [
            (
                r#"{"error":"ValidationError","dataReports":[{"message":"m","path":"$","keyword":"k","targets":["t"]}]}"#,
                r#"{"failureType":"ValidationError","errors":[{"message":"m","source":"unstruct","path":"$","keyword":"k","targets":["t"]}],"schema":"S","data":{"x":1}}"#,
            ),
            (
                r#"{"error":"ValidationError","schemaIssues":[{"path":"$","message":"m"}]}"#,
                r#"{"failureType":"ValidationError","errors":[{"message":"Invalid schema: S - m","source":"unstruct","path":"$"}],"schema":"S","data":{"x":1}}"#,
            ),
            (
                r#"{"error":"ResolutionError","lookupHistory":[{"repository":"r"}]}"#,
                r#"{"failureType":"ResolutionError","errors":[{"message":"Resolution error: schema S not found","source":"unstruct","lookupHistory":[{"repository":"r"}]}],"schema":"S","data":{"x":1}}"#,
            ),
            ("7", r#"{"failureType":"ValidationError","errors":[],"schema":"S","data":{"x":1}}"#),
        ] {
            let message =
                Message::IgluError { schema_key: "S".into(), error: Cow::Borrowed(raw(error)) };
            let data = Some(raw(r#"{"x":1}"#));
            let cause = FailureCause::Violation { message: &message, source: "unstruct", data };
            assert_eq!(entity(cause), expected);
        }
    }

    #[test]
    fn an_enrichment_is_named_and_its_input_is_shown() {
        let message = EnrichmentMessage {
            enrichment: None,
            message: Message::InputData {
                field: "event".into(),
                value: None,
                expectation: "known".into(),
            },
        };
        assert_eq!(
            entity(FailureCause::Enrichment(&message)),
            r#"{"failureType":"EnrichmentError: ","errors":[{"message":"event - known","source":"event"}],"schema":null,"data":{"event":null}}"#
        );
    }
}

proptest! {
    #[test]
    fn any_text_makes_one_line_of_json(secret in "\\PC{0,20}|[\\x00-\\x1f\"\\\\]{0,5}", bytes_max in 3_000usize..4_000) {
        let errors = [secret.repeat(50)];
        let error = GenericError { epoch_micros: 0, errors: &errors, payload: &secret };
        let record = BadEvent::GenericError(error).to_record(ENVELOPE, bytes_max);
        prop_assert!(record.len() <= bytes_max && !record.contains(&b'\n'));
        prop_assert!(serde_json::from_slice::<Value>(&record).is_ok());
    }
}
