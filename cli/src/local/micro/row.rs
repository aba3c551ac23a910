//! What the API tells of a row.

use std::borrow::Cow;

use enriched_event::{Column, EnrichedEvent, Kind, SdkFlavour};
use serde::Deserialize;

use super::instant;

/// The event's type; empty if there is none.
pub(super) fn event_type<'e>(event: &'e EnrichedEvent<'_>) -> &'e str {
    event.get(Column::Event)
}

/// The schema that names the event.
pub(in crate::local) fn schema_uri(event: &EnrichedEvent<'_>) -> Option<String> {
    let part = |column| event.filled(column);
    let (vendor, name) = (part(Column::EventVendor)?, part(Column::EventName)?);
    let (format, version) = (part(Column::EventFormat)?, part(Column::EventVersion)?);
    Some(format!("iglu:{vendor}/{name}/{format}/{version}"))
}

/// The schemas of the entities that the tracker attached, in their order.
pub(super) fn context_uris(event: &EnrichedEvent<'_>) -> Vec<String> {
    #[derive(Deserialize)]
    struct Contexts {
        data: Vec<Entity>,
    }
    #[derive(Deserialize)]
    struct Entity {
        schema: String,
    }
    // The enricher wrote the column: it is empty, or a list of entities.
    let contexts: Option<Contexts> = serde_json::from_str(event.get(Column::Contexts)).ok();
    contexts.into_iter().flat_map(|it| it.data).map(|entity| entity.schema).collect()
}

/// Appends a row as the analytics SDK for Scala gives it.
pub(in crate::local) fn push_sdk_json(out: &mut Vec<u8>, row: &[u8], flavour: SdkFlavour) {
    let text = str::from_utf8(row).unwrap_or_default();
    match EnrichedEvent::parse_tsv(text) {
        Ok(event) => push_event(out, &event, flavour),
        Err(_) => out.extend_from_slice(b"null"),
    }
}

/// Appends an event; one that the SDK would refuse is given column by column.
pub(super) fn push_event(out: &mut Vec<u8>, event: &EnrichedEvent<'_>, flavour: SdkFlavour) {
    match event.to_sdk_json(flavour) {
        Ok(json) => out.extend_from_slice(json.get().as_bytes()),
        Err(_) => event.write_bad_row_json(out),
    }
}

/// A cell as the SDK's JSON shows it, without quotes.
pub(super) fn shown(column: Column, cell: &str) -> Cow<'_, str> {
    match (column.kind(), cell) {
        (Kind::Bool01, "0") => Cow::Borrowed("false"),
        (Kind::Bool01, "1") => Cow::Borrowed("true"),
        (Kind::Timestamp, _) => match instant::millis(cell) {
            Some(millis) => Cow::Owned(timestamps::iso_millis(millis)),
            None => Cow::Borrowed(cell),
        },
        (Kind::Text | Kind::Int | Kind::Float | Kind::Decimal | Kind::Bool01 | Kind::Json, _) => {
            Cow::Borrowed(cell)
        }
    }
}
