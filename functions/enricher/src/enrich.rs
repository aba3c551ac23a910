//! One tracker event, stage by stage: the file to open first.

use std::cell::OnceCell;

use bad_event::{BadEvent, EnrichmentFailures, EnrichmentMessage, SchemaViolations};
use collector_payload::CollectorPayload;
use enriched_event::{Column, EnrichedEvent};
use tracker_protocol::path::Route;
use tracker_protocol::{Charset, Parameters};
use uuid::Builder;

use crate::columns::{AtomicDefect, TOO_LONG, fill_from_parameters, fill_from_payload};
use crate::enrichments::{Context, Enrichments, OfRequest, Rewritten, Work};
use crate::entities::{Entity, NotLoaded, Reader, Violation, wrapped};
use crate::failures::{
    atomic_violation, enrichment_entity, event_payload, oversized_row, superseded_info,
    validation_info, violation_entity,
};
use crate::outcome::{Outcome, Row};
use crate::schemas::Schemas;
use crate::settings::Settings;
use crate::stages;

/// What every event of a batch shares.
pub struct Batch<'a, S> {
    /// The choices.
    pub settings: &'a Settings,
    /// Whoever knows the schemas.
    pub schemas: &'a S,
    /// What is done beside what is always done.
    pub enrichments: &'a Enrichments,
    /// When the batch was taken up, in microseconds since 1970.
    pub epoch_micros: i64,
}

/// The payload that an event came in.
pub struct Source<'a> {
    /// The payload.
    pub payload: &'a CollectorPayload<'a>,
    /// The protocol that it speaks.
    pub route: Route<'a>,
    /// The encoding of its query string.
    pub charset: Charset,
    /// The client's address, from the headers or as the collector saw it.
    pub client_address: Option<String>,
    /// What ids are derived from.
    pub seed: Seed<'a>,
    /// What enrichments found in the request for its events so far.
    pub(crate) of_request: OfRequest,
}

/// Bytes that are the same whenever this payload is processed; made when the first event without an
/// id needs them, and once for all of them.
pub struct Seed<'a> {
    record: &'a [u8],
    bytes: OnceCell<[u8; 16]>,
}

impl<'a> Seed<'a> {
    /// The seed of a payload.
    pub fn new(record: &'a [u8]) -> Self {
        Self { record, bytes: OnceCell::new() }
    }

    fn bytes(&self) -> [u8; 16] {
        *self.bytes.get_or_init(|| kinesis_event::fingerprint(self.record))
    }
}

/// Turns the parameters of one event into its row, or into a bad event that says all that is wrong;
/// of what a script drops nothing is left.
pub(crate) fn enrich<S: Schemas>(
    batch: &Batch<'_, S>,
    source: &Source<'_>,
    parameters: &Parameters<'_>,
    index: usize,
) -> Result<Outcome, NotLoaded> {
    let mut event = EnrichedEvent::new();
    let mut found = Findings::default();
    fill(&mut event, batch, source, (parameters, index), &mut found);
    read_json(&mut event, batch, &mut found)?;
    let Some((contexts, rewritten)) =
        run_stages(&mut event, batch, source, parameters, &mut found)?
    else {
        return Ok(Outcome::Dropped);
    };
    judge_derived(batch, contexts, &mut found)?;
    check_lengths(&mut event, batch.settings, &mut found);
    judge_again(&mut event, batch, rewritten, &mut found)?;
    write_derived(&mut event, batch, &found);
    Ok(outcome(&mut event, batch, source, parameters, &found))
}

/// All that was found wrong, phase by phase, and what is worth telling otherwise.
#[derive(Default)]
struct Findings {
    /// Values that do not fit their columns, schemas that data does not fit.
    input: Vec<Violation>,
    /// What enriching could not do.
    enrichments: Vec<EnrichmentMessage<'static>>,
    /// What became too long.
    output: Vec<Violation>,
    /// Columns to empty in a failed event.
    too_long: Vec<Column>,
    /// What enrichments gave, those of the newest first.
    derived: Vec<Context>,
    /// Entities and events that a newer schema judged.
    superseded: Vec<String>,
}

fn fill<'a, S>(
    event: &mut EnrichedEvent<'a>,
    batch: &Batch<'_, S>,
    source: &'a Source<'_>,
    (parameters, index): (&'a Parameters<'_>, usize),
    found: &mut Findings,
) {
    let now = tracker_protocol::convert::collector_timestamp(batch.epoch_micros.div_euclid(1_000));
    if let Ok(now) = now {
        event.set(Column::EtlTstamp, now.to_string());
    }
    event.set(Column::VEtl, VERSION);
    let mut defects: Vec<AtomicDefect> =
        fill_from_payload(event, source.payload, source.client_address.as_deref())
            .into_iter()
            .collect();
    defects.extend(fill_from_parameters(event, parameters));
    found.input.extend(atomic_violation(&defects));
    if event.get(Column::EventId).is_empty() {
        event.set(Column::EventId, event_id(source.seed.bytes(), index));
    }
}

