//! Marketo: whatever a flow step is told to send.

use json_tree::Json;

use super::{any_body, dates, input_data, json_body, one};
use crate::adapters::{Outcome, Request};

const DATES: [&str; 8] = [
    "acquisition_date",
    "created_at",
    "email_suspended_at",
    "last_referred_enrollment",
    "last_referred_visit",
    "updated_at",
    "datetime",
    "last_interesting_moment_date",
];

pub(super) fn adapt(request: Request<'_>) -> Outcome<'_> {
    let body = any_body(&request)?;
    let json = json_body(body)?;
    if json.as_object().is_none() {
        return Err(vec![input_data("body", Some(body), "not a json object")]);
    }
    let schema = "iglu:com.marketo/event/jsonschema/2-0-0";
    Ok(one("com.marketo-v1", schema, dated(json), request.query))
}

/// Objects in objects, but not those in arrays.
fn dated(json: Json<'_>) -> Json<'_> {
    let Json::Object(object) = json else { return json };
    Json::object(object.into_iter().map(|(key, value)| {
        let date = value.as_str().filter(|_| DATES.contains(&key.as_ref()));
        let date = date.and_then(dates::from_spaced);
        let value = date.map_or_else(|| dated(value), Json::text);
        (key, value)
    }))
}
