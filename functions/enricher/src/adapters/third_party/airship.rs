//! Urban Airship Connect: what happens on devices.

use json_tree::Json;
use tracker_protocol::{Pair, Parameters};

use super::{EventTypes, any_body, dates, event, input_data, json_body, schema_of};
use crate::adapters::{Adapted, Origin, Outcome, Request};

const TYPES: EventTypes = &[
    ("CLOSE", "iglu:com.urbanairship.connect/CLOSE/jsonschema/1-0-0"),
    ("CUSTOM", "iglu:com.urbanairship.connect/CUSTOM/jsonschema/1-0-0"),
    ("FIRST_OPEN", "iglu:com.urbanairship.connect/FIRST_OPEN/jsonschema/1-0-0"),
    (
        "IN_APP_MESSAGE_DISPLAY",
        "iglu:com.urbanairship.connect/IN_APP_MESSAGE_DISPLAY/jsonschema/1-0-0",
    ),
    (
        "IN_APP_MESSAGE_EXPIRATION",
        "iglu:com.urbanairship.connect/IN_APP_MESSAGE_EXPIRATION/jsonschema/1-0-0",
    ),
    (
        "IN_APP_MESSAGE_RESOLUTION",
        "iglu:com.urbanairship.connect/IN_APP_MESSAGE_RESOLUTION/jsonschema/1-0-0",
    ),
    ("LOCATION", "iglu:com.urbanairship.connect/LOCATION/jsonschema/1-0-0"),
    ("OPEN", "iglu:com.urbanairship.connect/OPEN/jsonschema/1-0-0"),
    ("PUSH_BODY", "iglu:com.urbanairship.connect/PUSH_BODY/jsonschema/1-0-0"),
    ("REGION", "iglu:com.urbanairship.connect/REGION/jsonschema/1-0-0"),
    ("RICH_DELETE", "iglu:com.urbanairship.connect/RICH_DELETE/jsonschema/1-0-0"),
    ("RICH_DELIVERY", "iglu:com.urbanairship.connect/RICH_DELIVERY/jsonschema/1-0-0"),
    ("RICH_READ", "iglu:com.urbanairship.connect/RICH_READ/jsonschema/1-0-0"),
    ("SEND", "iglu:com.urbanairship.connect/SEND/jsonschema/1-0-0"),
    ("TAG_CHANGE", "iglu:com.urbanairship.connect/TAG_CHANGE/jsonschema/1-0-0"),
    ("UNINSTALL", "iglu:com.urbanairship.connect/UNINSTALL/jsonschema/1-0-0"),
];

pub(super) fn adapt(request: Request<'_>) -> Outcome<'_> {
    let body = any_body(&request)?;
    if let Some(sent) = request.content_type {
        return Err(vec![input_data("contentType", Some(sent), "expected no content type")]);
    }
    let json = json_body(body)?;
    let text = |key| json.get(key).and_then(Json::as_str);
    let schema = schema_of(text("type"), None, TYPES).map_err(|message| vec![message])?;
    let millis = |key| text(key).and_then(dates::iso_to_millis);
    // Its id and its time are the event's; when it was passed on is when it was collected.
    let own = [
        ("ttm", millis("occurred").map(|millis| millis.to_string())),
        ("eid", text("id").map(str::to_owned)),
    ];
    let origin = Origin { epoch_millis: millis("processed"), client: None };
    let own = own.into_iter().filter_map(|(name, value)| -> Option<Pair<'_>> {
        Some((name.into(), Some(value?.into())))
    });
    let query: Parameters<'_> = request.query.into_pairs().into_iter().chain(own).collect();
    let event = event("com.urbanairship.connect-v1", schema, json, query);
    Ok(Adapted::Relayed(event, origin))
}
