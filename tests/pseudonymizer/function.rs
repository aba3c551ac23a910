//! Batches in, answers out, whatever stands in the way.

use std::time::Duration;

use serde_json::{Value, json};

use super::{KEY, STREAMS, binary, delivered, environment};
use crate::house_rules::{read, tracked};
use crate::lambda::json_lines;
use crate::lambda::kinesis::{self, Moto};
use crate::lambda::process::{Function, TIME};

fn samples() -> Vec<String> {
    let mut samples = tracked();
    samples.retain(|path| path.starts_with("events/pseudonymizer/"));
    assert!(samples.len() >= 6, "{samples:?}");
    samples
}

#[test]
fn every_sample_event_is_answered_with_a_key_from_secrets_manager() {
    let moto = Moto::start(STREAMS);
    let arn = moto.secret("pseudonym-key", KEY);
    let mut function = Function::start(binary(), environment(moto.port, &arn));
    let samples = samples();
    for path in &samples {
        let event: Value = serde_json::from_str(&read(path)).unwrap();
        let answer = function.invoke(&event.to_string(), TIME).expect(path);
        let text = delivered(&event, &answer);
        assert!(text.lines().count() >= event["records"].as_array().unwrap().len(), "{path}");
        for token in ["customer-17", "198.51.100.23", "203.0.113", "%40shop.example"] {
            assert!(!text.contains(token), "{path}: {token}");
        }
    }
    let ended = function.end();
    assert_eq!(ended.stderr, "");
    let lines = json_lines(&ended.stdout);
    let metrics = lines.iter().filter(|line| !line["_aws"].is_null()).count();
    assert_eq!(metrics, samples.len(), "one line of metrics each: {}", ended.stdout);
    let keys = lines.iter().filter(|line| line["message"] == "a key is in use").count();
    assert_eq!(keys, 1, "the key is loaded once: {}", ended.stdout);
    assert!(!ended.stdout.contains(KEY) && !ended.stdout.contains("customer-17"));
}

#[test]
fn without_a_key_an_invocation_fails_and_with_one_the_next_succeeds() {
    let moto = Moto::start(STREAMS);
    let name = "secretsmanager:pseudonym-key";
    let mut function = Function::start(binary(), environment(moto.port, name));
    let sample = read("events/pseudonymizer/enriched-good-page-view.json");
    for _ in 0..2 {
        let error = function.invoke(&sample, TIME).expect_err("no key, no answer");
        assert!(error.contains("there is no key") && error.contains("ResourceNotFound"), "{error}");
    }
    moto.secret("pseudonym-key", KEY);
    let event: Value = serde_json::from_str(&sample).unwrap();
    delivered(&event, &function.invoke(&sample, TIME).unwrap());
    let ended = function.end();
    assert!(ended.stdout.contains("there is no key at start"), "{}", ended.stdout);
}

#[test]
fn a_secret_store_out_of_reach_fails_the_invocation_in_time() {
    let sample = read("events/pseudonymizer/enriched-good-page-view.json");
    for aws in [kinesis::closed(), kinesis::never_answering()] {
        let mut function = Function::start(binary(), environment(aws, "ssm:/pseudonym/key"));
        // The first invocation waits for the start, which Lambda does not count.
        for time in [TIME, Duration::from_secs(3)] {
            let error = function.invoke(&sample, time).expect_err("no key, no answer");
            assert!(error.contains("there is no key"), "{error}");
        }
        drop(function.end());
    }
}

/// Rows that become fifteen times as large, so that some of them go back to Kinesis.
#[test]
fn what_does_not_fit_goes_back_to_the_stream() {
    let moto = Moto::start(STREAMS);
    let arn = moto.secret("pseudonym-key", KEY);
    let mut function = Function::start(binary(), environment(moto.port, &arn));
    let event = overflowing(&moto.arn(STREAMS[0]));
    let answer = function.invoke(&event.to_string(), TIME).unwrap();
    delivered(&event, &answer);
    let records = answer["records"].as_array().unwrap();
    let dropped: Vec<_> = records
        .iter()
        .zip(event["records"].as_array().unwrap())
        .filter(|(answer, _)| answer["result"] == "Dropped")
        .map(|(_, record)| record["data"].as_str().unwrap())
        .collect();
    let back = moto.records(STREAMS[0]);
    let back: Vec<_> =
        back.iter().map(|data| base64_simd::STANDARD.encode_to_string(data)).collect();
    assert!(!dropped.is_empty() && dropped.len() * 2 <= records.len(), "{}", dropped.len());
    assert_eq!(back, dropped);
    drop(function.end());

    // Where Kinesis does not answer, nothing is dropped: the batch fails.
    let mut variables = environment(moto.port, &arn);
    let closed = format!("http://127.0.0.1:{}", kinesis::closed());
    variables.push(("AWS_ENDPOINT_URL_KINESIS", closed));
    let mut function = Function::start(binary(), variables);
    let error = function.invoke(&event.to_string(), Duration::from_secs(4)).unwrap_err();
    assert!(error.contains("could not be put back"), "{error}");
    drop(function.end());
}

