//! The schemas that the suite ships: each is valid, and judges right what follows it and what does not.

use iglu::{Schema, SchemaKey};
use json_tree::Json;
use regex_lite::Regex;
use serde_json::{Map, Value, json};

/// Two schemas of GitLab have model 0, which is no version that an event could name.
const WITHOUT_A_NAME: [&str; 2] = [
    "com.gitlab/gitlab_experiment/jsonschema/0-2-0",
    "com.gitlab/gitlab_experiment/jsonschema/0-3-0",
];

fn schemas() -> impl Iterator<Item = (&'static str, &'static str)> {
    let paths = embedded_schemas::paths().into_iter();
    paths
        .filter(|path| !WITHOUT_A_NAME.contains(path))
        .map(|path| (path, embedded_schemas::schema(path).unwrap()))
}

fn compiled(path: &str, text: &str) -> Schema {
    let key = SchemaKey::parse(&format!("iglu:{path}")).unwrap_or_else(|e| panic!("{path}: {e}"));
    Schema::parse(&key, text).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn is_valid(schema: &Schema, instance: &Value) -> bool {
    schema.is_valid(&Json::parse(&instance.to_string(), 100).unwrap())
}

#[test]
fn every_schema_compiles() {
    let mut count = 0;
    for (path, text) in schemas() {
        let schema = compiled(path, text);
        assert!(schema.issues().is_empty(), "{path}: {:?}", schema.issues());
        count += 1;
    }
    assert!(count > 300, "{count}");
}

#[test]
fn instances_of_gitlabs_schemas_are_judged_right() {
    let (mut schemas_seen, mut invalid_seen) = (0, 0);
    for (path, text) in schemas().filter(|(path, _)| path.starts_with("com.gitlab/")) {
        let schema = compiled(path, text);
        let definition: Value = serde_json::from_str(text).unwrap();
        let valid = instance(&definition);
        assert!(is_valid(&schema, &valid), "{path} refuses {valid}");
        for invalid in spoiled(&definition, &valid) {
            assert!(!is_valid(&schema, &invalid), "{path} takes {invalid}");
            invalid_seen += 1;
        }
        schemas_seen += 1;
    }
    assert!(schemas_seen > 80 && invalid_seen > 2 * schemas_seen, "{schemas_seen}, {invalid_seen}");
}

/// A value that follows a schema.
fn instance(schema: &Value) -> Value {
    if let Some(first) = schema["enum"].as_array().and_then(|values| values.first()) {
        return first.clone();
    }
    if let Some(first) = ["oneOf", "anyOf"].iter().find_map(|key| schema[*key].get(0)) {
        // A choice may add to what stands beside it.
        let mut both = schema.as_object().unwrap().clone();
        both.retain(|key, _| key != "oneOf" && key != "anyOf");
        both.extend(first.as_object().unwrap().clone());
        return instance(&Value::Object(both));
    }
    match kinds(schema).iter().find(|kind| *kind != "null").map(String::as_str) {
        Some("object") | None => object(schema),
        Some("array") => {
            let count = usize::try_from(schema["minItems"].as_u64().unwrap_or(1)).unwrap();
            Value::Array(vec![instance(&schema["items"]); count])
        }
        Some("string") => text(schema),
        Some("boolean") => json!(true),
        Some(_) => json!(schema["minimum"].as_i64().unwrap_or(1).max(1)),
    }
}

fn object(schema: &Value) -> Value {
    let properties = schema["properties"].as_object().cloned().unwrap_or_default();
    let members = properties.iter().map(|(name, schema)| (name.clone(), instance(schema)));
    Value::Object(members.collect())
}

fn text(schema: &Value) -> Value {
    let least = usize::try_from(schema["minLength"].as_u64().unwrap_or(1)).unwrap();
    if let Some(pattern) = schema["pattern"].as_str() {
        // The only patterns there are: points in time, with and without a zone.
        let pattern = Regex::new(pattern).unwrap();
        let samples = ["2026-01-02T03:04:05", "2026-01-02T03:04:05Z"];
        return json!(samples.iter().find(|text| pattern.is_match(text)).unwrap());
    }
    match schema["format"].as_str() {
        Some("date-time") => json!("2026-01-02T03:04:05Z"),
        Some("date") => json!("2026-01-02"),
        Some("uuid") => json!("b05b31c3-81ac-4af5-92d1-113139689655"),
        Some("uri") => json!("https://gitlab.example/"),
        Some("email") => json!("someone@gitlab.com"),
        Some("ipv4") => json!("192.0.2.1"),
        _ => json!("x".repeat(least)),
    }
}

/// The types that a schema names.
fn kinds(schema: &Value) -> Vec<String> {
    match &schema["type"] {
        Value::String(kind) => vec![kind.clone()],
        Value::Array(kinds) => kinds.iter().map(|kind| kind.as_str().unwrap().to_owned()).collect(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Object(_) => Vec::new(),
    }
}

/// Values that break a schema, each in one place.
fn spoiled(schema: &Value, valid: &Value) -> Vec<Value> {
    let members = valid.as_object().unwrap();
    let mut spoiled = vec![json!("no object"), json!([])];
    let required = schema["required"].as_array().cloned().unwrap_or_default();
    for name in required.iter().filter_map(Value::as_str) {
        let rest = members.iter().filter(|(key, _)| *key != name);
        spoiled
            .push(Value::Object(rest.map(|(key, value)| (key.clone(), value.clone())).collect()));
    }
    let properties = schema["properties"].as_object().cloned().unwrap_or_default();
    for (name, property) in &properties {
        for wrong in wrong_values(property) {
            let mut members: Map<String, Value> = members.clone();
            members.insert(name.clone(), wrong);
            spoiled.push(Value::Object(members));
        }
    }
    if schema["additionalProperties"] == false {
        let mut members = members.clone();
        members.insert("nobody_has_defined_this".to_owned(), json!(1));
        spoiled.push(Value::Object(members));
    }
    spoiled
}

/// A value of a type that a property does not take, and a text that is too long for it.
fn wrong_values(property: &Value) -> Vec<Value> {
    let kinds = kinds(property);
    let is_taken = |names: &[&str]| kinds.iter().any(|kind| names.contains(&kind.as_str()));
    let mut wrong = Vec::new();
    if !kinds.is_empty() {
        let candidates = [
            (json!({"a": 1}), &["object"][..]),
            (json!([{}]), &["array"]),
            (json!(1.5), &["number"]),
        ];
        wrong.extend(candidates.into_iter().filter(|(_, names)| !is_taken(names)).map(|(v, _)| v));
    }
    if let (Some(most), true) = (property["maxLength"].as_u64(), is_taken(&["string"])) {
        wrong.push(json!("x".repeat(usize::try_from(most).unwrap() + 1)));
    }
    wrong
}
