//! Pings as GitLab's client sends them, in `tests/cases/service-ping`: the event (its body may stand
//! there as JSON), the answer with its body as JSON, and what was delivered.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of a test may fail as loudly as the test"
)]

use std::fmt::Write as _;
use std::future::{Ready, ready};
use std::path::PathBuf;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use function_env::{Log, Variables};
use futures_util::FutureExt as _;
use key_source::{Keys, Secret};
use proptest::prelude::*;
use record_sink::{Record, RecordSink, WriteError, WriteReport};
use serde_json::{Value, json};
use service_ping::front_door::{self, Door, Request};
use service_ping::{At, Config, Outcome, ServicePing, Sinks};

const SECRET: &str = "0123456789abcdef0123456789abcdef";
/// 2026-11-20T07:00:05.123Z
const NOW: i64 = 1_795_158_005_123;
/// The most bytes of a body, and of a line.
const BYTES_MAX: usize = 1_024_000;

/// A delivery stream that acknowledges, refuses, or says nothing.
struct Stream {
    acknowledges: Option<bool>,
    stored: Mutex<Vec<Record>>,
}

impl Stream {
    fn new(acknowledges: Option<bool>) -> Self {
        Self { acknowledges, stored: Mutex::default() }
    }

    fn lines(&self) -> Vec<String> {
        let stored = self.stored.lock().unwrap();
        stored.iter().map(|record| String::from_utf8(record.data.clone()).unwrap()).collect()
    }
}

impl RecordSink for Stream {
    async fn write(&self, records: Vec<Record>, _deadline: Instant) -> WriteReport {
        let count = records.len();
        match self.acknowledges {
            Some(true) => {
                self.stored.lock().unwrap().extend(records);
                WriteReport::all_acknowledged(count)
            }
            Some(false) => {
                WriteReport::all_failed(count, &WriteError::Refused("ServiceUnavailable".into()))
            }
            None => WriteReport::default(),
        }
    }

    async fn is_healthy(&self, _deadline: Instant) -> bool {
        true
    }
}

type Fetch = fn(Instant) -> Ready<Result<Secret, String>>;

fn function(acknowledges: Option<bool>, fetch: Fetch) -> ServicePing<Fetch, Stream> {
    let variables = Variables::from([
        ("STREAM_USAGE_DATA", "usage-data"),
        ("STREAM_METADATA", "metadata"),
        ("STREAM_ERRORS", "errors"),
        ("KEY_SOURCE", "ssm:/key"),
    ]);
    let config = Config::from_variables(&variables).unwrap();
    let keys = Keys::new(&config.key_source, config.key_ttl, fetch);
    let sinks = Sinks::of(&config, |_| Stream::new(acknowledges));
    ServicePing::new(config, keys, Log::silent("service-ping"), sinks)
}

fn working() -> ServicePing<Fetch, Stream> {
    function(Some(true), |_| ready(Ok(Secret::new(SECRET.as_bytes().to_vec()))))
}

fn respond(function: &ServicePing<Fetch, Stream>, request: &Request<'_>) -> Outcome {
    let deadline = Instant::now() + Duration::from_secs(1);
    let at = At { epoch_millis: NOW, request_id: "r-1", deadline };
    function.respond(request, at).now_or_never().unwrap()
}

/// The lines of each delivery stream, with the stream's name.
fn delivered(function: &ServicePing<Fetch, Stream>) -> Vec<(&'static str, String)> {
    let Sinks { usage_data, metadata, errors } = function.sinks();
    let named = [("usage-data", usage_data), ("metadata", metadata), ("errors", errors)];
    let lines = named
        .into_iter()
        .flat_map(|(name, stream)| stream.lines().into_iter().map(move |line| (name, line)));
    lines.collect()
}

fn post<'a>(path: &'a str, body: &'a [u8]) -> Request<'a> {
    Request {
        method: "POST".into(),
        path: path.into(),
        content_type: Some("application/json".to_owned()),
        content_encoding: None,
        body: body.into(),
    }
}

fn cases() -> Vec<PathBuf> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/cases/service-ping");
    let mut cases: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() > 10);
    cases
}

fn json_of(case: &std::path::Path, file: &str) -> Value {
    let text = std::fs::read_to_string(case.join(file)).unwrap_or_default();
    serde_json::from_str(&text).unwrap_or_default()
}

