//! Lambda's entry point: a batch of raw payloads in, the first record that must come again out.

use aws_io::{AwsSettings, Clients, FetchLimits, Fetcher, SinkSettings};
use enricher::enrichments::{AssetsOverNetwork, Live};
use enricher::{Config, Enricher, Registry, Sinks, WithNetwork};
use function_env::{Field, Level, Log, Reader, Variables, deadline, guard, silence_panics};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::value::RawValue;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    silence_panics();
    let variables = Variables::from_process();
    let log = &Log::new("enricher", &variables);
    let mut reader = Reader::new(&variables);
    let (config, aws) = (Config::read(&mut reader), AwsSettings::read(&mut reader));
    let (config, aws) = reader.finish((config, aws)).map_err(|error| error.to_string())?;
    let (fetcher, aws) = (&Fetcher::new(&aws, FetchLimits::default()), Clients::new(&aws));
    let (size, pauses) = (config.settings.record_bytes_max, config.backoff);
    let sink = |to: &String| aws.stream_sink(&SinkSettings::sized(to, size).pausing(pauses));
    let (good, bad) = (sink(&config.good), sink(&config.bad));
    let sinks = Sinks { failed: config.failed.as_ref().map(sink), good, bad };
    if let Err(error) = aws.open(&sinks.good).await {
        let reason = [("reason", Field::from(error.to_string()))];
        log.write(Level::Warn, "", "the good stream did not answer at start", &reason);
    }
    let store = WithNetwork::new(|places, until| fetcher.schemas(places, until));
    let schemas = Registry::new(config.resolver.clone(), store);
    let files = |files, until| fetcher.files(files, until);
    let assets = AssetsOverNetwork::new(files, |folder, until| fetcher.objects(folder, until));
    let live = Live::start(&config.enrichments, assets).await?;
    let enricher = &Enricher::new(config, log.clone(), schemas, sinks).with_enrichments(live);
    run(service_fn(|event: LambdaEvent<Box<RawValue>>| async move {
        let (event, context) = event.into_parts();
        let (event, until) = (event.get().as_bytes(), deadline(context.deadline));
        let batch = enricher.handle(event, &context.request_id, until);
        Ok::<_, Error>(guard(log, &context.request_id, Box::pin(batch)).await??)
    }))
    .await
}
