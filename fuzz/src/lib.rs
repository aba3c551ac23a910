//! What the targets of the enricher share.

use enricher::Outcome;
use enricher::schemas::{Judgement, Schemas};
use iglu::SchemaKey;
use json_tree::Json;

/// Every schema is known and takes everything.
pub struct AcceptAll;

impl Schemas for AcceptAll {
    fn judge(&self, _: &SchemaKey, _: &Json<'_>) -> Judgement {
        Judgement::Fits { by: None }
    }
}

/// Panics unless rows have 131 columns and bad events are JSON.
pub fn assert_whole(outcomes: &[Outcome]) {
    for outcome in outcomes {
        let (row, bad_event) = match outcome {
            Outcome::Good(row) => (Some(row), None),
            Outcome::Bad { bad_event, failed } => (failed.as_ref(), Some(bad_event)),
            Outcome::Dropped => (None, None),
        };
        if let Some(row) = row {
            assert_eq!(row.tsv.iter().filter(|byte| **byte == b'\t').count(), 130);
        }
        if let Some(bad_event) = bad_event {
            serde_json::from_slice::<&serde_json::value::RawValue>(bad_event).expect("JSON");
        }
    }
}
