//! The collector in front of a sink that panics: proves that a release reports a panic and lives on.

use std::time::Instant;

use collector::{Collector, Config};
use function_env::{Log, Reader, Variables, deadline, guard, silence_panics};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use record_sink::{Record, RecordSink, WriteReport};
use serde_json::value::RawValue;

struct Panics;

impl RecordSink for Panics {
    #[allow(clippy::panic, reason = "it is what this program is for")]
    async fn write(&self, records: Vec<Record>, _deadline: Instant) -> WriteReport {
        let data: Vec<_> = records.iter().map(|r| String::from_utf8_lossy(&r.data)).collect();
        panic!("with the payload in its message, as a careless panic has it: {data:?}");
    }

    async fn is_healthy(&self, _deadline: Instant) -> bool {
        true
    }
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    silence_panics();
    let variables = Variables::from_process();
    let log = Log::new("collector", &variables);
    let mut reader = Reader::new(&variables);
    let config = Config::read(&mut reader);
    let config = reader.finish(config).map_err(|error| error.to_string())?;
    let (log, collector) = (&log, &Collector::new(config, log.clone(), Panics, Panics));
    run(service_fn(|event: LambdaEvent<Box<RawValue>>| async move {
        let (event, context) = event.into_parts();
        let until = deadline(context.deadline);
        let handled = collector.handle(event.get().as_bytes(), &context.request_id, until);
        Ok::<_, Error>(guard(log, &context.request_id, handled).await??)
    }))
    .await
}
