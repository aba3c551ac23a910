//! `whiteout recover` as its users see it: cases, sealed originals, pseudonyms.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly"
)]

#[path = "privacy/run.rs"]
#[allow(dead_code, reason = "what another test needs")]
mod run;

use std::path::Path;

use serde_json::{Map, Value};

use run::{Folder, KEY, Ran, whiteout};

/// Fewer would mean that the folder was not found.
const CASES_MIN: usize = 10;

fn cases() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/cases/recover"))
}

fn read(path: &Path) -> Value {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|it| panic!("{}: {it}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|it| panic!("{}: {it}", path.display()))
}

fn texts(value: &Value) -> Vec<&str> {
    value.as_array().into_iter().flatten().map(|it| it.as_str().unwrap()).collect()
}

fn lines(text: &str) -> Vec<Value> {
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The lines of a case; what is no text is JSON.
fn input(case: &Value) -> String {
    let lines = case["lines"].as_array().unwrap().iter();
    let text = |line: &Value| line.as_str().map_or_else(|| line.to_string(), str::to_owned);
    lines.map(text).collect::<Vec<_>>().join("\n")
}

/// Runs the command with a recipe.
fn recover(folder: &Folder, recipe: &str, args: &[&str], input: &str) -> Ran {
    let recipe = folder.file("recipe.yaml", recipe);
    let args: Vec<_> = ["recover", &recipe].into_iter().chain(args.iter().copied()).collect();
    let mut ran = whiteout(&args, input.as_bytes());
    ran.err = ran.err.replace(&recipe, "RECIPE");
    ran
}

/// Whether an enriched event has the columns that are expected, or is as bad as expected.
fn is_as_expected(outcome: &Value, expected: &Value) -> bool {
    if let Some(kind) = expected.get("bad") {
        let schema = outcome["bad"]["schema"].as_str().unwrap_or_default();
        return schema.split('/').nth(1) == kind.as_str();
    }
    let columns = expected.as_object().unwrap();
    columns.iter().all(|(name, value)| outcome["good"].get(name) == Some(value))
}

fn check(case: &Path) -> Vec<String> {
    let (input_json, expected) =
        (read(&case.join("input.json")), read(&case.join("expected.json")));
    let (folder, text) = (Folder::new(), input(&input_json));
    let recipe = texts(&input_json["recipe"]).join("\n");
    let args = input_json.get("args").map(texts).unwrap_or_default();
    let all: Vec<_> = args.iter().copied().chain(["--output", "jsonl"]).collect();
    let ran = recover(&folder, &recipe, &all, &text);
    let mut found = Map::new();
    found.insert("code".into(), ran.code.into());
    found.insert("said".into(), ran.err.lines().collect());
    if args.contains(&"--dry-run") {
        found.insert("shown".into(), ran.out.lines().collect());
    } else if !ran.out.is_empty() {
        found.insert("payloads".into(), lines(&ran.out).into());
        // The stream's own format says the same, and the enricher reads both.
        let thrift = recover(&folder, &recipe, &args, &text).out;
        let enrich = |format, text: &str| {
            lines(&whiteout(&["enrich", "--format", format], text.as_bytes()).out)
        };
        let outcomes = enrich("thrift", &thrift);
        assert_eq!(outcomes.len(), enrich("jsonl", &ran.out).len(), "{}", case.display());
        let wanted = expected["enriched"].as_array().unwrap();
        let is_right = outcomes.len() == wanted.len()
            && outcomes.iter().zip(wanted).all(|(outcome, wanted)| is_as_expected(outcome, wanted));
        let shown = if is_right { expected["enriched"].clone() } else { outcomes.into() };
        found.insert("enriched".into(), shown);
    }
    let expected = expected.as_object().unwrap();
    let keys: std::collections::BTreeSet<_> = found.keys().chain(expected.keys()).collect();
    let differs = keys.into_iter().filter(|key| found.get(*key) != expected.get(*key));
    let tell = |key: &String| format!("{}: {key}: {:?}", case.display(), found.get(key));
    differs.map(tell).collect()
}

#[test]
fn every_case_is_recovered_as_expected() {
    let mut folders: Vec<_> =
        std::fs::read_dir(cases()).unwrap().map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    assert!(folders.len() >= CASES_MIN, "{} cases", folders.len());
    let wrong: Vec<_> = folders.iter().flat_map(|case| check(case)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const RECIPE: &str = "version: 1
rules:
  - match: {type: [schema_violations, legacy]}
    steps: [{remove: /color, in: event}]
";

/// A bad row, and the payload that it becomes.
fn example() -> (String, Value) {
    let case = cases().join("event_of_many_is_sent_alone");
    let payload = read(&case.join("expected.json"))["payloads"][0].clone();
    (input(&read(&case.join("input.json"))), payload)
}

/// The bad row as the pseudonymizer delivers it.
fn treated(folder: &Folder, recipient: Option<&str>, policy: &str) -> String {
    let (key, policy) = (folder.file("keys.json", KEY), folder.file("policy.yaml", policy));
    let mut args =
        vec!["pseudonymize", "--kind", "enriched-bad", "--policy", &policy, "--key-file", &key];
    args.extend(recipient.map(|it| ["--recipient", it]).into_iter().flatten());
    let ran = whiteout(&args, example().0.as_bytes());
    assert_eq!(ran.code, 0, "{}", ran.err);
    ran.out
}

const POLICY: &str =
    "version: 1\nname: small\nscheme: v1\ncolumns: {collector_tstamp: {keep: timestamp}}\n";
const DROPS: &str = "version: 1\nname: small\nscheme: v1\nbad_events: {payload: drop}\n";

/// An identity's file and its recipient.
fn identity(folder: &Folder, name: &str) -> (String, String) {
    let path = folder.path(name);
    let ran = whiteout(&["key", "new", "--identity", &path], b"");
    (path, ran.out.trim().to_owned())
}

#[test]
fn a_sealed_original_is_opened() {
    let folder = Folder::new();
    let (mine, recipient) = identity(&folder, "mine.txt");
    let (other, _) = identity(&folder, "other.txt");
    let line = treated(&folder, Some(&recipient), POLICY);
    let run = |args: &[&str], line: &str| {
        recover(&folder, RECIPE, &[args, &["--output", "jsonl"]].concat(), line)
    };
    for args in [&["--identity", &mine][..], &["--identity", &other, "--identity", &mine]] {
        let ran = run(args, &line);
        assert_eq!((ran.code, lines(&ran.out)), (0, vec![example().1]), "{}", ran.err);
        assert!(!ran.err.contains("pseudonyms"), "{}", ran.err);
    }
    let damaged = line.replacen(r#""sealed":"YWdl"#, r#""sealed":"YWdm"#, 1);
    for (args, line, reason) in [
        (&[][..], &line, "  sealed 1: "),
        (&["--identity", &other], &line, "  sealed for others 1: "),
        (&["--identity", &mine], &damaged, "  damaged seal 1: "),
    ] {
        let ran = run(args, line);
        assert_eq!((ran.code, ran.out.as_str()), (1, ""), "{reason}");
        assert!(ran.err.contains(reason), "{}", ran.err);
    }
}

#[test]
fn a_sealed_quarantine_line_is_opened_if_it_is_a_bad_event() {
    let folder = Folder::new();
    let (mine, recipient) = identity(&folder, "mine.txt");
    let sealed = treated(&folder, Some(&recipient), POLICY);
    let sealed: Value = serde_json::from_str(&sealed).unwrap();
    for (stream, code) in [("enriched-bad", 0), ("enriched", 1)] {
        let line = serde_json::json!({
            "schema": "iglu:io.whiteout/quarantine/jsonschema/1-0-0",
            "data": {"stream": stream, "reason": "json", "sealed": sealed["data"]["sealed"]},
        });
        let ran = recover(&folder, RECIPE, &["--identity", &mine], &line.to_string());
        assert_eq!(
            (ran.code, ran.out.lines().count()),
            (code, usize::from(code == 0)),
            "{}",
            ran.err
        );
        assert_eq!(ran.err.contains("  row 1: "), code == 1, "{}", ran.err);
    }
}

#[test]
fn pseudonyms_are_sent_only_if_they_are_wanted() {
    let folder = Folder::new();
    let line = treated(&folder, None, POLICY);
    // What no schema of the policy names is a pseudonym, names of fields too.
    let recipe = "version: 1\nrules: [{match: {app_id: [shop, other]}, steps: []}, {match: {type: schema_violations}, steps: []}]";
    let ran = recover(&folder, recipe, &[], &line);
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert!(ran.err.contains("  pseudonymized 1: "), "{}", ran.err);
    let ran = recover(&folder, recipe, &["--pseudonymized", "--output", "jsonl"], &line);
    assert_eq!((ran.code, ran.out.lines().count()), (0, 1), "{}", ran.err);
    assert!(ran.err.contains("recovered with pseudonyms 1"), "{}", ran.err);
    assert!(!ran.out.contains("shop.example"), "{}", ran.out);
    let ran = recover(&folder, recipe, &["--pseudonymized"], &treated(&folder, None, DROPS));
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
    assert!(ran.err.contains("  left out 1: "), "{}", ran.err);
}

#[test]
fn everything_that_cannot_be_used_is_told_at_once() {
    let folder = Folder::new();
    let (nowhere, empty) = (folder.path("nowhere"), folder.file("empty", ""));
    let args = ["--identity", &nowhere, "--identity", &empty, "--rules", &nowhere];
    let ran = recover(&folder, "version: 1\nrules: 7\n", &args, "");
    assert_eq!((ran.code, ran.err.lines().count()), (1, 4), "{}", ran.err);
    assert!(ran.err.contains("RECIPE: line 2: rules is no list"), "{}", ran.err);
    assert_eq!(whiteout(&["recover"], b"").code, 2);
}

#[test]
fn nothing_of_a_line_is_on_standard_error() {
    let folder = Folder::new();
    let (line, _) = example();
    let broken = format!(
        "{line}\nalex@example.com\n{}\n",
        line.replace("\"timestamp\":\"2025", "\"timestamp\":\"alex")
    );
    let ran = recover(&folder, RECIPE, &[], &broken);
    assert_eq!(ran.code, 1);
    for secret in ["alex", "shop", "192.0.2", "10d96bc7"] {
        assert!(!ran.err.contains(secret), "{}", ran.err);
    }
}
