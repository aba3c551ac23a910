//! `whiteout policy lint`: policies with defects in `tests/cases/lint`, each with what is found.
//!
//! A line `#> level rule line` at the end of a case is a finding. Columns that no case lists become
//! pseudonyms, so what is found about those is left out, but of `clean`.

use std::path::Path;

use serde_json::Value;

use crate::run::{Folder, row, whiteout};

fn cases() -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/lint");
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let mut cases: Vec<_> = entries
        .map(|path| (path.to_str().unwrap().to_owned(), std::fs::read_to_string(&path).unwrap()))
        .collect();
    cases.sort();
    assert!(cases.len() > 8);
    cases
}

fn lint(args: &[&str]) -> (i32, Value) {
    let ran = whiteout(&[&["policy", "lint", "--format", "json"], args].concat(), b"");
    (ran.code, serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:?}")))
}

/// `level rule line` of each finding, in the order of the text.
fn findings(json: &Value) -> Vec<String> {
    let all = json["findings"].as_array().unwrap().iter();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let mut shown: Vec<_> = all
        .map(|it| format!("{} {} {}", text(&it["level"]), text(&it["rule"]), it["line"]))
        .collect();
    shown.sort();
    shown
}

#[test]
fn each_case_has_its_findings() {
    for (path, text) in cases() {
        let mut expected: Vec<_> = text.lines().filter_map(|it| it.strip_prefix("#> ")).collect();
        expected.sort_unstable();
        let (code, json) = lint(&[&path]);
        let mut found = findings(&json);
        if !path.ends_with("clean.yaml") {
            let boilerplate = ["warning type-break 0", "note unreviewed-schema 0"];
            found.retain(|finding| !boilerplate.contains(&finding.as_str()));
        }
        assert_eq!(found, expected, "{path}: {json:#}");
        assert_eq!(code, i32::from(!path.ends_with("clean.yaml")), "{path}");
    }
}

#[test]
fn the_policies_of_the_suite_have_no_mistakes() {
    for name in privacy::SHIPPED {
        let (_, json) = lint(&[name]);
        let mut found = findings(&json);
        // How wide a class may be is a decision, and not a mistake.
        found.retain(|finding| !finding.starts_with("note"));
        assert_eq!(found, [""; 0], "{name}");
    }
}

#[test]
fn text_fits_a_terminal() {
    for name in privacy::SHIPPED {
        let ran = whiteout(&["policy", "lint", name], b"");
        for line in ran.out.lines() {
            // A single word may be longer, and stands alone then.
            let is_word = line.trim().split(' ').count() == 1;
            assert!(line.chars().count() <= 100 || is_word, "{line}");
        }
    }
}

#[test]
fn code_review_gets_its_format() {
    for (path, _) in cases() {
        let ran = whiteout(&["policy", "lint", &path, "--format", "sarif"], b"");
        let log: Value = serde_json::from_str(&ran.out).unwrap();
        let (_, json) = lint(&[&path]);
        let results = log["runs"][0]["results"].as_array().unwrap();
        assert_eq!(results.len(), json["findings"].as_array().unwrap().len());
        let rules = log["runs"][0]["tool"]["driver"]["rules"].as_array().unwrap();
        for result in results {
            assert!(rules.iter().any(|rule| rule["id"] == result["ruleId"]), "{result}");
            let place = &result["locations"][0]["physicalLocation"];
            assert_eq!(place["artifactLocation"]["uri"], path.as_str());
            assert!(place["region"]["startLine"].as_u64().unwrap() > 0, "{result}");
        }
    }
}

#[test]
fn what_stayed_of_a_sample_is_searched_and_never_shown() {
    let folder = Folder::new();
    let policy = folder.file(
        "p.yaml",
        "version: 1\nname: a\nscheme: v1\nclasses:\n  any: {regex: '[ -~]{1,99}'}\ncolumns:\n  \
         app_id: {keep: {enum: [shop]}}\n  page_title: {keep: any}\n",
    );
    let mut rows = vec![row(&[(0, "shop"), (12, "kim@example.com")]); 8];
    rows.push(row(&[(0, "alex@example.com"), (30, "ask alex@example.com")]));
    rows.push(row(&[(0, "shop"), (30, "at 203.0.113.7")]));
    rows.push("no row".to_owned());
    let sample = folder.file("sample.tsv", rows.join("\n"));
    let (code, json) = lint(&[&policy, "--sample", &sample]);
    assert_eq!(code, 1);
    let found = findings(&json);
    for expected in ["error look-alike 8", "note violations 7", "note unusable-sample 0"] {
        assert!(found.iter().any(|finding| finding == expected), "{expected}: {found:?}");
    }
    assert_eq!(found.iter().filter(|it| it.starts_with("error")).count(), 2, "{found:?}");
    let text = json.to_string();
    assert!(text.contains("1 of 10 values (10.0 %)"), "{text}");
    for value in ["alex", "kim", "203.0.113"] {
        assert!(!text.contains(value), "{text}");
    }
    let ran = whiteout(&["policy", "lint", &policy, "--sample", &folder.path("none")], b"");
    assert_eq!((ran.code, ran.out.as_str()), (1, ""));
}

#[test]
fn other_registries_are_looked_at_too() {
    let folder = Folder::new();
    let schema = |fields: &str, version: &str| {
        format!(
            r#"{{"self":{{"vendor":"com.acme","name":"x","format":"jsonschema","version":"{version}"}},"type":"object","properties":{{{fields}}},"additionalProperties":false}}"#
        )
    };
    folder.file("schemas/com.acme/x/jsonschema/1-0-0", schema(r#""a":{}"#, "1-0-0"));
    folder.file("schemas/com.acme/x/jsonschema/1-0-1", schema(r#""a":{},"b":{}"#, "1-0-1"));
    folder.file("schemas/com.other/y/jsonschema/1-0-0", schema("", "1-0-0"));
    let policy = folder.file(
        "p.yaml",
        "version: 1\nname: a\nscheme: v1\nschemas:\n  com.acme/x/1-*-*:\n    reviewed: 1-0-0\n    \
         fields: {a: drop}\n",
    );
    let (_, json) = lint(&[&policy]);
    assert!(findings(&json).contains(&"warning unknown-schema 5".to_owned()), "{json:#}");
    let (_, json) = lint(&[&policy, "--iglu", &folder.path("")]);
    let found = findings(&json);
    assert!(found.contains(&"warning unreviewed-field 5".to_owned()), "{json:#}");
    assert!(!found.contains(&"warning unknown-schema 5".to_owned()), "{json:#}");
    assert!(json.to_string().contains("com.other: 1 schemas without rules: y"), "{json:#}");
}
