//! Any bytes as a record of the raw stream: never a panic, every event has one fate, rows have
//! 131 columns and bad events are JSON.
#![no_main]

use std::sync::LazyLock;
use std::time::Instant;

use enricher::schemas::Loader as _;
use enricher::{Batch, Enrichments, LocalStore, Registry, Rest, Settings, outcomes};
use futures_util::FutureExt as _;
use iglu::Resolver;
use libfuzzer_sys::fuzz_target;
use whiteout_fuzz::assert_whole;

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
        assert_whole(&progress.outcomes);
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
