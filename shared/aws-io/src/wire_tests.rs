//! The sinks against what AWS puts on the wire, without a network (except for `endpoint`); the fetcher
//! and the reader of secrets against a server on this machine.

mod endpoint;
mod fake;
mod fetch;
mod fetch_files;
mod fetch_s3;
mod firehose;
mod kinesis;
mod message;
mod queue;
mod secrets;
mod server;

pub(crate) use fake::aws_settings;
