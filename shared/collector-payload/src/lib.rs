#![doc = include_str!("../README.md")]

mod payload;
mod thrift;

pub mod compressed;

pub use payload::{CollectorPayload, SCHEMA};
pub use thrift::DecodeError;
