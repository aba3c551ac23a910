//! A batch of Firehose in, its answer out, or a fault for all of it.

use std::time::{Duration, Instant};

use function_env::{Emit, Field, Level, Log, Metrics, Unit};
use key_source::{Current, Keys, Secret};
use privacy::{Policy, Stream};
use record_sink::WriteError;

use crate::config::Config;
use crate::event::Event;
use crate::origin::Origins;
use crate::outcome::Fault;
use crate::run::{self, Basis, Run};

/// What the first key may take of a start; Lambda gives ten seconds to all of it.
const WARM_UP_TIME: Duration = Duration::from_secs(5);
/// The rules that are named in a log line of values that did not fit, at most.
const SUBJECTS_SHOWN_MAX: usize = 10;
/// The longest ARN that is shown, in bytes.
const ARN_BYTES_SHOWN_MAX: usize = 256;

/// The pseudonymizer: its choices, its key, and where it writes.
#[derive(Debug)]
pub struct Pseudonymizer<F, O> {
    config: Config,
    keys: Keys<F>,
    edges: Edges<O>,
}

/// What it writes to beside its answer.
#[derive(Debug)]
pub struct Edges<O> {
    /// Log lines.
    pub log: Log,
    /// Lines of metrics.
    pub emit: Emit,
    /// Records that did not fit into an answer.
    pub origins: O,
}

impl<F, A, O> Pseudonymizer<F, O>
where
    F: Fn(Instant) -> A + Send + Sync,
    A: Future<Output = Result<Secret, String>> + Send,
    O: Origins,
{
    /// A pseudonymizer with these keys and edges.
    pub fn new(config: Config, keys: Keys<F>, edges: Edges<O>) -> Self {
        Self { config, keys, edges }
    }

    /// Loads the key ahead of the first batch. A start does not fail for it: a secret store that is
    /// down for a moment is asked again with the first batch.
    pub async fn warm_up(&self) {
        let Some(policy) = &self.config.policy else { return };
        match self.keys.current(policy, Instant::now() + WARM_UP_TIME).await {
            Ok(current) => self.tell(&current, ""),
            Err(reason) => {
                let fields = [("reason", Field::from(reason))];
                self.edges.log.write(Level::Warn, "", "there is no key at start", &fields);
            }
        }
    }

    /// Answers a batch. Nothing that a record holds makes it fail.
    pub async fn handle(
        &self,
        event: &[u8],
        request_id: &str,
        deadline: Instant,
    ) -> Result<String, Fault> {
        self.answered(event, request_id, deadline).await.inspect_err(|fault| {
            // Firehose tries again a few times, and then delivers the originals as failed.
            self.edges.log.write(Level::Error, request_id, &fault.to_string(), &[]);
        })
    }

    async fn answered(
        &self,
        event: &[u8],
        request_id: &str,
        deadline: Instant,
    ) -> Result<String, Fault> {
        let event = Event::read(event).map_err(Fault::MalformedEvent)?;
        let streams = event.streams();
        let found = self.config.streams.find(streams);
        let stream = found.ok_or_else(|| Fault::UnknownStream(shown(streams)))?;
        let policy = self.config.policy.as_ref().ok_or(Fault::NoPolicy)?;
        let current = self.keys.current(policy, deadline).await.map_err(Fault::NoKey)?;
        self.tell(&current, request_id);
        let basis = Basis { config: &self.config, stream, keying: &current.keying };
        let run = run::answer(basis, &event)?;
        if !run.back.is_empty() {
            let records = run::originals(&event, &run.back);
            let count = records.len();
            let report = self.edges.origins.put_back(event.origin(), records, deadline).await;
            // A sink that says less than it was given has not taken the rest.
            if !report.is_complete() || report.results.len() < count {
                let reason = report.first_error().unwrap_or(&WriteError::DeadlineReached);
                return Err(Fault::NotPutBack(reason.to_string()));
            }
        }
        let is_stale = current.failure.is_some();
        self.report(request_id, (policy, stream, is_stale), event.records.len(), &run);
        Ok(run.text)
    }

    /// What is new about the key.
    fn tell(&self, current: &Current, request_id: &str) {
        let log = &self.edges.log;
        let keying = &current.keying;
        if let Some(reason) = &current.failure {
            let fields = [("reason", Field::from(reason.as_str()))];
            log.write(Level::Warn, request_id, "the key was not refreshed", &fields);
        }
        if current.is_new {
            let fields = [
                ("key", Field::from(keying.id.as_str())),
                ("check", Field::from(keying.check_value.as_str())),
            ];
            log.write(Level::Info, request_id, "a key is in use", &fields);
            if !keying.looks_random {
                log.write(Level::Warn, request_id, "the key does not look random", &fields);
            }
        }
    }

    fn report(
        &self,
        request_id: &str,
        (policy, stream, is_stale): (&Policy, Stream, bool),
        records: usize,
        run: &Run,
    ) {
        let Run { text, back, outcome, tally } = run;
        let worst = tally.violated(policy);
        if !worst.is_empty() {
            let count = |count: u32| Field::from(usize::try_from(count).unwrap_or(usize::MAX));
            let shown = worst.iter().take(SUBJECTS_SHOWN_MAX);
            let fields: Vec<_> = shown.map(|(subject, found)| (*subject, count(*found))).collect();
            let message = "values did not fit their rules and became pseudonyms";
            self.edges.log.write(Level::Info, request_id, message, &fields);
        }
        let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        let mut metrics = Metrics::new("pseudonymizer").by("stream", stream.name());
        metrics
            .add("records", Unit::Count, records)
            .add("lines", Unit::Count, outcome.lines)
            .add("keptValues", Unit::Count, number(tally.kept))
            .add("reducedValues", Unit::Count, number(tally.reduced))
            .add("pseudonymizedValues", Unit::Count, number(tally.pseudonymized))
            .add("droppedValues", Unit::Count, number(tally.dropped))
            .add("violations", Unit::Count, number(tally.violations()))
            .add("quarantined", Unit::Count, outcome.quarantined)
            .add("leftOutColumns", Unit::Count, outcome.left_out)
            .add("reingested", Unit::Count, back.len())
            .add("keyRefreshFailures", Unit::Count, usize::from(is_stale))
            .add("responseBytes", Unit::Bytes, text.len());
        #[allow(clippy::disallowed_methods, reason = "the handler is the edge where time comes in")]
        let epoch_millis = function_env::epoch_micros().div_euclid(1_000);
        (self.edges.emit)(&metrics.line(epoch_millis, request_id));
    }
}

/// What may be shown of a stream that nobody knows: an ARN, if it is one.
fn shown(streams: [&str; 2]) -> String {
    let is_arn = |text: &&str| {
        let is_byte = |byte: u8| byte.is_ascii_alphanumeric() || b":/_.-".contains(&byte);
        text.starts_with("arn:") && text.len() <= ARN_BYTES_SHOWN_MAX && text.bytes().all(is_byte)
    };
    let arn = streams.into_iter().find(is_arn);
    arn.unwrap_or("without an ARN").to_owned()
}
