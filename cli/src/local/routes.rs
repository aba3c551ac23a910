//! What the local pipeline answers: its own paths, and everything that the collector answers.

use std::time::{Duration, Instant};

use base64_simd::STANDARD;
use collector::request::{Method, Request};
use collector::response::{Body, Response};
use record_sink::MemorySink;

use super::Pipeline;

/// As long as a function behind API Gateway would have.
const DEADLINE: Duration = Duration::from_secs(10);

impl Pipeline {
    /// Answers one request.
    pub(crate) async fn answer(&self, request: &Request<'_>) -> Response {
        match request.path.strip_prefix("/whiteout/") {
            Some(path) => self.own_page(request.method, path),
            None => self.collector.respond(request, "", Instant::now() + DEADLINE).await,
        }
    }

    fn own_page(&self, method: Method, path: &str) -> Response {
        let mut response = match (method, path) {
            (Method::Get | Method::Head, "streams/raw-good") => records(self.collector.good()),
            (Method::Get | Method::Head, "streams/raw-bad") => records(self.collector.bad()),
            (Method::Post, "reset") => {
                self.collector.good().clear();
                self.collector.bad().clear();
                Response::text(200, "streams are empty")
            }
            (Method::Options, _) => {
                let mut response = Response::new(200, Body::Empty);
                response.add("Access-Control-Allow-Headers", "Content-Type");
                response
            }
            _ => Response::text(
                404,
                "here are GET /whiteout/streams/raw-good, GET /whiteout/streams/raw-bad and POST /whiteout/reset",
            ),
        };
        // Tests in a browser read these from the page that they test.
        response.add("Access-Control-Allow-Origin", "*");
        response
    }
}

/// A stream as JSON lines, oldest record first.
fn records(stream: &MemorySink) -> Response {
    let mut lines = String::new();
    for stored in stream.snapshot() {
        let line = serde_json::json!({
            "sequence": stored.sequence,
            "partitionKey": stored.record.partition_key,
            "data": STANDARD.encode_to_string(&stored.record.data),
        });
        lines.push_str(&line.to_string());
        lines.push('\n');
    }
    let mut response = Response::new(200, Body::Text(lines.into()));
    response.add("Content-Type", "application/x-ndjson");
    response
}
