//! Any text as a row: never a panic, and what is a row is written as it was read.
#![no_main]

use enriched_event::{AtomicLimits, EnrichedEvent, SdkFlavour};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let Ok(event) = EnrichedEvent::parse_tsv(text) else { return };
    let mut line = Vec::new();
    event.write_tsv(&mut line);
    let line = String::from_utf8(line).expect("text");
    if !text.contains(['\r', '\n']) {
        assert_eq!(line, text);
    }
    drop(AtomicLimits::enrich_6().check(&event));
    drop(event.to_bad_row_json());
    for flavour in [SdkFlavour::Python, SdkFlavour::ScalaFlat, SdkFlavour::ScalaNested] {
        event.to_sdk_json(flavour).ok();
    }
});
