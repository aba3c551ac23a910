//! The object notifier as Lambda runs it, below a Runtime API and in front of queues.

use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::sync::OnceLock;

use serde_json::{Value, json};

use crate::house_rules::read;
use crate::lambda::aws::Aws;
use crate::lambda::process::{self, Function, TIME, environment_of_lambda, refusal};
use crate::lambda::{json_lines, kinesis};

const SIGTERM: i32 = 15;
const GOOD: &str = "https://sqs.eu-central-1.amazonaws.com/123456789012/good";
const BAD: &str = "https://sqs.eu-central-1.amazonaws.com/123456789012/bad";

fn binary() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| process::binary("object-notifier")).clone()
}

fn environment(aws: u16) -> Vec<(&'static str, String)> {
    let mut variables = environment_of_lambda("object-notifier", aws);
    let routes = json!({"output/": [GOOD], "enriched_bad_event/": [BAD], "bad_event/": []});
    variables.push(("ROUTES", routes.to_string()));
    variables
}

fn sample(name: &str) -> String {
    read(&format!("events/object-notifier/{name}.json"))
}

#[test]
fn every_sample_is_told_to_the_queues_of_its_prefix() {
    let aws = Aws::start();
    let mut function = Function::start(binary(), environment(aws.port));
    let mut told = 0;
    for (name, expected, messages) in [
        ("sqs-s3", json!({"batchItemFailures": []}), None),
        ("sqs-sns-s3", json!({"batchItemFailures": []}), None),
        ("test-event", Value::Null, Some(0)),
        ("s3-direct", Value::Null, None),
        ("eventbridge", Value::Null, Some(1)),
    ] {
        let answer = function.invoke(&sample(name), TIME).expect(name);
        assert_eq!(answer, expected, "{name}");
        let so_far = aws.taken().len();
        assert!(messages.is_none_or(|count| so_far - told == count), "{name}: {so_far} - {told}");
        told = so_far;
    }
    let answer = function.invoke(&sample("mixed"), TIME).unwrap();
    assert_eq!(answer["batchItemFailures"].as_array().map(Vec::len), Some(1), "{answer}");
    let ended = function.terminate();
    assert_eq!((ended.status.signal(), ended.stderr.as_str()), (Some(SIGTERM), ""));
    let metrics = json_lines(&ended.stdout);
    assert_eq!(metrics.iter().filter(|line| !line["_aws"].is_null()).count(), 6);

    let taken = aws.taken();
    assert!(
        taken.iter().any(|taken| taken.by == GOOD) && taken.iter().any(|taken| taken.by == BAD)
    );
    for taken in taken {
        let message: Value = serde_json::from_str(&taken.text).unwrap();
        let key = message["Records"][0]["s3"]["object"]["key"].as_str().unwrap();
        let prefix = if taken.by == GOOD { "output/" } else { "enriched_bad_event/" };
        assert!(key.starts_with(prefix), "{}: {key}", taken.by);
    }
}

#[test]
fn a_queue_out_of_reach_hands_its_messages_back() {
    let mut function = Function::start(binary(), environment(kinesis::closed()));
    let answer = function.invoke(&sample("sqs-s3"), std::time::Duration::from_secs(3)).unwrap();
    let failed = answer["batchItemFailures"].as_array().unwrap();
    assert!(!failed.is_empty() && failed.iter().all(|it| it["itemIdentifier"].is_string()));
    let ended = function.terminate();
    assert!(ended.stdout.contains("objects were not told to all targets"), "{}", ended.stdout);
}

#[test]
fn without_routes_it_does_not_start_and_says_so() {
    let missing = ["ROUTES", "AWS_ACCESS_KEY_ID"];
    let said = refusal(binary(), environment(kinesis::closed()), &missing);
    assert!(said.lines().any(|line| missing.iter().all(|name| line.contains(name))), "{said}");
}

#[test]
fn nothing_of_a_message_but_a_strange_key_is_in_the_logs() {
    let aws = Aws::start();
    let mut variables = environment(aws.port);
    variables.push(("RUST_LOG", "trace".into()));
    let mut function = Function::start(binary(), variables);
    let secret = "Vg7Kq2Zx9";
    let mut event: Value = serde_json::from_str(&sample("s3-direct")).unwrap();
    event["Records"][0]["userIdentity"]["principalId"] = json!(secret);
    event["Records"][0]["s3"]["bucket"]["name"] = json!(secret);
    function.invoke(&event.to_string(), TIME).unwrap();
    assert!(aws.taken().iter().any(|taken| taken.text.contains(secret)), "it is passed on");
    let mut event: Value = serde_json::from_str(&sample("sqs-s3")).unwrap();
    event["Records"][0]["body"] = json!(format!("{{\"{secret}\": 1}}"));
    let answer = function.invoke(&event.to_string(), TIME).unwrap();
    assert!(!answer["batchItemFailures"].as_array().unwrap().is_empty(), "{answer}");
    for malformed in [&format!("[\"{secret}\"]"), &format!("{{\"Records\": \"{secret}")] {
        let error = function.invoke(malformed, TIME).expect_err(malformed);
        assert!(!error.contains(secret), "{error}");
    }
    let ended = function.terminate();
    assert!(!ended.stdout.contains(secret), "{}", ended.stdout);
    assert!(!ended.stderr.contains(secret), "{}", ended.stderr);
}
