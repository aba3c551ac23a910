//! Batches in, rows and bad rows out, whatever stands in the way.

use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::trigger::{batch, contexts, page_view, pixel, post, sequence_number};
use super::{STREAMS, analytics_sdk, binary, enricher, environment};
use crate::house_rules::{read, tracked};
use crate::lambda::json_lines;
use crate::lambda::kinesis::{self, Moto};
use crate::lambda::process::{Ended, Function, TIME};

const BAD_ROWS: &str = "iglu:com.snowplowanalytics.snowplow.badrows";

/// What a stream holds, as text.
fn texts(moto: &Moto, stream: &str) -> Vec<String> {
    let records = moto.records(stream).into_iter();
    records.map(|record| String::from_utf8(record).expect("UTF-8")).collect()
}

/// The good stream's rows, which the analytics SDK takes, and the bad stream's bad rows.
fn outcomes(moto: &Moto) -> (Vec<String>, Vec<Value>) {
    let [good, bad] = STREAMS.map(|stream| texts(moto, stream));
    for row in &good {
        assert_eq!(row.split('\t').count(), 131, "{row}");
        assert!(!row.contains('\n'), "{row}");
    }
    analytics_sdk::check(&good);
    let bad: Vec<Value> = bad.iter().map(|row| serde_json::from_str(row).expect(row)).collect();
    for row in &bad {
        let schema = row["schema"].as_str().unwrap_or_default();
        assert!(schema.starts_with(BAD_ROWS) && row["data"].is_object(), "{row}");
    }
    (good, bad)
}

/// The kind of a bad row.
fn kind(bad: &Value) -> &str {
    bad["schema"].as_str().unwrap().split('/').nth(1).unwrap()
}

/// The lines of metrics; there is nothing else.
fn metrics(ended: &Ended) -> Vec<Value> {
    assert_eq!(ended.stderr, "");
    let lines = json_lines(&ended.stdout);
    for line in &lines {
        assert!(!line["_aws"]["CloudWatchMetrics"].is_null(), "{}", ended.stdout);
    }
    lines
}

fn complete() -> Value {
    json!({"batchItemFailures": []})
}

#[test]
fn a_batch_becomes_rows_and_bad_rows() {
    let moto = Moto::start(STREAMS);
    let mut variables = environment(moto.port);
    // The template gives ARNs; names are what local set-ups give. Both have to work.
    variables.retain(|(name, _)| *name != "STREAM_GOOD");
    variables.push(("STREAM_GOOD", moto.arn(STREAMS[0])));
    let mut enricher = Function::start(binary(), variables);
    let unknown = contexts(&[("com.nobody/never_seen/jsonschema/1-0-0", json!({"Vg7Kq2": 1}))]);
    let records = [
        pixel("e=pv&p=web&tv=js-4.6.0&aid=pixel&url=https%3A%2F%2Facme.example%2FVg7Kq2"),
        b"Vg7Kq2 is no payload".to_vec(),
        post(&[page_view("first Vg7Kq2"), page_view("second\t\u{1f680}")]),
        post(&[json!({"e": "pv", "p": "web", "tv": "t", "aid": "unknown", "co": unknown})]),
    ];
    assert_eq!(enricher.invoke(&batch(&records), TIME).unwrap(), complete());
    let ended = enricher.end();

    let (good, bad) = outcomes(&moto);
    let apps: Vec<_> = good.iter().map(|row| row.split('\t').next().unwrap()).collect();
    assert_eq!(apps, ["pixel", "gitlab", "gitlab"]);
    for row in &good[1..] {
        assert!(row.contains("/web_page/") && row.contains("/gitlab_standard/"), "{row}");
    }
    let kinds: Vec<_> = bad.iter().map(kind).collect();
    assert_eq!(kinds, ["collector_payload_format_violation", "schema_violations"]);
    let said = &metrics(&ended)[..];
    let [said] = said else { panic!("one line of metrics: {}", ended.stdout) };
    for (name, value) in [("records", 4), ("goodEvents", 3), ("badEvents", 2)] {
        assert_eq!(said[name], value, "{name}: {said}");
    }
    assert!(!ended.stdout.contains("Vg7Kq2"), "{}", ended.stdout);
}

#[test]
fn every_sample_event_is_done_with() {
    let mut samples = tracked();
    samples.retain(|path| path.starts_with("events/enricher/"));
    println!("{} sample events", samples.len());
    let moto = Moto::start(STREAMS);
    let mut enricher = enricher(moto.port);
    let mut records = 0;
    for path in &samples {
        let event: Value = serde_json::from_str(&read(path)).unwrap();
        records += event["Records"].as_array().expect("a batch").len();
        let answer = enricher.invoke(&event.to_string(), TIME);
        assert_eq!(answer.expect(path), complete(), "{path}");
    }
    let ended = enricher.end();
    let (good, bad) = outcomes(&moto);
    let metrics = metrics(&ended);
    assert_eq!(metrics.len(), samples.len(), "one line of metrics each: {}", ended.stdout);
    let sum = |name: &str| metrics.iter().map(|line| line[name].as_u64().unwrap()).sum::<u64>();
    let counted =
        ["goodEvents", "badEvents", "records"].map(|name| usize::try_from(sum(name)).unwrap());
    assert_eq!(counted, [good.len(), bad.len(), records]);
    assert!(good.len() + bad.len() >= records, "every record leaves something");
}

