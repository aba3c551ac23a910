#![doc = include_str!("../README.md")]

mod cache;
mod calendar;
mod check;
mod compile;
mod criterion;
#[cfg(test)]
mod differential;
mod equal;
mod explain;
mod format;
mod history;
mod java_regex;
mod key;
mod metaschema;
mod node;
mod number;
mod pattern;
mod report;
mod resolver;
mod schema;
mod self_describing;

pub mod map_order;

pub use cache::{Answer, BACKOFF_MILLIS_MAX, ENTRIES_MAX, Found, Lookup, SchemaCache};
pub use check::{VALIDATION_DEPTH_MAX, VALIDATION_STEPS_MAX};
pub use compile::NODES_MAX;
pub use criterion::SchemaCriterion;
pub use explain::REPORTS_MAX;
pub use history::{Attempts, LookupHistory, RegistryError};
pub use key::{KeyError, NAME_CHARACTERS_MAX, SchemaKey, Version};
pub use pattern::{PATTERN_BYTES_MAX, Pattern};
pub use report::{IgluError, Invalid, Report, SchemaIssue};
pub use resolver::{
    ConfigError, Connection, EMBEDDED_NAME, EMBEDDED_PATH, Location, Problem, Repository,
    RepositoryId, Resolver,
};
pub use schema::{SCHEMA_BYTES_MAX, SCHEMA_DEPTH_MAX, Schema, SchemaError};
pub use self_describing::SelfDescribing;
