//! Schemas as the pure core sees them: already loaded, or noted as needed.

use std::num::NonZeroU64;
use std::time::Instant;

use iglu::SchemaKey;
use json_tree::Json;

/// What a schema says of some data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// The data fits; `by` is the newer schema that judged it in place of the one asked for.
    Fits {
        /// The superseding schema, if there is one.
        by: Option<SchemaKey>,
    },
    /// The data does not fit, or there is no such schema: the error as bad events carry it, in JSON.
    Refused {
        /// `ResolutionError` or `ValidationError`, rendered.
        error: String,
    },
    /// The schema was not loaded yet; it is noted, and the event is judged again once it is.
    NotLoaded,
}

/// Whoever knows the schemas.
pub trait Schemas {
    /// Judges data by a schema.
    fn judge(&self, key: &SchemaKey, data: &Json<'_>) -> Judgement;

    /// Names the time in which data that fits goes on to fit, never the same for another time;
    /// none if nothing is promised.
    fn era(&self) -> Option<NonZeroU64> {
        None
    }
}

/// Loads the schemas that were found missing.
pub trait Loader: Schemas + Send + Sync {
    /// A new batch begins: what the last one held may go.
    fn begin(&self, now_millis: i64);

    /// Loads what was asked for in vain since the last time, and says whether anything is known now
    /// that was not. An error means that a registry does not answer: the events cannot be judged now.
    fn load(&self, deadline: Instant) -> impl Future<Output = Result<bool, Outage>> + Send;
}

/// A registry does not answer; holds what it said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage(pub String);
