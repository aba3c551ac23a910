//! Who sent it: from the event, from its parameters, or from the request in the row.

use base64_simd::STANDARD;
use collector_payload::CollectorPayload;
use json_tree::Json;
use tracker_protocol::Charset;
use tracker_protocol::query::pairs;

use crate::failure::Sender;

/// A body is looked into up to this size.
const BODY_BYTES_MAX: usize = 1_048_576;
/// How deep the JSON of a body may nest.
const BODY_DEPTH_MAX: usize = 64;
/// The most parameters that are looked at.
const PARAMETERS_MAX: usize = 1_000;

/// The sender that a bad row's payload tells.
pub(super) fn of_row(kind: &str, data: &Json<'_>) -> Sender {
    let payload = data.get("payload").or_else(|| data.get("event"));
    match (kind, payload.or_else(|| data.get("enrichedEvent"))) {
        ("collector_payload_format_violation", Some(payload)) => {
            let line = payload.as_str().or_else(|| payload.get("line").and_then(Json::as_str));
            of_record(line.unwrap_or_default())
        }
        ("size_violation", Some(Json::Text(row))) => of_columns(row),
        (_, Some(payload @ Json::Object(_))) => of_object(payload),
        _ => Sender::default(),
    }
}

/// A row of columns begins with the application.
fn of_columns(row: &str) -> Sender {
    let app_id = row.split_once('\t').map(|(app_id, _)| app_id.to_owned());
    Sender { app_id: app_id.filter(|it| !it.is_empty()), ..Sender::default() }
}

/// A request in base64.
pub(super) fn of_record(line: &str) -> Sender {
    let Ok(record) = STANDARD.decode_to_vec(line.as_bytes()) else { return Sender::default() };
    let Ok(payload) = CollectorPayload::decode(&record) else { return Sender::default() };
    let query = payload.querystring.as_deref().unwrap_or_default();
    let mut sender = Sender {
        user_agent: payload.user_agent.as_deref().map(str::to_owned),
        asked_host: payload.hostname.as_deref().map(str::to_owned),
        path: payload.path.as_deref().map(str::to_owned),
        is_empty: query.is_empty() && payload.body.as_deref().unwrap_or_default().is_empty(),
        ..Sender::default()
    };
    for (name, value) in pairs(query, Charset::Utf8).into_iter().take(PARAMETERS_MAX) {
        if let Some(value) = value {
            parameter(&mut sender, &name, &value);
        }
    }
    if let Some(Ok(body)) = payload.body.as_deref().map(str::from_utf8) {
        of_body(&mut sender, body);
    }
    sender
}

fn of_object(payload: &Json<'_>) -> Sender {
    let event = payload.get("enriched").unwrap_or(payload);
    let request = payload.get("raw").unwrap_or(payload);
    let owned =
        |json: &Json<'_>, key: &str| json.get(key).and_then(Json::as_str).map(str::to_owned);
    let vendor = request.get("vendor").and_then(Json::as_str);
    let version = request.get("version").and_then(Json::as_str);
    let list = |key: &str| request.get(key).and_then(Json::as_array);
    let body = request.get("body").and_then(Json::as_str).unwrap_or_default();
    let parameters = list("parameters").or_else(|| list("querystring"));
    let mut sender = Sender {
        app_id: owned(event, "app_id"),
        tracker: owned(event, "v_tracker"),
        user_agent: owned(request, "useragent").or_else(|| owned(event, "useragent")),
        page_host: owned(event, "page_urlhost"),
        asked_host: owned(request, "hostname"),
        path: vendor.zip(version).map(|(vendor, version)| format!("/{vendor}/{version}")),
        is_empty: parameters.is_some_and(<[Json<'_>]>::is_empty) && body.is_empty(),
    };
    for pair in parameters.unwrap_or_default().iter().take(PARAMETERS_MAX) {
        let text = |key: &str| pair.get(key).and_then(Json::as_str);
        if let Some((name, value)) = text("name").zip(text("value")) {
            parameter(&mut sender, name, value);
        }
    }
    of_body(&mut sender, body);
    sender
}

/// Takes what a parameter tells; what is known already stays.
fn parameter(sender: &mut Sender, name: &str, value: &str) {
    let place = match name {
        "aid" => &mut sender.app_id,
        "tv" => &mut sender.tracker,
        "url" if sender.page_host.is_none() => {
            let rest = value.split_once("://").map(|(_, rest)| rest);
            let host = rest.and_then(|rest| rest.split(['/', '?', '#', ':']).next());
            sender.page_host = host.filter(|host| !host.is_empty()).map(str::to_owned);
            return;
        }
        _ => return,
    };
    if place.is_none() {
        *place = Some(value.to_owned());
    }
}

/// The first event of a body tells for all: they come from one tracker.
fn of_body(sender: &mut Sender, body: &str) {
    if body.len() > BODY_BYTES_MAX || !body.starts_with('{') {
        return;
    }
    let Ok(json) = Json::parse(body, BODY_DEPTH_MAX) else { return };
    let events = json.get("data").and_then(Json::as_array).unwrap_or_default();
    for name in ["aid", "tv", "url"] {
        let value = events.first().and_then(|event| event.get(name)).and_then(Json::as_str);
        if let Some(value) = value {
            parameter(sender, name, value);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bodies_end_at_the_limit() {
        let start = r#"{"data":[{"aid":"shop"}],"x":""#;
        for (bytes, expected) in [(BODY_BYTES_MAX, Some("shop")), (BODY_BYTES_MAX + 1, None)] {
            let body = format!("{start}{}\"}}", "x".repeat(bytes - start.len() - 2));
            let mut sender = Sender::default();
            of_body(&mut sender, &body);
            assert_eq!((body.len(), sender.app_id.as_deref()), (bytes, expected));
        }
    }

    #[test]
    fn the_host_of_an_address_is_found() {
        for (url, expected) in [
            ("https://shop.example/cart?x#y", Some("shop.example")),
            ("http://shop.example:8080", Some("shop.example")),
            ("shop.example", None),
        ] {
            let mut sender = Sender::default();
            parameter(&mut sender, "url", url);
            assert_eq!(sender.page_host.as_deref(), expected, "{url}");
        }
    }
}
