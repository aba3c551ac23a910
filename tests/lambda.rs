//! The collector's release binary as Lambda runs it: below a Runtime API, in front of Kinesis.

pub(crate) mod aws;
mod http;
pub(crate) mod kinesis;
pub(crate) mod process;
mod runtime_api;
mod samples;

use std::path::PathBuf;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use collector_payload::CollectorPayload;
use function_env::Variables;
use serde_json::{Value, json};

use kinesis::Moto;
use process::{Function, TIME, build};
use runtime_api::Said;

/// A third of it would do; Lambda's smallest function has 128 MB.
const MEMORY_KILOBYTES_MAX: usize = 30 * 1024;

const STREAMS: [&str; 2] = ["raw-good", "raw-bad"];

fn collector_binary() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| process::binary("collector")).clone()
}

fn environment(kinesis: u16) -> Vec<(&'static str, String)> {
    process::environment("collector", STREAMS, kinesis)
}

/// The collector, in front of a Kinesis on this port.
fn collector(kinesis: u16) -> Function {
    Function::start(collector_binary(), environment(kinesis))
}

/// An event of an HTTP API (payload 2.0) for tests that change single fields.
fn event(changes: &Value) -> String {
    let mut event = json!({
        "version": "2.0", "rawPath": "/i", "rawQueryString": "e=pv&p=web", "headers": {},
        "requestContext": {"http": {"method": "GET", "sourceIp": "198.51.100.23"}, "stage": "$default"},
        "isBase64Encoded": false,
    });
    event.as_object_mut().unwrap().extend(changes.as_object().unwrap().clone());
    event.to_string()
}

fn post_event(body: &str) -> String {
    event(&json!({
        "rawPath": "/com.snowplowanalytics.snowplow/tp2",
        "rawQueryString": "",
        "headers": {"content-type": "application/json"},
        "requestContext": {"http": {"method": "POST"}, "stage": "$default"},
        "body": body,
    }))
}

fn sink_health() -> String {
    event(&json!({"rawPath": "/sink-health", "rawQueryString": ""}))
}

fn status(answer: &Value) -> u64 {
    answer["statusCode"].as_u64().expect("an answer has a status")
}

#[test]
fn every_sample_event_is_answered_and_every_payload_arrives() {
    let moto = Moto::start(STREAMS);
    let mut variables = environment(moto.port);
    // The template gives ARNs; names are what local set-ups give. Both have to work.
    variables.retain(|(name, _)| *name != "STREAM_GOOD");
    variables.push(("STREAM_GOOD", moto.arn("raw-good")));
    let mut collector = Function::start(collector_binary(), variables);
    let samples = samples::all();
    for sample in &samples {
        let answer = collector.invoke(&sample.event.to_string(), TIME);
        sample.check_answer(&answer.expect("an answer"));
    }
    let ended = collector.end();
    assert_eq!(ended.stderr, "");
    let lines = json_lines(&ended.stdout);
    let metrics = lines.iter().filter(|line| !line["_aws"].is_null()).count();
    assert_eq!(metrics, samples.len(), "one line of metrics each:\n{}", ended.stdout);
    assert_eq!(lines.len(), samples.len(), "and nothing else:\n{}", ended.stdout);

    let mut records = moto.records("raw-good").into_iter();
    for sample in samples.iter().filter(|sample| sample.is_tracking()) {
        let record = records.next().expect("a record for each request");
        sample.check_payload(&CollectorPayload::decode(&record).expect("a payload"));
    }
    assert_eq!(records.count(), 0, "no more records than requests");
    assert_eq!(moto.records("raw-bad").len(), 0);
}

/// Every line of a log.
pub(crate) fn json_lines(text: &str) -> Vec<Value> {
    let parse =
        |line: &str| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"));
    text.lines().map(parse).collect()
}

