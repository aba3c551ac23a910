#![doc = include_str!("../README.md")]

mod backoff;
mod client;
mod config;
mod deliver;
mod exchange;
mod failure;
mod fallback;
mod fetch;
mod firehose;
mod health;
mod http;
mod kinesis;
mod message;
mod post;
mod secrets;
mod settings;
mod sign;
mod sns;
mod sqs;
mod trust;
#[cfg(test)]
mod wire_tests;

pub use client::{Clients, StreamSink};
pub use config::AwsSettings;
pub use fallback::WithFallback;
pub use fetch::{FetchLimits, Fetched, Fetcher, Place, Secret};
pub use firehose::FirehoseSink;
pub use http::{HttpSettings, lazy_http_client};
pub use kinesis::KinesisSink;
pub use message::{MessageSink, MessageTarget, QueueSink};
pub use secrets::{SecretError, SecretSource, SecretText, Secrets};
pub use settings::SinkSettings;
pub use sns::TopicSink;
pub use sqs::SqsSink;
