//! Turns the variables of the table into a configuration.

use std::fmt;

use function_env::Reader;
use serde::de::{Deserialize, Deserializer, MapAccess, Visitor};

use super::Config;
use crate::routes::{Routes, TARGETS_MAX};

/// What a target is.
pub(super) const TARGET: &str =
    "the URL or ARN of a standard queue in the function's region, or the ARN of a standard topic";
/// The most prefixes.
const ROUTES_MAX: usize = 100;
/// The longest key in bytes that S3 knows, and so the longest prefix.
const PREFIX_BYTES_MAX: usize = 1_024;
const ROUTES: &str = r#"a JSON object of prefixes, each with a list of targets, such as {"output/":["https://sqs..."],"bad_event/":[]}"#;

pub(super) fn read(r: &mut Reader<'_>) -> Config {
    let text = r.required("ROUTES", ROUTES);
    let mut suffixes = r.list("LOADABLE_SUFFIXES");
    if suffixes.is_empty() {
        suffixes.push(".gz".to_owned());
    }
    let pairs = if text.is_empty() { Vec::new() } else { pairs(r, &text) };
    let routes = Routes::new(pairs, suffixes);
    if routes.targets().len() > TARGETS_MAX {
        let found = format!("{} targets", routes.targets().len());
        r.problem("ROUTES", found, &format!("at most {TARGETS_MAX}"));
    }
    Config { routes }
}

fn pairs(r: &mut Reader<'_>, text: &str) -> Vec<(String, Vec<String>)> {
    let Pairs(pairs) = serde_json::from_str(text).unwrap_or_else(|error| {
        // Without what it quotes: where it is says enough.
        let place = format!("line {} column {}", error.line(), error.column());
        r.problem("ROUTES", format!("something else ({place})"), ROUTES);
        Pairs(Vec::new())
    });
    if pairs.len() > ROUTES_MAX {
        let found = format!("{} prefixes", pairs.len());
        r.problem("ROUTES", found, &format!("at most {ROUTES_MAX}"));
    }
    for (place, (prefix, _)) in pairs.iter().enumerate() {
        if prefix.len() > PREFIX_BYTES_MAX {
            let found = format!("a prefix of {} bytes", prefix.len());
            r.problem("ROUTES", found, &format!("at most {PREFIX_BYTES_MAX}"));
        }
        if pairs.iter().take(place).any(|(earlier, _)| earlier == prefix) {
            r.problem("ROUTES", format!("{prefix:?} twice"), "every prefix once");
        }
    }
    pairs
}

/// Prefixes and targets in their order. A map would forget one of two equal prefixes.
struct Pairs(Vec<(String, Vec<String>)>);

impl<'de> Deserialize<'de> for Pairs {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Pairs;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Pairs, A::Error> {
                let mut pairs = Vec::new();
                while let Some(pair) = map.next_entry()? {
                    pairs.push(pair);
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

#[cfg(test)]
mod tests {
    use function_env::{ConfigError, Variables};

    use super::*;

    fn read(routes: &str) -> Result<Config, ConfigError> {
        Config::from_variables(&Variables::from([("ROUTES", routes)]))
    }

    #[test]
    fn routes_are_all_that_it_needs() {
        let config = read(r#"{"output/":["a","b"],"bad/":["b","c"],"none/":[]}"#).unwrap();
        assert_eq!(config.routes.targets(), ["a", "b", "c"]);
        assert!(Config::from_variables(&Variables::default()).is_err());
    }

    #[test]
    fn says_everything_that_is_wrong() {
        for routes in [
            "{",
            "[]",
            r#"{"a":"https://q"}"#,
            r#"{"a":[1]}"#,
            r#"{"a":["q"],"a":[]}"#,
            r#"{"a":["q"]} x"#,
        ] {
            let error = read(routes).unwrap_err();
            assert_eq!(error.problems[0].variable, "ROUTES", "{routes}");
        }
        let variables = Variables::from([("ROUTES", r#"{"a":["good","bad"]}"#)]);
        let mut reader = Reader::new(&variables);
        let config = Config::read(&mut reader);
        let found = config.targets(&mut reader, |target| (target == "good").then_some(1));
        assert_eq!(found, [1]);
        let error = reader.finish(()).unwrap_err();
        assert!(error.to_string().contains("\"bad\""), "{error}");
    }

    #[test]
    fn routes_have_limits() {
        let many = |count: usize, targets: usize| {
            let pair = |n: usize| format!("\"p{n}\":[\"t{}\"]", n % targets);
            format!("{{{}}}", (0..count).map(pair).collect::<Vec<_>>().join(","))
        };
        assert!(read(&many(ROUTES_MAX, TARGETS_MAX)).is_ok());
        assert!(read(&many(ROUTES_MAX + 1, TARGETS_MAX)).is_err());
        assert!(read(&many(ROUTES_MAX, TARGETS_MAX + 1)).is_err());
        for (length, is_accepted) in [(PREFIX_BYTES_MAX, true), (PREFIX_BYTES_MAX + 1, false)] {
            let routes = format!("{{\"{}\":[]}}", "p".repeat(length));
            assert_eq!(read(&routes).is_ok(), is_accepted, "{length}");
        }
    }
}
