//! The classifier as Lambda runs it, below a Runtime API and in front of Firehose.

use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::house_rules::{read, tracked};
use crate::lambda::aws::Aws;
use crate::lambda::process::{self, Function, TIME, environment_of_lambda, refusal};
use crate::lambda::{json_lines, kinesis};

const SIGTERM: i32 = 15;

fn binary() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| process::binary("bad-event-classifier")).clone()
}

fn environment(aws: u16) -> Vec<(&'static str, String)> {
    let mut variables = environment_of_lambda("bad-event-classifier", aws);
    variables.push(("STREAM_OUT", "whiteout-bad-event-class".to_owned()));
    variables
}

/// A batch with these records.
fn batch(records: &[&str]) -> String {
    let sample = read("events/bad-event-classifier/raw-bad.json");
    let mut event: Value = serde_json::from_str(&sample).unwrap();
    let record = event["Records"][0].clone();
    let records = records.iter().map(|text| {
        let mut record = record.clone();
        record["kinesis"]["data"] = json!(base64_simd::STANDARD.encode_to_string(text));
        record
    });
    event["Records"] = records.collect();
    event.to_string()
}

#[test]
fn every_bad_event_of_the_samples_has_its_class() {
    let aws = Aws::start();
    let mut function = Function::start(binary(), environment(aws.port));
    let mut samples = tracked();
    samples.retain(|path| path.starts_with("events/bad-event-classifier/"));
    assert!(samples.len() >= 4, "{samples:?}");
    let mut records = 0;
    for path in &samples {
        let event: Value = serde_json::from_str(&read(path)).unwrap();
        records += event["Records"].as_array().unwrap().len();
        let answer = function.invoke(&event.to_string(), TIME).expect(path);
        assert_eq!(answer, json!({"batchItemFailures": []}), "{path}");
    }
    let ended = function.terminate();
    assert_eq!(ended.status.signal(), Some(SIGTERM));
    assert_eq!(ended.stderr, "");
    assert!(!json_lines(&ended.stdout).is_empty());

    let taken = aws.taken();
    assert!(taken.iter().all(|taken| taken.by == "whiteout-bad-event-class"), "{taken:?}");
    let lines: Vec<_> = taken.iter().flat_map(|taken| json_lines(&taken.text)).collect();
    assert_eq!(lines.len(), records, "one line for each record");
    assert!(lines.iter().all(|line| line["family"].is_string() && line["remedy"].is_string()));
}

#[test]
fn a_firehose_out_of_reach_hands_the_batch_back() {
    let mut function = Function::start(binary(), environment(kinesis::closed()));
    let event = batch(&["{}", "no JSON"]);
    let answer = function.invoke(&event, std::time::Duration::from_secs(3)).unwrap();
    let first: Value = serde_json::from_str(&event).unwrap();
    let first = &first["Records"][0]["kinesis"]["sequenceNumber"];
    assert_eq!(answer, json!({"batchItemFailures": [{"itemIdentifier": first}]}));
    let ended = function.terminate();
    assert!(ended.stdout.contains("records are handed back"), "{}", ended.stdout);
}

#[test]
fn without_a_stream_it_does_not_start_and_says_so() {
    let missing = ["STREAM_OUT", "AWS_REGION"];
    let said = refusal(binary(), environment(kinesis::closed()), &missing);
    assert!(said.lines().any(|line| missing.iter().all(|name| line.contains(name))), "{said}");
}

#[test]
fn nothing_of_a_bad_event_is_in_the_logs() {
    let aws = Aws::start();
    let mut variables = environment(aws.port);
    variables.retain(|(name, _)| *name != "AWS_LAMBDA_LOG_LEVEL");
    variables.extend([("AWS_LAMBDA_LOG_LEVEL", "DEBUG".to_owned()), ("RUST_LOG", "trace".into())]);
    let mut function = Function::start(binary(), variables);
    let secret = "Vg7Kq2Zx9";
    let schema = "iglu:com.snowplowanalytics.snowplow.badrows/generic_error/jsonschema/1-0-0";
    let row =
        json!({"schema": schema, "data": {"failure": {"errors": [secret]}, "payload": secret}});
    let event =
        batch(&[secret, &row.to_string(), &format!("{{\"line\":\"{secret}\",\"errors\":[]}}")]);
    function.invoke(&event, TIME).unwrap();
    for malformed in [&format!("[\"{secret}\"]"), &format!("{{\"Records\": \"{secret}")] {
        let error = function.invoke(malformed, TIME).expect_err(malformed);
        assert!(!error.contains(secret), "{error}");
    }
    let ended = function.terminate();
    assert!(!ended.stdout.contains(secret), "{}", ended.stdout);
    assert!(!ended.stderr.contains(secret), "{}", ended.stderr);
    let shown = aws.taken().iter().any(|taken| taken.text.contains(secret));
    assert!(!shown, "a class shows no value");
}