/// Who enriched it, as the column `v_etl` says.
const VERSION: &str = concat!("whiteout-enricher-", env!("CARGO_PKG_VERSION"));

/// The same whenever this event is processed, so that a retry does not make a second one.
fn event_id(seed: [u8; 16], index: usize) -> String {
    let index = u64::try_from(index).unwrap_or(u64::MAX).to_be_bytes();
    let mut bytes = seed;
    for (byte, more) in bytes.iter_mut().rev().zip(index.iter().rev()) {
        *byte ^= more;
    }
    Builder::from_random_bytes(bytes).into_uuid().to_string()
}

fn read_json<S: Schemas>(
    event: &mut EnrichedEvent<'_>,
    batch: &Batch<'_, S>,
    found: &mut Findings,
) -> Result<(), NotLoaded> {
    let reader = Reader { schemas: batch.schemas, depth_max: batch.settings.json_depth_max };
    let unstruct = event.take(Column::UnstructEvent);
    if !unstruct.is_empty() {
        match reader.unstruct(&unstruct)? {
            Ok(entity) => set_unstruct(event, &entity, found),
            Err(violation) => found.input.push(violation),
        }
    }
    let contexts = event.take(Column::Contexts);
    if !contexts.is_empty() {
        let (entities, violations) = reader.contexts(&contexts)?;
        set_entities(event, Column::Contexts, entities.iter().map(|entity| entity.text.as_str()));
        found.superseded.extend(entities.iter().filter_map(validation_info));
        found.input.extend(violations);
    }
    Ok(())
}

fn run_stages<S>(
    event: &mut EnrichedEvent<'_>,
    batch: &Batch<'_, S>,
    source: &Source<'_>,
    parameters: &Parameters<'_>,
    found: &mut Findings,
) -> Result<Option<(Vec<Context>, Rewritten)>, NotLoaded> {
    let mut work = Work::new(event);
    stages::run(batch.enrichments, &mut work, source, parameters)?;
    found.enrichments = work.failures;
    Ok((!work.is_dropped).then_some((work.contexts, work.rewritten)))
}

/// Judges what a script left in the JSON columns; what does not fit goes.
fn judge_again<S: Schemas>(
    event: &mut EnrichedEvent<'_>,
    batch: &Batch<'_, S>,
    rewritten: Rewritten,
    found: &mut Findings,
) -> Result<(), NotLoaded> {
    let reader = Reader { schemas: batch.schemas, depth_max: batch.settings.json_depth_max };
    let unstruct = event.filled(Column::UnstructEvent).filter(|_| rewritten.unstruct);
    if let Some(Err(violation)) = unstruct.map(|text| reader.unstruct(text)).transpose()? {
        found.output.push(violation);
        for column in OF_UNSTRUCT {
            event.clear(column);
        }
    }
    if rewritten.contexts && event.filled(Column::Contexts).is_some() {
        let contexts = event.take(Column::Contexts);
        let (entities, violations) = reader.contexts(&contexts)?;
        set_entities(event, Column::Contexts, entities.iter().map(|entity| entity.text.as_str()));
        found.output.extend(violations);
    }
    Ok(())
}

/// What an event without its self-describing part does not have.
const OF_UNSTRUCT: [Column; 5] = [
    Column::UnstructEvent,
    Column::EventVendor,
    Column::EventName,
    Column::EventFormat,
    Column::EventVersion,
];

fn judge_derived<S: Schemas>(
    batch: &Batch<'_, S>,
    contexts: Vec<Context>,
    found: &mut Findings,
) -> Result<(), NotLoaded> {
    let reader = Reader { schemas: batch.schemas, depth_max: batch.settings.json_depth_max };
    let derived = reader.derived(contexts)?;
    let infos = derived.superseded.iter().map(|(key, newer)| superseded_info(key, newer));
    found.superseded.extend(infos);
    found.derived = derived.contexts;
    found.output.extend(derived.violations);
    Ok(())
}

fn set_unstruct(event: &mut EnrichedEvent<'_>, entity: &Entity, found: &mut Findings) {
    let wrapper = "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0";
    let text = format!("{{\"schema\":\"{wrapper}\",\"data\":{}}}", entity.text);
    event.set(Column::UnstructEvent, text);
    event.set(Column::EventVendor, entity.key.vendor().to_owned());
    event.set(Column::EventName, entity.key.name().to_owned());
    event.set(Column::EventFormat, entity.key.format().to_owned());
    event.set(Column::EventVersion, entity.key.version().to_string());
    found.superseded.extend(validation_info(entity));
}

