#![doc = include_str!("../README.md")]

mod backoff;
mod client;
mod config;
mod deliver;
mod failure;
mod fallback;
mod fetch;
mod http;
mod kinesis;
mod settings;
mod sqs;
mod trust;
#[cfg(test)]
mod wire_tests;

pub use client::{Clients, StreamSink};
pub use config::AwsSettings;
pub use fallback::WithFallback;
pub use fetch::{FetchLimits, Fetched, Fetcher, Place, Secret};
pub use http::{HttpSettings, lazy_http_client};
pub use kinesis::KinesisSink;
pub use settings::SinkSettings;
pub use sqs::SqsSink;
