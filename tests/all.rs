//! Every test that looks at more than one crate, in one binary.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "tests may fail loudly"
)]

mod classifier;
mod documents;
mod durability;
mod enricher;
mod front_doors;
mod golden;
mod house_rules;
mod lambda;
mod local;
mod micro;
mod notifier;
mod page;
mod pipeline;
mod pseudonymizer;
mod schemas;
mod service_ping;
mod template;
