//! Where records go back to that did not fit into an answer.

use std::time::Instant;

use record_sink::{Record, RecordSink, WriteReport};

use crate::event::Origin;

/// Takes records back.
pub trait Origins: Send + Sync {
    /// Writes records to where they came from; never takes longer than the deadline.
    fn put_back(
        &self,
        origin: Origin<'_>,
        records: Vec<Record>,
        deadline: Instant,
    ) -> impl Future<Output = WriteReport> + Send;
}

/// Makes a sink for a stream when one is needed, which is rare.
#[derive(Clone, Copy, Debug)]
pub struct Sinks<K, F> {
    /// For the ARN of a Kinesis stream.
    pub kinesis: K,
    /// For the ARN of a delivery stream.
    pub firehose: F,
}

impl<K, F, S, T> Origins for Sinks<K, F>
where
    K: Fn(String) -> S + Send + Sync,
    F: Fn(String) -> T + Send + Sync,
    S: RecordSink,
    T: RecordSink,
{
    async fn put_back(
        &self,
        origin: Origin<'_>,
        records: Vec<Record>,
        deadline: Instant,
    ) -> WriteReport {
        match origin {
            Origin::Kinesis(arn) => (self.kinesis)(arn.to_owned()).write(records, deadline).await,
            Origin::Firehose(arn) => (self.firehose)(arn.to_owned()).write(records, deadline).await,
        }
    }
}