fn overflowing(source: &str) -> Value {
    let sample = read("events/pseudonymizer/enriched-good-page-view.json");
    let mut event: Value = serde_json::from_str(&sample).unwrap();
    let data = event["records"][0]["data"].as_str().unwrap();
    let row = base64_simd::STANDARD.decode_to_vec(data).unwrap();
    let row = String::from_utf8(row).unwrap();
    let numbers = vec!["1"; 4_000].join(",");
    let unstruct = format!(
        r#"{{"schema":"iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0","data":{{"schema":"iglu:com.acme/numbers/jsonschema/1-0-0","data":{{"n":[{numbers}]}}}}}}"#
    );
    let mut columns: Vec<_> = row.split('\t').map(str::to_owned).collect();
    let place = enriched_event::Column::UnstructEvent.index();
    let records = (0..24).map(|number| {
        columns[place].clone_from(&unstruct);
        columns[enriched_event::Column::UserId.index()] = format!("customer-{number}");
        let mut record = event["records"][0].clone();
        record["recordId"] = json!(format!("4954647627421849081743731029683{number:025}"));
        record["data"] = json!(base64_simd::STANDARD.encode_to_string(columns.join("\t")));
        record
    });
    let records: Vec<Value> = records.collect();
    event["records"] = json!(records);
    event["sourceKinesisStreamArn"] = json!(source);
    event
}

#[test]
fn an_event_of_nobody_is_an_error_without_its_text_and_the_next_one_is_served() {
    let key = KeyFile::new("nobody");
    let source = format!("file:{}", key.0.display());
    let mut function = Function::start(binary(), environment(kinesis::closed(), &source));
    let secret = "Vg7Kq2Zx9";
    let good = read("events/pseudonymizer/broken-among-good.json");
    for malformed in [
        "{}",
        &format!("[\"{secret}\"]"),
        &format!("{{\"records\": \"{secret}\"}}"),
        &format!("{{\"records\": [\"{secret}\"]}}"),
        &format!("{{\"deliveryStreamArn\": \"{secret}\", \"records\": []}}"),
        &format!("{{\"records\": [{{\"data\": \"{secret}"),
    ] {
        let error = function.invoke(malformed, TIME).expect_err(malformed);
        assert!(!error.contains(secret), "{malformed} -> {error}");
        let report: Value = serde_json::from_str(&error).expect("an error is JSON");
        assert!(report["errorMessage"].as_str().unwrap().len() > 10, "{error}");
        assert!(function.invoke(&good, TIME).is_ok());
    }
    let ended = function.end();
    assert!(!ended.stdout.contains(secret), "{}", ended.stdout);
    assert!(!ended.stderr.contains(secret), "{}", ended.stderr);
}

#[test]
fn every_wrong_variable_is_named_at_once() {
    let mut variables = environment(kinesis::closed(), "kms:alias/key");
    variables.retain(|(name, _)| !["POLICY", "AWS_REGION"].contains(name));
    variables.push(("POLICY", "/nonexistent/policy.yaml".to_owned()));
    let mut function = Function::start(binary(), variables);
    let ended = function.wait();
    assert!(!ended.status.success());
    let reported = format!("{:?}", function.api.listen(Duration::ZERO));
    let said = [reported, ended.stdout, ended.stderr].concat();
    for name in ["POLICY", "KEY_SOURCE", "AWS_REGION"] {
        assert!(said.contains(name), "{name}: {said}");
    }
}

/// A key in a file, which goes with the value.
pub(super) struct KeyFile(pub(super) std::path::PathBuf);

impl KeyFile {
    pub(super) fn new(name: &str) -> Self {
        let file = format!("whiteout-{name}-{}.key", std::process::id());
        let path = std::env::temp_dir().join(file);
        std::fs::write(&path, KEY).unwrap();
        Self(path)
    }
}

impl Drop for KeyFile {
    fn drop(&mut self) {
        std::fs::remove_file(&self.0).ok();
    }
}
