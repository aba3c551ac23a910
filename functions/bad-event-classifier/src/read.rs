//! A line of a bad stream -> what it says, whatever its format and version.

mod described;
mod legacy;
mod report;
mod sender;
mod words;

use json_tree::{Json, Object};

use crate::failure::{Failure, Reading, Stage, cut};
use crate::pointer::Pointer;

/// How deep a bad event may nest; what is deeper is told like something unknown.
const DEPTH_MAX: usize = 128;
const BADROWS: &str = "com.snowplowanalytics.snowplow.badrows";
const QUARANTINE: (&str, &str) = ("io.whiteout", "quarantine");

/// Reads a line; there is none that cannot be read.
pub(crate) fn line(line: &[u8]) -> Reading {
    let Ok(text) = str::from_utf8(line) else { return other("no_json", "NotUtf8") };
    if text.trim().is_empty() {
        return other("no_json", "Empty");
    }
    let Ok(json) = Json::parse(text, DEPTH_MAX) else { return other("no_json", "NotJson") };
    let Some(row) = json.as_object() else { return other("unknown", "Shape") };
    if row.contains_key("line") && row.contains_key("errors") {
        return legacy::read(row);
    }
    if row.contains_key("rawData") || row.contains_key("lambdaArn") {
        return firehose(row);
    }
    let key = row.get("schema").and_then(Json::as_str).and_then(words::schema);
    match (key, row.get("data")) {
        (Some(key), Some(data)) if (key.vendor(), key.name()) == QUARANTINE => quarantine(data),
        (Some(key), Some(data)) if key.vendor() == BADROWS => described::read(key.name(), data),
        _ => other("unknown", "Shape"),
    }
}

fn other(kind: &'static str, code: &str) -> Reading {
    let failure = Failure { code: Some(code.to_owned()), ..Failure::default() };
    Reading { kind, failures: vec![failure], ..Reading::default() }
}

/// A record that Firehose gave up on.
fn firehose(row: &Object<'_>) -> Reading {
    let text = |key: &str| row.get(key).and_then(Json::as_str);
    let failure = Failure {
        code: text("errorCode").map(words::name),
        message: cut(text("errorMessage").unwrap_or_default()),
        ..Failure::default()
    };
    let stage = if row.contains_key("lambdaArn") { Stage::Pseudonymize } else { Stage::Load };
    Reading { kind: "firehose", stage, failures: vec![failure], ..Reading::default() }
}

/// A line that the pseudonymizer could not treat.
fn quarantine(data: &Json<'_>) -> Reading {
    let text = |key: &str| data.get(key).and_then(Json::as_str);
    let failure = Failure {
        code: words::code(text("reason").unwrap_or_default()),
        pointer: Pointer::parse(text("column").unwrap_or_default()),
        ..Failure::default()
    };
    let (kind, stage) = ("quarantine", Stage::Pseudonymize);
    Reading { kind, stage, failures: vec![failure], ..Reading::default() }
}