/// Entities in their wrapper; none leave the column empty.
fn set_entities<'t>(
    event: &mut EnrichedEvent<'_>,
    column: Column,
    entities: impl Iterator<Item = &'t str>,
) {
    let mut entities = entities.peekable();
    if entities.peek().is_some() {
        event.set(column, wrapped(entities));
    }
}

fn check_lengths(event: &mut EnrichedEvent<'_>, settings: &Settings, found: &mut Findings) {
    if settings.accepts_too_long {
        return;
    }
    let too_long = settings.limits.check(event);
    let defects: Vec<AtomicDefect> = too_long
        .iter()
        .map(|long| AtomicDefect {
            field: long.column.name().into(),
            value: event.get(long.column).to_owned(),
            message: format!("Field is longer than maximum allowed size {}", long.chars_max),
            keyword: TOO_LONG,
        })
        .collect();
    found.output.extend(atomic_violation(&defects));
    found.too_long = too_long.into_iter().map(|long| long.column).collect();
}

/// Failures as entities of the event itself, then what enrichments gave and what a newer schema judged.
fn write_derived<S>(event: &mut EnrichedEvent<'_>, batch: &Batch<'_, S>, found: &Findings) {
    let violations = |list: &[Violation]| -> Vec<String> {
        list.iter().map(|violation| violation_entity(violation, batch)).collect()
    };
    let mut failures = violations(&found.input);
    failures.extend(found.enrichments.iter().map(|message| enrichment_entity(message, batch)));
    failures.extend(violations(&found.output));
    let mut entities: Vec<&str> = failures.iter().map(String::as_str).collect();
    entities.extend(found.derived.iter().map(Context::text));
    for info in &found.superseded {
        if !entities.contains(&info.as_str()) {
            entities.push(info);
        }
    }
    set_entities(event, Column::DerivedContexts, entities.into_iter());
}

fn outcome<S>(
    event: &mut EnrichedEvent<'_>,
    batch: &Batch<'_, S>,
    source: &Source<'_>,
    parameters: &Parameters<'_>,
    found: &Findings,
) -> Outcome {
    let epoch_micros = batch.epoch_micros;
    let bad = |bad: BadEvent<'_>| {
        bad.to_record(batch.settings.envelope(), batch.settings.record_bytes_max)
    };
    let violations = if found.input.is_empty() { &found.output } else { &found.input };
    let is_failed = found.input.is_empty() && !found.enrichments.is_empty();
    if violations.is_empty() && !is_failed {
        return good(event, batch);
    }
    // Only now: it costs as much as the row.
    let enriched = event.to_bad_row_json();
    let bad_event = if is_failed {
        event_payload(&enriched, source, parameters, |payload| {
            let messages = &found.enrichments;
            bad(BadEvent::EnrichmentFailures(EnrichmentFailures {
                epoch_micros,
                messages,
                payload,
            }))
        })
    } else {
        let messages: Vec<_> =
            violations.iter().map(|violation| violation.message.clone()).collect();
        event_payload(&enriched, source, parameters, |payload| {
            let messages = &messages;
            bad(BadEvent::SchemaViolations(SchemaViolations { epoch_micros, messages, payload }))
        })
    };
    Outcome::Bad { bad_event, failed: failed_row(event, batch, found) }
}

fn good<S>(event: &EnrichedEvent<'_>, batch: &Batch<'_, S>) -> Outcome {
    let row = row(event, batch.settings);
    if row.tsv.len() > batch.settings.record_bytes_max {
        return Outcome::Bad { bad_event: oversized_row(&row, batch), failed: None };
    }
    Outcome::Good(row)
}

/// What remains of the event without what was wrong; one that is too large is left out.
fn failed_row<S>(
    event: &mut EnrichedEvent<'_>,
    batch: &Batch<'_, S>,
    found: &Findings,
) -> Option<Row> {
    if !batch.settings.emits_failed {
        return None;
    }
    let kept = [Column::EventId, Column::VCollector, Column::VEtl];
    for column in &found.too_long {
        if !kept.contains(column) {
            event.clear(*column);
        }
    }
    Some(row(event, batch.settings)).filter(|row| row.tsv.len() <= batch.settings.record_bytes_max)
}

/// Longest partition key that a stream takes, in characters.
const PARTITION_KEY_CHARS_MAX: usize = 256;

fn row(event: &EnrichedEvent<'_>, settings: &Settings) -> Row {
    let mut tsv = Vec::with_capacity(2_048);
    event.write_tsv(&mut tsv);
    let chosen = event.filled(settings.partition_column);
    let key = chosen.unwrap_or_else(|| event.get(Column::EventId));
    Row { tsv, partition_key: key.chars().take(PARTITION_KEY_CHARS_MAX).collect() }
}
