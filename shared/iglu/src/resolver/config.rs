//! Reads the configuration and says all that is wrong with it.

use std::collections::BTreeSet;
use std::fmt;

use json_tree::{Json, Kind};

use super::{Connection, EMBEDDED_NAME, Repository, Resolver};
use crate::{SchemaCriterion, SelfDescribing};

const CRITERION: &str = "iglu:com.snowplowanalytics.iglu/resolver-config/jsonschema/1-0-*";

/// Most repositories in one configuration.
const REPOSITORIES_MAX: usize = 64;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Where, as `data.repositories[0].name`.
    pub field: String,
    /// What should be there.
    pub expected: &'static str,
}

/// All that is wrong with a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// In the order of the configuration, never empty.
    pub problems: Vec<Problem>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, Problem { field, expected }) in self.problems.iter().enumerate() {
            let semicolon = if place > 0 { "; " } else { "" };
            write!(f, "{semicolon}{field}: {expected}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

pub(super) fn parse(json: &Json<'_>) -> Result<Resolver, ConfigError> {
    let mut reader = Reader { problems: Vec::new() };
    let resolver = reader.resolver(json);
    match resolver {
        Some(resolver) if reader.problems.is_empty() => Ok(resolver),
        _ => Err(ConfigError { problems: reader.problems }),
    }
}

struct Reader {
    problems: Vec<Problem>,
}

impl Reader {
    fn wrong<T>(&mut self, field: impl Into<String>, expected: &'static str) -> Option<T> {
        self.problems.push(Problem { field: field.into(), expected });
        None
    }

    fn resolver(&mut self, json: &Json<'_>) -> Option<Resolver> {
        let Ok(config) = SelfDescribing::of(json) else {
            return self.wrong("schema", "self-describing JSON is expected, with schema and data");
        };
        if !SchemaCriterion::parse(CRITERION).is_ok_and(|known| known.matches(&config.key)) {
            return self.wrong("schema", "resolver-config 1-0-0 to 1-0-3 is expected");
        }
        let cache_entries = self.size(config.data, "cacheSize", true);
        let cache_ttl_seconds = self.size(config.data, "cacheTtl", false);
        let repositories = self.repositories(config.data);
        Some(Resolver {
            cache_entries: usize::try_from(cache_entries?).unwrap_or(usize::MAX),
            cache_ttl_seconds,
            repositories: repositories?,
        })
    }

    fn size(&mut self, data: &Json<'_>, name: &str, is_needed: bool) -> Option<u64> {
        let value = data.get(name).filter(|value| !value.is_null());
        if value.is_none() && !is_needed {
            return None;
        }
        match value.and_then(Json::as_number).and_then(|number| number.parse().ok()) {
            Some(size) => Some(size),
            None => self.wrong(format!("data.{name}"), "an integer of 0 or more is expected"),
        }
    }

    fn repositories(&mut self, data: &Json<'_>) -> Option<Vec<Repository>> {
        let field = "data.repositories";
        let Some(items) = data.get("repositories").and_then(Json::as_array) else {
            return self.wrong(field, "an array is expected");
        };
        if items.len() > REPOSITORIES_MAX {
            return self.wrong(field, "has more than 64 repositories");
        }
        let mut repositories = vec![Repository::embedded()];
        let mut names = BTreeSet::from([EMBEDDED_NAME.to_owned()]);
        for (place, item) in items.iter().enumerate() {
            let field = format!("{field}[{place}]");
            let Some(repository) = self.repository(item, &field) else { continue };
            if !names.insert(repository.name.clone()) {
                self.wrong::<()>(
                    format!("{field}.name"),
                    "is already the name of another repository",
                );
            }
            repositories.push(repository);
        }
        Some(repositories)
    }

    fn repository(&mut self, json: &Json<'_>, field: &str) -> Option<Repository> {
        let name = self.text(json, field, "name");
        let priority = match json.get("priority").and_then(Json::as_i64) {
            Some(priority) => Some(priority),
            None => self.wrong(format!("{field}.priority"), "an integer is expected"),
        };
        let vendor_prefixes = self.prefixes(json, &format!("{field}.vendorPrefixes"));
        let connection = self.connection(json, &format!("{field}.connection"));
        Some(Repository {
            name: name?,
            priority: priority?,
            vendor_prefixes: vendor_prefixes?,
            connection: connection?,
        })
    }

    fn prefixes(&mut self, json: &Json<'_>, field: &str) -> Option<Vec<String>> {
        let prefixes = json.get("vendorPrefixes").and_then(Json::as_array);
        let texts = prefixes.and_then(|prefixes| {
            prefixes.iter().map(|prefix| prefix.as_str().map(str::to_owned)).collect()
        });
        match texts {
            Some(texts) => Some(texts),
            None => self.wrong(field, "an array of texts is expected"),
        }
    }

    fn connection(&mut self, json: &Json<'_>, field: &str) -> Option<Connection> {
        let connection = json.get("connection");
        let get = |name| connection.and_then(|connection| connection.get(name));
        if let Some(http) = get("http") {
            return self.http(http, &format!("{field}.http"));
        }
        if let Some(embedded) = get("embedded") {
            let path = self.text(embedded, &format!("{field}.embedded"), "path")?;
            return Some(Connection::Embedded { path: path.trim_end_matches('/').to_owned() });
        }
        if let Some(s3) = get("s3") {
            return self.s3(s3, &format!("{field}.s3"));
        }
        self.wrong(field, "http, embedded or s3 is expected")
    }

    fn http(&mut self, json: &Json<'_>, field: &str) -> Option<Connection> {
        let uri = self.text(json, field, "uri")?;
        if !uri.starts_with("http://") && !uri.starts_with("https://") {
            return self.wrong(format!("{field}.uri"), "http:// or https:// is expected");
        }
        let apikey = match json.get("apikey") {
            None | Some(Json::Null) => None,
            Some(_) => Some(self.text(json, field, "apikey")?),
        };
        Some(Connection::Http { uri: uri.trim_end_matches('/').to_owned(), apikey })
    }

    fn s3(&mut self, json: &Json<'_>, field: &str) -> Option<Connection> {
        let uri = self.text(json, field, "uri")?;
        let path = uri.strip_prefix("s3://").unwrap_or_default();
        let (bucket, prefix) = path.split_once('/').unwrap_or((path, ""));
        if bucket.is_empty() {
            return self.wrong(format!("{field}.uri"), "s3://bucket/prefix is expected");
        }
        let prefix = prefix.trim_matches('/');
        let slash = if prefix.is_empty() { "" } else { "/" };
        Some(Connection::S3 { bucket: bucket.to_owned(), prefix: format!("{prefix}{slash}") })
    }

    fn text(&mut self, json: &Json<'_>, field: &str, name: &str) -> Option<String> {
        match json.get(name) {
            Some(Json::Text(text)) if !text.is_empty() => Some(text.clone().into_owned()),
            other => {
                let is_empty = other.map(Json::kind) == Some(Kind::Text);
                let expected = if is_empty { "must not be empty" } else { "a text is expected" };
                self.wrong(format!("{field}.{name}"), expected)
            }
        }
    }
}
