//! What can become of a batch: an answer for each record, or a fault for all of them.

use std::fmt;

use crate::event::MalformedEvent;

/// What became of the lines of one record.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Lines that the record held.
    pub lines: usize,
    /// Lines that nobody could treat part by part.
    pub quarantined: usize,
    /// Columns that have no place in the analytics SDK's JSON as what they became.
    pub left_out: usize,
}

/// Why a whole batch fails. None of them is about what a record holds: Firehose delivers a batch
/// that fails again and again as it came, in clear.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// The event is no batch of Firehose records.
    MalformedEvent(MalformedEvent),
    /// No variable names the stream; holds what may be shown of its ARN.
    UnknownStream(String),
    /// There is no policy.
    NoPolicy,
    /// There is no key; holds why.
    NoKey(String),
    /// Records did not fit into the answer, and their stream did not take them back; holds why.
    NotPutBack(String),
    /// The answer has no room to name every record.
    TooManyRecords(usize),
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MalformedEvent(malformed) => malformed.fmt(f),
            Self::UnknownStream(arn) => {
                write!(f, "no variable says what the stream {arn} holds")
            }
            Self::NoPolicy => f.write_str("there is no policy"),
            Self::NoKey(reason) => write!(f, "there is no key for pseudonyms: {reason}"),
            Self::NotPutBack(reason) => {
                write!(f, "records that did not fit could not be put back: {reason}")
            }
            Self::TooManyRecords(count) => {
                write!(f, "the answer has no room to name {count} records")
            }
        }
    }
}

impl std::error::Error for Fault {}
