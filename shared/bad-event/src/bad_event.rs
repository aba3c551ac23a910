//! Every kind of bad event that this suite emits.

use std::fmt;

use serde::Serialize;

use crate::envelope::{Envelope, Processor, instant, line};
use crate::message::{EnrichmentMessage, Message};
use crate::payload::{EventPayload, RequestPayload};
use crate::size::{Oversized, SizeViolation};

/// Something that was refused, with the reason.
#[derive(Clone, Copy, Debug)]
pub enum BadEvent<'a> {
    /// A record that is no request.
    FormatViolation(FormatViolation<'a>),
    /// A request that no adapter takes.
    AdapterFailures(AdapterFailures<'a>),
    /// A request of a tracker that breaks the protocol.
    TrackerProtocolViolations(TrackerProtocolViolations<'a>),
    /// An event that does not match its schemas.
    SchemaViolations(SchemaViolations<'a>),
    /// An event that could not be enriched.
    EnrichmentFailures(EnrichmentFailures<'a>),
    /// Something too large.
    SizeViolation(SizeViolation<'a>),
    /// Anything else.
    GenericError(GenericError<'a>),
}

/// A record of the raw stream is no request.
#[derive(Clone, Copy)]
pub struct FormatViolation<'a> {
    /// When it was found, in microseconds since 1970.
    pub epoch_micros: i64,
    /// What was wrong.
    pub message: FormatMessage<'a>,
    /// The record.
    pub record: &'a [u8],
}

/// What is wrong with a record.
#[derive(Clone, Copy, Serialize)]
#[serde(untagged, rename_all_fields = "camelCase")]
pub enum FormatMessage<'a> {
    /// It cannot be decoded.
    Fallback {
        /// Why.
        error: &'a str,
    },
    /// A field of it is not as expected.
    InputData {
        /// Which one.
        payload_field: &'a str,
        /// What it holds.
        value: Option<&'a str>,
        /// What it should hold.
        expectation: &'a str,
    },
}

/// A request's path has no adapter, or its adapter found no events in it.
#[derive(Clone, Copy, Debug)]
pub struct AdapterFailures<'a> {
    /// When it was found, in microseconds since 1970.
    pub epoch_micros: i64,
    /// All that was wrong.
    pub messages: &'a [Message<'a>],
    /// The request.
    pub payload: RequestPayload<'a>,
}

/// A tracker's request breaks the protocol.
#[derive(Clone, Copy, Debug)]
pub struct TrackerProtocolViolations<'a> {
    /// When it was found, in microseconds since 1970.
    pub epoch_micros: i64,
    /// All that was wrong.
    pub messages: &'a [Message<'a>],
    /// The request.
    pub payload: RequestPayload<'a>,
}

/// An event or an entity does not match its schema, or a column its type.
#[derive(Clone, Copy, Debug)]
pub struct SchemaViolations<'a> {
    /// When it was found, in microseconds since 1970.
    pub epoch_micros: i64,
    /// All that was wrong.
    pub messages: &'a [Message<'a>],
    /// The event.
    pub payload: EventPayload<'a>,
}

/// An enrichment could not do its work.
#[derive(Clone, Copy, Debug)]
pub struct EnrichmentFailures<'a> {
    /// When it was found, in microseconds since 1970.
    pub epoch_micros: i64,
    /// All that was wrong.
    pub messages: &'a [EnrichmentMessage<'a>],
    /// The event.
    pub payload: EventPayload<'a>,
}

/// Something was wrong that no other kind of bad event describes.
#[derive(Clone, Copy)]
pub struct GenericError<'a> {
    /// When it was found, in microseconds since 1970.
    pub epoch_micros: i64,
    /// What was wrong.
    pub errors: &'a [String],
    /// What was refused, as text.
    pub payload: &'a str,
}

#[derive(Serialize)]
struct Failure<'a, M> {
    timestamp: String,
    messages: &'a [M],
}

#[derive(Serialize)]
struct RequestFailure<'a> {
    timestamp: String,
    vendor: &'a str,
    version: &'a str,
    messages: &'a [Message<'a>],
}

