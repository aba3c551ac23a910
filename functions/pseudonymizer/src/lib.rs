#![doc = include_str!("../README.md")]

pub mod answer;
pub mod config;
pub mod event;
pub mod handler;
pub mod origin;
pub mod outcome;
pub mod partition;
pub mod streams;

mod run;
mod treat;

pub use config::{Config, Output};
pub use event::Origin;
pub use handler::{Edges, Pseudonymizer};
pub use key_source::{self as keys, KeySource, Keys};
pub use origin::{Origins, Sinks};
pub use outcome::{Fault, Outcome};
pub use streams::Streams;
