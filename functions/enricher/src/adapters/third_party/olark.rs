//! Olark: conversations and messages left behind.

use json_tree::Json;

use super::{EventTypes, FORM, dates, edits, schema_of};
use super::{filled_body, form_body, json_field, missing, one};
use crate::adapters::{Outcome, Request};

const TYPES: EventTypes = &[
    ("transcript", "iglu:com.olark/transcript/jsonschema/1-0-0"),
    ("offline_message", "iglu:com.olark/offline_message/jsonschema/1-0-0"),
];

pub(super) fn adapt(request: Request<'_>) -> Outcome<'_> {
    let fields = form_body(filled_body(&request, FORM)?)?;
    let text = match fields.get("data") {
        None => return Err(vec![missing("data", "missing 'data' field in body")]),
        Some("") => return Err(vec![missing("data", "empty 'data' field in body")]),
        Some(text) => text,
    };
    let mut json = json_field("data", text)?;
    let name = if json.get("operators").is_some() { "transcript" } else { "offline_message" };
    let schema = schema_of(Some(name), None, TYPES).map_err(|message| vec![message])?;
    let items = json.get_mut("items").and_then(Json::as_array_mut);
    for at in items.into_iter().flatten().filter_map(|item| item.get_mut("timestamp")) {
        let seconds = at.as_str().or_else(|| at.as_number());
        if let Some(date) = seconds.and_then(dates::from_fractional_seconds) {
            *at = Json::text(date);
        }
    }
    Ok(one("com.olark-v1", schema, edits::camelized(json), request.query))
}
