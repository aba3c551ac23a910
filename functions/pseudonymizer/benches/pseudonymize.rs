//! Rows a second of the pseudonymizer on one core, beside what cannot be avoided and beside a peer in Python.
//!
//! The floor decodes and encodes every record's base64 once and makes one HMAC for each value that
//! becomes a pseudonym. Both are measured in turn and the smallest time counts. The peer in
//! `benches/peers` does the same policy on the same event, and must give the same rows.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::cast_precision_loss,
    reason = "a bench prints its figures and may fail loudly"
)]

#[path = "pseudonymize/rows.rs"]
mod rows;

use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};

use base64_simd::STANDARD;
use function_env::{Log, Variables};
use futures_util::FutureExt as _;
use hmac::{Hmac, KeyInit as _, Mac as _};
use privacy::{Key, Keyed, Policy, Rewriter};
use pseudonymizer::{Config, Edges, Keys, Pseudonymizer};
use rustix::time::{ClockId, clock_gettime};
use sha2::Sha256;

const ROUNDS: usize = 15;
/// Of about 2 KB each, so that a batch is what Firehose buffers by default.
const ROWS: usize = 500;
const KEY: &str = "9f86d081884c7d659a2feaa0c55ad015";
const PEER_SECONDS: &str = "5";

fn main() {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pseudonymize");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("key"), KEY).unwrap();
    println!(
        "{:<28} {:>10} {:>10} {:>7} {:>8} {:>12}",
        "batches of rows", "a row", "floor", "ratio", "hidden", "rows a second"
    );
    let rows: Vec<String> = (0..ROWS).map(rows::row).collect();
    let ours = line("gitlab", "gitlab", &folder, &rows);
    line("strict", "strict", &folder, &rows);
    println!();
    let strangers: Vec<String> = (0..ROWS).map(rows::of_stranger).collect();
    line("one row of each visitor", "gitlab", &folder, &strangers);
    for (name, count) in [("a tenth of the rows", ROWS / 10), ("three times the rows", ROWS * 3)] {
        let rows: Vec<String> = (0..count).map(rows::row).collect();
        line(name, "gitlab", &folder, &rows);
    }
    for (name, more) in [("10 fields more in extra", 10), ("40 fields more in extra", 40)] {
        let rows: Vec<String> = (0..ROWS).map(|place| rows::with_extra(place, more)).collect();
        line(name, "gitlab", &folder, &rows);
    }
    peer(&folder, &rows, ours);
}

/// Nanoseconds a row.
fn line(name: &str, policy: &str, folder: &Path, rows: &[String]) -> f64 {
    let event = event(rows);
    let function = function(policy, &folder.join("key"));
    let answer = answer(&function, &event);
    let hidden = hidden(policy, rows);
    let count = rows.len() as f64;
    let ours = nanos(|| black_box(self::answer(&function, black_box(&event)))) / count;
    let floor = nanos(|| black_box(floor(&answer, hidden))) / count;
    println!(
        "{name:<28} {:>10} {:>10} {:>7.2} {:>8.1} {:>12.0}",
        format!("{:.2} us", ours / 1e3),
        format!("{:.2} us", floor / 1e3),
        ours / floor,
        hidden as f64 / count,
        1e9 / ours
    );
    ours
}

type Function = Box<dyn Fn(&str) -> String>;

fn function(policy: &str, key: &Path) -> Function {
    let variables = Variables::from([
        ("POLICY", policy),
        ("KEY_SOURCE", &format!("file:{}", key.display())),
        ("ENRICHED_GOOD_STREAMS", "enriched-good"),
    ]);
    let config = Config::from_variables(&variables).expect("a configuration");
    let fetch = |_| std::future::ready(Err("there is no service".to_owned()));
    let keys = Keys::new(&config.key_source, config.key_ttl, fetch);
    let log = Log::new("pseudonymizer", &Variables::from([("AWS_LAMBDA_LOG_LEVEL", "ERROR")]));
    let edges = Edges { log, emit: |_| {}, origins: rows::Nowhere };
    let function = Pseudonymizer::new(config, keys, edges);
    Box::new(move |event| {
        let deadline = Instant::now() + Duration::from_mins(1);
        let answer = function.handle(event.as_bytes(), "bench", deadline);
        answer.now_or_never().expect("no waiting").expect("an answer")
    })
}

fn answer(function: &Function, event: &str) -> String {
    function(event)
}

