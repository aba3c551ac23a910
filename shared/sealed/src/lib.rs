#![doc = include_str!("../README.md")]

mod bech32;
mod derive;
mod error;
mod header;
mod identity;
mod random;
mod recipient;
mod stanza;
mod stream;

#[cfg(test)]
mod tests;

pub use error::{HeaderProblem, KeyError, NoRandomness, OpenError, SealError};
pub use header::{HEADER_BYTES_MAX, STANZAS_MAX};
pub use identity::Identity;
pub use recipient::{Recipient, seal};
