//! A batch of the raw stream in, the first record that must come again out.

use std::time::{Duration, Instant};

use function_env::{Field, Level, Log, Metrics, Unit};
use futures_util::future::{join, join3};
use kinesis_event::{BatchResponse, MalformedEvent, StreamRecord};
use record_sink::{Record, RecordSink, WriteReport, write_all};

use crate::config::Config;
use crate::enrich::Batch;
use crate::enrichments::{AssetStore, Live, LocalAssets, Refresh};
use crate::outcome::Outcome;
use crate::payloads::{Progress, Rest, outcomes};
use crate::schemas::{Loader, Outage};

/// Outcomes are written once they take so many bytes, so that no batch fills the memory.
const FLUSH_BYTES: usize = 4 * 1024 * 1024;
/// Time that must be left for a write, so that a batch is not cut in the middle of one.
const WRITE_TIME: Duration = Duration::from_secs(1);

/// The enricher: its choices, the schemas, the enrichments and the streams.
#[derive(Debug)]
pub struct Enricher<S, L, A = LocalAssets> {
    config: Config,
    log: Log,
    schemas: L,
    enrichments: Live<A>,
    sinks: Sinks<S>,
}

/// Where outcomes go.
#[derive(Debug)]
pub struct Sinks<S> {
    /// Rows.
    pub good: S,
    /// Bad events.
    pub bad: S,
    /// What remains of failed events.
    pub failed: Option<S>,
}

impl<S, L> Enricher<S, L> {
    /// An enricher that asks these schemas and writes to these streams.
    pub fn new(config: Config, log: Log, schemas: L, sinks: Sinks<S>) -> Self {
        Self { config, log, schemas, enrichments: Live::none(), sinks }
    }

    /// The same with enrichments.
    pub fn with_enrichments<A>(self, enrichments: Live<A>) -> Enricher<S, L, A> {
        let Self { config, log, schemas, sinks, .. } = self;
        Enricher { config, log, schemas, enrichments, sinks }
    }
}

impl<S: RecordSink, L: Loader, A: AssetStore> Enricher<S, L, A> {
    /// Processes a batch in order, and stops at the first record that cannot be done with.
    pub async fn handle(
        &self,
        event: &[u8],
        request_id: &str,
        deadline: Instant,
    ) -> Result<BatchResponse, MalformedEvent> {
        let records = kinesis_event::read(event).inspect_err(|error| {
            // Lambda keeps the batch and delivers it again.
            self.log.write(Level::Warn, request_id, &error.to_string(), &[]);
        })?;
        #[allow(clippy::disallowed_methods, reason = "the handler is the edge where time comes in")]
        let epoch_micros = function_env::epoch_micros();
        self.schemas.begin(epoch_micros.div_euclid(1_000));
        let enrichments = self.enrichments.current();
        let batch = Batch {
            settings: &self.config.settings,
            schemas: &self.schemas,
            enrichments: &enrichments,
            epoch_micros,
        };
        let refresh = self.enrichments.refresh(epoch_micros.div_euclid(1_000), deadline);
        let (mut run, refresh) = join(self.run(&batch, &records, deadline), refresh).await;
        if let Refresh::Failed(reason) = refresh {
            // Nothing is lost: those that were loaded before stay in use.
            let reason = [("reason", Field::from(reason))];
            self.log.write(Level::Warn, request_id, "assets could not be renewed", &reason);
            run.counts.failed_refreshes = 1;
        }
        self.report(request_id, &records, &run);
        let first = run.stopped.as_ref().and_then(|(place, _)| records.get(*place));
        Ok(first.map_or_else(BatchResponse::complete, BatchResponse::again_from))
    }

