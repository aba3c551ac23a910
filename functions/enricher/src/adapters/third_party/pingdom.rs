//! Pingdom: incidents, as JSON in a query string.

use json_tree::Json;
use tracker_protocol::Parameters;

use super::{EventTypes, input_data, json_field, missing, one, schema_of};
use crate::adapters::{Outcome, Request};

const TYPES: EventTypes = &[
    ("assign", "iglu:com.pingdom/incident_assign/jsonschema/1-0-0"),
    ("notify_user", "iglu:com.pingdom/incident_notify_user/jsonschema/1-0-0"),
    ("notify_of_close", "iglu:com.pingdom/incident_notify_of_close/jsonschema/1-0-0"),
];

const MESSAGE: &str = "message";

pub(super) fn adapt(request: Request<'_>) -> Outcome<'_> {
    let query = request.query;
    if query.is_empty() {
        let expectation = "empty querystring: no events to process";
        return Err(vec![missing("querystring", expectation)]);
    }
    // A client of old wrapped its values in the notation of its language.
    let is_wrapped = |value: &str| {
        let inside = value.strip_prefix("(u'").and_then(|rest| rest.strip_suffix("',)"));
        inside.is_some_and(|inside| !inside.is_empty() && !inside.contains(['\n', '\r']))
    };
    let wrapped = query.in_sent_order().filter_map(|(name, value)| {
        let value = value.filter(|value| is_wrapped(value))?;
        let expectation = r"should not pass regex \(u'(.+)',\)";
        Some(input_data(name.to_owned(), Some(value.to_owned()), expectation))
    });
    let messages: Vec<_> = wrapped.take(super::MESSAGES_MAX).collect();
    if !messages.is_empty() {
        return Err(messages);
    }
    let Some(text) = query.get(MESSAGE) else {
        let pairs = query.in_sent_order();
        let pairs = pairs.map(|(name, value)| format!("{name}={}", value.unwrap_or_default()));
        let sent = pairs.collect::<Vec<_>>().join("&");
        return Err(vec![input_data("querystring", Some(sent), "no `message` parameter provided")]);
    };
    let mut json = json_field(MESSAGE, text)?;
    let name = json.get("action").and_then(Json::as_str);
    let schema = schema_of(name, None, TYPES).map_err(|message| vec![message])?;
    json.as_object_mut().and_then(|object| object.remove("action"));
    let others = query.into_pairs().into_iter().filter(|(name, _)| name != MESSAGE);
    Ok(one("com.pingdom-v1", schema, json, others.collect::<Parameters<'_>>()))
}
