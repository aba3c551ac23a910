//! One thing that was wrong.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;
use serde_json::value::RawValue;

/// One thing that was wrong with a request or an event.
#[derive(Clone, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum Message<'a> {
    /// A text should have been JSON.
    NotJson {
        /// Where it was.
        field: Cow<'a, str>,
        /// What it was.
        value: Option<Cow<'a, str>>,
        /// What the parser says.
        error: Cow<'a, str>,
    },
    /// JSON should have been self-describing.
    NotIglu {
        /// What it was.
        json: Cow<'a, RawValue>,
        /// What it was not.
        error: IgluParseError,
    },
    /// A value was not as expected.
    InputData {
        /// Where it was.
        field: Cow<'a, str>,
        /// What it was.
        value: Option<Cow<'a, str>>,
        /// What it should have been.
        expectation: Cow<'a, str>,
    },
    /// A webhook's event has no schema.
    SchemaMapping {
        /// The event's name.
        actual: Option<Cow<'a, str>>,
        /// The names that are known, with their schemas.
        expected_mapping: BTreeMap<Cow<'a, str>, Cow<'a, str>>,
        /// What it should have been.
        expectation: Cow<'a, str>,
    },
    /// Data names another schema than this place takes.
    CriterionMismatch {
        /// The schema.
        schema_key: Cow<'a, str>,
        /// What this place takes.
        schema_criterion: Cow<'a, str>,
    },
    /// Data does not match its schema, or the schema was not found.
    IgluError {
        /// The schema.
        schema_key: Cow<'a, str>,
        /// The validator's or the resolver's report.
        error: Cow<'a, RawValue>,
    },
    /// Anything else.
    Simple {
        /// What it was.
        error: Cow<'a, str>,
    },
}

/// Why JSON is not self-describing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum IgluParseError {
    /// The schema's version is none.
    InvalidSchemaver,
    /// The schema's name is none.
    InvalidIgluuri,
    /// There is no schema or no data.
    InvalidDataPayload,
    /// The schema does not describe itself.
    InvalidSchema,
    /// The schema's own schema is another one.
    InvalidMetaschema,
}

/// Which enrichment found something wrong.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Enrichment<'a> {
    /// The schema of its configuration.
    pub schema_key: Cow<'a, str>,
    /// Its name.
    pub identifier: Cow<'a, str>,
}

/// One thing that an enrichment found wrong.
#[derive(Clone, Debug, Serialize)]
pub struct EnrichmentMessage<'a> {
    /// Which one; none for what is always done.
    pub enrichment: Option<Enrichment<'a>>,
    /// What was wrong: input data, a report or anything else.
    pub message: Message<'a>,
}

impl IgluParseError {
    /// The same for people.
    pub fn text(self) -> &'static str {
        match self {
            Self::InvalidSchemaver => "Invalid schema version",
            Self::InvalidIgluuri => "Invalid Iglu URI",
            Self::InvalidDataPayload => "Invalid data payload",
            Self::InvalidSchema => "Invalid schema",
            Self::InvalidMetaschema => "Invalid metaschema",
        }
    }
}

impl fmt::Debug for Message<'_> {
    /// Names only: values and reports quote the data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson { field, .. } => write!(f, "NotJson({field})"),
            Self::NotIglu { error, .. } => write!(f, "NotIglu({error:?})"),
            Self::InputData { field, .. } => write!(f, "InputData({field})"),
            Self::SchemaMapping { .. } => f.write_str("SchemaMapping"),
            Self::CriterionMismatch { schema_criterion, .. } => {
                write!(f, "CriterionMismatch({schema_criterion})")
            }
            Self::IgluError { schema_key, .. } => write!(f, "IgluError({schema_key})"),
            Self::Simple { .. } => f.write_str("Simple"),
        }
    }
}