#[test]
fn a_kinesis_out_of_reach_hands_the_batch_back_in_time() {
    let first = json!({"batchItemFailures": [{"itemIdentifier": sequence_number(0)}]});
    let records = [pixel("e=pv&p=web&tv=t"), post(&[page_view("x")]), b"no payload".to_vec()];
    for kinesis in [kinesis::closed(), kinesis::never_answering()] {
        let mut enricher = enricher(kinesis);
        let time = Duration::from_secs(4);
        // The first invocation waits for the start, which Lambda does not count.
        assert_eq!(enricher.invoke(&batch(&records), TIME).unwrap(), first);
        let started = Instant::now();
        assert_eq!(enricher.invoke(&batch(&records), time).unwrap(), first);
        assert!(started.elapsed() < time, "{:?}", started.elapsed());
        let ended = enricher.end();
        assert!(ended.stdout.contains("records are handed back"), "{}", ended.stdout);
        let lines = json_lines(&ended.stdout);
        let metrics: Vec<_> = lines.iter().filter(|line| !line["_aws"].is_null()).collect();
        assert_eq!(metrics.len(), 2, "{}", ended.stdout);
        for line in metrics {
            assert_eq!([&line["records"], &line["returnedRecords"]], [0, 3], "{line}");
        }
    }
}

#[test]
fn an_event_of_nobody_is_an_error_without_its_text_and_the_next_one_is_served() {
    let (kinesis, _) = kinesis::always_acknowledging();
    let mut enricher = enricher(kinesis);
    let secret = "Vg7Kq2Zx9";
    let good = batch(&[pixel("e=pv&p=web&tv=t")]);
    for malformed in [
        "{}",
        &format!("[\"{secret}\"]"),
        &format!("\"{secret}\""),
        &format!("{{\"Records\": \"{secret}\"}}"),
        &format!("{{\"Records\": [\"{secret}\"]}}"),
        &format!("{{\"Records\": [{{\"kinesis\": {{\"data\": \"{secret}\"}}}}]}}"),
        &format!("{{\"Records\": [{{\"Sns\": {{\"Message\": \"{secret}\"}}}}]}}"),
        &format!("{{\"Records\": [{{\"kinesis\": {{\"data\": \"{secret}"),
    ] {
        let error = enricher.invoke(malformed, TIME).expect_err(malformed);
        assert!(!error.contains(secret), "{malformed} -> {error}");
        let report: Value = serde_json::from_str(&error).expect("an error is JSON");
        assert!(report["errorType"].is_string(), "{error}");
        assert!(report["errorMessage"].as_str().unwrap().len() > 10, "{error}");
        assert_eq!(enricher.invoke(&good, TIME).unwrap(), complete());
    }
    let ended = enricher.end();
    assert!(!ended.stdout.contains(secret), "{}", ended.stdout);
    assert!(!ended.stderr.contains(secret), "{}", ended.stderr);
}

#[test]
fn data_that_is_no_base64_is_a_bad_row_and_not_a_loss() {
    let moto = Moto::start(STREAMS);
    let mut enricher = enricher(moto.port);
    let mut event: Value = serde_json::from_str(&batch(&[Vec::new(), Vec::new()])).unwrap();
    event["Records"][0]["kinesis"]["data"] = json!("%Vg7Kq2%");
    assert_eq!(enricher.invoke(&event.to_string(), TIME).unwrap(), complete());
    let ended = enricher.end();
    assert!(!ended.stdout.contains("Vg7Kq2"), "{}", ended.stdout);
    let (good, bad) = outcomes(&moto);
    assert_eq!(good.len(), 0);
    assert_eq!(bad.iter().map(kind).collect::<Vec<_>>(), ["collector_payload_format_violation"; 2]);
}

#[test]
fn nothing_of_a_payload_is_in_the_logs() {
    let tokens = ["QtQuery71", "QtBody72", "QtEntity73", "QtBroken74", "QtSchema75", "QtLong76"];
    let [query, body, entity, broken, schema, long] = tokens;
    let unknown =
        contexts(&[(&format!("com.{schema}/x/jsonschema/1-0-0"), json!({entity: entity}))]);
    let records = [
        pixel(&format!("e=pv&p=web&tv=t&uid={query}&url=https%3A%2F%2F{query}.example%2F")),
        pixel(&format!("e={query}&p={query}&tid={query}&cx={query}")),
        post(&[page_view(body), json!({"e": "ue", "p": "web", "tv": "t", "ue_pr": body})]),
        post(&[json!({"e": "pv", "p": "web", "tv": "t", "co": unknown})]),
        post(&[json!({"e": "pv", "p": "web", "tv": "t", "aid": long.repeat(1_000)})]),
        broken.as_bytes().to_vec(),
    ];
    // Where all is well, and where records are refused.
    for kinesis in [kinesis::always_acknowledging().0, kinesis::closed()] {
        let mut variables = environment(kinesis);
        variables.retain(|(name, _)| *name != "AWS_LAMBDA_LOG_LEVEL");
        variables.push(("AWS_LAMBDA_LOG_LEVEL", "DEBUG".to_owned()));
        variables.push(("RUST_LOG", "trace".to_owned()));
        let mut enricher = Function::start(binary(), variables);
        enricher.invoke(&batch(&records), Duration::from_secs(4)).unwrap();
        let ended = enricher.end();
        assert!(!json_lines(&ended.stdout).is_empty());
        for token in tokens.iter().chain(&["198.51.100.23", "c.acme.example"]) {
            assert!(!ended.stdout.contains(token), "{token}: {}", ended.stdout);
            assert!(!ended.stderr.contains(token), "{token}: {}", ended.stderr);
        }
    }
}
