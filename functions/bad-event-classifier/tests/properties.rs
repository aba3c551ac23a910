//! What holds for any bad event: the same failure has the same fingerprint, no value is shown, and
//! nothing ends the program.

#![allow(clippy::unwrap_used, reason = "tests may fail loudly")]

use std::sync::LazyLock;

use bad_event_classifier::{Classification, Classifier, Rules, Schemas};
use proptest::prelude::*;
use proptest::sample::subsequence;
use serde_json::{Map, Value, json};

static CLASSIFIER: LazyLock<Classifier<Schemas>> =
    LazyLock::new(|| Classifier::new(Rules::built_in(), Schemas::embedded()));

fn classify(line: &str) -> Classification {
    CLASSIFIER.classify(line.as_bytes())
}

/// What is wrong with an event: a keyword, a field, and what depends on the value.
#[derive(Clone, Debug)]
struct Wrong {
    keyword: &'static str,
    field: &'static str,
}

const WRONG: [Wrong; 7] = [
    Wrong { keyword: "type", field: "user_id" },
    Wrong { keyword: "enum", field: "realm" },
    Wrong { keyword: "maxLength", field: "source" },
    Wrong { keyword: "required", field: "environment" },
    Wrong { keyword: "additionalProperties", field: "color" },
    Wrong { keyword: "additionalProperties", field: "correlation_id" },
    Wrong { keyword: "pattern", field: "plan" },
];

/// A report as a validator writes it of this value, at this index.
fn report(wrong: &Wrong, value: &str, index: usize) -> Value {
    let Wrong { keyword, field } = wrong;
    let list = format!("$.items[{index}]");
    let path = format!("{list}.{field}");
    let (path, targets) = match *keyword {
        "required" | "additionalProperties" => (list, json!([field])),
        "type" => (path, json!([value, "integer"])),
        _ => (path, json!([value])),
    };
    json!({"message": format!("{path}: {value}"), "path": path, "keyword": keyword, "targets": targets})
}

fn row(reports: &[Value], value: &str) -> Value {
    json!({
        "schema": "iglu:com.snowplowanalytics.snowplow.badrows/schema_violations/jsonschema/2-0-1",
        "data": {
            "processor": {"artifact": "whiteout-enricher", "version": "0.1.0"},
            "failure": {"timestamp": "2026-04-02T09:30:15.123Z", "messages": [{
                "schemaKey": "iglu:com.gitlab/gitlab_standard/jsonschema/1-0-8",
                "error": {"error": "ValidationError", "dataReports": reports},
            }]},
            "payload": {
                "enriched": {"app_id": "shop", "page_url": value, "user_id": value, "v_tracker": "js-3"},
                "raw": {"vendor": value, "version": value, "useragent": value, "hostname": value,
                    "parameters": [{"name": "uid", "value": value}]},
            },
        },
    })
}

/// The same JSON with the keys of every object the other way round.
fn turned(json: &Value) -> String {
    match json {
        Value::Array(items) => {
            format!("[{}]", items.iter().map(turned).collect::<Vec<_>>().join(","))
        }
        Value::Object(object) => {
            let pair =
                |(key, value): (&String, &Value)| format!("{}:{}", json!(key), turned(value));
            let pairs: Vec<_> = object.iter().rev().map(pair).collect();
            format!("{{{}}}", pairs.join(","))
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => json.to_string(),
    }
}

fn arb_json() -> impl Strategy<Value = Value> {
    let words = [
        "schema",
        "data",
        "failure",
        "messages",
        "line",
        "errors",
        "message",
        "payload",
        "error",
        "dataReports",
        "path",
        "keyword",
        "targets",
        "enriched",
        "raw",
        "app_id",
        "lambdaArn",
        "lookupHistory",
        "schemaIssues",
        "enrichment",
        "iglu:io.whiteout/quarantine/jsonschema/1-0-0",
        "iglu:com.snowplowanalytics.snowplow.badrows/schema_violations/jsonschema/2-0-1",
        "type",
    ];
    let word = proptest::sample::select(words.to_vec()).prop_map(str::to_owned);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        word.clone().prop_map(Value::from),
        "\\PC{0,20}".prop_map(Value::from),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::vec((word.clone(), inner), 0..6)
                .prop_map(|pairs| Value::Object(pairs.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

/// A text that no schema, rule or name holds.
fn arb_value() -> impl Strategy<Value = String> {
    "VALUE[a-zA-Z0-9@ .]{1,12}"
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]

    #[test]
    fn the_same_failure_has_the_same_fingerprint(
        (wrong, order) in subsequence(WRONG.to_vec(), 1..=WRONG.len())
            .prop_flat_map(|wrong| (Just(wrong.clone()), Just(wrong).prop_shuffle())),
        values in (arb_value(), arb_value()),
        indexes in (0usize..100, 0usize..100),
    ) {
        let reports = |wrong: &[Wrong], value: &str, index: usize| {
            wrong.iter().map(|wrong| report(wrong, value, index)).collect::<Vec<_>>()
        };
        let one = row(&reports(&wrong, &values.0, indexes.0), &values.0);
        let other = row(&reports(&order, &values.1, indexes.1), &values.1);
        let (one, other) = (classify(&one.to_string()), classify(&turned(&other)));
        prop_assert_eq!(&one.fingerprint, &other.fingerprint);
        prop_assert_eq!(one, other);
    }

    #[test]
    fn another_field_or_schema_has_another_fingerprint(
        a in subsequence(WRONG.to_vec(), 1..=WRONG.len()),
        b in subsequence(WRONG.to_vec(), 1..=WRONG.len()),
    ) {
        let line = |wrong: &[Wrong]| {
            let reports: Vec<_> = wrong.iter().map(|it| report(it, "x", 0)).collect();
            row(&reports, "x").to_string()
        };
        let (one, other) = (line(&a), line(&b));
        let schema = one.replace("gitlab_standard", "gitlab_experiment");
        prop_assert_ne!(classify(&one).fingerprint, classify(&schema).fingerprint);
        let same = one == other;
        prop_assert_eq!(classify(&one).fingerprint == classify(&other).fingerprint, same);
    }

    #[test]
    fn no_value_is_shown(
        wrong in subsequence(WRONG.to_vec(), 1..=WRONG.len()),
        value in arb_value(),
    ) {
        let reports: Vec<_> = wrong.iter().map(|wrong| report(wrong, &value, 7)).collect();
        let shown = classify(&row(&reports, &value).to_string()).to_json();
        prop_assert!(!shown.contains("VALUE"), "{}", shown);
        let legacy = json!({"line": value, "errors": [{"level": value, "message": value}], "failure_tstamp": value});
        let shown = classify(&legacy.to_string()).to_json();
        prop_assert!(!shown.contains("VALUE"), "{}", shown);
        let shown = classify(&value).to_json();
        prop_assert!(!shown.contains("VALUE"), "{}", shown);
    }

    #[test]
    fn any_json_is_one_line(json in arb_json()) {
        let line = json.to_string();
        let shown = classify(&line).to_json();
        prop_assert!(!shown.contains('\n'));
        prop_assert_eq!(classify(&turned(&json)).to_json(), shown);
    }

    #[test]
    fn any_bytes_are_one_line(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let shown = CLASSIFIER.classify(&bytes).to_json();
        prop_assert!(serde_json::from_str::<Value>(&shown).unwrap().is_object());
    }
}
