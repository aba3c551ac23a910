//! The smallest function that the runtime can carry: the floor of a start.

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use serde_json::value::RawValue;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    run(service_fn(
        |event: LambdaEvent<Box<RawValue>>| async move { Ok::<_, Error>(event.payload) },
    ))
    .await
}
