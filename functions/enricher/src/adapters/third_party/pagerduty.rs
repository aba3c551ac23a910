//! `PagerDuty`: what happens to incidents.

use json_tree::Json;

use super::{Batches, EventTypes, JSON, input_data, json_body, typed_body};
use crate::adapters::{Outcome, Request};

const INCIDENT: &str = "iglu:com.pagerduty/incident/jsonschema/1-0-0";
const TYPES: EventTypes = &[
    ("incident.trigger", INCIDENT),
    ("incident.acknowledge", INCIDENT),
    ("incident.unacknowledge", INCIDENT),
    ("incident.resolve", INCIDENT),
    ("incident.assign", INCIDENT),
    ("incident.escalate", INCIDENT),
    ("incident.delegate", INCIDENT),
];

const BATCHES: Batches = Batches {
    tracker: "com.pagerduty-v1",
    type_field: "type",
    types: TYPES,
    edit: |event, _| edited(event),
};

pub(super) fn adapt(request: Request<'_>) -> Outcome<'_> {
    let body = typed_body(&request, JSON)?;
    let mut json = json_body(body)?;
    let messages = json.as_object_mut().and_then(|object| object.remove("messages"));
    let Some(Json::Array(events)) = messages else {
        let expectation = "field `messages` is not an array";
        return Err(vec![input_data("messages", Some(body), expectation)]);
    };
    BATCHES.adapt(events, request.query)
}

/// Mends what `PagerDuty` writes as no schema would have it: `"null"`, and a `+` that became a space.
fn edited(json: Json<'_>) -> Json<'_> {
    match json {
        Json::Object(object) => Json::object(object.into_iter().map(|(key, value)| {
            let value = match (key.as_ref(), value) {
                (_, Json::Text(text)) if text == "null" => Json::Null,
                ("type", Json::Text(text)) => match text.strip_prefix("incident.") {
                    Some(name) => Json::text(name.to_owned()),
                    None => Json::Text(text),
                },
                ("created_on", Json::Text(text)) => match text.strip_suffix(" 00:00") {
                    Some(time) => Json::text(format!("{time}+00:00")),
                    None => Json::Text(text),
                },
                (_, value) => edited(value),
            };
            (key, value)
        })),
        Json::Array(values) => Json::array(values.into_iter().map(edited)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) => json,
    }
}
