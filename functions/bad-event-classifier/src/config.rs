//! Every choice that an operator has, read once at start; `table.rs` lists the variables.

mod read;
mod table;

use std::time::Duration;

use function_env::{ConfigError, Reader, Variables};

pub use table::VARIABLES;

use crate::rules::Rules;
use crate::schemas::Schemas;

/// The classifier's choices.
#[derive(Debug)]
pub struct Config {
    /// Where the lines go: a delivery stream's name or ARN.
    pub out: String,
    /// How long the retries of a refused write wait, at least and at most.
    pub backoff: (Duration, Duration),
    /// The rules, the built-in ones behind those of the file.
    pub rules: Rules,
    /// The schemas, the embedded ones before those of the folders.
    pub schemas: Schemas,
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
