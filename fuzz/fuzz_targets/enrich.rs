//! Any bytes as a record of the raw stream: never a panic, every event has one fate, rows have
//! 131 columns and bad events are JSON.
#![no_main]

use std::sync::LazyLock;
use std::time::Instant;

use enricher::schemas::Loader as _;
use enricher::{Batch, Enrichments, LocalStore, Outcome, Registry, Rest, Settings, outcomes};
use futures_util::FutureExt as _;
use iglu::Resolver;
use libfuzzer_sys::fuzz_target;

static REGISTRY: LazyLock<Registry<LocalStore>> =
    LazyLock::new(|| Registry::new(Resolver::default(), LocalStore));
static SETTINGS: LazyLock<Settings> =
    LazyLock::new(|| Settings { emits_failed: true, ..Settings::default() });

fuzz_target!(|record: &[u8]| {
    REGISTRY.begin(0);
    let enrichments = &Enrichments::default();
    let batch = Batch { settings: &SETTINGS, schemas: &*REGISTRY, enrichments, epoch_micros: 1 };
    let mut from = 0;
    loop {
        let progress = outcomes(&batch, record, from, 1_000_000);
        for outcome in &progress.outcomes {
            let (row, bad_event) = match outcome {
                Outcome::Good(row) => (Some(row), None),
                Outcome::Bad { bad_event, failed } => (failed.as_ref(), Some(bad_event)),
                Outcome::Dropped => panic!("nothing here drops events"),
            };
            if let Some(row) = row {
                assert_eq!(row.tsv.iter().filter(|byte| **byte == b'\t').count(), 130);
            }
            if let Some(bad_event) = bad_event {
                serde_json::from_slice::<&serde_json::value::RawValue>(bad_event).expect("JSON");
            }
        }
        match progress.rest {
            Rest::Done => break,
            Rest::From(next) => from = next,
            Rest::NeedsSchemas(next) => {
                from = next;
                let loaded = REGISTRY.load(Instant::now()).now_or_never().expect("all is local");
                loaded.expect("nothing local is ever down");
            }
        }
    }
});
