//! Turns the variables of the table into a configuration.

use std::time::Duration;

use bad_event::SchemaGeneration;
use enriched_event::{AtomicLimits, Column, LimitError};
use function_env::{Reader, record_bytes_max, text_file};
use iglu::Resolver;
use json_tree::Json;

use super::Config;
use crate::enrichments::Folder;
use crate::settings::Settings;

/// Below this even the shortest bad event would be one that is too large.
const RECORD_BYTES_LEAST: usize = 10_000;
/// How often assets are looked at, as in Snowplow's Enrich.
const ASSETS_UPDATE_PERIOD: Duration = Duration::from_hours(7 * 24);
/// Deepest JSON that may be wanted; every level costs stack.
const JSON_DEPTH: (usize, usize) = (5, 200);
/// Largest resolver configuration, and its depth.
const RESOLVER_BYTES_MAX: usize = 1_048_576;
const RESOLVER_DEPTH_MAX: usize = 20;

pub(super) fn read(r: &mut Reader<'_>) -> Config {
    let good = r.required("STREAM_GOOD", "the name or ARN of a Kinesis stream");
    let bad = r.required("STREAM_BAD", "the name or ARN of a Kinesis stream");
    let backoff = (
        r.duration("BACKOFF_MIN", Duration::from_millis(50)),
        r.duration("BACKOFF_MAX", Duration::from_secs(1)),
    );
    if backoff.0 > backoff.1 {
        r.problem("BACKOFF_MIN", format!("{:?}", backoff.0), "a duration up to BACKOFF_MAX");
    }
    let failed = r.optional("STREAM_FAILED");
    let settings = settings(r, failed.is_some());
    let period = r.duration("ASSETS_UPDATE_PERIOD", ASSETS_UPDATE_PERIOD);
    Config {
        good,
        bad,
        failed,
        backoff,
        resolver: resolver(r),
        enrichments: Folder {
            path: r.optional("ENRICHMENTS"),
            period: Some(period).filter(|period| !period.is_zero()),
        },
        settings,
    }
}

fn settings(r: &mut Reader<'_>, emits_failed: bool) -> Settings {
    let generation =
        r.parsed("BAD_ROWS", SchemaGeneration::Enrich6, "6.x or 3.9", |text| match text {
            "6.x" => Some(SchemaGeneration::Enrich6),
            "3.9" => Some(SchemaGeneration::Enrich3),
            _ => None,
        });
    let accepted = "the name of one of the 131 columns";
    Settings {
        limits: limits(r),
        accepts_too_long: r.boolean("ACCEPT_TOO_LONG", false),
        json_depth_max: r.size("JSON_DEPTH_MAX", 50, JSON_DEPTH),
        record_bytes_max: record_bytes_max(r, "RECORD_BYTES_MAX", 1_000_000, RECORD_BYTES_LEAST),
        emits_failed,
        generation,
        partition_column: r.parsed("PARTITION_KEY", Column::EventId, accepted, Column::named),
    }
}

fn limits(r: &mut Reader<'_>) -> AtomicLimits {
    let mut limits = AtomicLimits::enrich_6();
    for (name, value) in r.pairs("ATOMIC_LIMITS") {
        let accepted = "text columns with their limits in characters";
        match value.parse() {
            Ok(chars_max) => {
                let set: Result<(), LimitError> = limits.set_named(&name, chars_max);
                if let Err(error) = set {
                    r.problem("ATOMIC_LIMITS", error.to_string(), accepted);
                }
            }
            Err(_) => r.problem("ATOMIC_LIMITS", format!("{name}: {value:?}"), accepted),
        }
    }
    limits
}

/// The configuration itself, or the path of a file that holds it.
fn resolver(r: &mut Reader<'_>) -> Resolver {
    let Some(text) = r.optional("IGLU_RESOLVER") else { return Resolver::default() };
    let is_json = text.trim_start().starts_with('{');
    let json = if is_json { Ok(text.clone()) } else { text_file(&text, RESOLVER_BYTES_MAX) };
    let found = json.and_then(|json| {
        let json = Json::parse(&json, RESOLVER_DEPTH_MAX).map_err(|error| error.message())?;
        Resolver::parse(&json).map_err(|error| error.to_string())
    });
    found.unwrap_or_else(|problem| {
        let accepted = "a resolver configuration in JSON, or the path of a file that holds one";
        // Not the text itself: it may hold a registry's key.
        let found = if is_json { "JSON".to_owned() } else { format!("{text:?}") };
        r.problem("IGLU_RESOLVER", format!("{found}: {problem}"), accepted);
        Resolver::default()
    })
}

#[cfg(test)]
mod tests {
    use function_env::Variables;

    use super::*;

    #[test]
    fn says_everything_that_is_wrong() {
        let variables = Variables::from([
            ("STREAM_GOOD", "good"),
            ("BACKOFF_MIN", "2s"),
            ("BAD_ROWS", "7"),
            ("ATOMIC_LIMITS", r#"{"nope":"1","page_url":"x"}"#),
            ("JSON_DEPTH_MAX", "1000"),
            ("PARTITION_KEY", "nope"),
            ("IGLU_RESOLVER", "/nonexistent/resolver.json"),
        ]);
        let error = Config::from_variables(&variables).unwrap_err();
        let names: Vec<_> =
            error.problems.iter().map(|problem| problem.variable.as_str()).collect();
        assert_eq!(
            names,
            [
                "STREAM_BAD",
                "BACKOFF_MIN",
                "BAD_ROWS",
                "ATOMIC_LIMITS",
                "ATOMIC_LIMITS",
                "JSON_DEPTH_MAX",
                "PARTITION_KEY",
                "IGLU_RESOLVER",
            ]
        );
    }

    #[test]
    fn two_streams_are_all_that_it_needs() {
        let variables = Variables::from([("STREAM_GOOD", "good"), ("STREAM_BAD", "bad")]);
        let config = Config::from_variables(&variables).unwrap();
        assert_eq!(config.settings.record_bytes_max, 1_000_000);
        assert!(config.failed.is_none() && !config.settings.emits_failed);
    }
}
