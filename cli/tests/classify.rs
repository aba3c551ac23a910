//! `whiteout classify` as its users see it: one line out for each line in, schemas, rules, the table.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::Value;

/// Exit code, standard output and standard error.
fn classify(args: &[&str], input: &str) -> (i32, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_whiteout"));
    command.arg("classify").args(args);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A command that refuses its options reads nothing.
    child.stdin.take().unwrap().write_all(input.as_bytes()).ok();
    let output = child.wait_with_output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code().unwrap(), text(output.stdout), text(output.stderr))
}

fn lines(args: &[&str], input: &str) -> Vec<Value> {
    let (code, out, complaint) = classify(args, input);
    assert_eq!((code, complaint.as_str()), (0, ""));
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// A folder of its own for a test.
fn folder(name: &str) -> PathBuf {
    let path = std::env::temp_dir().join(format!("whiteout-{name}-{}", std::process::id()));
    std::fs::create_dir_all(&path).unwrap();
    path
}

fn row(field: &str) -> String {
    let report = format!(
        r#"{{"message":"","path":"$","keyword":"additionalProperties","targets":["{field}"]}}"#
    );
    format!(
        r#"{{"schema":"iglu:com.snowplowanalytics.snowplow.badrows/schema_violations/jsonschema/2-0-1","data":{{"failure":{{"messages":[{{"schemaKey":"iglu:com.acme/cart/jsonschema/1-0-0","error":{{"error":"ValidationError","dataReports":[{report}]}}}}]}},"payload":{{"enriched":{{"app_id":"shop"}}}}}}}}"#
    )
}

#[test]
fn each_line_has_its_line() {
    let families: Vec<_> = lines(&[], "alex\n\n{}\n[1]\n{\"line\":1,\"errors\":2}\nno end")
        .iter()
        .map(|line| line["family"].clone())
        .collect();
    assert_eq!(families, ["unknown"; 6]);
    assert_eq!(lines(&[], "").len(), 0);
}

#[test]
fn a_folder_tells_which_version_has_the_field() {
    let root = folder("classify-iglu");
    let schema = root.join("schemas/com.acme/cart/jsonschema");
    std::fs::create_dir_all(&schema).unwrap();
    std::fs::write(schema.join("1-0-1"), r#"{"properties":{"color":{}}}"#).unwrap();
    let path = root.to_string_lossy().into_owned();
    let without = &lines(&[], &row("color"))[0];
    let with = &lines(&["--iglu", &path], &row("color"))[0];
    let other = &lines(&["--iglu", &path], &row("size"))[0];
    std::fs::remove_dir_all(&root).unwrap();
    assert_eq!(without["family"], "constraint");
    assert_eq!(with["family"], "schema-drift");
    assert_eq!(with["schema_with_field"], "iglu:com.acme/cart/jsonschema/1-0-1");
    assert_eq!(other["family"], "constraint");
    assert_eq!(other["schema_latest"], "iglu:com.acme/cart/jsonschema/1-0-1");
}

#[test]
fn rules_are_those_of_the_file_or_a_complaint() {
    let root = folder("classify-rules");
    let file = root.join("rules.json");
    let path = file.to_string_lossy().into_owned();
    std::fs::write(&file, r#"{"app_ids":["web"],"owner":"checkout"}"#).unwrap();
    let told = &lines(&["--rules", &path], &row("color"))[0];
    std::fs::write(&file, r#"{"rules":[{}]}"#).unwrap();
    let (code, out, complaint) = classify(&["--rules", &path], "x\n");
    std::fs::remove_dir_all(&root).unwrap();
    assert_eq!(told["owner"], "checkout");
    assert_eq!(told["noise_rule"], "foreign-app");
    assert_eq!((code, out.as_str()), (1, ""));
    assert!(complaint.contains("rules[0].family"), "{complaint}");
    assert_eq!(classify(&["--rules", "/nonexistent/rules.json"], "").0, 1);
    assert_eq!(classify(&["--iglu", "/nonexistent/iglu"], "").0, 1);
    assert_eq!(classify(&["--nope"], "").0, 2);
}

#[test]
fn the_table_counts_every_line_once() {
    let input = format!("{}\n{}\nalex\n", row("color"), row("color"));
    let (code, out, _) = classify(&["--summary"], &input);
    assert_eq!(code, 0);
    assert!(out.contains("lines 3, bad events 3, groups 2, noise 0"), "{out}");
    assert!(out.contains("2  P2   constraint") && !out.contains("alex"), "{out}");
}
