//! An answer of 200 means that every record is safe: shown over streams that fail in every way.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "helpers of a test may fail as loudly as the test"
)]

use std::future::Future;
use std::sync::Mutex;
use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use collector::request::{Method, Request};
use collector::response::Response;
use collector::{Collector, Config};
use function_env::{Log, Variables};
use proptest::prelude::*;
use record_sink::{Record, RecordSink, WriteError, WriteReport};

/// A stream that acknowledges what its script says; where the script ends, it says nothing more.
struct Scripted {
    acknowledges: Vec<bool>,
    stored: Mutex<Vec<Record>>,
    healthy: bool,
}

impl Scripted {
    fn new(acknowledges: &[bool]) -> Self {
        let stored = Mutex::new(Vec::new());
        Self { acknowledges: acknowledges.to_vec(), stored, healthy: true }
    }

    fn stored(&self) -> usize {
        self.stored.lock().unwrap().len()
    }
}

impl RecordSink for Scripted {
    async fn write(&self, records: Vec<Record>, _deadline: Instant) -> WriteReport {
        let mut report = WriteReport::default();
        for (record, acknowledged) in records.into_iter().zip(&self.acknowledges) {
            report.results.push(if *acknowledged {
                self.stored.lock().unwrap().push(record);
                Ok(())
            } else {
                Err(WriteError::Refused("ProvisionedThroughputExceededException".into()))
            });
        }
        report
    }

    async fn is_healthy(&self, _deadline: Instant) -> bool {
        self.healthy
    }
}

fn collector(settings: &[(&str, &str)], good: Scripted, bad: Scripted) -> Collector<Scripted> {
    let mut variables = Variables::from([("STREAM_GOOD", "good"), ("STREAM_BAD", "bad")]);
    for (name, value) in settings {
        variables.set(*name, *value);
    }
    let config = Config::from_variables(&variables).unwrap();
    Collector::new(config, Log::silent("collector"), good, bad)
}

fn respond(collector: &Collector<Scripted>, method: Method, path: &str, body: &[u8]) -> Response {
    let request = Request {
        method,
        path: path.into(),
        query: None,
        headers: vec![("Origin".into(), "https://acme.com".into())],
        body: body.into(),
        peer: None,
    };
    let deadline = Instant::now() + Duration::from_secs(1);
    let mut response = Box::pin(collector.respond(&request, "r-1", deadline));
    match response.as_mut().poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(response) => response,
        Poll::Pending => panic!("a scripted stream never waits"),
    }
}

/// A tp2 body with events of these lengths.
fn body(lengths: &[usize]) -> Vec<u8> {
    let events: Vec<String> = lengths
        .iter()
        .map(|length| format!(r#"{{"e":"pv","tv":"{}"}}"#, "x".repeat(*length)))
        .collect();
    let schema = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4";
    format!(r#"{{"schema":"{schema}","data":[{}]}}"#, events.join(",")).into_bytes()
}

#[test]
fn a_refused_record_makes_the_tracker_come_again() {
    let collector = collector(&[], Scripted::new(&[false]), Scripted::new(&[]));
    let response = respond(&collector, Method::Get, "/i", b"");
    assert_eq!(response.status, 503);
    let header = |name: &str| {
        response.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_ref())
    };
    assert_eq!(header("Access-Control-Allow-Origin"), Some("https://acme.com"));
    assert_eq!(header("Set-Cookie"), None, "a visitor whose event was not taken gets no cookie");
}

#[test]
fn a_stream_that_says_nothing_has_acknowledged_nothing() {
    let collector = collector(&[], Scripted::new(&[]), Scripted::new(&[]));
    assert_eq!(respond(&collector, Method::Get, "/i", b"").status, 503);
}

#[test]
fn the_health_of_the_streams_is_their_own_word() {
    for (good, bad, status) in [(true, true, 200), (false, true, 503), (true, false, 503)] {
        let stream = |healthy| Scripted { healthy, ..Scripted::new(&[]) };
        let collector = collector(&[], stream(good), stream(bad));
        assert_eq!(respond(&collector, Method::Get, "/sink-health", b"").status, status);
        assert_eq!(respond(&collector, Method::Get, "/health", b"").status, 200);
    }
}

#[test]
fn what_writes_nothing_needs_no_stream() {
    let collector = collector(&[], Scripted::new(&[]), Scripted::new(&[]));
    for (method, path, status) in [
        (Method::Options, "/i", 200),
        (Method::Get, "/robots.txt", 200),
        (Method::Get, "/nothing", 404),
        (Method::Get, "/r/tp2", 404),
    ] {
        assert_eq!(respond(&collector, method, path, b"").status, status, "{path}");
    }
}

proptest! {
    #[test]
    fn never_200_unless_every_record_is_acknowledged(
        lengths in prop::collection::vec(0usize..3000, 1..20),
        good in prop::collection::vec(any::<bool>(), 40),
        bad in prop::collection::vec(any::<bool>(), 40),
        always_good in any::<bool>(),
        always_bad in any::<bool>(),
    ) {
        let good: Vec<bool> = good.into_iter().map(|acked| acked || always_good).collect();
        let bad: Vec<bool> = bad.into_iter().map(|acked| acked || always_bad).collect();
        let limit = [("STREAM_GOOD_RECORD_BYTES_MAX", "2500")];
        let body = body(&lengths);
        let all = collector(&limit, Scripted::new(&[true; 40]), Scripted::new(&[true; 40]));
        prop_assert_eq!(respond(&all, Method::Post, "/com.acme/v1", &body).status, 200);
        let wanted = (all.good().stored(), all.bad().stored());
        let some = collector(&limit, Scripted::new(&good), Scripted::new(&bad));
        let status = respond(&some, Method::Post, "/com.acme/v1", &body).status;
        let everything_is_safe = (some.good().stored(), some.bad().stored()) == wanted;
        prop_assert_eq!(status, if everything_is_safe { 200 } else { 503 });
    }
}
