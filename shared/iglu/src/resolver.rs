//! The repositories to ask for schemas, as Snowplow's resolver configuration names them.

use std::fmt;

use json_tree::Json;

use crate::SchemaKey;

mod config;

pub use config::{ConfigError, Problem};

/// Every resolver has this repository: the schemas that the program carries along.
pub const EMBEDDED_NAME: &str = "Iglu Client Embedded";
/// Where those are found below whatever the program was built with.
pub const EMBEDDED_PATH: &str = "/iglu-client-embedded";

/// How repositories are asked and how long answers are kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolver {
    pub(crate) cache_entries: usize,
    pub(crate) cache_ttl_seconds: Option<u64>,
    pub(crate) repositories: Vec<Repository>,
}

/// A place that has schemas.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Repository {
    /// What it is called.
    pub name: String,
    /// The lower, the earlier.
    pub priority: i64,
    /// Vendors whose schemas it is asked for first, by how they begin.
    pub vendor_prefixes: Vec<String>,
    /// How it is reached.
    pub connection: Connection,
}

/// How a repository is reached.
#[derive(Clone, PartialEq, Eq)]
pub enum Connection {
    /// A static site or an Iglu server.
    Http {
        /// Without a slash at the end.
        uri: String,
        /// Sent as the header `apikey`.
        apikey: Option<String>,
    },
    /// Files that the program carries along.
    Embedded {
        /// Without a slash at the end.
        path: String,
    },
    /// Objects in a bucket.
    S3 {
        /// The bucket.
        bucket: String,
        /// What keys begin with: empty, or with a slash at the end.
        prefix: String,
    },
}

impl fmt::Debug for Connection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Http { uri, apikey } => {
                let apikey = if apikey.is_some() { "with" } else { "without" };
                write!(f, "Http({uri}, {apikey} apikey)")
            }
            Self::Embedded { path } => write!(f, "Embedded({path})"),
            Self::S3 { bucket, prefix } => write!(f, "S3(s3://{bucket}/{prefix})"),
        }
    }
}

/// Which repository of a resolver.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RepositoryId(pub(crate) usize);

/// Where one schema is in a repository.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Location {
    /// To be fetched from here, with the repository's apikey.
    Url(String),
    /// To be read from what the program carries along.
    File(String),
    /// To be fetched from a bucket.
    Object {
        /// The bucket.
        bucket: String,
        /// The object's key.
        key: String,
    },
}

impl Repository {
    /// Where the schema is if this repository has it.
    pub fn location(&self, key: &SchemaKey) -> Location {
        let path = key.path();
        match &self.connection {
            Connection::Http { uri, .. } => Location::Url(format!("{uri}/schemas/{path}")),
            Connection::Embedded { path: root } => Location::File(format!("{root}/schemas/{path}")),
            Connection::S3 { bucket, prefix } => {
                Location::Object { bucket: bucket.clone(), key: format!("{prefix}schemas/{path}") }
            }
        }
    }

    /// What it wants to see before it answers.
    pub fn api_key(&self) -> Option<&str> {
        match &self.connection {
            Connection::Http { apikey, .. } => apikey.as_deref(),
            Connection::Embedded { .. } | Connection::S3 { .. } => None,
        }
    }

    /// What stands in the way of asking: what is at hand comes before what is far.
    fn class(&self) -> u8 {
        match self.connection {
            Connection::Embedded { .. } => 2,
            Connection::Http { .. } | Connection::S3 { .. } => 100,
        }
    }
}

impl Default for Resolver {
    /// The embedded repository alone, with as many entries as most configurations ask for.
    fn default() -> Self {
        let repositories = vec![Repository::embedded()];
        Self { cache_entries: CACHE_ENTRIES, cache_ttl_seconds: None, repositories }
    }
}

impl Repository {
    fn embedded() -> Self {
        Self {
            name: EMBEDDED_NAME.to_owned(),
            priority: 0,
            vendor_prefixes: Vec::new(),
            connection: Connection::Embedded { path: EMBEDDED_PATH.to_owned() },
        }
    }
}

/// How many schemas are kept when nobody says how many.
const CACHE_ENTRIES: usize = 500;

impl Resolver {
    /// Reads a resolver configuration: self-describing JSON, versions 1-0-0 to 1-0-3.
    pub fn parse(json: &Json<'_>) -> Result<Self, ConfigError> {
        config::parse(json)
    }

    /// All repositories, the embedded one first.
    pub fn repositories(&self) -> &[Repository] {
        &self.repositories
    }

    /// The repository that an id stands for.
    pub fn repository(&self, id: RepositoryId) -> Option<&Repository> {
        self.repositories.get(id.0)
    }

    /// The repositories to ask for a schema, in this order.
    pub fn order(&self, key: &SchemaKey) -> Vec<RepositoryId> {
        let rank = |repository: &Repository| {
            let is_meant = |prefix: &String| key.vendor().starts_with(prefix.as_str());
            let is_other = !repository.vendor_prefixes.iter().any(is_meant);
            (is_other, repository.class(), repository.priority)
        };
        let mut ranked: Vec<_> = self.repositories.iter().map(rank).zip(0..).collect();
        ranked.sort_unstable();
        ranked.into_iter().map(|(_, place)| RepositoryId(place)).collect()
    }
}

#[cfg(test)]
mod tests;
