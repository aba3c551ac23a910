//! Lambda's entry point: notifications of new objects in, the messages that must come again out.

use aws_io::{AwsSettings, Clients};
use function_env::{Log, Reader, Variables, deadline, guard, silence_panics};
use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use object_notifier::{Config, Notifier};
use serde_json::value::RawValue;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    silence_panics();
    let variables = Variables::from_process();
    let log = &Log::new("object-notifier", &variables);
    let mut reader = Reader::new(&variables);
    let (config, aws) = (Config::read(&mut reader), AwsSettings::read(&mut reader));
    let targets = config.targets(&mut reader, |text| aws.message_target(text));
    let (config, aws) = reader.finish((config, aws)).map_err(|error| error.to_string())?;
    let aws = Clients::new(&aws);
    let sinks = targets.iter().map(|target| aws.message_sink(target)).collect();
    let notifier = &Notifier::new(config, log.clone(), sinks);
    run(service_fn(|event: LambdaEvent<Box<RawValue>>| async move {
        let (event, context) = event.into_parts();
        let (event, until) = (event.get(), deadline(context.deadline));
        let answer = notifier.handle(event, &context.request_id, until);
        let answer = guard(log, &context.request_id, Box::pin(answer)).await??;
        Ok::<_, Error>(RawValue::from_string(answer)?)
    }))
    .await
}
