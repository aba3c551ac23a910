//! The sinks against what AWS puts on the wire, without a network (except for `endpoint`), and the
//! fetcher against a server on this machine.

mod endpoint;
mod fake;
mod fetch;
mod fetch_s3;
mod kinesis;
mod queue;
mod server;

pub(crate) use fake::aws_settings;
