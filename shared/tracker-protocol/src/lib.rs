#![doc = include_str!("../README.md")]

mod charset;
mod parameters;

pub mod address;
pub mod convert;
pub mod derived;
pub mod mapping;
pub mod path;
pub mod query;
pub mod uri;

pub use charset::Charset;
pub use parameters::{Pair, Parameters};
