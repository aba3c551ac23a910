//! The sinks against what AWS puts on the wire, without a network (except for `endpoint`).

mod endpoint;
mod fake;
mod kinesis;
mod queue;
