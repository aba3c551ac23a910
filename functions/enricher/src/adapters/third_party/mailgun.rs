//! Mailgun: what became of emails.

use json_tree::{Json, Object};

use super::{EventTypes, JSON, Messages, dates, edits, schema_of};
use super::{filled_body, input_data, missing, one};
use crate::adapters::{JSON_DEPTH_MAX, Outcome, Request};

const TYPES: EventTypes = &[
    ("bounced", "iglu:com.mailgun/message_bounced/jsonschema/1-0-0"),
    ("clicked", "iglu:com.mailgun/message_clicked/jsonschema/1-0-0"),
    ("complained", "iglu:com.mailgun/message_complained/jsonschema/1-0-0"),
    ("delivered", "iglu:com.mailgun/message_delivered/jsonschema/1-0-0"),
    ("dropped", "iglu:com.mailgun/message_dropped/jsonschema/1-0-0"),
    ("opened", "iglu:com.mailgun/message_opened/jsonschema/1-0-0"),
    ("unsubscribed", "iglu:com.mailgun/recipient_unsubscribed/jsonschema/1-0-0"),
];

const EVENT: &str = "event-data";

pub(super) fn adapt(request: Request<'_>) -> Outcome<'_> {
    let body = filled_body(&request, JSON)?;
    let mut json = Json::parse(body, JSON_DEPTH_MAX).map_err(|error| {
        let message = error.message();
        let reason = message.strip_prefix("invalid json: ").unwrap_or(&message);
        vec![input_data("body", Some(body), format!("could not parse body: {reason}"))]
    })?;
    let Some(name) = json.get(EVENT).and_then(|event| event.get("event")) else {
        let expectation = "no `event` parameter provided: cannot determine event type";
        return Err(vec![input_data("body", Some(body), expectation)]);
    };
    let name = name.as_str().map(str::to_owned);
    let schema = schema_of(name.as_deref(), None, TYPES).map_err(|message| vec![message])?;
    let signature = signature(json.get("signature"))?.clone();
    let mut take = |key| json.as_object_mut().and_then(|object| object.remove(key));
    let event = joined(signature, take(EVENT))?;
    let name = name.unwrap_or_default();
    let data = edits::cleaned(event, ("event", &name), &["timestamp"]);
    Ok(one("com.mailgun-v1", schema, data, request.query))
}

/// What Mailgun signs its events with, which has to be whole.
fn signature<'j, 'a, 'm>(json: Option<&'j Json<'a>>) -> Result<&'j Object<'a>, Messages<'m>> {
    let signature = json.and_then(Json::as_object);
    for field in ["timestamp", "token", "signature"] {
        if !signature.is_some_and(|signature| signature.contains_key(field)) {
            return Err(vec![missing(field, format!("missing '{field}'"))]);
        }
    }
    signature.ok_or_else(Vec::new)
}

/// The event with its signature, at the time of the signature.
fn joined<'a, 'm>(
    signature: Object<'a>,
    event: Option<Json<'a>>,
) -> Result<Json<'a>, Messages<'m>> {
    let time = signature.get("timestamp").cloned();
    let (Some(Json::Object(mut event)), Some(time)) = (event, time) else {
        return Err(vec![missing(EVENT, format!("missing '{EVENT}'"))]);
    };
    let Some(at) = event.get_mut("timestamp") else {
        return Err(vec![missing(EVENT, format!("missing '{EVENT}'"))]);
    };
    *at = time;
    let Json::Object(mut event) =
        edits::camelized(Json::object(signature.into_iter().chain(event)))
    else {
        return Ok(Json::Null);
    };
    event.remove("bodyPlain");
    if let Some(count) = event.remove("attachmentCount") {
        let count = dates::whole(&count).or_else(|| count.as_str()?.parse().ok());
        if let Some(count) = count.and_then(|count| i32::try_from(count).ok()) {
            event.insert("attachmentCount", Json::integer(count));
        }
    }
    Ok(Json::Object(event))
}