    /// Takes up one record after the other, until one cannot be done with.
    async fn run(
        &self,
        batch: &Batch<'_, L>,
        records: &[StreamRecord<'_>],
        deadline: Instant,
    ) -> Run {
        let mut run = Run { counts: Counts::default(), pending: Pending::default(), stopped: None };
        for (place, record) in records.iter().enumerate() {
            if self.process(batch, (place, record), deadline, &mut run).await.is_err() {
                break;
            }
        }
        if !run.pending.is_empty() {
            self.flush(deadline, &mut run).await.ok();
        }
        run
    }

    /// Takes up one record; what it comes to may stay pending.
    async fn process(
        &self,
        batch: &Batch<'_, L>,
        (place, record): (usize, &StreamRecord<'_>),
        deadline: Instant,
        run: &mut Run,
    ) -> Result<(), Stopped> {
        // What is no base64 is no record of ours either, and is told like one.
        let data = record.data.as_deref().unwrap_or_default();
        let mut from = 0;
        loop {
            let room = FLUSH_BYTES.saturating_sub(run.pending.bytes).max(1);
            let Progress { outcomes, rest } = outcomes(batch, data, from, room);
            // A record that is handed back drops its events again when it comes again.
            let is_dropped = |outcome: &&Outcome| matches!(outcome, Outcome::Dropped);
            run.counts.dropped += outcomes.iter().filter(is_dropped).count();
            run.pending.extend(place, outcomes);
            match rest {
                Rest::Done => return Ok(()),
                Rest::From(next) => {
                    from = next;
                    self.flush(deadline, run).await?;
                }
                // A wrapper first, then what is inside it: an event may take several loads.
                Rest::NeedsSchemas(next) => {
                    from = next;
                    let rates = self.enrichments.load(batch.enrichments, deadline);
                    match join(self.schemas.load(deadline), rates).await {
                        (Err(Outage(reason)), _) | (_, Err(Outage(reason))) => {
                            return Err(run.stop(place, &reason));
                        }
                        (Ok(false), Ok(false)) => {
                            return Err(run.stop(place, "a schema could not be asked for"));
                        }
                        (Ok(_), Ok(_)) => {}
                    }
                }
            }
        }
    }

    /// Writes what is pending; the first record with anything not acknowledged stops the run.
    async fn flush(&self, deadline: Instant, run: &mut Run) -> Result<(), Stopped> {
        let pending = std::mem::take(&mut run.pending);
        if deadline.saturating_duration_since(Instant::now()) < WRITE_TIME {
            let first = pending.first_place();
            return Err(run.stop(first, "too little time was left to write"));
        }
        let Pending { good, bad, failed, .. } = pending;
        let failed_sink = self.sinks.failed.as_ref();
        let (good, bad, failed) = join3(
            write(Some(&self.sinks.good), good, deadline),
            write(Some(&self.sinks.bad), bad, deadline),
            write(failed_sink, failed, deadline),
        )
        .await;
        run.counts.good += good.report.acknowledged();
        run.counts.bad += bad.report.acknowledged();
        run.counts.failed += failed.report.acknowledged();
        run.counts.calls += good.report.calls + bad.report.calls + failed.report.calls;
        let first = [&good, &bad, &failed].into_iter().filter_map(Written::first_failure).min();
        match first {
            None => Ok(()),
            Some((place, reason)) => Err(run.stop(place, &reason)),
        }
    }

    fn report(&self, request_id: &str, records: &[StreamRecord<'_>], run: &Run) {
        if let Some((place, reason)) = &run.stopped {
            // Nothing is lost: Lambda delivers these records again.
            self.log.write(
                Level::Warn,
                request_id,
                "records are handed back",
                &[
                    ("records", Field::from(records.len() - place.min(&records.len()))),
                    ("reason", Field::from(reason.as_str())),
                ],
            );
        }
        let done = run.stopped.as_ref().map_or(records.len(), |(place, _)| *place);
        Metrics::new("enricher")
            .add("records", Unit::Count, done)
            .add("returnedRecords", Unit::Count, records.len().saturating_sub(done))
            .add("goodEvents", Unit::Count, run.counts.good)
            .add("badEvents", Unit::Count, run.counts.bad)
            .add("failedEvents", Unit::Count, run.counts.failed)
            .add("droppedEvents", Unit::Count, run.counts.dropped)
            .add("writeCalls", Unit::Count, run.counts.calls)
            .add("failedAssetRefreshes", Unit::Count, run.counts.failed_refreshes)
            .write(&self.log, request_id);
    }
}

/// The run ended before its batch; why stands in the run.
struct Stopped;

/// One batch on its way.
struct Run {
    counts: Counts,
    pending: Pending,
    /// The first record that must come again, and why.
    stopped: Option<(usize, String)>,
}

impl Run {
    fn stop(&mut self, place: usize, reason: &str) -> Stopped {
        // What is written later can only concern later records, or fail at an earlier one.
        if self.stopped.as_ref().is_none_or(|(first, _)| place < *first) {
            self.stopped = Some((place, reason.to_owned()));
        }
        Stopped
    }
}

#[derive(Default)]
struct Counts {
    good: usize,
    bad: usize,
    failed: usize,
    dropped: usize,
    calls: usize,
    failed_refreshes: usize,
}

/// Outcomes that are not written yet, each with the place of its record.
#[derive(Default)]
struct Pending {
    good: Vec<(usize, Record)>,
    bad: Vec<(usize, Record)>,
    failed: Vec<(usize, Record)>,
    bytes: usize,
}

impl Pending {
    fn is_empty(&self) -> bool {
        self.good.is_empty() && self.bad.is_empty()
    }

    fn first_place(&self) -> usize {
        let first = |list: &[(usize, Record)]| list.first().map_or(usize::MAX, |(place, _)| *place);
        first(&self.good).min(first(&self.bad))
    }

    fn extend(&mut self, place: usize, outcomes: Vec<Outcome>) {
        for outcome in outcomes {
            self.bytes += outcome.size_bytes();
            match outcome {
                Outcome::Good(row) => {
                    let record = Record { partition_key: row.partition_key, data: row.tsv };
                    self.good.push((place, record));
                }
                Outcome::Bad { bad_event, failed } => {
                    // Bad events have no order to keep, so any key that spreads them will do.
                    let partition_key = format!("{:x}", self.bytes);
                    self.bad.push((place, Record { partition_key, data: bad_event }));
                    self.failed.extend(failed.map(|row| {
                        (place, Record { partition_key: row.partition_key, data: row.tsv })
                    }));
                }
                Outcome::Dropped => {}
            }
        }
    }
}

/// What became of one stream's records.
struct Written {
    places: Vec<usize>,
    report: WriteReport,
}

impl Written {
    fn first_failure(&self) -> Option<(usize, String)> {
        self.places.iter().zip(&self.report.results).find_map(|(place, result)| {
            result.as_ref().err().map(|error| (*place, error.to_string()))
        })
    }
}

async fn write<S: RecordSink>(
    sink: Option<&S>,
    records: Vec<(usize, Record)>,
    deadline: Instant,
) -> Written {
    let (places, records): (Vec<usize>, Vec<Record>) = records.into_iter().unzip();
    let Some(sink) = sink else {
        return Written { places: Vec::new(), report: WriteReport::default() };
    };
    let report = write_all(sink, records, deadline).await;
    Written { places, report }
}
