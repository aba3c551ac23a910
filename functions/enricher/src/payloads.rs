//! A record of the raw stream -> the events in it, each with its fate.

use std::borrow::Cow;

use bad_event::{
    AdapterFailures, BadEvent, FormatMessage, FormatViolation, Parameter, RequestPayload,
    TrackerProtocolViolations,
};
use collector_payload::{CollectorPayload, DecodeError, compressed};
use iglu::SchemaKey;
use tracker_protocol::path::{NO_ROUTE, route};
use tracker_protocol::{Charset, Parameters, address, convert, query};

use crate::adapters::{self, Adapted, Origin, Refusal, Request};
use crate::enrich::{Batch, Seed, Source, enrich};
use crate::enrichments::OfRequest;
use crate::entities::NotLoaded;
use crate::outcome::Outcome;
use crate::schemas::Schemas;

/// How far a record was processed.
#[derive(Debug)]
pub struct Progress {
    /// One outcome for each event, in their order.
    pub outcomes: Vec<Outcome>,
    /// What remains to be done.
    pub rest: Rest,
}

/// What remains of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rest {
    /// Nothing.
    Done,
    /// The events from this one on: the outcomes so far take as much memory as they may.
    From(usize),
    /// The events from this one on, once the schemas are loaded that were found missing.
    NeedsSchemas(usize),
}

/// Processes the events of a record from one of them on, until the outcomes take so many bytes.
///
/// A request with hundreds of thousands of events becomes rows of a hundred megabytes, which no
/// function could hold at once.
pub fn outcomes<S: Schemas>(
    batch: &Batch<'_, S>,
    record: &[u8],
    from: usize,
    bytes_max: usize,
) -> Progress {
    let mut chunk = Chunk { from, bytes_max, bytes: 0, seen: 0, outcomes: Vec::new() };
    let rest = match record_outcomes(batch, record, &mut chunk) {
        Ok(()) => Rest::Done,
        Err(Stop::Full) => Rest::From(from + chunk.outcomes.len()),
        Err(Stop::NotLoaded) => Rest::NeedsSchemas(from + chunk.outcomes.len()),
    };
    Progress { outcomes: chunk.outcomes, rest }
}

/// Why a record is left for now.
enum Stop {
    Full,
    NotLoaded,
}

impl From<NotLoaded> for Stop {
    fn from(_: NotLoaded) -> Self {
        Self::NotLoaded
    }
}

/// The part of a record's outcomes that is made now.
struct Chunk {
    from: usize,
    bytes_max: usize,
    bytes: usize,
    seen: usize,
    outcomes: Vec<Outcome>,
}

impl Chunk {
    /// Makes the next outcome, unless it was made before or there is no room left.
    fn push(&mut self, make: impl FnOnce() -> Result<Outcome, NotLoaded>) -> Result<(), Stop> {
        if self.seen >= self.from {
            if self.bytes >= self.bytes_max {
                return Err(Stop::Full);
            }
            let outcome = make()?;
            self.bytes += outcome.size_bytes();
            self.outcomes.push(outcome);
        }
        self.seen += 1;
        Ok(())
    }
}

fn record_outcomes<S: Schemas>(
    batch: &Batch<'_, S>,
    record: &[u8],
    chunk: &mut Chunk,
) -> Result<(), Stop> {
    for record in kinesis_event::user_records(record) {
        if !compressed::is_compressed(record) {
            payload_outcomes(batch, record, chunk)?;
            continue;
        }
        match compressed::unpack(record) {
            Ok(payloads) => {
                for payload in payloads {
                    payload_outcomes(batch, &payload, chunk)?;
                }
            }
            Err(error) => undecodable(batch, record, &error.to_string(), chunk)?,
        }
    }
    Ok(())
}

fn undecodable<S>(
    batch: &Batch<'_, S>,
    record: &[u8],
    error: &str,
    chunk: &mut Chunk,
) -> Result<(), Stop> {
    chunk.push(|| Ok(format_violation(batch, record, FormatMessage::Fallback { error })))
}

fn payload_outcomes<S: Schemas>(
    batch: &Batch<'_, S>,
    record: &[u8],
    chunk: &mut Chunk,
) -> Result<(), Stop> {
    let payload = match decoded(record) {
        Ok(payload) => payload,
        Err(error) => return undecodable(batch, record, &error, chunk),
    };
    let before = chunk.seen;
    let mut refuse = |field: &str, value: Option<&str>, expectation: &str| {
        let message = FormatMessage::InputData { payload_field: field, value, expectation };
        chunk.push(|| Ok(format_violation(batch, record, message)))
    };
    let path = payload.path.as_deref().unwrap_or_default();
    let route = route(path);
    if route.is_none() {
        refuse("path", Some(path), NO_ROUTE)?;
    }
    if let Some(id) = payload.network_user_id.as_deref()
        && let Err(expectation) = convert::uuid(id)
    {
        refuse("networkUserId", Some(id), &expectation)?;
    }
    let charset = payload.encoding.as_deref().and_then(Charset::by_name).unwrap_or(Charset::Utf8);
    let text = payload.querystring.as_deref().unwrap_or_default();
    let parameters = match query::parse(text, charset) {
        Ok(pairs) => Parameters::new(pairs),
        Err(expectation) => {
            refuse("querystring", Some(text), &expectation)?;
            Parameters::default()
        }
    };
    let Some(route) = route.filter(|_| chunk.seen == before) else { return Ok(()) };
    let headers = payload.headers.as_deref().unwrap_or_default();
    let source = Source {
        payload: &payload,
        route,
        charset,
        client_address: address::client_address(headers, payload.ip_address.as_deref()),
        seed: Seed::new(record),
        of_request: OfRequest::default(),
    };
    adapted_outcomes(batch, source, &parameters, chunk)
}