/// The event, its body as text.
fn event(case: &std::path::Path) -> String {
    let mut event = json_of(case, "request.json");
    if event["body"].is_object() {
        event["body"] = event["body"].to_string().into();
    }
    event.to_string()
}

/// The answer, its body as JSON.
fn answer(outcome: &Outcome, door: Door) -> Value {
    let mut answer = serde_json::to_value(outcome.answer(door)).unwrap();
    answer["body"] = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
    answer
}

#[test]
fn each_case_has_its_answer_and_its_line() {
    for case in cases() {
        let function = working();
        let event = event(&case);
        let (request, door) = front_door::read(event.as_bytes()).unwrap();
        let outcome = respond(&function, &request);
        let lines = delivered(&function).into_iter().map(|(stream, line)| {
            let line = line.strip_suffix('\n').unwrap();
            assert!(!line.contains('\n'));
            let mut line: Value = serde_json::from_str(line).unwrap();
            let policy = line["policy"].as_str().unwrap().split_once('/').unwrap();
            assert_eq!((policy.0, policy.1.len()), ("service-ping", 16));
            // It changes with every word of the policy.
            line["policy"] = "service-ping/*".into();
            json!({"stream": stream, "line": line})
        });
        let lines = Value::Array(lines.collect());
        let answer = answer(&outcome, door);
        assert_eq!(answer, json_of(&case, "response.json"), "{}", case.display());
        assert_eq!(lines, json_of(&case, "delivered.json"), "{}", case.display());
    }
}

#[test]
fn a_ping_that_is_sent_again_is_recognisable() {
    let line = |name: &str| {
        let folder =
            PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/cases/service-ping"));
        json_of(&folder.join(name), "delivered.json")[0]["line"].clone()
    };
    let (first, again) = (line("usage-data"), line("usage-data-again-gzip-rest"));
    assert_ne!(first["payload"], again["payload"]);
    for same in ["id", "duplicate_key"] {
        assert!(!first[same].is_null());
        assert_eq!(first[same], again[same]);
        assert_ne!(first[same], line("usage-data-stage")[same]);
    }
}

#[test]
fn nothing_personal_is_delivered_or_answered() {
    // In lower case; most of them contain the word that marks what must not be seen.
    let canaries =
        ["canary", "jane", "licensee", "9d3fca11", "3f1e0cfe", "4211337", "7093125477340041221"];
    let mut sent = String::new();
    for case in cases() {
        let event = event(&case);
        let (request, door) = front_door::read(event.as_bytes()).unwrap();
        sent.push_str(&String::from_utf8_lossy(&request.body).to_lowercase());
        let function = working();
        let mut seen = answer(&respond(&function, &request), door).to_string();
        seen.extend(delivered(&function).into_iter().map(|(_, line)| line));
        for canary in canaries {
            assert!(!seen.to_lowercase().contains(canary), "{canary} in {}", case.display());
        }
    }
    for canary in canaries {
        assert!(sent.contains(canary), "{canary} was never sent");
    }
}

/// Usage data of which every byte is kept, with so many bytes.
fn usage_data(bytes: usize) -> String {
    let start = r#"{"uuid":"0000b4c1-7c0e-4f3a-9d6b-2f5f7a1e8c3d","recorded_at":"2026-11-20T07:00:04.512Z","counts":{"a":0"#;
    let mut body = start.to_owned();
    let room = bytes - start.len() - 2;
    // Pairs of 60 bytes, and at the end one that fills what is left.
    let count = room / 60 - 1;
    for number in 0..count {
        write!(body, ",\"k{number:0>54}\":1").unwrap();
    }
    let last = room - count * 60 - 5;
    write!(body, ",\"{}\":1}}}}", "z".repeat(last)).unwrap();
    assert_eq!(body.len(), bytes);
    body
}

#[test]
fn a_line_is_as_large_as_firehose_takes_and_no_larger() {
    let sent = |bytes: usize| {
        let function = working();
        let outcome = respond(&function, &post("/usage_data", usage_data(bytes).as_bytes()));
        (outcome.status(), delivered(&function).pop().map_or(0, |(_, line)| line.len()))
    };
    let (status, bytes) = sent(1_000);
    assert_eq!(status, 201);
    let around = bytes - 1_000;
    assert_eq!(sent(BYTES_MAX - around), (201, BYTES_MAX));
    assert_eq!(sent(BYTES_MAX - around + 1), (413, 0));
    assert_eq!(sent(BYTES_MAX), (413, 0));
}

