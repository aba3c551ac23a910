//! The pipeline: what came in goes through every function, as the streams, Firehose and S3 would pass it on.

use std::fmt;
use std::time::Instant;

use kinesis_event::BatchResponse;
use record_sink::Record;
use rusqlite::Connection;
use tokio::runtime::Runtime;

use super::functions::{Functions, PATIENCE};
use super::indexing::{bad_fields, good_fields};
use super::micro;
use super::objects::{self, Objects};
use super::store::{self, Batch, Indexed, Kind, New, NewObject, Stored};
use super::stream::Stream;
use super::wires;
use super::worker::{Submission, Target};
use crate::warehouse;

/// What a consumer is handed at once.
const EVENTS_BATCH: Batch = Batch { records_max: 100, bytes_max: 4 * 1024 * 1024 };
/// What Firehose buffers of a stream before it delivers.
const DELIVERY_BATCH: Batch = Batch { records_max: 500, bytes_max: 1024 * 1024 };

/// A stream that is delivered through the pseudonymizer.
struct Delivery {
    stream: Stream,
    prefix: &'static str,
    consumer: &'static str,
}

const DELIVERIES: [Delivery; 3] = [
    Delivery { stream: Stream::EnrichedGood, prefix: "output", consumer: "good-delivery" },
    Delivery {
        stream: Stream::EnrichedBad,
        prefix: "enriched_bad_event",
        consumer: "enriched-bad-delivery",
    },
    Delivery { stream: Stream::RawBad, prefix: "bad_event", consumer: "raw-bad-delivery" },
];

/// The streams that the classifier reads, and how its position in each is called.
const CLASSIFIED: [(Stream, &str); 2] =
    [(Stream::RawBad, "raw-bad-classifier"), (Stream::EnrichedBad, "enriched-bad-classifier")];

const ENRICHER: &str = "enricher";

/// Why a turn was not done.
#[derive(Debug)]
pub(super) enum Trouble {
    /// The data directory cannot be written; nothing of the turn was kept.
    Store(String),
    /// A function waits for something; what is behind it stays in its stream.
    Stalled(String),
}

impl fmt::Display for Trouble {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Store(reason) => write!(
                f,
                "the data directory cannot be written ({reason}); requests are answered with 503 until it can"
            ),
            Self::Stalled(reason) => write!(f, "{reason}; it is tried again, and nothing is lost"),
        }
    }
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.to_string())
    }
}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self::Store(error.to_string())
    }
}

type Result<T> = std::result::Result<T, Trouble>;

/// When consumers take up what waits for them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    /// At once.
    Now,
    /// When it is due: at once without batching; with it deliveries wait for their buffer or time.
    Due,
}

/// How long a delivery may wait for more, in milliseconds; `None` for not at all.
pub(super) type Batching = Option<i64>;

/// The functions, and everything that is between them.
pub(super) struct Pipeline {
    functions: Functions,
    db: Connection,
    objects: Objects,
    batching: Batching,
    /// Objects of this turn, which go with it if it fails.
    fresh: Vec<String>,
    /// What a function waits for.
    stall: Option<String>,
}

impl Pipeline {
    pub(super) fn new(
        functions: Functions,
        db: Connection,
        objects: Objects,
        batching: Batching,
    ) -> Self {
        Self { functions, db, objects, batching, fresh: Vec::new(), stall: None }
    }

    /// Takes in what was handed over, and moves it along unless batching holds it back.
    pub(super) fn take_in(&mut self, runtime: &Runtime, submissions: &[Submission]) -> Result<()> {
        let now = now_millis();
        self.transaction(|this| {
            for submission in submissions {
                match submission.to {
                    Target::Stream(stream) => {
                        for record in &submission.records {
                            let new = new(stream, &submission.space, None, (record, now));
                            let sequence = store::append(&this.db, &new)?;
                            if stream == Stream::RawBad {
                                this.index_bad(None, sequence, &new)?;
                            }
                        }
                    }
                    Target::Pings(folder) => {
                        let content: Vec<u8> = lines(&submission.records);
                        this.put_object(runtime, (folder, &submission.space, now), &content)?;
                    }
                }
            }
            if this.batching.is_none() {
                this.advance(runtime, Pace::Now).map(drop)
            } else {
                Ok(())
            }
        })
    }