impl BadEvent<'_> {
    /// One line of JSON that fits the stream: what is larger becomes a size violation.
    pub fn to_record(self, envelope: Envelope<'_>, bytes_max: usize) -> Vec<u8> {
        let json = self.to_json(envelope);
        if json.len() <= bytes_max {
            return json;
        }
        let oversized = Oversized {
            // JSON is always text.
            text: str::from_utf8(&json).unwrap_or_default(),
            bytes_max,
            epoch_micros: self.epoch_micros(),
            what: "Event failed enrichment and resulting bad row exceeds",
        };
        oversized.to_json(envelope.processor)
    }

    /// One line of JSON, of any size.
    pub fn to_json(self, envelope: Envelope<'_>) -> Vec<u8> {
        let Envelope { processor, generation } = envelope;
        match self {
            Self::FormatViolation(violation) => violation.to_json(processor),
            Self::AdapterFailures(AdapterFailures { epoch_micros, messages, payload }) => {
                let kind = "adapter_failures/jsonschema/1-0-0";
                line(kind, processor, &request_failure(epoch_micros, messages, &payload), &payload)
            }
            Self::TrackerProtocolViolations(violations) => {
                let TrackerProtocolViolations { epoch_micros, messages, payload } = violations;
                let kind = generation.choose(
                    "tracker_protocol_violations/jsonschema/1-0-0",
                    "tracker_protocol_violations/jsonschema/1-0-1",
                );
                line(kind, processor, &request_failure(epoch_micros, messages, &payload), &payload)
            }
            Self::SchemaViolations(SchemaViolations { epoch_micros, messages, payload }) => {
                let kind = generation.choose(
                    "schema_violations/jsonschema/2-0-0",
                    "schema_violations/jsonschema/2-0-1",
                );
                let timestamp = instant(epoch_micros);
                line(kind, processor, &Failure { timestamp, messages }, &payload)
            }
            Self::EnrichmentFailures(EnrichmentFailures { epoch_micros, messages, payload }) => {
                let kind = generation.choose(
                    "enrichment_failures/jsonschema/2-0-0",
                    "enrichment_failures/jsonschema/2-0-1",
                );
                let timestamp = instant(epoch_micros);
                line(kind, processor, &Failure { timestamp, messages }, &payload)
            }
            Self::SizeViolation(violation) => violation.to_json(processor),
            Self::GenericError(error) => error.to_json(processor),
        }
    }

    fn epoch_micros(&self) -> i64 {
        match self {
            Self::FormatViolation(violation) => violation.epoch_micros,
            Self::AdapterFailures(failures) => failures.epoch_micros,
            Self::TrackerProtocolViolations(violations) => violations.epoch_micros,
            Self::SchemaViolations(violations) => violations.epoch_micros,
            Self::EnrichmentFailures(failures) => failures.epoch_micros,
            Self::SizeViolation(violation) => violation.epoch_micros,
            Self::GenericError(error) => error.epoch_micros,
        }
    }
}

fn request_failure<'a>(
    epoch_micros: i64,
    messages: &'a [Message<'a>],
    payload: &RequestPayload<'a>,
) -> RequestFailure<'a> {
    let timestamp = instant(epoch_micros);
    RequestFailure { timestamp, vendor: payload.vendor, version: payload.version, messages }
}

impl FormatViolation<'_> {
    /// The bad event as one line of JSON.
    pub fn to_json(self, processor: Processor<'_>) -> Vec<u8> {
        #[derive(Serialize)]
        struct Failure<'a> {
            timestamp: String,
            loader: &'a str,
            message: FormatMessage<'a>,
        }
        let failure = Failure {
            timestamp: instant(self.epoch_micros),
            loader: "thrift",
            message: self.message,
        };
        let payload = base64_simd::STANDARD.encode_to_string(self.record);
        let kind = "collector_payload_format_violation/jsonschema/1-0-0";
        line(kind, processor, &failure, &payload)
    }
}

impl GenericError<'_> {
    /// The bad event as one line of JSON.
    pub fn to_json(self, processor: Processor<'_>) -> Vec<u8> {
        #[derive(Serialize)]
        struct Failure<'a> {
            timestamp: String,
            errors: &'a [String],
        }
        let failure = Failure { timestamp: instant(self.epoch_micros), errors: self.errors };
        line("generic_error/jsonschema/1-0-0", processor, &failure, &self.payload)
    }
}

impl fmt::Debug for FormatViolation<'_> {
    /// Sizes only: the record is personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FormatViolation")
            .field("message", &self.message)
            .field("record_bytes", &self.record.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for FormatMessage<'_> {
    /// Names only: values quote personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Fallback { .. } => f.write_str("Fallback"),
            Self::InputData { payload_field, .. } => write!(f, "InputData({payload_field})"),
        }
    }
}

impl fmt::Debug for GenericError<'_> {
    /// Sizes only: errors and payload quote personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("GenericError")
            .field("errors", &self.errors.len())
            .field("payload_bytes", &self.payload.len())
            .finish_non_exhaustive()
    }
}
