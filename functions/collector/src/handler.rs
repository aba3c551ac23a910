//! A request in, its answer out: and the answer only once the streams have acknowledged the records.

use std::time::{Duration, Instant};

use function_env::{Field, Level, Log, Metrics, Unit};
use futures_util::future::join;
use record_sink::{Record, RecordSink, WriteReport, write_all};

use crate::collect::{Collected, Moment, collect};
use crate::config::Config;
use crate::cors::add_cors;
use crate::front_door::{self, UnknownFrontDoor};
use crate::pages;
use crate::request::Request;
use crate::response::Response;

/// How long a question after a stream's health may take.
const HEALTH_DEADLINE: Duration = Duration::from_secs(3);

/// The collector: its configuration, and the two streams.
#[derive(Debug)]
pub struct Collector<S> {
    config: Config,
    log: Log,
    good: S,
    bad: S,
}

impl<S: RecordSink> Collector<S> {
    /// A collector that writes to these streams.
    pub fn new(config: Config, log: Log, good: S, bad: S) -> Self {
        Self { config, log, good, bad }
    }

    /// The stream of good records.
    pub fn good(&self) -> &S {
        &self.good
    }

    /// The stream of bad events.
    pub fn bad(&self) -> &S {
        &self.bad
    }

    /// Answers a trigger event of any front door in that front door's format.
    pub async fn handle(
        &self,
        event: &[u8],
        request_id: &str,
        deadline: Instant,
    ) -> Result<front_door::Answer, UnknownFrontDoor> {
        let (request, door) =
            front_door::read(event, &self.config.base_path).inspect_err(|error| {
                // Whoever sent it gets an error, so nothing is lost that was ever taken.
                self.log.write(Level::Warn, request_id, &error.to_string(), &[]);
            })?;
        let response = self.respond(&request, request_id, deadline).await;
        Ok(front_door::Answer::new(door, response))
    }

    /// Answers a request, whatever it came through.
    pub async fn respond(
        &self,
        request: &Request<'_>,
        request_id: &str,
        deadline: Instant,
    ) -> Response {
        let Some(moment) = moment() else { return self.not_acknowledged(request) };
        let collected = collect(&self.config, request, &moment);
        if collected.asks_for_sink_health {
            return self.sink_health(request, collected.response, deadline).await;
        }
        let Collected { response, outcome, partition_key, .. } = collected;
        let records = |data: Vec<Vec<u8>>| {
            data.into_iter()
                .map(|data| Record { partition_key: partition_key.clone(), data })
                .collect()
        };
        let good_bytes: usize = outcome.good.iter().map(Vec::len).sum();
        let started = Instant::now();
        let (good, bad) = join(
            write_all(&self.good, records(outcome.good), deadline),
            write_all(&self.bad, records(outcome.bad), deadline),
        )
        .await;
        self.report(request_id, good_bytes, (&good, &bad), started.elapsed());
        if good.is_complete() && bad.is_complete() {
            response
        } else {
            self.not_acknowledged(request)
        }
    }

    /// The answer that makes a tracker keep its events and come again.
    fn not_acknowledged(&self, request: &Request<'_>) -> Response {
        let mut response = pages::unavailable();
        add_cors(&mut response, &self.config.cors, request);
        pages::finish(&mut response, &self.config, request);
        response
    }

    async fn sink_health(
        &self,
        request: &Request<'_>,
        healthy: Response,
        deadline: Instant,
    ) -> Response {
        let deadline = deadline.min(Instant::now() + HEALTH_DEADLINE);
        let (good, bad) = join(self.good.is_healthy(deadline), self.bad.is_healthy(deadline)).await;
        if good && bad {
            return healthy;
        }
        let mut response = pages::unavailable();
        pages::finish(&mut response, &self.config, request);
        response
    }

    fn report(
        &self,
        request_id: &str,
        good_bytes: usize,
        (good, bad): (&WriteReport, &WriteReport),
        took: Duration,
    ) {
        for (stream, report) in [(&self.config.good.stream, good), (&self.config.bad.stream, bad)] {
            if let Some(error) = report.first_error() {
                // Nothing is lost: the tracker is told to come again.
                self.log.write(
                    Level::Warn,
                    request_id,
                    "records were not acknowledged",
                    &[
                        ("stream", Field::from(stream.as_str())),
                        ("records", Field::from(report.failed())),
                        ("calls", Field::from(report.calls)),
                        ("reason", Field::from(error.to_string())),
                    ],
                );
            }
        }
        let took_millis = usize::try_from(took.as_millis()).unwrap_or(usize::MAX);
        Metrics::new("collector")
            .add("requests", Unit::Count, 1)
            .add("goodRecords", Unit::Count, good.acknowledged())
            .add("goodBytes", Unit::Bytes, good_bytes)
            .add("badRecords", Unit::Count, bad.acknowledged())
            .add("unacknowledgedRecords", Unit::Count, good.failed() + bad.failed())
            .add("queuedRecords", Unit::Count, good.by_fallback + bad.by_fallback)
            .add("writeCalls", Unit::Count, good.calls + bad.calls)
            .add("writeTime", Unit::Milliseconds, took_millis)
            .write(&self.log, request_id);
    }
}

/// The time and fresh randomness, unless the system has none to give.
#[allow(clippy::disallowed_methods, reason = "the handler is the edge where time comes in")]
fn moment() -> Option<Moment> {
    // One call for both ids.
    let mut random = [[0; 16]; 2];
    getrandom::fill(random.as_flattened_mut()).ok()?;
    let [visitor_entropy, partition_entropy] = random;
    let epoch_micros = function_env::epoch_micros();
    Some(Moment { epoch_micros, visitor_entropy, partition_entropy })
}
