//! Bad events in, one line for each that says what it is, whose it is and what to do.

pub mod classification;
pub mod classify;
pub mod config;
pub mod handler;
pub mod metrics;
pub mod rules;
pub mod schemas;

mod failure;
mod fingerprint;
mod pointer;
mod read;

pub use classification::Classification;
pub use classify::{Classifier, Place};
pub use config::Config;
pub use handler::{Edges, Function};
pub use rules::{Family, Rules, RulesError, Severity};
pub use schemas::{Catalogue, Schemas};