    /// Moves along what was left behind; says whether there was anything.
    pub(super) fn catch_up(&mut self, runtime: &Runtime, pace: Pace) -> Result<bool> {
        if !self.is_behind()? {
            return Ok(false);
        }
        self.transaction(|this| this.advance(runtime, pace))
    }

    /// Forgets everything of a space.
    pub(super) fn reset(&mut self, space: &str) -> Result<()> {
        let keys = self.transaction(|this| {
            let keys = store::forget(&this.db, space)?;
            for key in &keys {
                warehouse::forget(&this.db, key)
                    .map_err(|error| Trouble::Store(error.to_string()))?;
            }
            Ok(keys)
        })?;
        for key in keys {
            self.objects.remove(&key);
        }
        Ok(())
    }

    /// What a function waits for, if one does.
    pub(super) fn take_stall(&mut self) -> Option<String> {
        self.stall.take()
    }

    /// Runs all of it or nothing of it.
    fn transaction<T>(&mut self, run: impl FnOnce(&mut Self) -> Result<T>) -> Result<T> {
        self.db.execute_batch("BEGIN IMMEDIATE")?;
        let outcome = run(self).and_then(|value| {
            self.db.execute_batch("COMMIT")?;
            Ok(value)
        });
        let fresh = std::mem::take(&mut self.fresh);
        if outcome.is_err() {
            // A failed write may have ended the transaction already.
            self.db.execute_batch("ROLLBACK").ok();
            for key in fresh {
                self.objects.remove(&key);
            }
        }
        outcome
    }

