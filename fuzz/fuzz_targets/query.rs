//! Any text as a query string and as parameters: never a panic, each name once.
#![no_main]

use std::collections::BTreeSet;

use libfuzzer_sys::fuzz_target;
use tracker_protocol::{Charset, Parameters, mapping, query};

fuzz_target!(|text: &str| {
    let pairs =
        query::parse(text, Charset::Utf8).unwrap_or_else(|_| query::pairs(text, Charset::Utf8));
    let parameters = Parameters::new(pairs);
    let names: BTreeSet<&str> = parameters.in_map_order().map(|(name, _)| name).collect();
    assert_eq!(names.len(), parameters.len());
    for name in names {
        assert!(parameters.contains(name));
    }
    mapping::fill(&parameters, |column, _| assert!(column.index < 131));
});