#[test]
fn a_body_of_a_megabyte_arrives_whole() {
    let moto = Moto::start(STREAMS);
    let mut collector = collector(moto.port);
    let sent: Vec<Value> = (0..1000)
        .map(|index| json!({"e": "pv", "eid": format!("{index}"), "page": "x".repeat(1005)}))
        .collect();
    let schema = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4";
    let body = json!({"schema": schema, "data": sent}).to_string();
    assert!((1_030_000..1_048_000).contains(&body.len()), "{}", body.len());
    let answer = collector.invoke(&post_event(&body), TIME).unwrap();
    assert_eq!(status(&answer), 200);

    // A record holds less than a million bytes, so it takes two.
    let records = moto.records("raw-good");
    let mut arrived = Vec::new();
    for record in &records {
        assert!(record.len() < 1_000_000);
        let payload = CollectorPayload::decode(record).unwrap();
        let body: Value = serde_json::from_slice(&payload.body.unwrap()).unwrap();
        assert_eq!(body["schema"], schema);
        arrived.extend(body["data"].as_array().unwrap().clone());
    }
    arrived.sort_by_key(|event| event["eid"].as_str().unwrap().parse::<usize>().unwrap());
    assert!(arrived == sent, "{} of {} events arrived", arrived.len(), sent.len());
    assert_eq!(records.len(), 2);
    assert_eq!(moto.records("raw-bad").len(), 0);
    assert_eq!(status(&collector.invoke(&sink_health(), TIME).unwrap()), 200);
}

#[test]
fn an_event_of_nobody_is_an_error_without_its_text_and_the_next_one_is_served() {
    let (kinesis, _) = kinesis::always_acknowledging();
    let mut collector = collector(kinesis);
    let secret = "Vg7Kq2Zx9";
    let broken_base64 =
        event(&json!({"isBase64Encoded": true, "body": format!("%{secret}%"), "rawPath": "/a/b"}));
    for malformed in [
        "{}",
        &format!("[\"{secret}\"]"),
        &format!("\"{secret}\""),
        &format!("{{\"headers\": \"{secret}\", \"httpMethod\": \"GET\"}}"),
        &format!("{{\"rawPath\": \"{secret}"),
        &broken_base64,
    ] {
        let error = collector.invoke(malformed, TIME).expect_err(malformed);
        assert!(!error.contains(secret), "{malformed} -> {error}");
        let report: Value = serde_json::from_str(&error).expect("an error is JSON");
        assert!(report["errorType"].is_string(), "{error}");
        assert!(report["errorMessage"].as_str().unwrap().len() > 10, "{error}");
        assert_eq!(status(&collector.invoke(&event(&json!({})), TIME).unwrap()), 200);
    }
    let ended = collector.end();
    assert!(!ended.stdout.contains(secret), "{}", ended.stdout);
    assert!(!ended.stderr.contains(secret), "{}", ended.stderr);
}

#[test]
fn every_missing_variable_is_named_at_once() {
    let required = ["STREAM_GOOD", "STREAM_BAD", "AWS_REGION", "AWS_ACCESS_KEY_ID"];
    let mut variables = environment(kinesis::closed());
    variables.retain(|(name, _)| !required.contains(name));
    variables.push(("COOKIE_ENABLED", "perhaps".to_owned()));
    let mut collector = Function::start(collector_binary(), variables);
    let ended = collector.wait();
    let reported = match collector.api.listen(Duration::ZERO) {
        Some(Said::InitError { body }) => body,
        Some(other) => panic!("{other:?}"),
        None => String::new(),
    };
    assert!(!ended.status.success(), "{:?}", ended.status);
    let said = [reported, ended.stdout, ended.stderr].concat();
    let names_all =
        |line: &str| required.iter().chain(&["COOKIE_ENABLED"]).all(|name| line.contains(name));
    assert!(said.lines().any(names_all), "one message names all:\n{said}");
}

#[test]
fn a_kinesis_out_of_reach_is_answered_with_503_in_time() {
    for kinesis in [kinesis::closed(), kinesis::never_answering()] {
        let mut collector = collector(kinesis);
        let time = Duration::from_secs(4);
        // The first invocation waits for the start, which Lambda does not count.
        let event = event(&json!({}));
        assert_eq!(status(&collector.invoke(&event, TIME).unwrap()), 503);
        for event in [event, sink_health()] {
            let started = Instant::now();
            assert_eq!(status(&collector.invoke(&event, time).unwrap()), 503);
            assert!(started.elapsed() < time, "{:?}", started.elapsed());
        }
        let ended = collector.end();
        assert!(ended.stdout.contains("records were not acknowledged"), "{}", ended.stdout);
    }
}

