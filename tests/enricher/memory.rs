//! How much memory the largest batches take that Lambda delivers.

use std::sync::atomic::Ordering;
use std::time::Duration;

use serde_json::{Value, json};

use super::{enricher, trigger};
use crate::lambda::json_lines;
use crate::lambda::kinesis;

/// Lambda's smallest function has 128 MB.
const MEMORY_KILOBYTES_MAX: usize = 100 * 1024;
/// What Lambda delivers at most, of which base64 takes a quarter.
const EVENT_BYTES_MAX: usize = 6 * 1024 * 1024;
/// Room for what stands around a record.
const FRAME_BYTES: usize = 2_048;
const MANY_SECONDS: Duration = Duration::from_mins(1);

/// One record that fills a whole batch with such events, and their number.
fn largest(event: &Value) -> (String, usize) {
    let payload_bytes = (EVENT_BYTES_MAX - FRAME_BYTES) / 4 * 3;
    // Less what stands around the events.
    let count = (payload_bytes - 1_024) / (event.to_string().len() + 1);
    let batch = trigger::batch(&[trigger::post(&vec![event.clone(); count])]);
    let room = EVENT_BYTES_MAX - batch.len();
    assert!(room < 8_192, "{room} bytes are left for more");
    (batch, count)
}

fn check(what: &str, event: &Value) {
    let (port, acknowledged) = kinesis::always_acknowledging();
    let mut enricher = enricher(port);
    let (batch, count) = largest(event);
    let answer = enricher.invoke(&batch, MANY_SECONDS).unwrap();
    let memory = enricher.memory_kilobytes(["VmRSS", "VmHWM"]);
    let ended = enricher.end();
    assert_eq!(answer, json!({"batchItemFailures": []}), "{}", ended.stdout);
    assert_eq!(acknowledged.load(Ordering::SeqCst), count);
    assert_eq!(json_lines(&ended.stdout)[0]["goodEvents"], count, "{}", ended.stdout);
    let Some([_, most]) = memory else {
        println!("this system does not say how much memory a process has");
        return;
    };
    println!("{count} {what} in a batch of {} bytes: at most {most} kB", batch.len());
    assert!(most < MEMORY_KILOBYTES_MAX, "{most} kB for {count} {what}");
}

const ID: &str = "5f3b1d7e-2c4a-4e8f-9b6d-1a2b3c4d5e6f";

#[test]
fn memory_stays_small_over_a_body_of_page_views() {
    let mut event = trigger::page_view("Überblick");
    event["eid"] = json!(ID);
    check("page views with entities", &event);
}

#[test]
fn memory_stays_small_over_a_body_of_small_events() {
    check("small events with ids", &json!({"e": "pv", "p": "web", "tv": "t", "eid": ID}));
}

/// What an id is derived from must not be made again for every event: the time would grow with the
/// square of their number, until no function can be done with the batch.
#[test]
fn memory_and_time_stay_small_over_a_body_of_the_smallest_events() {
    check("smallest events, without ids", &json!({"e": "pv", "p": "web", "tv": "t"}));
}
