//! The enricher as Lambda runs it, below a Runtime API and in front of Kinesis, and its rows as others read them.

mod analytics_sdk;
mod function;
mod memory;
mod trigger;

use std::path::PathBuf;
use std::sync::OnceLock;

use crate::lambda::process::{self, Function};

const STREAMS: [&str; 2] = ["enriched-good", "enriched-bad"];

fn binary() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    BUILT.get_or_init(|| process::binary("enricher")).clone()
}

fn environment(kinesis: u16) -> Vec<(&'static str, String)> {
    process::environment("enricher", STREAMS, kinesis)
}

/// The enricher, in front of a Kinesis on this port.
fn enricher(kinesis: u16) -> Function {
    Function::start(binary(), environment(kinesis))
}
