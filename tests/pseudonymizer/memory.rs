//! How much memory the largest batches take that Firehose hands over.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use base64_simd::STANDARD;
use enriched_event::Column;
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

/// Whoever sends an event chooses the keys in it: one of them is long here, with very many values
/// below it, and the scheme is the one in which every place has a key of its own.
#[test]
fn memory_stays_small_whatever_keys_an_event_has() {
    let key = KeyFile::new("memory-keys");
    let source = format!("file:{}", key.0.display());
    let (kinesis, _) = kinesis::always_acknowledging();
    let mut environment = environment(kinesis, &source);
    environment.retain(|(name, _)| *name != "POLICY");
    environment.push(("POLICY", "strict".to_owned()));
    let mut function = Function::start(binary(), environment);
    let mut event: Value =
        serde_json::from_str(&read("events/pseudonymizer/enriched-good-page-view.json")).unwrap();
    function.invoke(&event.to_string(), TIME).unwrap();
    let idle = function.memory_kilobytes(["VmRSS", "VmHWM"]);

    let row = STANDARD.decode_to_vec(event["records"][0]["data"].as_str().unwrap()).unwrap();
    let row = String::from_utf8(row).unwrap();
    let leaves: Vec<String> = (0..12_000).map(|leaf| format!("\"{leaf}\":1")).collect();
    let contexts = format!(
        r#"{{"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0","data":[{{"schema":"iglu:com.acme/thing/jsonschema/1-0-0","data":{{"{}":{{{}}}}}}}]}}"#,
        "k".repeat(600_000),
        leaves.join(",")
    );
    let cells = row.trim_end().split('\t').enumerate();
    let cells: Vec<&str> = cells
        .map(|(place, cell)| if place == Column::Contexts.index() { &contexts } else { cell })
        .collect();
    event["records"][0]["data"] = json!(STANDARD.encode_to_string(cells.join("\t")));
    let answer = function.invoke(&event.to_string(), TIME).unwrap();
    assert_eq!(delivered(&event, &answer).lines().count(), 1);
    let most = function.memory_kilobytes(["VmRSS", "VmHWM"]);
    let ended = function.end();
    let (Some([idle, _]), Some([_, most])) = (idle, most) else {
        println!("this system does not say how much memory a process has");
        return;
    };
    println!("{idle} kB idle, at most {most} kB");
    assert!(most - idle < KILOBYTES_MAX, "{idle} kB idle, {most} kB: {}", ended.stdout);
}
