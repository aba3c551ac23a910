//! `HubSpot`: what happens to contacts, companies and deals.

use json_tree::Json;

use super::{Batches, EventTypes, JSON, dates};
use super::{input_data, json_body, missing, typed_body};
use crate::adapters::{Outcome, Request};

const TYPES: EventTypes = &[
    ("contact.creation", "iglu:com.hubspot/contact_creation/jsonschema/1-0-0"),
    ("contact.deletion", "iglu:com.hubspot/contact_deletion/jsonschema/1-0-0"),
    ("contact.propertyChange", "iglu:com.hubspot/contact_change/jsonschema/1-0-0"),
    ("company.creation", "iglu:com.hubspot/company_creation/jsonschema/1-0-0"),
    ("company.deletion", "iglu:com.hubspot/company_deletion/jsonschema/1-0-0"),
    ("company.propertyChange", "iglu:com.hubspot/company_change/jsonschema/1-0-0"),
    ("deal.creation", "iglu:com.hubspot/deal_creation/jsonschema/1-0-0"),
    ("deal.deletion", "iglu:com.hubspot/deal_deletion/jsonschema/1-0-0"),
    ("deal.propertyChange", "iglu:com.hubspot/deal_change/jsonschema/1-0-0"),
];

const BATCHES: Batches = Batches {
    tracker: "com.hubspot-v1",
    type_field: "subscriptionType",
    types: TYPES,
    edit: edited,
};

pub(super) fn adapt(request: Request<'_>) -> Outcome<'_> {
    if request.body.is_none() {
        return Err(vec![missing("body", "empty body: not events to process")]);
    }
    let body = typed_body(&request, JSON)?;
    let Json::Array(events) = json_body(body)? else {
        return Err(vec![input_data("body", Some(body), "not a json array")]);
    };
    BATCHES.adapt(events, request.query)
}

fn edited<'a>(mut event: Json<'a>, _: &str) -> Json<'a> {
    if let Some(event) = event.as_object_mut() {
        event.remove("subscriptionType");
        if let Some(at) = event.get_mut("occurredAt") {
            *at = dates::from_millis(std::mem::replace(at, Json::Null));
        }
    }
    event
}
