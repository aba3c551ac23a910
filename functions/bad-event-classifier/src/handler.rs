//! A batch of a bad stream in, the first record that must come again out.

use std::time::Instant;

use function_env::{Emit, Field, Level, Log, Metrics, Unit};
use kinesis_event::{BatchResponse, MalformedEvent, StreamRecord, user_records};
use record_sink::{Record, RecordSink, write_all};

use crate::classify::Classifier;
use crate::metrics::Counts;
use crate::schemas::Schemas;

/// Lines are put together up to this size: Firehose counts each record as 5 KiB at least.
const PACK_BYTES: usize = 32 * 1_024;
/// Lines are written once they take so many bytes, so that no batch fills the memory.
const FLUSH_BYTES: usize = 4 * 1_048_576;
/// The longest line of a record that is looked at, in bytes: the largest record of a stream.
const LINE_BYTES_MAX: usize = 10 * 1_048_576;

/// The classifier as a function: what it knows, and where it writes.
#[derive(Debug)]
pub struct Function<S> {
    classifier: Classifier<Schemas>,
    edges: Edges<S>,
}

/// What it writes to.
#[derive(Debug)]
pub struct Edges<S> {
    /// The delivery stream.
    pub sink: S,
    /// Log lines.
    pub log: Log,
    /// Lines of metrics.
    pub emit: Emit,
}

impl<S: RecordSink> Function<S> {
    /// A function that classifies with this and writes there.
    pub fn new(classifier: Classifier<Schemas>, edges: Edges<S>) -> Self {
        Self { classifier, edges }
    }

    /// Classifies a batch in order, and stops at the first record whose line was not taken.
    pub async fn handle(
        &self,
        event: &[u8],
        request_id: &str,
        deadline: Instant,
    ) -> Result<BatchResponse, MalformedEvent> {
        let records = kinesis_event::read(event).inspect_err(|error| {
            // Lambda keeps the batch and delivers it again.
            self.edges.log.write(Level::Warn, request_id, &error.to_string(), &[]);
        })?;
        let mut run = Run::new(Counts::new(self.classifier.rules().app_ids()));
        for (place, record) in records.iter().enumerate() {
            for line in lines(record.data.as_deref().unwrap_or_default()) {
                let found = self.classifier.classify(line);
                run.push(place, &found.to_json());
                run.counts.add(&found);
            }
            if run.bytes >= FLUSH_BYTES && !self.flush(deadline, &mut run).await {
                break;
            }
        }
        if run.stopped.is_none() && !run.packs.is_empty() {
            self.flush(deadline, &mut run).await;
        }
        self.report(request_id, &records, &run);
        let first = run.stopped.as_ref().and_then(|(place, _)| records.get(*place));
        Ok(first.map_or_else(BatchResponse::complete, BatchResponse::again_from))
    }

    /// Writes what is pending; whether all of it was taken.
    async fn flush(&self, deadline: Instant, run: &mut Run<'_>) -> bool {
        let packs = std::mem::take(&mut run.packs);
        run.bytes = 0;
        let places: Vec<usize> = packs.iter().map(|pack| pack.first).collect();
        // A delivery stream has no shards.
        let record = |pack: Pack| Record { partition_key: String::new(), data: pack.data };
        let records = packs.into_iter().map(record).collect();
        let report = write_all(&self.edges.sink, records, deadline).await;
        run.calls += report.calls;
        let failed = places.iter().zip(&report.results).find_map(|(place, result)| {
            result.as_ref().err().map(|error| (*place, error.to_string()))
        });
        run.stopped = failed;
        run.stopped.is_none()
    }

    fn report(&self, request_id: &str, records: &[StreamRecord<'_>], run: &Run<'_>) {
        let Edges { log, emit, .. } = &self.edges;
        let done = run.stopped.as_ref().map_or(records.len(), |(place, _)| *place);
        let returned = records.len().saturating_sub(done);
        if let Some((_, reason)) = &run.stopped {
            // Nothing is lost: Lambda delivers these records again.
            let fields = [("records", returned.into()), ("reason", Field::from(reason.as_str()))];
            log.write(Level::Warn, request_id, "records are handed back", &fields);
        }
        let (events, noise) = run.counts.totals();
        let number = |count: u64| usize::try_from(count).unwrap_or(usize::MAX);
        Metrics::new("bad-event-classifier")
            .add("records", Unit::Count, records.len())
            .add("returnedRecords", Unit::Count, returned)
            .add("badEvents", Unit::Count, number(events))
            .add("noise", Unit::Count, number(noise))
            .add("writeCalls", Unit::Count, run.calls)
            .write(log, request_id);
        #[allow(clippy::disallowed_methods, reason = "the handler is the edge where time comes in")]
        let epoch_millis = function_env::epoch_micros().div_euclid(1_000);
        run.counts.emit(epoch_millis, request_id, *emit);
    }
}

/// The lines of a record: one for each record in an aggregate, and for each line of it. What holds
/// nothing is a line as well, so that every record is counted.
fn lines(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    user_records(data).into_iter().flat_map(|record| {
        let record = record.strip_suffix(b"\n").unwrap_or(record);
        record.split(|byte| *byte == b'\n').map(|line| line.get(..LINE_BYTES_MAX).unwrap_or(line))
    })
}

/// One batch on its way.
struct Run<'a> {
    packs: Vec<Pack>,
    bytes: usize,
    counts: Counts<'a>,
    calls: usize,
    /// The first record that must come again, and why.
    stopped: Option<(usize, String)>,
}

/// Lines in one record of the delivery stream.
struct Pack {
    /// The place of the first record that it tells of.
    first: usize,
    data: Vec<u8>,
}

impl<'a> Run<'a> {
    fn new(counts: Counts<'a>) -> Self {
        Self { packs: Vec::new(), bytes: 0, counts, calls: 0, stopped: None }
    }

    fn push(&mut self, place: usize, line: &str) {
        self.bytes += line.len() + 1;
        let last = self.packs.last_mut();
        let bytes = line.bytes().chain([b'\n']);
        if let Some(pack) = last.filter(|pack| pack.data.len() + line.len() < PACK_BYTES) {
            pack.data.extend(bytes);
        } else {
            self.packs.push(Pack { first: place, data: bytes.collect() });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_end_at_the_limit() {
        for (first, packs) in [(PACK_BYTES - 6, 1), (PACK_BYTES - 5, 2)] {
            let mut run = Run::new(Counts::new(&[]));
            run.push(0, &"x".repeat(first - 1));
            run.push(1, "12345");
            assert_eq!(run.packs.len(), packs);
        }
    }

    #[test]
    fn every_record_has_a_line() {
        for (data, count) in [(&b""[..], 1), (b"a", 1), (b"a\n", 1), (b"a\nb\n", 2), (b"\n\n", 2)] {
            assert_eq!(lines(data).count(), count);
        }
        let long = vec![b'x'; LINE_BYTES_MAX + 1];
        assert_eq!(lines(&long).next().map(<[u8]>::len), Some(LINE_BYTES_MAX));
    }
}
