//! How much memory the largest batches take that Firehose hands over.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::function::KeyFile;
use super::{binary, delivered, environment};
use crate::house_rules::read;
use crate::lambda::kinesis;
use crate::lambda::process::{Function, TIME};

/// Beyond what the function has when it waits: the event, the answer, and what the runtime makes of both.
const KILOBYTES_MAX: usize = 64 * 1024;
const EVENT_BYTES_MAX: usize = 6_291_456;

#[test]
fn memory_stays_small_over_the_largest_batch() {
    let key = KeyFile::new("memory");
    let source = format!("file:{}", key.0.display());
    let (kinesis, put_back) = kinesis::always_acknowledging();
    let mut function = Function::start(binary(), environment(kinesis, &source));
    let sample = read("events/pseudonymizer/enriched-good-page-view.json");
    let small: Value = serde_json::from_str(&sample).unwrap();
    function.invoke(&small.to_string(), TIME).unwrap();
    let idle = function.memory_kilobytes(["VmRSS", "VmHWM"]);

    let record = &small["records"][0];
    let count = (EVENT_BYTES_MAX - 10_000) / (record.to_string().len() + 1);
    let mut event = small.clone();
    event["records"] = (0..count)
        .map(|number| {
            let mut record = record.clone();
            record["recordId"] = json!(format!("4954647627421849081743731029683{number:025}"));
            record
        })
        .collect();
    let text = event.to_string();
    assert!((6_000_000..EVENT_BYTES_MAX).contains(&text.len()), "{}", text.len());
    let started = Instant::now();
    let answer = function.invoke(&text, Duration::from_mins(1)).unwrap();
    let millis = started.elapsed().as_millis();
    // Such a batch swells beyond the limit, so some of it goes back, which takes memory as well.
    let put_back = put_back.load(Ordering::SeqCst);
    assert_eq!(delivered(&event, &answer).lines().count() + put_back, count);
    let most = function.memory_kilobytes(["VmRSS", "VmHWM"]);
    let ended = function.end();
    let (Some([idle, _]), Some([_, most])) = (idle, most) else {
        println!("this system does not say how much memory a process has");
        return;
    };
    println!("{count} rows in {} bytes, {put_back} of them put back, {millis} ms", text.len());
    println!("{idle} kB idle, at most {most} kB");
    assert!(most - idle < KILOBYTES_MAX, "{idle} kB idle, {most} kB: {}", ended.stdout);
}
