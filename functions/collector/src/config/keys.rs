//! Snowplow's configuration keys as our variables, so that an operator's file can be carried over.

use function_env::{Kind, Variables};
use serde_json::Value;

use super::table::VARIABLES;

/// Keys that mean something to Snowplow's collector and nothing to a function: servers, threads,
/// licences, telemetry, buffers that a function does not have.
const WITHOUT_MEANING: &[&str] = &[
    "license",
    "interface",
    "port",
    "ssl",
    "telemetry",
    "monitoring",
    "prometheusMetrics",
    "preTerminationPeriod",
    "preTerminationUnhealthy",
    "terminationDeadline",
    "experimental",
    "networking.maxConnections",
    "networking.idleTimeout",
    "networking.responseHeaderTimeout",
    "networking.bodyReadTimeout",
    "networking.maxRequestLineLength",
    "networking.maxHeadersLength",
    "streams.sink",
    "streams.buffer",
];

/// The same for each of the two streams, below `streams.good` and `streams.bad`.
const WITHOUT_MEANING_FOR_A_STREAM: &[&str] = &[
    "type",
    "region",
    "customEndpoint",
    "threadPoolSize",
    "aws",
    "startupCheckInterval",
    "buffer",
    "sqsMaxBytes",
    "backoffPolicy",
];

/// What a configuration file came to.
#[derive(Debug, Default)]
pub struct FromKeys {
    /// The variables that the file sets.
    pub variables: Variables,
    /// Keys that nobody knows.
    pub unknown: Vec<String>,
}

/// Turns the keys of a file, with or without the outer `collector`, into variables.
pub fn variables_from_keys(file: &Value) -> FromKeys {
    let keys = file.get("collector").unwrap_or(file);
    let mut found = FromKeys::default();
    for row in VARIABLES {
        if let Some(text) = lookup(keys, row.key).and_then(|value| as_text(value, row.kind)) {
            found.variables.set(row.name, text);
        }
    }
    add_older_style(keys, &mut found.variables);
    if keys.pointer("/cookie/sameSite").is_some_and(Value::is_null) {
        found.variables.set("COOKIE_SAME_SITE", "unset");
    }
    note_unknown(keys, String::new(), &mut found.unknown);
    found
}

/// Older files name the streams directly and share one sink between them.
fn add_older_style(keys: &Value, variables: &mut Variables) {
    for which in ["good", "bad"] {
        let upper = which.to_uppercase();
        if let Some(name) = lookup(keys, &format!("streams.{which}")).and_then(Value::as_str) {
            variables.set(format!("STREAM_{upper}"), name);
        }
        let shared = lookup(keys, "streams.sink.maxBytes").and_then(|v| as_text(v, Kind::Number));
        let record_bytes = format!("STREAM_{upper}_RECORD_BYTES_MAX");
        if let Some(bytes) = shared.filter(|_| !variables.contains(&record_bytes)) {
            variables.set(record_bytes, bytes);
        }
    }
}

fn lookup<'a>(keys: &'a Value, dotted: &str) -> Option<&'a Value> {
    dotted.split('.').try_fold(keys, |value, part| value.get(part))
}

fn as_text(value: &Value, kind: Kind) -> Option<String> {
    match (kind, value) {
        (Kind::Pairs, Value::Object(pairs)) => {
            let texts =
                pairs.iter().filter_map(|(key, value)| Some((key.clone(), scalar(value)?.into())));
            Some(Value::Object(texts.collect()).to_string())
        }
        (_, Value::Array(items)) => {
            Some(items.iter().filter_map(scalar).collect::<Vec<_>>().join(","))
        }
        (_, value) => scalar(value),
    }
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(boolean) => Some(boolean.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

fn note_unknown(value: &Value, path: String, unknown: &mut Vec<String>) {
    let is_below = |known: &str| {
        path.strip_prefix(known).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let stream_key = path.strip_prefix("streams.good").or_else(|| path.strip_prefix("streams.bad"));
    let is_older_style = stream_key == Some("") && value.is_string();
    let is_known = is_older_style
        || WITHOUT_MEANING.iter().any(|key| is_below(key))
        || VARIABLES.iter().any(|row| is_below(row.key))
        || stream_key.is_some_and(|key| {
            let first = key.trim_start_matches('.').split('.').next().unwrap_or_default();
            WITHOUT_MEANING_FOR_A_STREAM.contains(&first)
        });
    if is_known {
        return;
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let dot = if path.is_empty() { "" } else { "." };
                note_unknown(member, format!("{path}{dot}{name}"), unknown);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => {
            unknown.push(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::config::Config;

    #[test]
    fn a_file_becomes_variables() {
        let file = json!({"collector": {
            "port": 8080,
            "license": {"accept": true},
            "paths": {"/com.acme/track": "/com.snowplowanalytics.snowplow/tp2"},
            "cookie": {"expiration": "30 days", "domains": ["a.com", "b.com"], "sameSite": null},
            "streams": {"good": {"name": "g", "maxBytes": 10000, "region": "eu-west-1"}, "bad": {"name": "b"}},
            "cors": {"accessControlMaxAge": "-1 seconds"},
        }});
        let found = variables_from_keys(&file);
        assert!(found.unknown.is_empty(), "{:?}", found.unknown);
        let config = Config::from_variables(&found.variables).unwrap();
        assert_eq!(config.good.record_bytes_max, 10_000);
        assert_eq!(config.cookie.domains, ["a.com", "b.com"]);
        assert_eq!(config.cookie.same_site, None);
        assert_eq!(config.cors.max_age_seconds, -1);
        assert_eq!(config.paths["/com.acme/track"], "/com.snowplowanalytics.snowplow/tp2");
    }

    #[test]
    fn older_files_share_one_sink() {
        let file = json!({"streams": {"good": "g", "bad": "b", "sink": {"maxBytes": 5000}}});
        let config = Config::from_variables(&variables_from_keys(&file).variables).unwrap();
        assert_eq!((config.good.stream.as_str(), config.bad.record_bytes_max), ("g", 5000));
    }

    #[test]
    fn keys_that_nobody_knows_are_named() {
        let file = json!({"cookie": {"nmae": "sp"}, "surprise": 1, "cookieBounce": {"enabled": true},
            "streams": {"good": {"name": "g", "maxByte": 1, "buffer": {"byteLimit": 1}}, "bad": "b"},
            "networking": {"maxPayloadSiz": 1, "maxConnections": 1}});
        assert_eq!(
            variables_from_keys(&file).unknown,
            ["cookie.nmae", "networking.maxPayloadSiz", "streams.good.maxByte", "surprise"]
        );
    }
}