fn adapted_outcomes<S: Schemas>(
    batch: &Batch<'_, S>,
    source: Source<'_>,
    query: &Parameters<'_>,
    chunk: &mut Chunk,
) -> Result<(), Stop> {
    let payload = source.payload;
    let body = payload.body.as_deref().map(body_text);
    let request = Request {
        route: source.route,
        query: query.clone(),
        body: body.as_deref(),
        content_type: payload.content_type.as_deref(),
    };
    match adapters::adapt(request, batch.schemas) {
        Adapted::NotLoaded => Err(Stop::NotLoaded),
        Adapted::One(parameters) => chunk.push(|| enrich(batch, &source, &parameters, 0)),
        Adapted::Many(many) => many.events().enumerate().try_for_each(|(index, parameters)| {
            chunk.push(|| enrich(batch, &source, &parameters, index))
        }),
        Adapted::Relayed(parameters, origin) => {
            let payload = relayed(payload, &origin);
            let client_address = match &origin.client {
                Some(client) => client.address.clone(),
                None => source.client_address,
            };
            let source = Source { payload: &payload, client_address, ..source };
            chunk.push(|| enrich(batch, &source, &parameters, 0))
        }
        Adapted::Refused(refusal) => chunk.push(|| Ok(refused(batch, &source, query, &refusal))),
    }
}

/// The payload as it would be if the request had come without a detour.
pub(crate) fn relayed<'p>(
    payload: &'p CollectorPayload<'p>,
    origin: &'p Origin,
) -> CollectorPayload<'p> {
    let mut payload = payload.clone();
    if let Some(epoch_millis) = origin.epoch_millis {
        payload.timestamp = epoch_millis;
    }
    if let Some(client) = &origin.client {
        payload.user_agent = client.user_agent.as_deref().map(Cow::Borrowed);
        payload.referer_uri = client.referer.as_deref().map(Cow::Borrowed);
    }
    payload
}

/// A body as text. Most are text already, which is found out in less time than it takes to mend one.
pub(crate) fn body_text(body: &[u8]) -> Cow<'_, str> {
    str::from_utf8(body).map_or_else(|_| String::from_utf8_lossy(body), Cow::Borrowed)
}

const SCHEMA: &str = "iglu:com.snowplowanalytics.snowplow/CollectorPayload/thrift/1-0-*";

/// The payload of a record, if it is one of ours.
pub(crate) fn decoded(record: &[u8]) -> Result<CollectorPayload<'_>, String> {
    let payload = CollectorPayload::decode(record)
        .map_err(|error| format!("error deserializing raw event: {}", thrift_text(error)))?;
    let schema = payload.schema.as_deref().unwrap_or_default();
    let is_ours = SchemaKey::parse(schema).is_ok_and(|key| {
        let version = key.version();
        key.path().starts_with("com.snowplowanalytics.snowplow/CollectorPayload/thrift/")
            && (version.model, version.revision) == (1, 0)
    });
    if is_ours {
        Ok(payload)
    } else {
        Err(format!("verifying record as {SCHEMA} failed: found {schema}"))
    }
}

/// The error as the library of the original words it, where readers may look for it.
fn thrift_text(error: DecodeError) -> String {
    match error {
        DecodeError::UnexpectedType { code, .. } => format!("Unrecognized type {code}"),
        DecodeError::Truncated { .. } | DecodeError::BadLength { .. } | DecodeError::TooDeep => {
            error.to_string()
        }
    }
}

fn format_violation<S>(batch: &Batch<'_, S>, record: &[u8], message: FormatMessage<'_>) -> Outcome {
    let violation = FormatViolation { epoch_micros: batch.epoch_micros, message, record };
    bad(batch, BadEvent::FormatViolation(violation))
}

fn refused<S>(
    batch: &Batch<'_, S>,
    source: &Source<'_>,
    query: &Parameters<'_>,
    refusal: &Refusal<'_>,
) -> Outcome {
    let payload = source.payload;
    let querystring: Vec<Parameter<'_>> =
        query.in_sent_order().map(|(name, value)| Parameter { name, value }).collect();
    let body = payload.body.as_deref().map(body_text);
    let request = RequestPayload {
        vendor: source.route.vendor,
        version: source.route.version,
        querystring: &querystring,
        content_type: payload.content_type.as_deref(),
        body: body.as_deref(),
        collector: payload.collector.as_deref().unwrap_or_default(),
        encoding: payload.encoding.as_deref().unwrap_or_default(),
        hostname: payload.hostname.as_deref(),
        epoch_millis: Some(payload.timestamp),
        ip_address: source.client_address.as_deref(),
        useragent: payload.user_agent.as_deref(),
        referer_uri: payload.referer_uri.as_deref(),
        headers: payload.headers.as_deref().unwrap_or_default(),
        network_user_id: payload.network_user_id.as_deref(),
    };
    let epoch_micros = batch.epoch_micros;
    match refusal {
        Refusal::TrackerProtocol(found) => {
            let violations =
                TrackerProtocolViolations { epoch_micros, messages: found, payload: request };
            bad(batch, BadEvent::TrackerProtocolViolations(violations))
        }
        Refusal::Adapter(found) => {
            let failures = AdapterFailures { epoch_micros, messages: found, payload: request };
            bad(batch, BadEvent::AdapterFailures(failures))
        }
    }
}

fn bad<S>(batch: &Batch<'_, S>, bad: BadEvent<'_>) -> Outcome {
    let bad_event = bad.to_record(batch.settings.envelope(), batch.settings.record_bytes_max);
    Outcome::Bad { bad_event, failed: None }
}
