//! `SendGrid`: what became of emails.

use std::collections::BTreeSet;

use json_tree::Json;

use super::{Batches, EventTypes, JSON, edits};
use super::{input_data, json_body, typed_body};
use crate::adapters::{Outcome, Request};

const TYPES: EventTypes = &[
    ("processed", "iglu:com.sendgrid/processed/jsonschema/3-0-0"),
    ("dropped", "iglu:com.sendgrid/dropped/jsonschema/3-0-0"),
    ("delivered", "iglu:com.sendgrid/delivered/jsonschema/3-0-0"),
    ("deferred", "iglu:com.sendgrid/deferred/jsonschema/3-0-0"),
    ("bounce", "iglu:com.sendgrid/bounce/jsonschema/3-0-0"),
    ("open", "iglu:com.sendgrid/open/jsonschema/3-0-0"),
    ("click", "iglu:com.sendgrid/click/jsonschema/3-0-0"),
    ("spamreport", "iglu:com.sendgrid/spamreport/jsonschema/3-0-0"),
    ("unsubscribe", "iglu:com.sendgrid/unsubscribe/jsonschema/3-0-0"),
    ("group_unsubscribe", "iglu:com.sendgrid/group_unsubscribe/jsonschema/3-0-0"),
    ("group_resubscribe", "iglu:com.sendgrid/group_resubscribe/jsonschema/3-0-0"),
];

const BATCHES: Batches = Batches {
    tracker: "com.sendgrid-v3",
    type_field: "event",
    types: TYPES,
    edit: |event, name| edits::cleaned(event, ("event", name), &["timestamp"]),
};

pub(super) fn adapt(request: Request<'_>) -> Outcome<'_> {
    let sent = request.content_type;
    let content_type = sent.map(|sent| if sent.contains(JSON) { JSON } else { sent });
    let request = Request { content_type, ..request };
    let body = typed_body(&request, JSON)?;
    let Json::Array(mut events) = json_body(body)? else {
        return Err(vec![input_data("body", Some(body), "body is not a json array")]);
    };
    // SendGrid may send an event several times in one body; nobody could tell them apart later.
    let mut seen = BTreeSet::new();
    events.retain(|event| seen.insert(event.to_text()));
    BATCHES.adapt(events, request.query)
}
