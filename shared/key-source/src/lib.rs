#![doc = include_str!("../README.md")]

mod keys;
mod policy;
mod source;

pub use keys::{Current, Keying, Keys, Secret};
pub use policy::load_policy;
pub use source::{KEY_TTL, KeySource, key_ttl};
