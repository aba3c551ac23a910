//! Lambda's entry point: a front door's event in, its answer out once Kinesis has acknowledged.

use aws_io::{AwsSettings, Clients, SinkSettings};
use collector::{Collector, Config};
use function_env::{Field, Level, Log, Reader, Variables, deadline, guard, silence_panics};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::value::RawValue;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    silence_panics();
    let variables = Variables::from_process();
    let log = Log::new("collector", &variables);
    let mut reader = Reader::new(&variables);
    let (config, aws) = (Config::read(&mut reader), AwsSettings::read(&mut reader));
    let (config, aws) = reader.finish((config, aws)).map_err(|error| error.to_string())?;
    let aws = Clients::new(&aws);
    let [good, bad] = [&config.good, &config.bad].map(|stream| {
        aws.stream_sink(&SinkSettings {
            backoff_min: config.backoff.0,
            backoff_max: config.backoff.1,
            sqs_buffer: stream.queue_url.clone(),
            sqs_bytes_max: config.queue_record_bytes_max,
            ..SinkSettings::sized(&stream.stream, stream.record_bytes_max)
        })
    });
    if let Err(error) = aws.open(&good).await {
        let reason = [("reason", Field::from(error.to_string()))];
        log.write(Level::Warn, "", "the good stream did not answer at start", &reason);
    }
    let (log, collector) = (&log, &Collector::new(config, log.clone(), good, bad));
    run(service_fn(|event: LambdaEvent<Box<RawValue>>| async move {
        let (event, context) = event.into_parts();
        let (event, until) = (event.get().as_bytes(), deadline(context.deadline));
        let answer = collector.handle(event, &context.request_id, until);
        Ok::<_, Error>(guard(log, &context.request_id, Box::pin(answer)).await??)
    }))
    .await
}
