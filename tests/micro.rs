//! Snowplow Micro's API over `whiteout local`: what a test asks of it, answered as Micro answers.

mod cases;
mod output;
mod wait;

use std::io::Write as _;
use std::time::Duration;

use serde_json::{Value, json};

use crate::pipeline::{Pipeline, read_all};

pub(crate) const TP2: &str = "/com.snowplowanalytics.snowplow/tp2";
const PAYLOAD_DATA: &str = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4";

/// Longer than any wait of these tests; only one that fails takes it.
const PATIENCE: Duration = Duration::from_mins(1);

/// An answer: status, header lines, body.
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|error| panic!("{error}: {}", self.body))
    }
}

/// Asks with the older protocol, whose answers have no chunks.
pub(crate) fn ask(pipeline: &Pipeline, request: (&str, &str), headers: &str, body: &str) -> Answer {
    let (method, path) = request;
    let head = format!(
        "{method} {path} HTTP/1.0\r\nHost: local\r\n{headers}Content-Length: {}\r\n\r\n",
        body.len()
    );
    let mut stream = pipeline.connect();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
    let text = read_all(stream);
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Answer { status, head: head.to_owned(), body: body.to_owned() }
}

pub(crate) fn get(pipeline: &Pipeline, path: &str) -> Value {
    let answer = ask(pipeline, ("GET", path), "", "");
    assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    answer.json()
}

/// Sends events in one request.
pub(crate) fn track(pipeline: &Pipeline, events: &Value) {
    let body = json!({"schema": PAYLOAD_DATA, "data": events}).to_string();
    let answer = ask(pipeline, ("POST", TP2), "Content-Type: application/json\r\n", &body);
    assert_eq!(answer.status, 200, "{}", answer.body);
}
