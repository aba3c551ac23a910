//! The files in `tests/cases/micro/`: what is sent, what is asked, and what is to be answered.
//!
//! Each file is one case in a space of its own; all of them run at the same time against one pipeline
//! for each generation of the API. A step has `send` (events for one request) or `ask` (method and
//! path, with `body` or `text`), and says of the answer its `status` (200 if nothing is said), what its
//! JSON `is`, what it `has` (values by JSON pointers), how many items there are (`counts`, by
//! pointers), and what its text or head `says`.

use std::thread;

use serde_json::{Value, json};

use super::{PAYLOAD_DATA, TP2, ask};
use crate::house_rules::root;
use crate::pipeline::Pipeline;

#[test]
fn every_case_is_answered_as_it_says() {
    let folder = root().join("tests/cases/micro");
    let mut files: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let pipelines = [Pipeline::start(&["--micro-api", "3"]), Pipeline::start(&[])];
    let findings: Vec<String> = thread::scope(|scope| {
        let run = |file: std::path::PathBuf| {
            let pipelines = &pipelines;
            scope.spawn(move || {
                let case: Value =
                    serde_json::from_str(&std::fs::read_to_string(&file).unwrap()).unwrap();
                let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
                let api = usize::from(case["api"] != 3);
                findings(&pipelines[api], &name, case["steps"].as_array().unwrap())
            })
        };
        let running: Vec<_> = files.into_iter().map(run).collect();
        assert!(running.len() >= 20, "{}", running.len());
        running.into_iter().flat_map(|case| case.join().unwrap()).collect()
    });
    assert!(findings.is_empty(), "{}", findings.join("\n"));
}

fn findings(pipeline: &Pipeline, name: &str, steps: &[Value]) -> Vec<String> {
    let space = format!("X-Whiteout-Space: {name}\r\n");
    let mut findings = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        let (method, path, body, extra) = request(step);
        let headers = format!("{space}{extra}");
        let answer = ask(pipeline, (method, path), &headers, &body);
        let mut wrong = |what: String| {
            let body = answer.body.chars().take(2_000).collect::<String>();
            findings.push(format!("{name}, step {index} ({method} {path}): {what}; got {body}"));
        };
        let status = step["status"].as_u64().unwrap_or(200);
        if u64::from(answer.status) != status {
            wrong(format!("status {} instead of {status}", answer.status));
        }
        let json: Value = serde_json::from_str(&answer.body).unwrap_or(Value::Null);
        if let Some(expected) = step.get("is")
            && json != *expected
        {
            wrong(format!("it is not {expected}"));
        }
        for (pointer, expected) in step["has"].as_object().into_iter().flatten() {
            if json.pointer(pointer) != Some(expected) {
                wrong(format!("{pointer} is {:?} instead of {expected}", json.pointer(pointer)));
            }
        }
        for (pointer, expected) in step["counts"].as_object().into_iter().flatten() {
            let count = json.pointer(pointer).and_then(Value::as_array).map(Vec::len);
            if count.map(|count| json!(count)) != Some(expected.clone()) {
                wrong(format!("{pointer} has {count:?} items instead of {expected}"));
            }
        }
        for text in step["says"].as_array().into_iter().flatten() {
            let text = text.as_str().unwrap();
            if !answer.body.contains(text) && !answer.head.contains(text) {
                wrong(format!("it does not say {text}"));
            }
        }
    }
    findings
}

fn request(step: &Value) -> (&str, &str, String, String) {
    if let Some(events) = step.get("send") {
        let body = json!({"schema": PAYLOAD_DATA, "data": events}).to_string();
        return ("POST", TP2, body, "Content-Type: application/json\r\n".to_owned());
    }
    let (method, path) = step["ask"].as_str().unwrap().split_once(' ').unwrap();
    let body = match (step.get("body"), step.get("text")) {
        (Some(json), _) => json.to_string(),
        (None, Some(text)) => text.as_str().unwrap().to_owned(),
        (None, None) => String::new(),
    };
    let headers = step["headers"].as_array().into_iter().flatten();
    let headers = headers.flat_map(|line| [line.as_str().unwrap(), "\r\n"]).collect();
    (method, path, body, headers)
}
