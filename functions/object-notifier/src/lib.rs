#![doc = include_str!("../README.md")]

pub mod config;
pub mod handler;
pub mod key;
pub mod outcome;
pub mod routes;

mod event;
mod plan;
mod record;

pub use config::Config;
pub use handler::{Handled, Notifier};
pub use outcome::{Fault, MalformedEvent, Outcome};
pub use routes::{Routes, Verdict};