#[test]
fn a_body_is_as_large_as_a_line_and_no_larger() {
    // What is dropped makes the line smaller than the body.
    let sent = |bytes: usize| {
        let start = r#"{"uuid":"u","recorded_at":"t","licensee":""#;
        let body = format!("{start}{}\"}}", "x".repeat(bytes - start.len() - 2));
        let function = working();
        (
            respond(&function, &post("/usage_data", body.as_bytes())).status(),
            delivered(&function).len(),
        )
    };
    assert_eq!(sent(BYTES_MAX), (201, 1));
    assert_eq!(sent(BYTES_MAX + 1), (413, 0));
}

#[test]
fn what_is_not_acknowledged_is_not_accepted() {
    let key: Fetch = |_| ready(Ok(Secret::new(SECRET.as_bytes().to_vec())));
    let no_key: Fetch = |_| ready(Err("AccessDeniedException".to_owned()));
    let body = br#"{"uuid":"u","recorded_at":"t"}"#;
    for (acknowledges, key) in [(Some(false), key), (None, key), (Some(true), no_key)] {
        let function = function(acknowledges, key);
        let outcome = respond(&function, &post("/usage_data", body));
        assert_eq!((outcome.status(), delivered(&function).len()), (503, 0));
    }
}

#[test]
fn an_event_is_answered_as_its_front_door_wants_it() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/service-ping");
    for (sample, status) in
        [("usage-data", 201), ("metadata", 201), ("error", 201), ("not-json", 422)]
    {
        let event = std::fs::read(format!("{folder}/{sample}.json")).unwrap();
        let deadline = Instant::now() + Duration::from_secs(1);
        let function = working();
        let answer = function.handle(&event, "r-1", deadline).now_or_never().unwrap().unwrap();
        let answer = serde_json::to_value(&answer).unwrap();
        assert_eq!(answer["statusCode"], status, "{sample}");
        assert_eq!(delivered(&function).len(), usize::from(status == 201));
    }
    let failed = working().handle(b"{}", "r-1", Instant::now()).now_or_never().unwrap();
    assert!(failed.is_err());
}

/// JSON of any shape, and texts that nearly are.
fn bodies() -> impl Strategy<Value = Vec<u8>> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        ".{0,12}".prop_map(Value::from),
    ];
    let names =
        "uuid|recorded_at|time|metadata|error|metrics|counts|licensee|settings|[a-z.\"\\\\]{0,4}";
    let tree = leaf.prop_recursive(4, 40, 6, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((names, inner), 0..6)
                .prop_map(|it| Value::Object(it.into_iter().collect())),
        ]
    });
    prop_oneof![
        prop::collection::vec(any::<u8>(), 0..64),
        ("[{}\\[\\]\":,a-z0-9 \\\\u]{0,40}").prop_map(String::into_bytes),
        tree.clone().prop_map(|tree| tree.to_string().into_bytes()),
        tree.clone().prop_map(|tree| json!({"metadata": tree}).to_string().into_bytes()),
        tree.clone().prop_map(|tree| json!({"error": {"a": tree}}).to_string().into_bytes()),
        tree.prop_map(|tree| {
            json!({"uuid": "u", "recorded_at": "t", "counts": tree}).to_string().into_bytes()
        }),
    ]
}

proptest! {
    #[test]
    fn an_answer_of_success_means_an_acknowledged_record(
        body in bodies(),
        path in "/(usage_data|usage_ping_metadata|usage_ping_errors|i)",
        encoding in prop::option::of("gzip|br|identity"),
        acknowledges in prop::option::of(any::<bool>()),
    ) {
        let function = function(acknowledges, |_| ready(Ok(Secret::new(SECRET.as_bytes().to_vec()))));
        let request = Request { content_encoding: encoding, ..post(&path, &body) };
        let outcome = respond(&function, &request);
        let lines = delivered(&function);
        prop_assert_eq!(lines.len(), usize::from(outcome.status() == 201));
        prop_assert!(lines.is_empty() || acknowledges == Some(true));
        for (_, line) in lines {
            let line = line.strip_suffix('\n').unwrap();
            prop_assert!(!line.contains('\n'));
            prop_assert!(serde_json::from_str::<Value>(line).unwrap()["payload"].is_object());
        }
    }

    #[test]
    fn an_event_of_any_bytes_is_no_panic(event in prop::collection::vec(any::<u8>(), 0..64), body in bodies()) {
        front_door::read(&event).ok();
        front_door::read(&body).ok();
    }
}
