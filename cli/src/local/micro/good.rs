//! Good events as the API gives them.

use std::collections::BTreeMap;
use std::ops::ControlFlow::Continue;
use std::sync::Arc;

use enriched_event::{EnrichedEvent, SdkFlavour};
use enricher::{RawEvent, raw_events};
use rusqlite::{Connection, OptionalExtension as _};
use serde_json::{Map, Value, json};

use super::super::reader::ReadError;
use super::listing::{Item, Listing};
use super::row::{context_uris, event_type, push_event, schema_uri};
use super::selection::{Found, Selection};
use super::sent::Sent;

/// Good events, newest first.
pub(super) fn listing(selection: Selection, limit: Option<u64>) -> Listing<GoodEvents> {
    Listing::new(selection, limit, GoodEvents::default())
}

/// Writes good events; the record that the last one came of is kept, as the next one is likely to
/// have come of it as well.
#[derive(Default)]
pub(super) struct GoodEvents {
    record: Option<i64>,
    events: BTreeMap<i64, RawParts>,
}

/// What a tracker sent of an event: JSON without its last brace, which events may share, and the
/// parameters.
struct RawParts {
    frame: Arc<str>,
    parameters: String,
}

impl Item for GoodEvents {
    fn write(
        &mut self,
        db: &Connection,
        found: &Found,
        out: &mut Vec<u8>,
    ) -> Result<(), ReadError> {
        if self.record != found.raw {
            self.record = found.raw;
            self.events = found.raw.map(|raw| sent(db, raw)).transpose()?.unwrap_or_default();
        }
        out.extend_from_slice(b"{\"rawEvent\":");
        match found.place.and_then(|place| self.events.get(&place)) {
            Some(RawParts { frame, parameters }) => {
                out.extend_from_slice(frame.as_bytes());
                out.extend_from_slice(b",\"parameters\":");
                out.extend_from_slice(parameters.as_bytes());
                out.push(b'}');
            }
            None => out.extend_from_slice(b"null"),
        }
        let text = str::from_utf8(&found.data).unwrap_or_default();
        let event = EnrichedEvent::parse_tsv(text).unwrap_or_default();
        let event_type = Some(event_type(&event)).filter(|text| !text.is_empty());
        for (name, value) in [
            ("eventType", json!(event_type)),
            ("schema", json!(schema_uri(&event))),
            ("contexts", json!(context_uris(&event))),
        ] {
            out.extend_from_slice(format!(",\"{name}\":{value}").as_bytes());
        }
        out.extend_from_slice(b",\"event\":");
        push_event(out, &event, SdkFlavour::ScalaNested);
        out.extend_from_slice(b",\"incomplete\":false}");
        Ok(())
    }
}

/// The events of a raw record by their places.
fn sent(db: &Connection, raw: i64) -> Result<BTreeMap<i64, RawParts>, ReadError> {
    let mut select = db.prepare_cached("SELECT data FROM _records WHERE sequence = ?")?;
    let data: Option<Vec<u8>> = select.query_row([raw], |row| row.get(0)).optional()?;
    let (mut events, mut last) = (BTreeMap::new(), Arc::<str>::default());
    raw_events(&data.unwrap_or_default(), |event| {
        // A million events of one request have the same header lines.
        let frame = frame(event);
        if *last != *frame {
            last = frame.into();
        }
        let parts = RawParts { frame: Arc::clone(&last), parameters: parameters(event) };
        events.insert(i64::try_from(events.len()).unwrap_or(i64::MAX), parts);
        Continue(())
    });
    Ok(events)
}

fn frame(event: &RawEvent<'_>) -> String {
    let mut text = serde_json::to_string(&Sent::around(event).frame()).unwrap_or_default();
    text.pop();
    text
}

fn parameters(event: &RawEvent<'_>) -> String {
    let pairs = event.parameters.in_sent_order();
    let pairs: Map<String, Value> =
        pairs.map(|(name, value)| (name.to_owned(), json!(value))).collect();
    Value::Object(pairs).to_string()
}
