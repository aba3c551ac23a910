//! What a stream says of its health, remembered for a while: an account may ask only a few times a second.

use std::future::Future;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use aws_smithy_runtime_api::client::orchestrator::HttpResponse;
use aws_smithy_runtime_api::client::result::SdkError;
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use record_sink::WriteError;
use tokio::time::Instant as Clock;

use crate::deliver::{Cut, limited};
use crate::failure::CallFailure;

/// The last answer and how long it is good.
#[derive(Debug)]
pub(crate) struct Health {
    max_age: Duration,
    last: Mutex<Option<(Clock, bool)>>,
}

impl Health {
    pub(crate) fn new(max_age: Duration) -> Self {
        Self { max_age, last: Mutex::new(None) }
    }

    /// The last answer, if it is still good. Bad news is kept as long as good news.
    pub(crate) fn known(&self) -> Option<bool> {
        let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
        last.filter(|(at, _)| at.elapsed() < self.max_age).map(|(_, healthy)| healthy)
    }

    pub(crate) fn remember(&self, healthy: bool) {
        *self.last.lock().unwrap_or_else(PoisonError::into_inner) = Some((Clock::now(), healthy));
    }
}

/// One call of the SDK, ended by its own limit or the deadline.
pub(crate) async fn ask<T, E: ProvideErrorMetadata>(
    call: impl Future<Output = Result<T, SdkError<E, HttpResponse>>>,
    limit: Duration,
    deadline: Instant,
) -> Result<T, WriteError> {
    match limited(call, limit, Clock::from_std(deadline)).await {
        Ok(Ok(answer)) => Ok(answer),
        Ok(Err(error)) => Err(CallFailure::from_sdk(&error).into()),
        Err(Cut::ByItsOwnLimit) => Err(CallFailure::attempt_timeout().into()),
        Err(Cut::ByTheDeadline | Cut::BeforeTheCall) => Err(WriteError::DeadlineReached),
    }
}
