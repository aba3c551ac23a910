//! Every fate of a payload: records for the good stream, bad events for the bad one.

use std::borrow::Cow;

use bad_event::{GenericError, Processor, SizeViolation};
use collector_payload::{CollectorPayload, compressed};

use crate::config::Config;
use crate::split::split;

/// Who refused the data.
const PROCESSOR: Processor<'static> =
    Processor { artifact: "whiteout-collector", version: env!("CARGO_PKG_VERSION") };

/// A bad event shows at most the limit divided by this, in characters of the payload.
const TEXT_SHARE: usize = 10;

/// The records that one request leads to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Outcome {
    /// Payloads for the good stream.
    pub good: Vec<Vec<u8>>,
    /// Bad events for the bad stream.
    pub bad: Vec<Vec<u8>>,
}

/// Decides what becomes of a payload.
pub(crate) fn outcome(
    config: &Config,
    payload: &CollectorPayload<'_>,
    epoch_micros: i64,
) -> Outcome {
    let refusal = Refusal { config, payload, epoch_micros };
    let payload_bytes = payload.encoded_bytes();
    let record_bytes_max = config.good.record_bytes_max;
    let payload_bytes_max = config.limits.payload_bytes_max;
    if let Some(codec) = config.compression {
        if payload_bytes <= payload_bytes_max {
            return compressed_outcome(&refusal, codec);
        }
    } else if payload_bytes < record_bytes_max {
        return Outcome { good: vec![payload.encode()], bad: Vec::new() };
    }
    if payload_bytes > payload_bytes_max {
        let reason = format!(
            "Payload exceeds max size of {payload_bytes_max}. Actual length: {payload_bytes}"
        );
        return refusal.outcome(payload_bytes_max, payload_bytes, &reason);
    }
    match split(payload, payload_bytes, record_bytes_max) {
        Err(error) => refusal.outcome(record_bytes_max, payload_bytes, &error.to_string()),
        Ok(split) => Outcome {
            good: split.bodies.into_iter().map(|body| with_body(payload, body).encode()).collect(),
            bad: split
                .oversized_events
                .into_iter()
                .map(|bytes| {
                    let reason = "this POST request split is still too large";
                    refusal.size_violation(record_bytes_max, bytes, reason)
                })
                .collect(),
        },
    }
}

/// A body too large to be looked at.
pub(crate) fn body_too_large(
    config: &Config,
    payload: &CollectorPayload<'_>,
    body_bytes: usize,
    epoch_micros: i64,
) -> Outcome {
    let bytes_max = config.limits.body_bytes_max;
    let reason = format!("Payload exceeds max size of {bytes_max}. Actual length: {body_bytes}");
    Refusal { config, payload, epoch_micros }.outcome(bytes_max, body_bytes, &reason)
}

/// A query string that the older dialect refuses.
pub(crate) fn illegal_query(query: &str, illegal_at: usize, epoch_micros: i64) -> Outcome {
    let errors = [format!("Illegal query: unexpected character at position {illegal_at}")];
    let error = GenericError { epoch_micros, errors: &errors, payload: query };
    Outcome { good: Vec::new(), bad: vec![error.to_json(PROCESSOR)] }
}

fn compressed_outcome(refusal: &Refusal<'_>, codec: compressed::Codec) -> Outcome {
    let payload = refusal.payload.encode();
    let bytes_max = refusal.config.good.record_bytes_max;
    match compressed::pack([payload.as_slice()], codec) {
        Ok(record) if record.len() <= bytes_max => Outcome { good: vec![record], bad: Vec::new() },
        _ => {
            let bytes = payload.len();
            let reason = format!(
                "Uncompressed size {bytes} exceeded max allowed size {bytes_max} after compression"
            );
            refusal.outcome(bytes_max, bytes, &reason)
        }
    }
}

fn with_body<'a>(payload: &CollectorPayload<'a>, body: Vec<u8>) -> CollectorPayload<'a> {
    CollectorPayload { body: Some(Cow::Owned(body)), ..payload.clone() }
}

/// What every bad event of one payload has in common.
struct Refusal<'a> {
    config: &'a Config,
    payload: &'a CollectorPayload<'a>,
    epoch_micros: i64,
}

impl Refusal<'_> {
    fn outcome(&self, bytes_max: usize, bytes: usize, reason: &str) -> Outcome {
        Outcome { good: Vec::new(), bad: vec![self.size_violation(bytes_max, bytes, reason)] }
    }

    fn size_violation(&self, bytes_max: usize, bytes: usize, reason: &str) -> Vec<u8> {
        let chars_max = bytes_max.min(self.config.bad.record_bytes_max) / TEXT_SHARE;
        let violation = SizeViolation {
            epoch_micros: self.epoch_micros,
            bytes_max,
            bytes,
            expectation: &format!("oversized collector payload: {reason}"),
            payload: &self.payload.as_text(chars_max),
        };
        violation.to_json(PROCESSOR)
    }
}
