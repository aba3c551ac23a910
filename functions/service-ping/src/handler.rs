//! A request in, its answer out: and a 201 only once Firehose has acknowledged the ping.

use std::time::{Duration, Instant};

use ::front_door::Answer;
use function_env::{Field, Level, Log, Metrics, Unit};
use key_source::{Current, Keys, Secret};
use record_sink::{Record, RecordSink, write_all};

use crate::answer::{Outcome, Refusal};
use crate::body::unpacked;
use crate::config::Config;
use crate::front_door::{self, Request, UnknownFrontDoor};
use crate::line::line;
use crate::ping::{Kind, Ping};

/// What the first key may take of a start; Lambda gives ten seconds to all of it.
const WARM_UP_TIME: Duration = Duration::from_secs(5);

/// The function: its choices, its key, and where it writes.
#[derive(Debug)]
pub struct ServicePing<F, S> {
    config: Config,
    keys: Keys<F>,
    log: Log,
    sinks: Sinks<S>,
}

/// Where pings go, by kind.
#[derive(Debug)]
pub struct Sinks<S> {
    /// Usage data.
    pub usage_data: S,
    /// What the client says about its metrics.
    pub metadata: S,
    /// The client's errors.
    pub errors: S,
}

/// When a request came, what it is called, and by when it must be answered.
#[derive(Clone, Copy, Debug)]
pub struct At<'a> {
    /// Milliseconds since 1970.
    pub epoch_millis: i64,
    /// What the log calls the request.
    pub request_id: &'a str,
    /// When its answer must be there.
    pub deadline: Instant,
}

impl<S> Sinks<S> {
    /// The sinks of the configuration's delivery streams.
    pub fn of(config: &Config, sink: impl Fn(&str) -> S) -> Self {
        let Config { usage_data, metadata, errors, .. } = config;
        Self { usage_data: sink(usage_data), metadata: sink(metadata), errors: sink(errors) }
    }

    fn sink(&self, kind: Kind) -> &S {
        match kind {
            Kind::UsageData => &self.usage_data,
            Kind::Metadata => &self.metadata,
            Kind::Error => &self.errors,
        }
    }
}

impl<F, A, S> ServicePing<F, S>
where
    F: Fn(Instant) -> A + Send + Sync,
    A: Future<Output = Result<Secret, String>> + Send,
    S: RecordSink,
{
    /// A function with these keys, this log and these sinks.
    pub fn new(config: Config, keys: Keys<F>, log: Log, sinks: Sinks<S>) -> Self {
        Self { config, keys, log, sinks }
    }

    /// Where it writes.
    pub fn sinks(&self) -> &Sinks<S> {
        &self.sinks
    }

    /// Loads the key ahead of the first ping. A start does not fail for it: a secret store that is
    /// down for a moment is asked again with the first ping.
    pub async fn warm_up(&self) {
        let Some(policy) = &self.config.policy else { return };
        match self.keys.current(policy, Instant::now() + WARM_UP_TIME).await {
            Ok(current) => self.tell(&current, ""),
            Err(reason) => {
                let fields = [("reason", Field::from(reason))];
                self.log.write(Level::Warn, "", "there is no key at start", &fields);
            }
        }
    }

    /// Answers a trigger event, in the format of its front door.
    pub async fn handle(
        &self,
        event: &[u8],
        request_id: &str,
        deadline: Instant,
    ) -> Result<Answer<'static>, UnknownFrontDoor> {
        let (request, door) = front_door::read(event).inspect_err(|error| {
            // Whoever sent it gets an error, so nothing is lost that was ever taken.
            self.log.write(Level::Warn, request_id, &error.to_string(), &[]);
        })?;
        #[allow(clippy::disallowed_methods, reason = "the handler is the edge where time comes in")]
        let epoch_millis = function_env::epoch_micros().div_euclid(1_000);
        let outcome = self.respond(&request, At { epoch_millis, request_id, deadline }).await;
        Ok(outcome.answer(door))
    }

    /// What becomes of a request.
    pub async fn respond(&self, request: &Request<'_>, at: At<'_>) -> Outcome {
        let mut ping_bytes = 0;
        let outcome = match self.taken(request, at, &mut ping_bytes).await {
            Ok(outcome) => outcome,
            Err(refusal) => Outcome::Refused(refusal),
        };
        let [accepted, refused, not_delivered] = match outcome {
            Outcome::Accepted(..) => [1, 0, 0],
            Outcome::Refused(_) => [0, 1, 0],
            Outcome::NotDelivered => [0, 0, 1],
        };
        Metrics::new("service-ping")
            .add("requests", Unit::Count, 1)
            .add("accepted", Unit::Count, accepted)
            .add("refused", Unit::Count, refused)
            .add("notDelivered", Unit::Count, not_delivered)
            .add("pingBytes", Unit::Bytes, ping_bytes)
            .write(&self.log, at.request_id);
        outcome
    }

    async fn taken(
        &self,
        request: &Request<'_>,
        at: At<'_>,
        ping_bytes: &mut usize,
    ) -> Result<Outcome, Refusal> {
        let kind = Kind::of_path(&request.path).ok_or(Refusal::Path)?;
        if request.method != "POST" {
            return Err(Refusal::Method);
        }
        if !is_json(request.content_type.as_deref().unwrap_or_default()) {
            return Err(Refusal::ContentType);
        }
        let body = unpacked(request)?;
        *ping_bytes = body.len();
        let ping = Ping::read(kind, &body).ok_or(Refusal::Shape(kind))?;
        let Some(policy) = &self.config.policy else {
            return Ok(self.not_delivered(at, "there is no policy", String::new()));
        };
        let current = match self.keys.current(policy, at.deadline).await {
            Ok(current) => current,
            Err(reason) => {
                return Ok(self.not_delivered(at, "there is no key for pseudonyms", reason));
            }
        };
        self.tell(&current, at.request_id);
        let (line, identity) = line(&ping, (policy, &current.keying), at.epoch_millis)?;
        // Delivery streams have no shards, so the key is not sent.
        let record = Record { partition_key: String::new(), data: line.into_bytes() };
        let report = write_all(self.sinks.sink(kind), vec![record], at.deadline).await;
        Ok(match report.first_error() {
            None => Outcome::Accepted(kind, identity.id),
            Some(error) => self.not_delivered(at, "a ping was not delivered", error.to_string()),
        })
    }

    fn not_delivered(&self, at: At<'_>, message: &str, reason: String) -> Outcome {
        let fields = [("reason", Field::from(reason))];
        self.log.write(Level::Error, at.request_id, message, &fields);
        Outcome::NotDelivered
    }

    /// What is new about the key.
    fn tell(&self, current: &Current, request_id: &str) {
        let keying = &current.keying;
        if let Some(reason) = &current.failure {
            let fields = [("reason", Field::from(reason.as_str()))];
            self.log.write(Level::Warn, request_id, "the key was not refreshed", &fields);
        }
        if current.is_new {
            let fields = [
                ("key", Field::from(keying.id.as_str())),
                ("check", Field::from(keying.check_value.as_str())),
            ];
            self.log.write(Level::Info, request_id, "a key is in use", &fields);
            if !keying.looks_random {
                self.log.write(Level::Warn, request_id, "the key does not look random", &fields);
            }
        }
    }
}

/// Whether a content type is JSON's; what stands behind the semicolon does not matter.
fn is_json(content_type: &str) -> bool {
    let name = content_type.split(';').next().unwrap_or_default();
    name.trim().eq_ignore_ascii_case("application/json")
}