/// The trigger event that Firehose would send.
fn event(rows: &[String]) -> String {
    let records: Vec<_> = rows.iter().enumerate().map(|(place, row)| {
        let data = STANDARD.encode_to_string(row);
        format!(r#"{{"recordId":"4954663000{place:010}","approximateArrivalTimestamp":1763625600000,"data":"{data}","kinesisRecordMetadata":{{"sequenceNumber":"4954{place:010}","subsequenceNumber":0,"shardId":"shardId-000000000000","partitionKey":"{place}","approximateArrivalTimestamp":1763625600000}}}}"#)
    }).collect();
    format!(
        r#"{{"invocationId":"bench","deliveryStreamArn":"arn:aws:firehose:eu-west-1:123456789012:deliverystream/enriched-good","sourceKinesisStreamArn":"arn:aws:kinesis:eu-west-1:123456789012:stream/enriched-good","region":"eu-west-1","records":[{}]}}"#,
        records.join(",")
    )
}

/// How many values become pseudonyms.
fn hidden(policy: &str, rows: &[String]) -> usize {
    let policy = Policy::parse(privacy::shipped(policy).expect("shipped")).expect("a policy");
    let key = Key::new("k1", KEY.as_bytes().to_vec()).expect("a key");
    let mut rewriter = Rewriter::new(&policy, Keyed::new(&policy, &key), "k1");
    for row in rows {
        rewriter.row(row.as_bytes(), &mut String::new()).expect("a row");
    }
    usize::try_from(rewriter.tally().pseudonymized).unwrap()
}

/// Base64 both ways, and one HMAC for each hidden value.
fn floor(answer: &str, hidden: usize) -> usize {
    let key = Hmac::<Sha256>::new_from_slice(KEY.as_bytes()).unwrap();
    let mut bytes = 0;
    let hidden = (0..hidden).map(|_| {
        let mut mac = key.clone();
        mac.update(black_box(b"6f2d6c0e-93a4-4a7a-8f4c-000000000001"));
        usize::from(mac.finalize().into_bytes()[0])
    });
    for row in rows_of(answer) {
        let decoded = STANDARD.decode_to_vec(row).unwrap();
        bytes += STANDARD.encode_to_string(&decoded).len();
    }
    bytes + hidden.sum::<usize>()
}

/// The data of an answer's records.
fn rows_of(answer: &str) -> Vec<&str> {
    answer.split("\"data\":\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect()
}

/// The same work in Python, if it is installed (`make bench` sees to that).
fn peer(folder: &Path, rows: &[String], ours: f64) {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let Some(python) = python(&root) else { return println!("\nno Python to compare with") };
    let (event_file, answer_file) = (folder.join("event.json"), folder.join("answer.json"));
    let event = event(rows);
    std::fs::write(&event_file, &event).unwrap();
    let run = |arguments: &[&str]| {
        let output = Command::new(&python)
            .arg(root.join("benches/peers/pseudonymize.py"))
            .args(arguments)
            .env("POLICY_FILE", root.join("policies/gitlab.yaml"))
            .env("KEY_FILE", folder.join("key"))
            .output()
            .expect("Python runs");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    };
    let path = |path: &Path| path.to_str().unwrap().to_owned();
    run(&["run", &path(&event_file), &path(&answer_file)]);
    let theirs: serde_json::Value =
        serde_json::from_str(&std::fs::read_to_string(&answer_file).unwrap()).unwrap();
    let answer = answer(&function("gitlab", &folder.join("key")), &event);
    let own: serde_json::Value = serde_json::from_str(&answer).unwrap();
    let data = |answer: &serde_json::Value| -> Vec<String> {
        let records = answer["records"].as_array().unwrap();
        records.iter().map(|record| record["data"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(data(&own), data(&theirs), "both give the same rows");
    let figures: serde_json::Value =
        serde_json::from_str(&run(&["time", &path(&event_file), PEER_SECONDS])).unwrap();
    let rows_a_second = figures["rows_per_second"].as_f64().unwrap();
    println!(
        "\nthe same in Python, the same bytes: {rows_a_second:.0} rows a second, {:.1} times as long",
        1e9 / rows_a_second / ours
    );
}

fn python(root: &Path) -> Option<PathBuf> {
    let found = Command::new(root.join("tools/install.sh")).args(["--path", "peers"]).output();
    let folder = String::from_utf8(found.ok()?.stdout).ok()?;
    Some(PathBuf::from(folder.trim()).join("python")).filter(|python| python.exists())
}

/// The smallest CPU time of one run, in nanoseconds.
fn nanos<T>(mut run: impl FnMut() -> T) -> f64 {
    (0..ROUNDS).map(|_| nanos_once(&mut run)).fold(f64::INFINITY, f64::min)
}

fn nanos_once<T>(run: &mut impl FnMut() -> T) -> f64 {
    let clock = || {
        let at = clock_gettime(ClockId::ThreadCPUTime);
        at.tv_sec as f64 * 1e9 + at.tv_nsec as f64
    };
    let start = clock();
    let mut runs = 0.0;
    while clock() - start < 20e6 {
        black_box(run());
        runs += 1.0;
    }
    (clock() - start) / runs
}
