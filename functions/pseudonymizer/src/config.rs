//! Every choice that an operator has, read once at start; `table.rs` lists the variables.

mod read;
mod table;

use std::time::Duration;

use enriched_event::Column;
use function_env::{ConfigError, Reader, Variables};
use key_source::KeySource;
use privacy::Policy;
use sealed::Recipient;

pub use table::VARIABLES;

use crate::streams::Streams;

/// The pseudonymizer's choices.
#[derive(Clone, Debug)]
pub struct Config {
    /// What each stream holds.
    pub streams: Streams,
    /// What may be seen of it; missing only beside a problem.
    pub policy: Option<Policy>,
    /// Where the key of the pseudonyms is.
    pub key_source: KeySource,
    /// How long a key is used before it is asked for again.
    pub key_ttl: Duration,
    /// Who can open the originals of bad events and quarantined lines; nobody if there are none.
    pub recipients: Vec<Recipient>,
    /// What enriched rows become.
    pub output: Output,
    /// The columns that make the keys for dynamic partitioning; without any there are no keys.
    pub partition_columns: Vec<Column>,
}

/// What enriched rows become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Rows of 131 columns again.
    Tsv,
    /// JSON as the analytics SDK for Python gives it.
    Json,
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
