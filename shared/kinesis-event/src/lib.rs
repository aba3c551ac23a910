#![doc = include_str!("../README.md")]

mod aggregated;
mod event;

pub use aggregated::{fingerprint, user_records};
pub use event::{BatchResponse, MalformedEvent, StreamRecord, read};
