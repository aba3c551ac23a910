//! The views answer what the views of Snowflake do: with the rows and answers of `tests/warehouse`.

use serde_json::Value as Json;

use super::*;

pub(crate) fn shared(name: &str) -> Json {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/warehouse").join(name);
    serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap()
}

/// Where each table's objects lie.
const PREFIXES: [(&str, &str); 5] = [
    ("snowplow.gitlab_bad_events", "enriched_bad_event/"),
    ("snowplow.gitlab_bad_event_classes", "bad_event_class/"),
    ("service_ping.usage_data", "service_ping/usage_data/"),
    ("service_ping.metadata", "service_ping/metadata/"),
    ("service_ping.errors", "service_ping/errors/"),
];

/// Loads all of it, an object for each upload.
pub(crate) fn load_shared(db: &Connection) {
    let mut events = shared("events.json").as_array().unwrap().clone();
    events.sort_by_key(|event| event["uploaded_at"].to_string());
    for (number, event) in events.iter().enumerate() {
        let columns: Vec<_> = event
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, value)| {
                (name.as_str(), value.as_str().map_or_else(|| value.to_string(), str::to_owned))
            })
            .collect();
        let columns: Vec<_> = columns.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let line = event.get("line").map_or_else(|| row(&columns), Json::to_string);
        let key = format!("output/{number}");
        assert_eq!(load(db, &key, packed(&line)).rows, 1);
        let sql = "UPDATE gitlab_events SET uploaded_at = ?1 WHERE object_key = ?2";
        db.execute(sql, (event["uploaded_at"].as_str(), key)).unwrap();
    }
    let lines = shared("lines.json");
    for (table, prefix) in PREFIXES {
        let lines: Vec<_> = lines[table].as_array().unwrap().iter().map(Json::to_string).collect();
        assert_eq!(load(db, &format!("{prefix}1"), lines.join("\n")).rows, lines.len());
    }
}

/// A value as the answers write it: without zeros at the end of a fraction, truth as a number.
fn comparable(value: &Json) -> String {
    let text = match value {
        Json::Bool(truth) => u8::from(*truth).to_string(),
        Json::String(text) => text.clone(),
        Json::Null | Json::Number(_) | Json::Array(_) | Json::Object(_) => value.to_string(),
    };
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

fn json(value: &Value) -> Json {
    match value {
        Value::Null => Json::Null,
        Value::Integer(number) => Json::from(*number),
        Value::Real(number) => Json::from(*number),
        Value::Text(text) => Json::from(text.as_str()),
        Value::Blob(_) => panic!("no view has bytes"),
    }
}

#[test]
fn the_answers_are_those_of_snowflake() {
    let db = warehouse_in(None);
    load_shared(&db);
    let reader = Reader::over(db).unwrap();
    for case in shared("answers.json").as_array().unwrap() {
        // Where the dialects differ, the case has a query for each; null where there is no such table.
        let Some(query) = case.get("local").unwrap_or(&case["query"]).as_str() else { continue };
        let found: Vec<Vec<_>> = answer(&reader, query)
            .rows
            .iter()
            .map(|row| row.iter().map(|value| comparable(&json(value))).collect())
            .collect();
        let expected: Vec<Vec<_>> = case["answer"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| row.as_array().unwrap().iter().map(comparable).collect())
            .collect();
        assert_eq!(found, expected, "{query}");
    }
}

#[test]
fn no_view_stops_at_an_odd_value() {
    let db = warehouse_in(None);
    let odd = [
        "[1,\"a\",null,{},{\"schema\":1},{\"schema\":\"iglu:com.gitlab/gitlab_standard/jsonschema/x\"}]",
        "{}",
        "1",
        "\"a\"",
    ];
    let mut rows = Vec::new();
    for (number, data) in odd.iter().enumerate() {
        let entities = format!(
            "{{\"schema\":\"iglu:com.gitlab/gitlab_standard/ iglu:io.whiteout/treatment/\",\"data\":{data}}}"
        );
        for broken in ["", "}"] {
            let id = format!("{number}{broken}");
            let contexts = format!("{entities}{broken}");
            let columns = [
                ("event_id", id.as_str()),
                ("event", "struct"),
                ("contexts", &contexts),
                ("derived_contexts", &contexts),
                ("collector_tstamp", "now"),
                ("derived_tstamp", "2026-99-99 1"),
            ];
            rows.push(row(&columns));
        }
    }
    load(&db, "output/1", rows.join("\n") + "\n{broken\n{\"schema\":1}");
    let lines = "1\nnull\n[]\n\"a\"\n{\"errors\":1}\n{\"errors\":[1,null,\"a\",{}],\"failure_tstamp\":\"now\"}\n{\"schema\":\"a\",\"data\":{\"failure\":{\"messages\":{\"a\":1}}}}\n{\"kind\":\"usage_data\",\"payload\":1}\n{\"kind\":\"usage_ping_metadata\",\"payload\":{\"metadata\":{\"metrics\":[1,\"a\",{}]}}}";
    for key in ["enriched_bad_event/1", "bad_event_class/1", "service_ping/1"] {
        assert_eq!(load(&db, key, lines).rows, 9);
    }
    let reader = Reader::over(db).unwrap();
    for view in answer(&reader, "SELECT name FROM sqlite_master WHERE type = 'view'").rows {
        let Value::Text(name) = &view[0] else { panic!("a name") };
        answer(&reader, &format!("SELECT * FROM {name}"));
    }
}
