//! Bad events as the API gives them.

use rusqlite::{Connection, OptionalExtension as _};
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use super::super::reader::ReadError;
use super::listing::{Item, Listing};
use super::selection::{Found, Selection};
use super::sent::Sent;

/// The largest payload that is shown beside each of its events; with a larger one the answer would
/// be a multiple of what was sent.
const PAYLOAD_BYTES_MAX: usize = 64 * 1024;

/// Bad events, newest first.
pub(super) fn listing(selection: Selection, limit: Option<u64>) -> Listing<BadEvents> {
    Listing::new(selection, limit, BadEvents)
}

/// Writes bad events.
pub(super) struct BadEvents;

/// How far a bad event came, and what is known of what was sent.
enum Stage {
    /// It is no request.
    Record,
    /// It is a request without events that could be told apart; what is too large is one, too.
    Request(Option<Sent>),
    /// It is one event.
    Event(Option<Sent>),
}

impl Stage {
    /// What is said first, as Micro words it.
    fn text(&self) -> &'static str {
        match self {
            Self::Record => "Can't deserialize Thrift bytes.",
            Self::Request(_) => {
                "Error while extracting event(s) from collector payload and validating it/them."
            }
            Self::Event(_) => "Error while validating the event.",
        }
    }
}

/// Vendor and version of the path, if the bad event tells them.
pub(super) fn api(line: &[u8]) -> Option<(String, String)> {
    match stage(line) {
        Stage::Record => None,
        Stage::Request(sent) | Stage::Event(sent) => sent.map(|sent| (sent.vendor, sent.version)),
    }
}

impl Item for BadEvents {
    fn write(
        &mut self,
        db: &Connection,
        found: &Found,
        out: &mut Vec<u8>,
    ) -> Result<(), ReadError> {
        let stage = stage(&found.data);
        let (payload, raw_event) = match &stage {
            Stage::Record => (None, None),
            Stage::Request(sent) => (sent.as_ref().map(Sent::collector_payload), None),
            Stage::Event(sent) => {
                let payload = found.raw.map(|raw| payload(db, raw)).transpose()?.flatten();
                (payload.as_ref().map(Sent::collector_payload), sent.as_ref().map(Sent::raw_event))
            }
        };
        let bad_row = String::from_utf8_lossy(&found.data);
        let event = json!({
            "collectorPayload": payload,
            "rawEvent": raw_event,
            "errors": [stage.text(), bad_row],
        });
        out.extend_from_slice(event.to_string().as_bytes());
        Ok(())
    }
}

/// The request that an event came in, unless it is large.
fn payload(db: &Connection, raw: i64) -> Result<Option<Sent>, ReadError> {
    let mut select =
        db.prepare_cached("SELECT data FROM _records WHERE sequence = ? AND length(data) <= ?")?;
    let values = (raw, PAYLOAD_BYTES_MAX);
    let data: Option<Vec<u8>> = select.query_row(values, |row| row.get(0)).optional()?;
    Ok(data.and_then(|data| Sent::of_record(&data)))
}

fn stage(line: &[u8]) -> Stage {
    #[derive(Deserialize)]
    struct Line<'a> {
        schema: String,
        #[serde(borrow)]
        data: Data<'a>,
    }
    #[derive(Deserialize)]
    struct Data<'a> {
        #[serde(borrow)]
        payload: Option<&'a RawValue>,
        processor: Option<Processor>,
    }
    #[derive(Deserialize)]
    struct Processor {
        artifact: String,
    }
    #[derive(Deserialize)]
    struct Payload {
        raw: Sent,
    }
    // Every bad event of ours is such a line; another one could only be told as a whole.
    let Ok(line) = serde_json::from_slice::<Line<'_>>(line) else { return Stage::Record };
    let payload = line.data.payload.map(RawValue::get).unwrap_or_default();
    let is_of_enricher = line
        .data
        .processor
        .is_some_and(|processor| processor.artifact == enricher::settings::ARTIFACT);
    match line.schema.split('/').nth(1).unwrap_or_default() {
        "collector_payload_format_violation" => Stage::Record,
        "schema_violations" | "enrichment_failures" => {
            Stage::Event(serde_json::from_str::<Payload>(payload).ok().map(|payload| payload.raw))
        }
        "size_violation" if is_of_enricher => Stage::Event(None),
        // Of the collector's, and of those that are too large, only a text is left.
        _ => Stage::Request(serde_json::from_str(payload).ok()),
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn written(line: &str) -> Value {
        let db = Connection::open_in_memory().unwrap();
        let data = line.as_bytes().to_vec();
        let found = Found { record: 1, is_good: false, raw: None, place: None, data };
        let mut out = Vec::new();
        BadEvents.write(&db, &found, &mut out).unwrap();
        serde_json::from_slice(&out).unwrap()
    }

    #[test]
    fn each_stage_has_its_text_and_what_was_sent() {
        for (name, payload, text, api) in [
            ("collector_payload_format_violation", "\"CwBk\"", "Can't deserialize", None),
            ("size_violation", "\"x\"", "Error while extracting", None),
            ("generic_error", "\"x\"", "Error while extracting", None),
            ("adapter_failures", r#"{"vendor":"a","version":"b"}"#, "Error while ex", Some("a")),
            ("schema_violations", r#"{"raw":{"vendor":"a"}}"#, "Error while validating", Some("a")),
            ("enrichment_failures", r#"{"raw":{}}"#, "Error while validating", Some("")),
        ] {
            let line = format!(
                r#"{{"schema":"iglu:x/{name}/jsonschema/1-0-0","data":{{"payload":{payload}}}}}"#
            );
            let event = written(&line);
            assert!(event["errors"][0].as_str().unwrap().starts_with(text), "{event}");
            assert_eq!(event["errors"][1], line);
            assert_eq!(event["rawEvent"].is_object(), text.ends_with("validating"), "{event}");
            assert_eq!(event["collectorPayload"].is_object(), name == "adapter_failures");
            assert_eq!(super::api(line.as_bytes()).map(|(vendor, _)| vendor).as_deref(), api);
        }
        assert_eq!(written("no JSON")["errors"][0], "Can't deserialize Thrift bytes.");
    }

    #[test]
    fn an_event_of_the_enricher_that_is_too_large_is_an_event() {
        let line = format!(
            r#"{{"schema":"iglu:x/size_violation/jsonschema/1-0-0","data":{{"payload":"x","processor":{{"artifact":"{}"}}}}}}"#,
            enricher::settings::ARTIFACT
        );
        assert_eq!(written(&line)["errors"][0], "Error while validating the event.");
    }
}
