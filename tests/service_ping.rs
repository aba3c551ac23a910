//! The function for Service Pings as Lambda runs it, below a Runtime API, with its key in Secrets Manager.

use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::house_rules::read;
use crate::lambda::aws::{Aws, KEY};
use crate::lambda::process::{self, Function, TIME, environment_of_lambda, refusal};
use crate::lambda::{json_lines, kinesis};

const SIGTERM: i32 = 15;
const STREAMS: [(&str, &str); 3] = [
    ("STREAM_USAGE_DATA", "usage-data"),
    ("STREAM_METADATA", "metadata"),
    ("STREAM_ERRORS", "errors"),
];

fn binary() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| process::binary("service-ping")).clone()
}

fn environment(aws: u16) -> Vec<(&'static str, String)> {
    let mut variables = environment_of_lambda("service-ping", aws);
    variables.extend(STREAMS.map(|(name, stream)| (name, stream.to_owned())));
    variables.push(("KEY_SOURCE", "secretsmanager:pseudonym-key".to_owned()));
    variables
}

fn sample(name: &str) -> String {
    read(&format!("events/service-ping/{name}.json"))
}

#[test]
fn every_sample_is_answered_and_delivered_without_what_is_personal() {
    let aws = Aws::start();
    let mut function = Function::start(binary(), environment(aws.port));
    let samples =
        [("usage-data", 201), ("metadata", 201), ("error", 201), ("not-json", 422), ("alb", 201)];
    for (name, status) in samples {
        let answer = function.invoke(&sample(name), TIME).expect(name);
        assert_eq!(answer["statusCode"], status, "{name}: {answer}");
        let body: Value = serde_json::from_str(answer["body"].as_str().unwrap()).unwrap();
        assert!(body.is_object(), "{name}: {answer}");
        if name == "alb" {
            assert_eq!(answer["statusDescription"], "201 Created");
            let lines = json!({"Content-Type": ["application/json"]});
            assert_eq!(answer["multiValueHeaders"], lines);
        }
    }
    let ended = function.terminate();
    assert_eq!((ended.status.signal(), ended.stderr.as_str()), (Some(SIGTERM), ""));
    let lines = json_lines(&ended.stdout);
    assert_eq!(lines.iter().filter(|line| !line["_aws"].is_null()).count(), samples.len());
    let keys = lines.iter().filter(|line| line["message"] == "a key is in use").count();
    assert_eq!(keys, 1, "the key is loaded once: {}", ended.stdout);
    assert!(!ended.stdout.contains(KEY));

    let taken = aws.taken();
    let streams: Vec<_> = taken.iter().map(|taken| taken.by.as_str()).collect();
    assert_eq!(streams, ["usage-data", "metadata", "errors", "usage-data"]);
    for taken in &taken {
        let line: Value = serde_json::from_str(&taken.text).unwrap();
        assert!(line["payload"].is_object(), "{taken:?}");
        for personal in ["Jane Doe", "jane@acme.example", "git.acme.example", "9d3fca11"] {
            assert!(!taken.text.contains(personal), "{personal}");
            assert!(!ended.stdout.contains(personal), "{personal}");
        }
    }
}

#[test]
fn a_firehose_out_of_reach_is_answered_with_503() {
    let aws = Aws::start();
    let mut variables = environment(aws.port);
    let closed = format!("http://127.0.0.1:{}", kinesis::closed());
    variables.push(("AWS_ENDPOINT_URL_FIREHOSE", closed));
    let mut function = Function::start(binary(), variables);
    let time = std::time::Duration::from_secs(3);
    let answer = function.invoke(&sample("usage-data"), time).unwrap();
    assert_eq!(answer["statusCode"], 503, "{answer}");
    let ended = function.terminate();
    assert!(ended.stdout.contains("a ping was not delivered"), "{}", ended.stdout);
}

#[test]
fn without_streams_and_key_it_does_not_start_and_says_so() {
    let missing = ["STREAM_USAGE_DATA", "STREAM_METADATA", "STREAM_ERRORS", "KEY_SOURCE"];
    let said = refusal(binary(), environment(kinesis::closed()), &missing);
    assert!(said.lines().any(|line| missing.iter().all(|name| line.contains(name))), "{said}");
}

#[test]
fn nothing_of_a_ping_is_in_the_logs() {
    let aws = Aws::start();
    let mut variables = environment(aws.port);
    variables.retain(|(name, _)| *name != "AWS_LAMBDA_LOG_LEVEL");
    variables.extend([("AWS_LAMBDA_LOG_LEVEL", "DEBUG".to_owned()), ("RUST_LOG", "trace".into())]);
    let mut function = Function::start(binary(), variables);
    let secret = "Vg7Kq2Zx9";
    let mut event: Value = serde_json::from_str(&sample("usage-data")).unwrap();
    for (path, body) in [
        (
            "/usage_data",
            json!({"uuid": secret, "recorded_at": "t", "hostname": secret}).to_string(),
        ),
        ("/usage_data", format!("[\"{secret}\"")),
        (&format!("/{secret}"), json!({"uuid": secret}).to_string()),
        ("/usage_ping_errors", json!({"error": {"message": secret, secret: 1}}).to_string()),
    ] {
        event["rawPath"] = json!(path);
        event["body"] = json!(body);
        event["headers"]["user-agent"] = json!(secret);
        let answer = function.invoke(&event.to_string(), TIME).unwrap();
        assert!(!answer.to_string().contains(secret), "{answer}");
    }
    for malformed in [&format!("[\"{secret}\"]"), &format!("{{\"rawPath\": \"{secret}")] {
        let error = function.invoke(malformed, TIME).expect_err(malformed);
        assert!(!error.contains(secret), "{error}");
    }
    let ended = function.terminate();
    assert!(!ended.stdout.contains(secret), "{}", ended.stdout);
    assert!(!ended.stderr.contains(secret), "{}", ended.stderr);
}
