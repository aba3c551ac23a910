//! Holds what came out against what a case expects; only what the case names is compared.

use base64_simd::STANDARD;
use collector::Collected;
use collector::response::Response;
use collector_payload::CollectorPayload;
use regex_lite::Regex;
use serde_json::{Value, json};

#[derive(Default)]
pub(super) struct Outputs {
    responses: Vec<Response>,
    good: Vec<(String, Vec<u8>)>,
    bad: Vec<Vec<u8>>,
}

impl Outputs {
    pub(super) fn add(&mut self, collected: Collected) {
        let key = collected.partition_key;
        self.responses.push(collected.response);
        self.good.extend(collected.outcome.good.into_iter().map(|data| (key.clone(), data)));
        self.bad.extend(collected.outcome.bad);
    }

    pub(super) fn differences(&self, expected: &Value) -> Vec<String> {
        let mut found = Vec::new();
        let list = |key: &str| expected[key].as_array().cloned().unwrap_or_default();
        for (what, actual, wanted) in [
            ("responses", self.responses.len(), list("responses").len()),
            ("good records", self.good.len(), list("good").len()),
            ("bad records", self.bad.len(), list("bad").len()),
        ] {
            if actual != wanted {
                found.push(format!("{actual} {what}, expected {wanted}"));
            }
        }
        for (response, wanted) in self.responses.iter().zip(list("responses")) {
            compare_response(response, &wanted, &mut found);
        }
        for ((partition_key, data), wanted) in self.good.iter().zip(list("good")) {
            compare_good(partition_key, data, &wanted, &mut found);
        }
        for (data, wanted) in self.bad.iter().zip(list("bad")) {
            compare_bad(data, &wanted, &mut found);
        }
        found
    }
}

fn compare_response(response: &Response, wanted: &Value, found: &mut Vec<String>) {
    same("status", &json!(response.status), &wanted["status"], found);
    let values = |name: &str| -> Vec<Value> {
        response
            .headers
            .iter()
            .filter(|(header, _)| header.eq_ignore_ascii_case(name))
            .map(|(_, value)| json!(value))
            .collect()
    };
    let headers = wanted["headers"].as_object().cloned().unwrap_or_default();
    for (name, value) in &headers {
        let actual = values(name);
        match value {
            Value::Null if actual.is_empty() => {}
            Value::Array(_) => same(name, &Value::Array(actual), value, found),
            Value::Null
            | Value::String(_)
            | Value::Object(_)
            | Value::Bool(_)
            | Value::Number(_) => {
                same(name, &actual.first().cloned().unwrap_or(Value::Null), value, found);
            }
        }
    }
    if wanted["exact_headers"] == true {
        for (name, _) in &response.headers {
            if !headers.keys().any(|key| key.eq_ignore_ascii_case(name)) {
                found.push(format!("unexpected header {name}"));
            }
        }
    }
    if let Some(order) = wanted.get("header_order") {
        let names: Vec<_> = response.headers.iter().map(|(name, _)| json!(name)).collect();
        same("header order", &Value::Array(names), order, found);
    }
    let body = response.body.as_bytes();
    if let Some(text) = wanted.get("body") {
        same("body", &json!(String::from_utf8_lossy(body)), text, found);
    }
    if let Some(base64) = wanted.get("body_base64") {
        same("body", &json!(STANDARD.encode_to_string(body)), base64, found);
    }
}

fn compare_good(partition_key: &str, data: &[u8], wanted: &Value, found: &mut Vec<String>) {
    let Ok(payload) = CollectorPayload::decode(data) else {
        found.push("a good record is no payload".to_owned());
        return;
    };
    let headers = payload.headers.clone().unwrap_or_default();
    for (field, value) in wanted.as_object().unwrap() {
        let actual = match field.as_str() {
            "partitionKey" => json!(partition_key),
            "headers" => json!(headers),
            "timestamp" => json!(payload.timestamp),
            "body" => json!(payload.body.as_deref().map(String::from_utf8_lossy)),
            "body_base64" => json!(payload.body.as_deref().map(|b| STANDARD.encode_to_string(b))),
            "bytes_max" => {
                if data.len() as u64 > value.as_u64().unwrap() {
                    found.push(format!("a good record has {} bytes", data.len()));
                }
                continue;
            }
            "headers_contain" => {
                for line in value.as_array().unwrap() {
                    if !headers.iter().any(|header| matches(&json!(header), line)) {
                        found.push(format!("headers lack {line}: {headers:?}"));
                    }
                }
                continue;
            }
            "headers_lack" => {
                for prefix in value.as_array().unwrap() {
                    let prefix = prefix.as_str().unwrap().to_lowercase();
                    if headers.iter().any(|header| header.to_lowercase().starts_with(&prefix)) {
                        found.push(format!("headers have {prefix}"));
                    }
                }
                continue;
            }
            other => json!(text_field(&payload, other)),
        };
        same(field, &actual, value, found);
    }
}

fn text_field<'a>(payload: &'a CollectorPayload<'_>, field: &str) -> Option<&'a str> {
    match field {
        "ipAddress" => &payload.ip_address,
        "encoding" => &payload.encoding,
        "collector" => &payload.collector,
        "userAgent" => &payload.user_agent,
        "refererUri" => &payload.referer_uri,
        "path" => &payload.path,
        "querystring" => &payload.querystring,
        "contentType" => &payload.content_type,
        "hostname" => &payload.hostname,
        "networkUserId" => &payload.network_user_id,
        "schema" => &payload.schema,
        other => panic!("a case names the field {other}"),
    }
    .as_deref()
}

fn compare_bad(data: &[u8], wanted: &Value, found: &mut Vec<String>) {
    let bad: Value = serde_json::from_slice(data).unwrap();
    let payload = bad["data"]["payload"].as_str().unwrap_or_default();
    for (field, value) in wanted.as_object().unwrap() {
        match field.as_str() {
            "schema" => same(field, &bad["schema"], value, found),
            "failure" | "processor" => {
                for (key, value) in value.as_object().unwrap() {
                    same(key, &bad["data"][field][key], value, found);
                }
            }
            "payload" => same(field, &bad["data"]["payload"], value, found),
            "payload_starts_with" => {
                if !payload.starts_with(value.as_str().unwrap()) {
                    found.push(format!("payload starts otherwise than {value}"));
                }
            }
            "payload_chars" => same(field, &json!(payload.chars().count()), value, found),
            other => panic!("a case names the bad event's {other}"),
        }
    }
}

fn same(what: &str, actual: &Value, wanted: &Value, found: &mut Vec<String>) {
    if !matches(actual, wanted) {
        let mut shown = actual.to_string();
        shown.truncate(300);
        found.push(format!("{what} is {shown}, expected {wanted}"));
    }
}

fn matches(actual: &Value, wanted: &Value) -> bool {
    if let (Some(pattern), Some(text)) = (wanted["regex"].as_str(), actual.as_str()) {
        return Regex::new(pattern).unwrap().is_match(text);
    }
    match (actual, wanted) {
        (Value::Array(actual), Value::Array(wanted)) => {
            actual.len() == wanted.len() && actual.iter().zip(wanted).all(|(a, w)| matches(a, w))
        }
        _ => actual == wanted,
    }
}
