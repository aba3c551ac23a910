//! The database of referrers: media, in them sources, in them domains and search parameters.

use std::collections::BTreeMap;
use std::sync::Arc;

use json_tree::Json;

use super::Entry;
use crate::enrichments::yaml;

/// Deepest JSON that a database needs.
const DEPTH_MAX: usize = 10;
/// Most domains in a database.
const DOMAINS_MAX: usize = 200_000;

/// Somebody who sends visitors.
#[derive(Debug)]
pub(super) struct Source {
    /// `search`, `social`, `email` and so on.
    pub(super) medium: String,
    /// Such as `Google`.
    pub(super) name: String,
    /// The parameters that hold what was searched for.
    pub(super) parameters: Vec<String>,
}

/// Sources by their hosts.
#[derive(Debug, Default)]
pub(super) struct Database {
    hosts: BTreeMap<Box<str>, Vec<Entry>>,
    domains: usize,
}

impl Database {
    /// Reads a database in JSON or YAML.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let text = str::from_utf8(bytes).map_err(|_| "is no UTF-8".to_owned())?;
        let mut database = Self::default();
        if text.trim_start().starts_with('{') {
            let json = Json::parse(text, DEPTH_MAX).map_err(|error| {
                format!("is no JSON at line {}, column {}", error.line(), error.column())
            })?;
            database.add(&json)?;
        } else {
            database.add(&yaml::parse(text)?)?;
        }
        if database.domains == 0 { Err("has no domains".to_owned()) } else { Ok(database) }
    }

    /// Adds what a tree holds; it wins over what was there before.
    pub(super) fn add(&mut self, json: &Json<'_>) -> Result<(), String> {
        let media = json.as_object().ok_or("is no object of media")?;
        for (medium, sources) in media.iter() {
            let sources = sources
                .as_object()
                .ok_or_else(|| format!("the medium {medium:?} is no object of sources"))?;
            for (name, source) in sources.iter() {
                let wrong = || format!("the source {name:?} needs lists of texts");
                let domains = texts(source.get("domains")).ok_or_else(wrong)?;
                let parameters = match source.get("parameters") {
                    None | Some(Json::Null) => Vec::new(),
                    given => texts(given).ok_or_else(wrong)?,
                };
                let (medium, name) = (medium.to_owned(), name.to_owned());
                let source = Arc::new(Source { medium, name, parameters });
                for domain in domains {
                    self.insert(&domain, &source)?;
                }
            }
        }
        Ok(())
    }

    fn insert(&mut self, domain: &str, source: &Arc<Source>) -> Result<(), String> {
        self.domains += 1;
        if self.domains > DOMAINS_MAX {
            return Err(format!("has more than {DOMAINS_MAX} domains"));
        }
        let (host, path) = match domain.find('/') {
            Some(slash) => domain.split_at_checked(slash).unwrap_or((domain, "")),
            None => (domain, ""),
        };
        let entries = self.hosts.entry(host.into()).or_default();
        entries.retain(|(known, _)| **known != *path);
        entries.push((path.into(), Arc::clone(source)));
        Ok(())
    }

    /// What is known of a host, of its parent domain, and so on.
    pub(super) fn hosts(&self, host: &str) -> Arc<[Vec<Entry>]> {
        let mut levels = Vec::new();
        let mut rest = Some(host);
        while let Some(name) = rest {
            levels.extend(self.hosts.get(name).cloned());
            rest = name.split_once('.').map(|(_, parent)| parent);
        }
        levels.into()
    }
}

fn texts(json: Option<&Json<'_>>) -> Option<Vec<String>> {
    json?.as_array()?.iter().map(|text| text.as_str().map(str::to_owned)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(database: &Database, host: &str) -> Vec<String> {
        let levels = database.hosts(host);
        levels.iter().flatten().map(|(path, source)| format!("{}{path}", source.name)).collect()
    }

    #[test]
    fn json_and_yaml_say_the_same() {
        let json = r#"{"search":{"Google":{"domains":["google.com","x.google.com/a"],"parameters":["q"]}}}"#;
        let yaml = "search:\n  Google:\n    parameters:\n      - q\n    domains:\n      - google.com\n      - x.google.com/a\n";
        for text in [json, yaml] {
            let database = Database::read(text.as_bytes()).unwrap();
            assert_eq!(found(&database, "www.x.google.com"), ["Google/a", "Google"], "{text}");
            assert_eq!(found(&database, "oogle.com"), [""; 0]);
        }
    }

    #[test]
    fn a_broken_database_is_refused() {
        for text in
            ["", "{}", "[]", "{\"search\":[]}", "{\"search\":{\"G\":{\"domains\":\"g\"}}}", "\u{0}"]
        {
            assert!(Database::read(text.as_bytes()).is_err(), "{text}");
        }
        assert!(Database::read(&[0xff]).is_err());
    }
}
