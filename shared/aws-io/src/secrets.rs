//! Reads secrets from Secrets Manager and from the parameter store of Systems Manager, without their SDKs.

mod answer;
mod request;
mod source;
mod text;

use std::fmt;
use std::time::{Duration, Instant};

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use tokio::time::{Instant as Clock, sleep};
use zeroize::Zeroizing;

pub use self::source::SecretSource;
pub use self::text::{SecretError, SecretText};

use crate::backoff::Backoff;
use crate::config::AwsSettings;
use crate::deliver::{Cut, limited};
use crate::exchange::{Reply, exchange};
use crate::failure::CallFailure;
use crate::http::{HttpSettings, lazy_connector};
use crate::sign::now;

/// The largest answer in bytes. A secret has at most 64 KiB; base64 and the escapes of JSON lengthen it.
const ANSWER_BYTES_MAX: usize = 131_072;
/// The longest time for one request and its answer.
const ATTEMPT_TIMEOUT: Duration = Duration::from_secs(5);
/// How often a secret is asked for at most.
const ATTEMPTS_MAX: u32 = 3;
/// Shorter than a sink's pauses: these come out of a start's ten seconds.
const BACKOFF: Backoff = Backoff { min: Duration::from_millis(200), max: Duration::from_secs(1) };

/// Gets secrets from where AWS keeps them. Costs nothing before the first one.
pub struct Secrets {
    connector: SharedHttpConnector,
    settings: AwsSettings,
}

impl fmt::Debug for Secrets {
    /// Without the credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Secrets").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Secrets {
    /// A reader that connects and signs as the settings say.
    pub fn new(settings: &AwsSettings) -> Self {
        Self::with_connector(settings, lazy_connector(settings, HttpSettings::default()))
    }

    /// A reader over another connector: one that a test answers for.
    pub(crate) fn with_connector(settings: &AwsSettings, connector: SharedHttpConnector) -> Self {
        Self { connector, settings: settings.clone() }
    }

    /// Reads one secret; ends at the deadline at the latest.
    pub async fn get(
        &self,
        source: &SecretSource,
        deadline: Instant,
    ) -> Result<SecretText, SecretError> {
        let deadline = Clock::from_std(deadline);
        let mut last = SecretError::DeadlineReached;
        for attempt in 1..=ATTEMPTS_MAX {
            let failure = match limited(self.ask(source), ATTEMPT_TIMEOUT, deadline).await {
                Ok(Ok(reply)) => return answer::secret(&reply, source.service()),
                Ok(Err(failure)) => failure,
                Err(Cut::ByItsOwnLimit) => CallFailure::attempt_timeout(),
                // Why an earlier request failed is worth more than that time was up then.
                Err(Cut::ByTheDeadline | Cut::BeforeTheCall) => return Err(last),
            };
            let is_last = attempt == ATTEMPTS_MAX || !failure.retry;
            // The pool may have kept a connection that died while the function was frozen.
            let at_once = attempt == 1 && failure.connection_lost;
            last = SecretError::CallFailed(failure.code);
            if is_last {
                break;
            }
            if !at_once {
                let remaining = deadline.saturating_duration_since(Clock::now());
                let Some(pause) = BACKOFF.pause(attempt - 1, remaining) else { break };
                sleep(pause).await;
            }
        }
        Err(last)
    }

    /// One request; only a success is an answer.
    async fn ask(&self, source: &SecretSource) -> Result<Reply<Zeroizing<Vec<u8>>>, CallFailure> {
        let request = request::signed(&self.settings, source, now())
            .ok_or_else(|| CallFailure::new("RequestNotBuilt", false))?;
        // All of its room at once: a buffer that grows leaves copies of what it held.
        let body = Zeroizing::new(Vec::with_capacity(ANSWER_BYTES_MAX));
        let reply = exchange(&self.connector, request, body, ANSWER_BYTES_MAX).await?;
        if reply.is_success() { Ok(reply) } else { Err(answer::failure(&reply)) }
    }
}
