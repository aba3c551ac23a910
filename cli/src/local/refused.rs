//! What a bad event of the enricher says of the event that it was to be.

use serde::{Deserialize, Serialize};

/// A name that a tracker sent, and its value.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize)]
#[serde(default)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) value: Option<String>,
}

impl From<(&str, Option<&str>)> for Parameter {
    fn from((name, value): (&str, Option<&str>)) -> Self {
        Self { name: name.to_owned(), value: value.map(str::to_owned) }
    }
}

/// An event that was refused.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Refused {
    /// How far it was enriched.
    pub(super) enriched: Enriched,
    raw: Option<Raw>,
}

/// What an event is found by.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Enriched {
    pub(super) app_id: Option<String>,
    pub(super) event: Option<String>,
    pub(super) event_id: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Raw {
    parameters: Vec<Parameter>,
}

impl Refused {
    /// The event of a bad event; none if that is about something else, or shows only a text.
    pub(super) fn of(line: &[u8]) -> Option<Self> {
        #[derive(Deserialize)]
        struct Line {
            data: Data,
        }
        #[derive(Deserialize)]
        struct Data {
            payload: Refused,
        }
        serde_json::from_slice::<Line>(line).ok().map(|line| line.data.payload)
    }

    /// What the tracker sent.
    pub(super) fn parameters(self) -> Option<Vec<Parameter>> {
        self.raw.map(|raw| raw.parameters)
    }
}
