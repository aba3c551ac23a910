//! Raw payloads in, validated events of 131 columns or bad events out.

pub mod config;
pub mod enrich;
pub mod enrichments;
pub mod handler;
pub mod outcome;
pub mod registry;
pub mod schemas;
pub mod settings;
pub mod store;

mod adapters;
mod columns;
mod entities;
mod failures;
mod payloads;
mod raw_events;
mod stages;

pub use config::Config;
pub use enrich::Batch;
pub use enrichments::Enrichments;
pub use handler::{Enricher, Sinks};
pub use outcome::{Outcome, Row};
pub use payloads::{Progress, Rest, outcomes};
pub use raw_events::{RawEvent, raw_events};
pub use registry::Registry;
pub use settings::Settings;
pub use store::{LocalStore, WithNetwork};
