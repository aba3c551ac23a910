//! Mandrill: what became of emails.

use json_tree::Json;

use super::{Batches, EventTypes, FORM, edits};
use super::{form_body, input_data, json_field, typed_body};
use crate::adapters::{Outcome, Request};

/// The versions that Snowplow names, which later ones of the schemas do not replace.
const TYPES: EventTypes = &[
    ("hard_bounce", "iglu:com.mandrill/message_bounced/jsonschema/1-0-1"),
    ("click", "iglu:com.mandrill/message_clicked/jsonschema/1-0-1"),
    ("deferral", "iglu:com.mandrill/message_delayed/jsonschema/1-0-1"),
    ("delivered", "iglu:com.mandrill/message_delivered/jsonschema/1-0-0"),
    ("open", "iglu:com.mandrill/message_opened/jsonschema/1-0-1"),
    ("reject", "iglu:com.mandrill/message_rejected/jsonschema/1-0-0"),
    ("send", "iglu:com.mandrill/message_sent/jsonschema/1-0-0"),
    ("soft_bounce", "iglu:com.mandrill/message_soft_bounced/jsonschema/1-0-1"),
    ("spam", "iglu:com.mandrill/message_marked_as_spam/jsonschema/1-0-1"),
    ("unsub", "iglu:com.mandrill/recipient_unsubscribed/jsonschema/1-0-1"),
];

const BATCHES: Batches = Batches {
    tracker: "com.mandrill-v1",
    type_field: "event",
    types: TYPES,
    edit: |event, name| edits::cleaned(event, ("event", name), &["ts"]),
};

const EVENTS: &str = "mandrill_events";

pub(super) fn adapt(request: Request<'_>) -> Outcome<'_> {
    let body = typed_body(&request, FORM)?;
    let fields = form_body(body)?;
    if fields.len() != 1 {
        let expectation = format!("body should have size 1: actual size {}", fields.len());
        return Err(vec![input_data("body", Some(body), expectation)]);
    }
    let text = match fields.get(EVENTS) {
        None => {
            let expectation = format!("no `{EVENTS}` parameter provided");
            return Err(vec![input_data("body", Some(body), expectation)]);
        }
        Some("") => {
            let expectation = format!("`{EVENTS}` field is empty");
            return Err(vec![input_data("body", Some(body), expectation)]);
        }
        Some(text) => text,
    };
    let Json::Array(events) = json_field(EVENTS, text)? else {
        return Err(vec![input_data(EVENTS, Some(text.to_owned()), "not a json array")]);
    };
    BATCHES.adapt(events, request.query)
}
