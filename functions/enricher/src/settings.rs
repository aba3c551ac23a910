//! What the pure core has to know beside the data.

use bad_event::{Envelope, Processor, SchemaGeneration};
use enriched_event::{AtomicLimits, Column};

/// The name under which rows and bad events say who made them.
pub const ARTIFACT: &str = "whiteout-enricher";

/// The choices that enriching depends on.
#[derive(Clone, Debug)]
pub struct Settings {
    /// How long each column may be.
    pub limits: AtomicLimits,
    /// Whether columns that are too long are let through.
    pub accepts_too_long: bool,
    /// How deep the JSON of an event may be.
    pub json_depth_max: usize,
    /// The largest record that the streams take.
    pub record_bytes_max: usize,
    /// Whether a failed event is also given as a row.
    pub emits_failed: bool,
    /// Which versions of the bad rows' schemas are named.
    pub generation: SchemaGeneration,
    /// The column that decides a row's shard.
    pub partition_column: Column,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            limits: AtomicLimits::enrich_6(),
            accepts_too_long: false,
            json_depth_max: 50,
            record_bytes_max: 1_000_000,
            emits_failed: false,
            generation: SchemaGeneration::default(),
            partition_column: Column::EventId,
        }
    }
}

impl Settings {
    /// Who made it, and in which generation of bad rows.
    pub fn envelope(&self) -> Envelope<'static> {
        let processor = Processor { artifact: ARTIFACT, version: env!("CARGO_PKG_VERSION") };
        Envelope { processor, generation: self.generation }
    }
}
