//! Lambda's entry point: a front door's event in, its answer out once Firehose has acknowledged.

use aws_io::{AwsSettings, Clients, SecretSource, Secrets, SinkSettings};
use function_env::{Log, Reader, Variables, deadline, guard, silence_panics};
use key_source::Keys;
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::value::RawValue;
use service_ping::{Config, ServicePing, Sinks};
use zeroize::Zeroizing;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    silence_panics();
    let variables = Variables::from_process();
    let log = Log::new("service-ping", &variables);
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
    let sinks = Sinks::of(&config, |name| clients.firehose_sink(&SinkSettings::new(name)));
    let (log, pings) = (&log, &ServicePing::new(config, keys, log.clone(), sinks));
    pings.warm_up().await;
    run(service_fn(|event: LambdaEvent<Box<RawValue>>| async move {
        let (event, context) = event.into_parts();
        let (event, until) = (event.get().as_bytes(), deadline(context.deadline));
        let answer = pings.handle(event, &context.request_id, until);
        Ok::<_, Error>(guard(log, &context.request_id, Box::pin(answer)).await??)
    }))
    .await
}
