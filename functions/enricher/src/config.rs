//! Every choice that an operator has, read once at start; `table.rs` lists the variables.

mod read;
mod table;

use std::time::Duration;

use function_env::{ConfigError, Reader, Variables};
use iglu::Resolver;

pub use table::VARIABLES;

use crate::enrichments::Folder;
use crate::settings::Settings;

/// The enricher's choices.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where rows go: a stream's name or ARN.
    pub good: String,
    /// Where bad events go.
    pub bad: String,
    /// Where what remains of failed events goes.
    pub failed: Option<String>,
    /// How long the retries of a refused write wait, at least and at most.
    pub backoff: (Duration, Duration),
    /// The registries to ask for schemas, the embedded one first.
    pub resolver: Resolver,
    /// Where the configurations of enrichments are.
    pub enrichments: Folder,
    /// What enriching depends on.
    pub settings: Settings,
}

impl Config {
    /// Reads the configuration; says everything that is wrong with it.
    pub fn from_variables(variables: &Variables) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(variables);
        let config = Self::read(&mut reader);
        reader.finish(config)
    }

    /// Reads the configuration along with whatever else the reader is used for.
    pub fn read(reader: &mut Reader<'_>) -> Self {
        read::read(reader)
    }
}
