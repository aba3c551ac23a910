//! The pseudonymizer as Lambda runs it, below a Runtime API, with its key in Secrets Manager.

mod function;
mod memory;

use std::path::PathBuf;
use std::sync::OnceLock;

use base64_simd::STANDARD;
use serde_json::Value;

use crate::lambda::process;

const STREAMS: [&str; 2] = ["whiteout-enriched-good", "whiteout-enriched-bad"];
const KEY: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

fn binary() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| process::binary("pseudonymizer")).clone()
}

/// The environment with AWS on this port and the key there.
fn environment(aws: u16, key_source: &str) -> Vec<(&'static str, String)> {
    let mut variables = process::environment("pseudonymizer", STREAMS, aws);
    variables.retain(|(name, _)| !name.starts_with("STREAM_"));
    for (name, value) in [
        ("ENRICHED_GOOD_STREAMS", STREAMS[0]),
        ("ENRICHED_BAD_STREAMS", STREAMS[1]),
        ("RAW_BAD_STREAMS", "whiteout-raw-bad"),
        ("POLICY", "gitlab"),
        ("KEY_SOURCE", key_source),
    ] {
        variables.push((name, value.to_owned()));
    }
    variables
}

/// What an answer delivers: every record must be named in order, and be answered.
fn delivered(event: &Value, answer: &Value) -> String {
    let ids = |it: &Value| -> Vec<Value> {
        let records = it["records"].as_array().expect("records");
        records.iter().map(|record| record["recordId"].clone()).collect()
    };
    assert_eq!(ids(answer), ids(event));
    let mut text = String::new();
    for record in answer["records"].as_array().unwrap() {
        if record["result"] == "Dropped" {
            continue;
        }
        assert_eq!(record["result"], "Ok", "{record}");
        let data = STANDARD.decode_to_vec(record["data"].as_str().unwrap()).unwrap();
        text.push_str(str::from_utf8(&data).unwrap());
        assert!(text.ends_with('\n'), "{record}");
    }
    text
}
