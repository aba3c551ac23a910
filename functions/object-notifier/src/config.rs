//! Every choice that an operator has, read once at start; `table.rs` lists the variables.

mod read;
mod table;

use function_env::{ConfigError, Reader, Variables};

pub use table::VARIABLES;

use crate::routes::Routes;

/// The object notifier's choices.
#[derive(Clone, Debug)]
pub struct Config {
    /// Who is told of which objects.
    pub routes: Routes,
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

    /// What the services' own reader makes of the targets, in their order; one that it does not know
    /// is a problem.
    pub fn targets<T>(&self, reader: &mut Reader<'_>, parse: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let mut found = Vec::new();
        for target in self.routes.targets() {
            match parse(target) {
                Some(parsed) => found.push(parsed),
                None => reader.problem("ROUTES", format!("{target:?}"), read::TARGET),
            }
        }
        found
    }
}