    fn is_behind(&self) -> Result<bool> {
        let deliveries = DELIVERIES.iter().map(|delivery| (delivery.stream, delivery.consumer));
        let consumers = deliveries.chain(CLASSIFIED).chain([(Stream::RawGood, ENRICHER)]);
        for (stream, consumer) in consumers {
            let position = store::position(&self.db, consumer)?;
            if store::is_behind(&self.db, stream, position)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Every consumer takes up what waits for it.
    fn advance(&mut self, runtime: &Runtime, pace: Pace) -> Result<bool> {
        let mut moved = self.enrich(runtime)?;
        for (stream, consumer) in CLASSIFIED {
            moved |= self.classify(runtime, stream, consumer)?;
        }
        for delivery in &DELIVERIES {
            moved |= self.deliver(runtime, delivery, pace)?;
        }
        Ok(moved)
    }

    /// Raw records -> rows and bad events, each record as a batch of its own so that what comes of it
    /// is known to come of it.
    fn enrich(&mut self, runtime: &Runtime) -> Result<bool> {
        let mut moved = false;
        loop {
            let position = store::position(&self.db, ENRICHER)?;
            let batch = store::next_batch(&self.db, Stream::RawGood, position, EVENTS_BATCH)?;
            let Some(last) = batch.last() else { return Ok(moved) };
            for raw in &batch {
                let event = wires::kinesis_event(Stream::RawGood.name(), std::slice::from_ref(raw));
                let deadline = Instant::now() + PATIENCE;
                let answer =
                    runtime.block_on(self.functions.enricher.handle(&event, "local", deadline));
                if answer != Ok(BatchResponse::complete()) {
                    // A part of it may have been written; it is written again with the rest.
                    self.drop_gathered();
                    store::set_position(&self.db, ENRICHER, raw.sequence - 1)?;
                    self.stall = Some("a schema registry does not answer".to_owned());
                    return Ok(moved);
                }
                moved = true;
                self.keep_enriched(raw)?;
            }
            store::set_position(&self.db, ENRICHER, last.sequence)?;
        }
    }

    fn drop_gathered(&self) {
        let functions = &self.functions;
        for sink in [&functions.good, &functions.bad, &functions.failed] {
            drop(sink.take());
        }
    }

    /// Appends what came of a raw record to the streams.
    fn keep_enriched(&self, raw: &Stored) -> Result<()> {
        let now = now_millis();
        let origin = Some(raw.sequence);
        let (good, bad) = (self.functions.good.take(), self.functions.bad.take());
        for (record, place) in good.iter().zip(micro::of_good(&raw.data, &good, &bad)) {
            let new = new(Stream::EnrichedGood, &raw.space, origin, (record, now));
            self.index_row((Kind::Good, place), store::append(&self.db, &new)?, &new)?;
        }
        for record in &bad {
            let new = new(Stream::EnrichedBad, &raw.space, origin, (record, now));
            self.index_bad(origin, store::append(&self.db, &new)?, &new)?;
        }
        for record in self.functions.failed.take() {
            let new = new(Stream::EnrichedFailed, &raw.space, origin, (&record, now));
            self.index_row((Kind::Incomplete, None), store::append(&self.db, &new)?, &new)?;
        }
        Ok(())
    }

    fn index_row(
        &self,
        (kind, place): (Kind, Option<usize>),
        record: i64,
        new: &New<'_>,
    ) -> Result<()> {
        let fields = good_fields(new.data);
        let indexed = Indexed {
            record,
            space: new.space,
            kind,
            at_millis: new.at_millis,
            raw: new.origin,
            place,
            event_id: fields.event_id,
            app_id: fields.app_id,
            event: fields.event,
        };
        Ok(store::index(&self.db, &indexed)?)
    }

    fn index_bad(&self, raw: Option<i64>, record: i64, new: &New<'_>) -> Result<()> {
        let fields = bad_fields(new.data);
        let indexed = Indexed {
            record,
            space: new.space,
            kind: Kind::Bad,
            at_millis: new.at_millis,
            raw,
            place: None,
            event_id: fields.event_id.as_deref(),
            app_id: fields.app_id.as_deref(),
            event: fields.event.as_deref(),
        };
        Ok(store::index(&self.db, &indexed)?)
    }

    /// Bad events -> a line about each, delivered without a transformation.
    fn classify(&mut self, runtime: &Runtime, stream: Stream, consumer: &str) -> Result<bool> {
        let mut moved = false;
        loop {
            let position = store::position(&self.db, consumer)?;
            let batch = store::next_batch(&self.db, stream, position, EVENTS_BATCH)?;
            let (Some(first), Some(last)) = (batch.first(), batch.last()) else { return Ok(moved) };
            let mut content = Vec::new();
            for bad in &batch {
                let event = wires::kinesis_event(stream.name(), std::slice::from_ref(bad));
                let deadline = Instant::now() + PATIENCE;
                let answer =
                    runtime.block_on(self.functions.classifier.handle(&event, "local", deadline));
                let said = lines(&self.functions.classes.take());
                if answer.is_ok() {
                    let fingerprint = super::indexing::fingerprint(&said);
                    let class = String::from_utf8_lossy(said.trim_ascii_end());
                    store::classify(&self.db, bad, &fingerprint, &class)?;
                    content.extend(said);
                }
            }
            let place = ("bad_event_class", first.space.as_str(), now_millis());
            self.put_object(runtime, place, &content)?;
            moved = true;
            store::set_position(&self.db, consumer, last.sequence)?;
        }
    }

    /// Records of a stream -> an object of what may be seen of them.
    fn deliver(&mut self, runtime: &Runtime, delivery: &Delivery, pace: Pace) -> Result<bool> {
        let Delivery { stream, prefix, consumer } = *delivery;
        let mut moved = false;
        loop {
            let position = store::position(&self.db, consumer)?;
            if !self.is_due(stream, position, pace)? {
                return Ok(moved);
            }
            let batch = store::next_batch(&self.db, stream, position, DELIVERY_BATCH)?;
            let (Some(first), Some(last)) = (batch.first(), batch.last()) else { return Ok(moved) };
            let event = wires::firehose_event(stream.name(), &batch);
            let deadline = Instant::now() + PATIENCE;
            let answer =
                runtime.block_on(self.functions.pseudonymizer.handle(&event, "local", deadline));
            let answer = answer.map_err(|fault| fault.to_string());
            let transformed = answer.and_then(|answer| {
                wires::transformed(&answer).map_err(|_| "the answer is none".to_owned())
            });
            let transformed = match transformed {
                Ok(transformed) => transformed,
                Err(reason) => {
                    self.stall = Some(format!("the pseudonymizer delivers nothing: {reason}"));
                    return Ok(moved);
                }
            };
            self.put_back(stream, &first.space)?;
            self.put_transformed(runtime, (prefix, &first.space), &batch, &transformed)?;
            moved = true;
            store::set_position(&self.db, consumer, last.sequence)?;
        }
    }

    /// Whether a delivery is to be made, as Firehose decides it: a full buffer, or one that is old.
    fn is_due(&self, stream: Stream, position: i64, pace: Pace) -> Result<bool> {
        let Some(wait_millis) = self.batching.filter(|_| pace == Pace::Due) else {
            return Ok(true);
        };
        let (bytes, since) = store::backlog(&self.db, stream, position)?;
        let is_full = usize::try_from(bytes).unwrap_or(usize::MAX) >= DELIVERY_BATCH.bytes_max;
        Ok(is_full || since.is_some_and(|since| now_millis() - since >= wait_millis))
    }

    /// What did not fit into an answer is a record of its stream again.
    fn put_back(&self, stream: Stream, space: &str) -> Result<()> {
        let now = now_millis();
        for record in self.functions.put_back.take() {
            store::append(&self.db, &new(stream, space, None, (&record, now)))?;
        }
        Ok(())
    }

    fn put_transformed(
        &mut self,
        runtime: &Runtime,
        (prefix, space): (&str, &str),
        batch: &[Stored],
        transformed: &[Option<Vec<u8>>],
    ) -> Result<()> {
        let (mut content, mut places, mut line) = (Vec::new(), Vec::new(), 1);
        for (stored, data) in batch.iter().zip(transformed) {
            let Some(data) = data else { continue };
            places.push((stored.sequence, line));
            line += memchr::memchr_iter(b'\n', data).count();
            content.extend_from_slice(data);
        }
        if let Some(object) = self.put_object(runtime, (prefix, space, now_millis()), &content)? {
            for (record, line) in places {
                store::add_line(&self.db, record, object, line)?;
            }
        }
        Ok(())
    }

    /// Writes an object, tells the notifier of it, and loads what the notifier says is to be loaded.
    fn put_object(
        &mut self,
        runtime: &Runtime,
        (prefix, space, at_millis): (&str, &str, i64),
        content: &[u8],
    ) -> Result<Option<i64>> {
        if content.is_empty() {
            return Ok(None);
        }
        let number = store::next_object(&self.db)?;
        let key = object_key(prefix, at_millis, number);
        let bytes = objects::compressed(content)?;
        self.fresh.push(key.clone());
        self.objects.write(&key, &bytes)?;
        let lines = memchr::memchr_iter(b'\n', content).count();
        let object = NewObject { key: &key, space, at_millis, bytes: bytes.len(), lines };
        let id = store::add_object(&self.db, &object)?;
        let event = wires::object_created(&key, bytes.len(), at_millis);
        let deadline = Instant::now() + PATIENCE;
        let notified = runtime.block_on(self.functions.notifier.handle(&event, "local", deadline));
        notified.map_err(|fault| Trouble::Store(fault.to_string()))?;
        for message in self.functions.messages.take() {
            for key in wires::keys_to_load(&message.data) {
                let object = self.objects.read(&key)?;
                warehouse::load(&self.db, &key, &object)
                    .map_err(|error| Trouble::Store(error.to_string()))?;
            }
        }
        Ok(Some(id))
    }
}

/// A key as Firehose makes them below a prefix; the number makes it the only one.
fn object_key(prefix: &str, at_millis: i64, number: i64) -> String {
    let at = timestamps::iso_millis(at_millis);
    let part = |range| at.get(range).unwrap_or_default();
    let (year, month, day, hour) = (part(0..4), part(5..7), part(8..10), part(11..13));
    let (minute, second) = (part(14..16), part(17..19));
    let mut folder = format!("{prefix}/{year}/{month}/{day}");
    if !prefix.starts_with("service_ping") && prefix != "bad_event_class" {
        folder = format!("{folder}/{hour}");
    }
    let name = prefix.replace(['/', '_'], "-");
    format!(
        "{folder}/whiteout-{name}-1-{year}-{month}-{day}-{hour}-{minute}-{second}-{number:012}.gz"
    )
}

fn new<'a>(
    stream: Stream,
    space: &'a str,
    origin: Option<i64>,
    (record, at_millis): (&'a Record, i64),
) -> New<'a> {
    let (partition_key, data) = (record.partition_key.as_str(), record.data.as_slice());
    New { stream, space, origin, at_millis, partition_key, data }
}

/// The data of records that are lines, or several, one after the other.
fn lines(records: &[Record]) -> Vec<u8> {
    let mut content = Vec::new();
    for record in records {
        content.extend_from_slice(&record.data);
        if content.last().is_some_and(|byte| *byte != b'\n') {
            content.push(b'\n');
        }
    }
    content
}

#[allow(clippy::disallowed_methods, reason = "the pipeline is the edge where time comes in")]
fn now_millis() -> i64 {
    function_env::epoch_micros().div_euclid(1_000)
}