#[test]
fn nothing_of_a_request_is_in_the_logs() {
    let tokens = ["QtQuery71", "QtBody72", "QtHeader73", "QtCookie74", "QtAgent75", "QtPath76"];
    let [query, body, header, cookie, agent, path] = tokens;
    let request = |method: &str| {
        event(&json!({
            "rawPath": format!("/com.{path}/v1"),
            "rawQueryString": format!("e=pv&uid={query}"),
            "cookies": [format!("sp={cookie}"), format!("other={cookie}")],
            "headers": {
                "x-custom": header, "user-agent": agent, "content-type": "application/json",
                "host": format!("{header}.example"), "referer": format!("https://{header}.example/"),
                "origin": format!("https://{header}.example"), "x-forwarded-for": "203.0.113.77",
            },
            "requestContext": {"http": {"method": method, "sourceIp": "203.0.113.77"}},
            "body": format!("{{\"schema\":\"{body}\",\"data\":[\"{body}\"]}}"),
        }))
    };
    // Where all is well, and where records are refused.
    for kinesis in [kinesis::always_acknowledging().0, kinesis::closed()] {
        let mut variables = environment(kinesis);
        variables.retain(|(name, _)| *name != "AWS_LAMBDA_LOG_LEVEL");
        variables.push(("AWS_LAMBDA_LOG_LEVEL", "DEBUG".to_owned()));
        variables.push(("RUST_LOG", "trace".to_owned()));
        let mut collector = Function::start(collector_binary(), variables);
        for method in ["GET", "POST", "OPTIONS", "PUT"] {
            collector.invoke(&request(method), Duration::from_secs(3)).unwrap();
        }
        let ended = collector.end();
        assert!(json_lines(&ended.stdout).len() >= 4, "{}", ended.stdout);
        for token in tokens.iter().chain(&["203.0.113.77"]) {
            assert!(!ended.stdout.contains(token), "{token}: {}", ended.stdout);
            assert!(!ended.stderr.contains(token), "{token}: {}", ended.stderr);
        }
    }
}

#[test]
fn memory_stays_small_over_ten_thousand_requests() {
    let (kinesis, acknowledged) = kinesis::always_acknowledging();
    let mut collector = collector(kinesis);
    let event = samples::text("http-api-v2-get-pixel.json");
    let lines = ["VmRSS", "VmHWM"];
    let mut after_warm_up = None;
    for count in 1..=10_000 {
        let answer = collector.invoke(&event, TIME).unwrap();
        assert_eq!(status(&answer), 200);
        if count == 1_000 {
            after_warm_up = collector.memory_kilobytes(lines);
        }
    }
    assert_eq!(acknowledged.load(std::sync::atomic::Ordering::SeqCst), 10_000);
    match (after_warm_up, collector.memory_kilobytes(lines)) {
        (Some([early, _]), Some([late, most])) => {
            println!(
                "resident after 1,000 requests {early} kB, after 10,000 {late} kB, at most {most} kB"
            );
            assert!(most < MEMORY_KILOBYTES_MAX, "{most} kB");
            assert!(late < early + 1024, "it grows: {early} kB, then {late} kB");
        }
        _ => println!("this system does not say how much memory a process has"),
    }
    drop(collector.end());
}

#[test]
fn a_panic_is_an_error_without_its_text_and_the_next_event_is_served() {
    // `make unwind` brings the program as cargo-lambda builds it for AWS.
    let binary = match Variables::from_process().get("PANICS_BIN") {
        Some(path) => PathBuf::from(path),
        None => build(&["--package", "collector", "--example", "panics"], "examples/panics"),
    };
    let mut function = Function::start(binary, environment(kinesis::closed()));
    let secret = "Vg7Kq2Zx9";
    // Its sink panics, with the record in the message, whenever it gets one.
    let panics = event(&json!({"rawQueryString": format!("uid={secret}")}));
    let serves = event(&json!({"rawPath": "/health"}));
    for _ in 0..3 {
        let error = function.invoke(&panics, TIME).expect_err("a panic is an error");
        assert!(error.contains("the function panicked at"), "{error}");
        assert!(!error.contains(secret), "{error}");
        assert_eq!(status(&function.invoke(&serves, TIME).unwrap()), 200);
    }
    let ended = function.end();
    for text in [&ended.stdout, &ended.stderr] {
        assert!(!text.contains(secret), "{text}");
    }
}
