//! A schema as a registry gives it, ready to check values.

use std::fmt;

use json_tree::Json;

use crate::SchemaKey;
use crate::check::Checker;
use crate::compile::compile;
use crate::explain;
use crate::key::Version;
use crate::metaschema;
use crate::node::Program;
use crate::report::{Invalid, Report, SchemaIssue};

/// Largest text of a schema.
pub const SCHEMA_BYTES_MAX: usize = 1 << 20;
/// Deepest nesting of a schema's JSON.
pub const SCHEMA_DEPTH_MAX: usize = 100;

/// Why a registry's answer is no schema. It counts as a failure of the registry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SchemaError {
    /// Longer than [`SCHEMA_BYTES_MAX`].
    TooLarge,
    /// No JSON; with the parser's message.
    NotJson(String),
    /// Superseded by something that is no later version of it.
    Superseded,
}

impl fmt::Display for SchemaError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLarge => write!(f, "The schema is larger than {SCHEMA_BYTES_MAX} bytes"),
            Self::NotJson(message) => write!(f, "Could not decode server response. {message}"),
            Self::Superseded => write!(f, "$supersededBy is not a later version of the schema"),
        }
    }
}

impl std::error::Error for SchemaError {}

/// A schema.
pub struct Schema {
    superseded_by: Option<Version>,
    program: Result<Program, Vec<SchemaIssue>>,
}

impl Schema {
    /// Reads the text that a registry gives for a key. JSON that is no valid schema is kept as
    /// one that refuses every value.
    pub fn parse(key: &SchemaKey, text: &str) -> Result<Self, SchemaError> {
        if text.len() > SCHEMA_BYTES_MAX {
            return Err(SchemaError::TooLarge);
        }
        let json = Json::parse(text, SCHEMA_DEPTH_MAX)
            .map_err(|error| SchemaError::NotJson(error.message()))?;
        let superseded_by = match json.get("$supersededBy") {
            None | Some(Json::Null) => None,
            Some(version) => Some(
                (version.as_str().and_then(|version| Version::parse(version).ok()))
                    .filter(|version| *version > key.version())
                    .ok_or(SchemaError::Superseded)?,
            ),
        };
        Ok(Self { superseded_by, ..Self::from_json(&json) })
    }

    /// Compiles JSON that nothing names.
    pub fn from_json(json: &Json<'_>) -> Self {
        let issues = metaschema::issues(json);
        let program = if issues.is_empty() { compile(json) } else { Err(issues) };
        Self { superseded_by: None, program }
    }

    /// The version that is to be used instead.
    pub fn superseded_by(&self) -> Option<Version> {
        self.superseded_by
    }

    /// What keeps it from being a schema.
    pub fn issues(&self) -> &[SchemaIssue] {
        self.program.as_ref().err().map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether a value follows the schema; faster than [`Self::validate`] for those that do not.
    pub fn is_valid(&self, json: &Json<'_>) -> bool {
        self.program.as_ref().is_ok_and(|program| Checker::new(program).accepts(json))
    }

    /// Whether a value follows the schema, and all that is wrong with it.
    pub fn validate(&self, json: &Json<'_>) -> Result<(), Invalid> {
        let program = match &self.program {
            Ok(program) => program,
            Err(issues) => return Err(Invalid::Schema(issues.clone())),
        };
        if Checker::new(program).accepts(json) {
            return Ok(());
        }
        let mut reports = explain::reports(program, json);
        if reports.is_empty() {
            // Nothing invalid is ever without a reason.
            reports.push(Report::without_place("$: is not valid", "$"));
        }
        Err(Invalid::Data(reports))
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.program {
            Ok(program) => write!(f, "Schema({} nodes)", program.nodes.len()),
            Err(issues) => write!(f, "Schema({} issues)", issues.len()),
        }
    }
}

#[cfg(test)]
mod tests;
