//! Lambda's entry point: a batch of Firehose in, an answer for each of its records out.

use aws_io::{AwsSettings, Clients, SecretSource, Secrets, SinkSettings};
use function_env::{Log, Reader, Variables, deadline, guard, silence_panics, to_stdout};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use pseudonymizer::{Config, Edges, Keys, Pseudonymizer, Sinks};
use serde_json::value::RawValue;
use zeroize::Zeroizing;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    silence_panics();
    let variables = Variables::from_process();
    let log = Log::new("pseudonymizer", &variables);
    let mut reader = Reader::new(&variables);
    let (config, aws) = (Config::read(&mut reader), AwsSettings::read(&mut reader));
    let source = config.key_source.check(&mut reader, "KEY_SOURCE", SecretSource::parse);
    let (config, aws) = reader.finish((config, aws)).map_err(|error| error.to_string())?;
    let (source, secrets, clients) = (&source, &Secrets::new(&aws), &Clients::new(&aws));
    let keys = Keys::new(&config.key_source, config.key_ttl, |until| async move {
        let source = source.as_ref().ok_or("KEY_SOURCE names no service")?;
        let secret = secrets.get(source, until).await.map_err(|error| error.to_string())?;
        Ok(Zeroizing::new(secret.as_bytes().to_vec()))
    });
    let kinesis = |arn| clients.stream_sink(&SinkSettings::sized(arn, usize::MAX));
    let firehose = |arn| clients.firehose_sink(&SinkSettings::new(arn));
    let edges = Edges { log: log.clone(), emit: to_stdout, origins: Sinks { kinesis, firehose } };
    let (log, pseudonymizer) = (&log, &Pseudonymizer::new(config, keys, edges));
    pseudonymizer.warm_up().await;
    run(service_fn(|event: LambdaEvent<Box<RawValue>>| async move {
        let (event, context) = event.into_parts();
        let (event, until) = (event.get().as_bytes(), deadline(context.deadline));
        let answer = pseudonymizer.handle(event, &context.request_id, until);
        let answer = guard(log, &context.request_id, Box::pin(answer)).await??;
        Ok::<_, Error>(RawValue::from_string(answer)?)
    }))
    .await
}
