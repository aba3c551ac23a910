//! What becomes of a line: each has one fate.

use super::draft::Draft;

/// What became of a line.
pub(super) enum Fate {
    /// It can be sent again.
    Recovered(Box<Recovered>),
    /// A rule drops it; holds the rule's place.
    Dropped(usize),
    /// No rule is for it.
    Unmatched,
    /// Rules are for it, and their steps changed nothing.
    Unchanged,
    /// There is no payload to be had.
    Lost(Reason),
}

/// A payload, as it was and as it will be.
pub(super) struct Recovered {
    pub(super) before: Draft,
    pub(super) after: Draft,
    pub(super) has_pseudonyms: bool,
}

/// Why there is no payload to be had.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Reason {
    NoBadEvent,
    Truncated,
    NoPayload,
    LeftOut,
    Sealed,
    OtherIdentity,
    DamagedSeal,
    Pseudonymized,
    Row,
    Undecodable,
    Malformed,
    Encoding,
    BodyNoText,
    TooLarge,
}

impl Reason {
    /// Its name and what it means.
    pub(super) fn told(self) -> (&'static str, &'static str) {
        match self {
            Self::NoBadEvent => ("no bad event", "the line is no bad row"),
            Self::Truncated => ("truncated", "a size violation holds the beginning only"),
            Self::NoPayload => ("no payload", "bad rows of this type hold no collector payload"),
            Self::LeftOut => {
                ("left out", "there is no payload in it, and no original is sealed in it")
            }
            Self::Sealed => ("sealed", "the original is sealed: name the --identity"),
            Self::OtherIdentity => ("sealed for others", "no --identity opens the original"),
            Self::DamagedSeal => ("damaged seal", "the sealed original is damaged"),
            Self::Pseudonymized => (
                "pseudonymized",
                "the payload holds pseudonyms and no original is sealed: --pseudonymized sends them",
            ),
            Self::Row => ("row", "a quarantined row is past the enricher: send it to its stream"),
            Self::Undecodable => ("undecodable", "the record is no payload"),
            Self::Malformed => ("malformed", "the bad row lacks what a payload needs"),
            Self::Encoding => ("encoding", "the payload's encoding lacks a character of it"),
            Self::BodyNoText => ("body", "the body is no text: use --output thrift"),
            Self::TooLarge => ("too large", "the payload fits no record of the raw stream"),
        }
    }
}
