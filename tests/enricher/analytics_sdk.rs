//! Rows as Snowplow's analytics SDK for Python reads them.

use std::io::Write as _;
use std::path::Path;
use std::process::{Child, Command, Output, Stdio};

use enriched_event::{Column, EnrichedEvent, SdkFlavour};
use serde_json::{Map, Value};

use crate::house_rules::{read, root, tracked};
use crate::lambda::kinesis::tool;
use crate::pipeline::whiteout;

/// What the SDK makes of each row; fails at one that it refuses, or reads otherwise than we do.
pub(super) fn check(rows: &[String]) -> Vec<Map<String, Value>> {
    if rows.is_empty() {
        return Vec::new();
    }
    let output = transform(&(rows.join("\n") + "\n"));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "the SDK refuses {message}");
    let events: Vec<Map<String, Value>> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(events.len(), rows.len());
    let differences: Vec<String> =
        rows.iter().zip(&events).flat_map(|(row, event)| differences(row, event)).collect();
    assert!(differences.is_empty(), "{}", differences.join("\n"));
    events
}

/// Runs rows through the SDK.
fn transform(rows: &str) -> Output {
    let mut python = Command::new(tool("analytics-sdk", "python"))
        .arg(root().join("tests/analytics_sdk/check.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    fed(&mut python, rows);
    python.wait_with_output().unwrap()
}

/// Writes to a program from a thread of its own, so that nobody waits for its output meanwhile.
fn fed(program: &mut Child, text: &str) {
    let (mut stdin, text) = (program.stdin.take().unwrap(), text.to_owned());
    // A program that ends early says why; that it did not read all is no news.
    std::thread::spawn(move || stdin.write_all(text.as_bytes()).ok());
}

/// Where the SDK's JSON and ours, and the row itself, do not agree.
fn differences(row: &str, sdk: &Map<String, Value>) -> Vec<String> {
    let event = EnrichedEvent::parse_tsv(row).expect("131 columns");
    let id = event.get(Column::EventId);
    let mut found = Vec::new();
    for column in [Column::EventId, Column::AppId, Column::Platform] {
        let said = sdk.get(column.name()).and_then(Value::as_str);
        if said != event.filled(column) {
            found.push(format!("{id} {column}: the SDK says {said:?}"));
        }
    }
    let ours = match event.to_sdk_json(SdkFlavour::Python) {
        Ok(json) => serde_json::from_str::<Map<String, Value>>(json.get()).unwrap(),
        Err(defects) => {
            found.extend(defects.iter().map(|defect| format!("{id}: {defect}")));
            return found;
        }
    };
    for name in ours.keys().chain(sdk.keys().filter(|name| !ours.contains_key(*name))) {
        let (we, they) = (ours.get(name), sdk.get(name));
        if we != they {
            found.push(format!("{id} {name}: we say {we:?}, the SDK says {they:?}"));
        }
    }
    found
}

/// `whiteout enrich` over lines of written payloads.
fn enrich(payloads: &str) -> Output {
    let mut whiteout = Command::new(whiteout())
        .args(["enrich", "--format", "jsonl", "--output", "tsv"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    fed(&mut whiteout, payloads);
    whiteout.wait_with_output().unwrap()
}

/// The number of events in a written payload: those of a tracker's body, or the one of its query.
fn event_count(payload: &str) -> usize {
    let payload: Value = serde_json::from_str(payload).unwrap();
    let body = payload["body"].as_str().unwrap_or("null");
    let body: Value = serde_json::from_str(body).unwrap();
    body["data"].as_array().map_or(1, Vec::len)
}

#[test]
fn the_sdk_reads_every_row_as_we_do() {
    let is_case = |path: &&String| {
        let path = Path::new(path);
        path.parent() == Some(Path::new("tests/cases/enricher"))
            && path.extension().is_some_and(|extension| extension == "jsonl")
    };
    let mut payloads = 0;
    for path in tracked().iter().filter(is_case) {
        let text = read(path);
        payloads += text.lines().count();
        let output = enrich(&text);
        assert!(output.status.success(), "{path}: {:?}", output.status);
        let bad = String::from_utf8_lossy(&output.stderr);
        assert_eq!(bad, "", "{path}: every event is good");
        let rows = String::from_utf8(output.stdout).unwrap();
        // A row may hold any separator but a line feed, so these are no `lines`.
        let rows: Vec<String> = rows.split_terminator('\n').map(str::to_owned).collect();
        assert_eq!(rows.len(), text.lines().map(event_count).sum::<usize>(), "{path}");
        check(&rows);
    }
    assert!(payloads >= 25, "the payloads are there");
}

#[test]
fn a_row_that_the_sdk_refuses_is_named_by_its_number() {
    let good = "\t".repeat(130);
    let output = transform(&format!("{good}\n{good}\t\n{good}\n"));
    assert_eq!(output.status.code(), Some(1));
    let message = String::from_utf8_lossy(&output.stderr);
    assert!(message.starts_with("row 2: ") && message.contains("131 fields"), "{message}");
}
