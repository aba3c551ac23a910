//! The streams between the functions.

/// One of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Stream {
    /// What trackers sent.
    RawGood,
    /// What the collector could not take.
    RawBad,
    /// Rows.
    EnrichedGood,
    /// Bad events of the enricher.
    EnrichedBad,
    /// What remains of failed events, as rows; nothing delivers them.
    EnrichedFailed,
}

impl Stream {
    pub(crate) const ALL: [Self; 5] =
        [Self::RawGood, Self::RawBad, Self::EnrichedGood, Self::EnrichedBad, Self::EnrichedFailed];

    /// Its name in paths and trigger events.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::RawGood => "raw-good",
            Self::RawBad => "raw-bad",
            Self::EnrichedGood => "enriched-good",
            Self::EnrichedBad => "enriched-bad",
            Self::EnrichedFailed => "enriched-failed",
        }
    }

    /// The stream of this name.
    pub(crate) fn by_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|stream| stream.name() == name)
    }

    /// Its number in the store; it must never change.
    pub(super) fn number(self) -> i64 {
        match self {
            Self::RawGood => 1,
            Self::RawBad => 2,
            Self::EnrichedGood => 3,
            Self::EnrichedBad => 4,
            Self::EnrichedFailed => 5,
        }
    }
}
