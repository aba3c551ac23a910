//! Cases in tests/cases/classifier: a line, maybe rules, and what must be said of it.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests may fail loudly")]

use std::collections::BTreeSet;
use std::path::Path;

use bad_event_classifier::{Classifier, Family, Rules, Schemas};
use serde_json::{Map, Value};

/// Fewer would mean that the folder was not found.
const CASES_MIN: usize = 25;

fn read(path: &Path) -> Value {
    let text =
        std::fs::read_to_string(path).unwrap_or_else(|it| panic!("{}: {it}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|it| panic!("{}: {it}", path.display()))
}

#[test]
fn every_case_is_told_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/classifier");
    let schemas = Schemas::embedded();
    let (mut families, mut count, mut wrong) = (BTreeSet::new(), 0, Vec::new());
    let entries = std::fs::read_dir(&folder).unwrap();
    let mut cases: Vec<_> = entries.map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    for case in cases.iter().filter(|path| path.is_dir()) {
        count += 1;
        let (input, expected) = (read(&case.join("input.json")), read(&case.join("expected.json")));
        let line = match input.get("line") {
            Some(line) => line.as_str().unwrap().to_owned(),
            None => input.get("event").unwrap().to_string(),
        };
        let rules = input.get("rules").map_or_else(|| "{}".to_owned(), Value::to_string);
        let classifier = Classifier::new(Rules::parse(&rules).unwrap(), &schemas);
        let found = classifier.classify(line.as_bytes());
        families.insert(found.family);
        let said: Map<String, Value> = serde_json::from_str(&found.to_json()).unwrap();
        for (key, value) in expected.as_object().unwrap() {
            if said.get(key) != Some(value) {
                let said = said.get(key);
                wrong.push(format!("{}: {key}: {said:?}, expected {value}", case.display()));
            }
        }
        for key in ["likely_cause", "remedy", "owner"] {
            assert!(said.get(key).and_then(Value::as_str).is_some_and(|text| !text.is_empty()));
        }
        assert!(!found.remedy.contains('{'), "{}: {}", case.display(), found.remedy);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count >= CASES_MIN, "{count} cases");
    let missing: Vec<_> = Family::ALL.iter().filter(|it| !families.contains(it)).collect();
    assert!(missing.is_empty(), "no case has {missing:?}");
}
