//! What can become of objects, and why a whole invocation fails.

use std::fmt;

/// What became of the objects of one invocation. Each has one fate:
/// `objects = routed + ignored + unrouted + duplicates + failed`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Messages of a queue; any other trigger is one.
    pub messages: usize,
    /// Of those, the ones that nobody could read, in whole or in part.
    pub malformed: usize,
    /// Records in them.
    pub objects: usize,
    /// Every target was told.
    pub routed: usize,
    /// Not to be told on purpose: no new object, empty, an error's output, a name that is not loaded,
    /// or a prefix without targets.
    pub ignored: usize,
    /// No route knows them.
    pub unrouted: usize,
    /// Told already by another record of the same batch.
    pub duplicates: usize,
    /// A target was not told, or the record could not be read.
    pub failed: usize,
}

/// Why an invocation fails as a whole, so that it comes again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The event is none that the function takes.
    MalformedEvent(MalformedEvent),
    /// Records of a trigger that cannot be answered one by one could not be read.
    MalformedRecords(usize),
    /// The same, and these objects were not told to all targets; holds the first reason.
    NotSent(usize, String),
}

/// The event is none that the function takes; says where, never what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct MalformedEvent {
    /// The line.
    pub line: usize,
    /// The column.
    pub column: usize,
}

impl From<serde_json::Error> for MalformedEvent {
    fn from(error: serde_json::Error) -> Self {
        Self { line: error.line(), column: error.column() }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MalformedEvent(MalformedEvent { line, column }) => {
                write!(f, "the event is no notification (line {line} column {column})")
            }
            Self::MalformedRecords(count) => {
                write!(f, "{count} records are no notifications of S3")
            }
            Self::NotSent(count, reason) => {
                write!(f, "{count} objects were not told to all targets: {reason}")
            }
        }
    }
}

impl std::error::Error for Fault {}
