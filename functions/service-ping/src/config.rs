//! Every choice that an operator has, read once at start; `table.rs` lists the variables.

mod read;
mod table;

use std::time::Duration;

use function_env::{ConfigError, Reader, Variables};
use key_source::KeySource;
use privacy::Policy;

pub use table::VARIABLES;

/// The function's choices.
#[derive(Clone, Debug)]
pub struct Config {
    /// The delivery stream of usage data.
    pub usage_data: String,
    /// The delivery stream of what the client says about its metrics.
    pub metadata: String,
    /// The delivery stream of the client's errors.
    pub errors: String,
    /// What may be seen of a ping; missing only beside a problem.
    pub policy: Option<Policy>,
    /// Where the key of the pseudonyms is.
    pub key_source: KeySource,
    /// How long a key is used before it is asked for again.
    pub key_ttl: Duration,
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
