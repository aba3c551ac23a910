//! An oversized payload becomes records that fit, and bad events for what cannot.

use std::borrow::Cow;
use std::fmt;

use collector_payload::CollectorPayload;
use serde::Deserialize;
use serde_json::value::RawValue;

/// What an oversized payload became.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Split {
    /// Bodies of payloads that fit, last events first.
    pub bodies: Vec<Vec<u8>>,
    /// The compact sizes of events that fit into no payload, last events first.
    pub oversized_events: Vec<usize>,
}

/// Why a payload cannot be split at all.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum SplitError {
    /// A pixel has no body.
    NoBody,
    /// The body is no JSON; says where.
    NotJson(String),
    /// The body is no self-describing JSON; says what is missing.
    NotSelfDescribing(&'static str),
    /// The data is no array.
    NoDataArray,
    /// Everything around the events is too large already.
    TooBigWithoutData,
}

impl fmt::Display for SplitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoBody => f.write_str("GET requests cannot be split"),
            Self::NotJson(place) => {
                write!(f, "cannot split POST requests which are not json {place}")
            }
            Self::NotSelfDescribing(missing) => {
                write!(f, "cannot split POST requests which are not self-describing {missing}")
            }
            Self::NoDataArray => {
                f.write_str("cannot split POST requests which do not contain a data array")
            }
            Self::TooBigWithoutData => f.write_str(
                "cannot split this POST request because event without \"data\" field is still too big",
            ),
        }
    }
}

/// Splits the body of a payload of `payload_bytes` into bodies whose payloads stay within
/// `record_bytes_max`.
pub(crate) fn split(
    payload: &CollectorPayload<'_>,
    payload_bytes: usize,
    record_bytes_max: usize,
) -> Result<Split, SplitError> {
    let body = payload.body.as_deref().ok_or(SplitError::NoBody)?;
    let (schema, events) = parse(body)?;
    let events: Vec<Cow<'_, str>> = events.iter().map(|event| compact(event.get())).collect();
    // The compact array: brackets, events, and a comma between each two.
    let array_bytes = 1 + events.iter().map(|event| event.len() + 1).sum::<usize>().max(1);
    // White space goes; other keys go too, but count, as in the original, so that a body that is
    // mostly something else is refused and not emptied.
    let white_space = body.len() - compact(str::from_utf8(body).unwrap_or_default()).len();
    let around = payload_bytes.saturating_sub(white_space).saturating_sub(array_bytes);
    if around >= record_bytes_max {
        return Err(SplitError::TooBigWithoutData);
    }
    let budget = record_bytes_max - around;
    let mut split = Split { bodies: Vec::new(), oversized_events: Vec::new() };
    let mut batch: Vec<&str> = Vec::new();
    let mut batch_bytes = 0;
    for event in &events {
        let cost = event.len() + 1;
        if cost > budget {
            split.oversized_events.push(event.len());
            continue;
        }
        if batch_bytes + cost > budget {
            split.bodies.push(body_of(&schema, &batch));
            batch.clear();
            batch_bytes = 0;
        }
        batch.push(event);
        batch_bytes += cost;
    }
    // A body without events goes on without its white space: nothing that was sent vanishes.
    if !batch.is_empty() || events.is_empty() {
        split.bodies.push(body_of(&schema, &batch));
    }
    // The original builds its lists from the front, and readers may rely on the order.
    split.bodies.reverse();
    split.oversized_events.reverse();
    Ok(split)
}

#[derive(Deserialize)]
struct Envelope<'a> {
    #[serde(borrow, default)]
    schema: Option<&'a RawValue>,
    #[serde(borrow, default)]
    data: Option<&'a RawValue>,
}

/// The schema as JSON text, and the events.
fn parse(body: &[u8]) -> Result<(Cow<'_, str>, Vec<&RawValue>), SplitError> {
    let whole: &RawValue = serde_json::from_slice(body).map_err(|error| {
        SplitError::NotJson(format!("at line {} column {}", error.line(), error.column()))
    })?;
    let not_self_describing = SplitError::NotSelfDescribing;
    if !whole.get().starts_with('{') {
        return Err(not_self_describing("no object"));
    }
    let envelope: Envelope<'_> = serde_json::from_str(whole.get())
        .map_err(|_| not_self_describing("schema or data given twice"))?;
    let schema = envelope.schema.ok_or_else(|| not_self_describing("no schema"))?.get();
    let uri: String =
        serde_json::from_str(schema).map_err(|_| not_self_describing("schema is no text"))?;
    if !is_iglu_uri(&uri) {
        return Err(not_self_describing("schema is no Iglu URI"));
    }
    let data = envelope.data.ok_or_else(|| not_self_describing("no data"))?;
    if !data.get().starts_with('[') {
        return Err(SplitError::NoDataArray);
    }
    let events = serde_json::from_str(data.get()).map_err(|_| SplitError::NoDataArray)?;
    Ok((Cow::Borrowed(schema), events))
}

/// Whether the text is `iglu:vendor/name/format/model-revision-addition`.
fn is_iglu_uri(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("iglu:") else { return false };
    let parts: Vec<&str> = rest.split('/').collect();
    let [vendor, name, format, version] = parts.as_slice() else { return false };
    let is_name = |text: &str, marks: &[u8]| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || marks.contains(&byte))
    };
    let numbers: Vec<&str> = version.split('-').collect();
    let is_number = |text: &&str| {
        !text.is_empty()
            && text.bytes().all(|byte| byte.is_ascii_digit())
            && (*text == "0" || !text.starts_with('0'))
    };
    is_name(vendor, b".-_")
        && is_name(name, b"-_")
        && is_name(format, b"-_")
        && numbers.len() == 3
        && numbers.iter().all(is_number)
        && numbers.first() != Some(&"0")
}

/// The JSON without the white space between its tokens; numbers and texts stay as they are.
fn compact(json: &str) -> Cow<'_, str> {
    if !json.bytes().any(|byte| byte.is_ascii_whitespace()) {
        return Cow::Borrowed(json);
    }
    let mut out = Vec::with_capacity(json.len());
    let (mut in_text, mut escaped) = (false, false);
    for &byte in json.as_bytes() {
        if in_text {
            in_text = escaped || byte != b'"';
            escaped = !escaped && byte == b'\\';
        } else if byte.is_ascii_whitespace() {
            continue;
        } else {
            in_text = byte == b'"';
        }
        out.push(byte);
    }
    // Only whole ASCII characters were taken out, so this never fails.
    String::from_utf8(out).map_or(Cow::Borrowed(json), Cow::Owned)
}

/// Events of one payload, last first.
fn body_of(schema: &str, events: &[&str]) -> Vec<u8> {
    let bytes: usize = events.iter().map(|event| event.len() + 1).sum();
    let mut body = Vec::with_capacity(schema.len() + bytes + 24);
    body.extend_from_slice(b"{\"schema\":");
    body.extend_from_slice(schema.as_bytes());
    body.extend_from_slice(b",\"data\":[");
    for (index, event) in events.iter().rev().enumerate() {
        if index > 0 {
            body.push(b',');
        }
        body.extend_from_slice(event.as_bytes());
    }
    body.extend_from_slice(b"]}");
    body
}

#[cfg(test)]
mod tests;
