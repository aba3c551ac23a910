//! Lambda's entry point: a batch of bad events in, the first record that must come again out.

use aws_io::{AwsSettings, Clients, SinkSettings};
use bad_event_classifier::{Classifier, Config, Edges, Function};
use function_env::{Log, Reader, Variables, deadline, guard, silence_panics, to_stdout};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::value::RawValue;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    silence_panics();
    let variables = Variables::from_process();
    let log = Log::new("bad-event-classifier", &variables);
    let mut reader = Reader::new(&variables);
    let (config, aws) = (Config::read(&mut reader), AwsSettings::read(&mut reader));
    let (config, aws) = reader.finish((config, aws)).map_err(|error| error.to_string())?;
    let (backoff_min, backoff_max) = config.backoff;
    let settings = SinkSettings { backoff_min, backoff_max, ..SinkSettings::new(&config.out) };
    let sink = Clients::new(&aws).firehose_sink(&settings);
    let edges = Edges { sink, log: log.clone(), emit: to_stdout };
    let classifier = Classifier::new(config.rules, config.schemas);
    let (log, function) = (&log, &Function::new(classifier, edges));
    run(service_fn(|event: LambdaEvent<Box<RawValue>>| async move {
        let (event, context) = event.into_parts();
        let (event, until) = (event.get().as_bytes(), deadline(context.deadline));
        let batch = function.handle(event, &context.request_id, until);
        Ok::<_, Error>(guard(log, &context.request_id, Box::pin(batch)).await??)
    }))
    .await
}
