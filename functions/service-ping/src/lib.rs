#![doc = include_str!("../README.md")]

pub mod answer;
pub mod config;
pub mod front_door;
pub mod handler;
pub mod ping;

mod body;
mod line;

pub use answer::{Outcome, Refusal};
pub use config::Config;
pub use handler::{At, ServicePing, Sinks};
