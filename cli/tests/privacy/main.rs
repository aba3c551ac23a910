//! The commands for privacy, run as people run them.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests may fail loudly"
)]

mod keys;
mod lines;
mod lint;
mod policies;
mod run;
