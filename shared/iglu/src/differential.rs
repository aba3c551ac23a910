//! Checks the validator against another one, and with schemas that nobody would write.

use json_tree::Json;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::{Invalid, Schema, VALIDATION_STEPS_MAX};

/// Formats on which both validators agree for the texts below.
const FORMATS: [&str; 3] = ["ipv4", "date", "unknown"];

fn any_text() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => "[a-c]{0,3}",
        1 => Just("2020-02-30".to_owned()),
        1 => Just("2020-02-29".to_owned()),
        1 => Just("127.0.0.1".to_owned()),
        1 => "[äö😀]{0,4}",
    ]
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        (-5i64..20).prop_map(Value::from),
        (-20i32..80).prop_map(|quarters| json!(f64::from(quarters) / 4.0 + 0.125)),
        any_text().prop_map(Value::from),
    ];
    leaf.prop_recursive(3, 24, 5, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..5).prop_map(Value::from),
            proptest::collection::btree_map("[a-d]{1,2}", inner, 0..5)
                .prop_map(|map| Value::from(map.into_iter().collect::<serde_json::Map<_, _>>())),
        ]
    })
}

fn any_type() -> impl Strategy<Value = Value> {
    let name = proptest::sample::select(vec![
        "null", "boolean", "integer", "number", "string", "array", "object",
    ]);
    prop_oneof![
        3 => name.clone().prop_map(Value::from),
        1 => proptest::collection::btree_set(name, 1..4).prop_map(|names| json!(names)),
    ]
}

fn simple_keyword() -> impl Strategy<Value = (&'static str, Value)> {
    let size = 0u64..4;
    prop_oneof![
        4 => any_type().prop_map(|value| ("type", value)),
        1 => size.clone().prop_map(|value| ("minLength", json!(value))),
        1 => size.clone().prop_map(|value| ("maxLength", json!(value))),
        1 => size.clone().prop_map(|value| ("minItems", json!(value))),
        1 => size.clone().prop_map(|value| ("maxItems", json!(value))),
        1 => size.clone().prop_map(|value| ("minProperties", json!(value))),
        1 => size.prop_map(|value| ("maxProperties", json!(value))),
        1 => (-5i64..10).prop_map(|value| ("minimum", json!(value))),
        1 => (-5i64..10).prop_map(|value| ("maximum", json!(value))),
        1 => (1i64..6).prop_map(|value| ("multipleOf", json!(value))),
        1 => any::<bool>().prop_map(|value| ("uniqueItems", json!(value))),
        1 => Just(("pattern", json!("^[a-b]+$"))),
        1 => proptest::sample::select(FORMATS.to_vec()).prop_map(|value| ("format", json!(value))),
        1 => proptest::collection::btree_set("[a-d]{1,2}", 1..3).prop_map(|value| ("required", json!(value))),
        1 => (-5i64..10).prop_map(|value| ("enum", json!([value, "a", null, [1], {"a": "b"}]))),
        1 => Just(("dependencies", json!({"a": ["b"]}))),
    ]
}

fn any_schema() -> impl Strategy<Value = Value> {
    let object = |pairs: Vec<(&'static str, Value)>| {
        let mut map: serde_json::Map<String, Value> =
            pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect();
        if map.contains_key("minimum") {
            map.insert("exclusiveMinimum".to_owned(), json!(true));
        }
        Value::from(map)
    };
    let leaf = proptest::collection::vec(simple_keyword(), 0..4).prop_map(object);
    leaf.prop_recursive(3, 24, 4, move |inner| {
        let list = proptest::collection::vec(inner.clone(), 1..4);
        let map = proptest::collection::btree_map("[a-d]{1,2}", inner.clone(), 0..4);
        let nested = prop_oneof![
            3 => map.clone().prop_map(|value| ("properties", json!(value))),
            1 => map.prop_map(|value| ("patternProperties", json!(value))),
            1 => inner.clone().prop_map(|value| ("additionalProperties", value)),
            1 => Just(("additionalProperties", json!(false))),
            1 => inner.clone().prop_map(|value| ("items", value)),
            1 => list.clone().prop_map(|value| ("items", json!(value))),
            1 => Just(("additionalItems", json!(false))),
            1 => list.clone().prop_map(|value| ("allOf", json!(value))),
            1 => list.clone().prop_map(|value| ("anyOf", json!(value))),
            1 => list.prop_map(|value| ("oneOf", json!(value))),
            1 => inner.clone().prop_map(|value| ("not", value)),
            1 => inner.prop_map(|value| ("dependencies", json!({"b": value}))),
            1 => Just(("additionalProperties", json!({"$ref": "#"}))),
            3 => simple_keyword(),
        ];
        proptest::collection::vec(nested, 1..5).prop_map(object)
    })
}

fn ours(schema: &Value, instance: &Value) -> (Schema, bool) {
    let (schema, instance) = (schema.to_string(), instance.to_string());
    let schema = Schema::from_json(&Json::parse(&schema, 99).expect("valid"));
    let json = Json::parse(&instance, 99).expect("valid");
    let is_valid = schema.is_valid(&json);
    assert_eq!(schema.validate(&json).is_ok(), is_valid);
    (schema, is_valid)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn both_validators_say_the_same(schema in any_schema(), instance in any_value()) {
        let theirs = jsonschema::options()
            .with_draft(jsonschema::Draft::Draft4)
            .should_validate_formats(true)
            .build(&schema)
            .expect("valid");
        let (compiled, is_valid) = ours(&schema, &instance);
        prop_assert!(compiled.issues().is_empty(), "{:?}", compiled.issues());
        prop_assert_eq!(is_valid, theirs.is_valid(&instance), "{} {}", schema, instance);
    }

    #[test]
    fn what_is_refused_has_reports(schema in any_schema(), instance in any_value()) {
        let (schema, instance) = (schema.to_string(), instance.to_string());
        let schema = Schema::from_json(&Json::parse(&schema, 99).expect("valid"));
        let json = Json::parse(&instance, 99).expect("valid");
        if let Err(Invalid::Data(reports)) = schema.validate(&json) {
            for report in reports {
                prop_assert_ne!(report.message, "$: is not valid");
            }
        }
    }

    #[test]
    fn any_json_is_a_schema_or_has_issues(schema in any_value(), key in "[a-zA-Z$]{1,9}", instance in any_value()) {
        let names = ["properties", "items", "type", "required", "enum", "$ref", "pattern", "not", key.as_str()];
        for name in names {
            let schema = json!({name: schema});
            let _ = ours(&schema, &instance);
        }
        let _ = ours(&schema, &instance);
    }
}

#[test]
fn steps_are_limited() {
    // Doubles with every level.
    let schema = json!({"anyOf": [
        {"type": "array", "items": {"$ref": "#"}, "minItems": 1},
        {"type": "array", "items": {"$ref": "#"}, "maxItems": 1},
    ]});
    let deep = format!("{}1{}", "[".repeat(90), "]".repeat(90));
    let schema = Schema::from_json(&Json::parse(&schema.to_string(), 9).expect("valid"));
    let started = std::time::Instant::now();
    assert!(!schema.is_valid(&Json::parse(&deep, 99).expect("valid")));
    let limit = std::time::Duration::from_micros(u64::from(VALIDATION_STEPS_MAX) * 4);
    assert!(started.elapsed() < limit);
}
