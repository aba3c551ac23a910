//! A line -> the payload in it, or why there is none.

use std::borrow::Cow;

use base64_simd::STANDARD;
use iglu::SchemaKey;
use json_tree::Json;
use privacy::QUARANTINE_SCHEMA;
use sealed::{Identity, OpenError};

use super::draft::Draft;
use super::fate::Reason;

/// How deep a bad row may nest.
const DEPTH_MAX: usize = 128;
const VENDOR: &str = "com.snowplowanalytics.snowplow.badrows";

/// How originals are got at.
pub(crate) struct Access {
    pub(crate) identities: Vec<Identity>,
    /// Whether payloads with pseudonyms will do.
    pub(crate) takes_pseudonyms: bool,
}

/// A payload as it was, with the bad row that it came in.
pub(super) struct Source<'a> {
    /// The bad row as the enricher wrote it, or as it is.
    pub(super) line: Cow<'a, [u8]>,
    pub(super) draft: Draft,
    pub(super) has_pseudonyms: bool,
}

impl Access {
    /// Finds the payload of a line.
    pub(super) fn source<'a>(&self, line: &'a [u8]) -> Result<Source<'a>, Reason> {
        let json = parsed(line)?;
        if let Some(sealed) = sealed_text(&json)
            && !self.identities.is_empty()
        {
            let original = self.opened(sealed)?;
            if is_quarantine(&json) && text_at(&json, "stream") == Some("enriched") {
                return Err(Reason::Row);
            }
            let draft = draft(&parsed(&original)?)?;
            return Ok(Source { line: Cow::Owned(original), draft, has_pseudonyms: false });
        }
        let is_sealed = sealed_text(&json).is_some();
        let is_treated = is_quarantine(&json) || is_treated(&json);
        if is_treated && is_sealed && !self.takes_pseudonyms {
            return Err(Reason::Sealed);
        }
        let draft = match draft(&json) {
            Ok(_) | Err(Reason::Malformed | Reason::Undecodable)
                if is_treated && !self.takes_pseudonyms =>
            {
                return Err(Reason::Pseudonymized);
            }
            draft => draft?,
        };
        Ok(Source { line: Cow::Borrowed(line), draft, has_pseudonyms: is_treated })
    }

    fn opened(&self, sealed: &str) -> Result<Vec<u8>, Reason> {
        let sealed = STANDARD.decode_to_vec(sealed).map_err(|_| Reason::DamagedSeal)?;
        let mut reason = Reason::DamagedSeal;
        for identity in &self.identities {
            match identity.open(&sealed) {
                Ok(original) => return Ok(original),
                Err(OpenError::WrongKey) => reason = Reason::OtherIdentity,
                Err(_) => {}
            }
        }
        Err(reason)
    }
}

fn parsed(line: &[u8]) -> Result<Json<'_>, Reason> {
    let text = str::from_utf8(line).map_err(|_| Reason::NoBadEvent)?;
    let json = Json::parse(text, DEPTH_MAX).map_err(|_| Reason::NoBadEvent)?;
    json.as_object().map(|_| ()).ok_or(Reason::NoBadEvent)?;
    Ok(json)
}

/// A key of the data, or, in rows of old, of the row.
fn at<'t, 'a>(json: &'t Json<'a>, key: &str) -> Option<&'t Json<'a>> {
    json.get("data").and_then(|data| data.get(key)).or_else(|| json.get(key))
}

fn text_at<'t>(json: &'t Json<'_>, key: &str) -> Option<&'t str> {
    at(json, key)?.as_str()
}

fn sealed_text<'t>(json: &'t Json<'_>) -> Option<&'t str> {
    text_at(json, "sealed")
}

fn is_treated(json: &Json<'_>) -> bool {
    at(json, "treatment").and_then(Json::as_object).is_some()
}

fn is_quarantine(json: &Json<'_>) -> bool {
    json.get("schema").and_then(Json::as_str) == Some(QUARANTINE_SCHEMA)
}

/// The payload of a bad row.
fn draft(row: &Json<'_>) -> Result<Draft, Reason> {
    if row.get("line").is_some() && row.get("errors").is_some() {
        return record(row.get("line"));
    }
    if is_quarantine(row) {
        return Err(Reason::LeftOut);
    }
    let key = row.get("schema").and_then(Json::as_str).and_then(|uri| SchemaKey::parse(uri).ok());
    let key = key.filter(|key| key.vendor() == VENDOR).ok_or(Reason::NoBadEvent)?;
    let data = row.get("data").ok_or(Reason::NoBadEvent)?;
    let payload = data.get("payload");
    match key.name() {
        "schema_violations" | "enrichment_failures" => {
            let payload = payload.ok_or(Reason::LeftOut)?;
            let enriched = payload.get("enriched");
            let id = enriched.and_then(|it| it.get("event_id")).and_then(Json::as_str);
            Draft::of_event(payload.get("raw").ok_or(Reason::Malformed)?, id)
        }
        "adapter_failures" | "tracker_protocol_violations" => {
            Draft::of_request(payload.ok_or(Reason::LeftOut)?)
        }
        "collector_payload_format_violation" => record(payload),
        "size_violation" => Err(Reason::Truncated),
        // A row that somebody has tried to recover before; it holds the first one. Whoever nests
        // them deeper than JSON may nest has no bad row.
        "recovery_error" => draft(payload.ok_or(Reason::LeftOut)?),
        _ => Err(Reason::NoPayload),
    }
}

fn record(base64: Option<&Json<'_>>) -> Result<Draft, Reason> {
    let text = base64.ok_or(Reason::LeftOut)?.as_str().ok_or(Reason::Malformed)?;
    if text.is_empty() {
        return Err(Reason::LeftOut);
    }
    let record = base64_simd::forgiving_decode_to_vec(text.as_bytes());
    Draft::of_record(&record.map_err(|_| Reason::Undecodable)?)
}
