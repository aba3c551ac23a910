//! Webhooks of third parties: whose path is whose, and what their adapters share.

mod airship;
mod callrail;
mod cloudfront;
mod dates;
mod edits;
pub(super) mod google_analytics;
mod hubspot;
mod mailchimp;
mod mailgun;
mod mandrill;
mod marketo;
mod olark;
mod pagerduty;
mod pingdom;
mod sendgrid;
mod statusgator;
mod unbounce;
mod vero;

use bad_event::Message;
use json_tree::Json;
use tracker_protocol::Parameters;
use tracker_protocol::path::Route;

use super::envelope::{self_describing, unstruct_event};
use super::webhook::SERVER;
use super::{Adapted, JSON_DEPTH_MAX, Make, Many, Outcome, Request};
use super::{input_data, missing, not_json, webhook};

/// What is wrong with a request.
type Messages<'a> = Vec<Message<'a>>;

/// Makes events of a request.
pub(super) type Adapt = for<'a> fn(Request<'a>) -> Outcome<'a>;

const V1: &str = "v1";

/// Vendor, version and who reads it.
const ADAPTERS: [(&str, &str, Adapt); 17] = [
    ("com.amazon.aws.cloudfront", "wd_access_log", cloudfront::adapt),
    ("com.callrail", V1, callrail::adapt),
    ("com.getvero", V1, vero::adapt),
    ("com.google.analytics", V1, google_analytics::adapt),
    ("com.google.analytics.measurement-protocol", V1, google_analytics::adapt),
    ("com.hubspot", V1, hubspot::adapt),
    ("com.mailchimp", V1, mailchimp::adapt),
    ("com.mailgun", V1, mailgun::adapt),
    ("com.mandrill", V1, mandrill::adapt),
    ("com.marketo", V1, marketo::adapt),
    ("com.olark", V1, olark::adapt),
    ("com.pagerduty", V1, pagerduty::adapt),
    ("com.pingdom", V1, pingdom::adapt),
    ("com.sendgrid", "v3", sendgrid::adapt),
    ("com.statusgator", V1, statusgator::adapt),
    ("com.unbounce", V1, unbounce::adapt),
    ("com.urbanairship.connect", V1, airship::adapt),
];

/// Whoever reads requests of this vendor and version.
pub(super) fn adapter(route: Route<'_>) -> Option<Adapt> {
    let known = ADAPTERS.iter().find(|entry| (entry.0, entry.1) == (route.vendor, route.version));
    known.map(|(_, _, adapt)| *adapt)
}

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";
const EMPTY_BODY: &str = "empty body: no events to process";

/// How many messages one request may have. The bad event of more would be larger than any stream
/// takes, so it is a `size_violation` however many there are.
const MESSAGES_MAX: usize = 20_000;

/// The names of a vendor's events, each with its schema.
type EventTypes = &'static [(&'static str, &'static str)];

/// The body, wherever there is one.
fn any_body<'a>(request: &Request<'a>) -> Result<&'a str, Messages<'a>> {
    request.body.ok_or_else(|| vec![missing("body", EMPTY_BODY)])
}

/// The body, if it comes with this content type, letter by letter.
fn typed_body<'a>(request: &Request<'a>, expected: &str) -> Result<&'a str, Messages<'a>> {
    let body = any_body(request)?;
    match request.content_type {
        None => Err(vec![missing("contentType", format!("no content type: expected {expected}"))]),
        Some(sent) if sent == expected => Ok(body),
        sent => Err(vec![input_data("contentType", sent, format!("expected {expected}"))]),
    }
}

/// As `typed_body`; here an empty body is none.
fn filled_body<'a>(request: &Request<'a>, expected: &str) -> Result<&'a str, Messages<'a>> {
    if request.body == Some("") {
        return Err(vec![missing("body", EMPTY_BODY)]);
    }
    typed_body(request, expected)
}

fn json_body(body: &str) -> Result<Json<'_>, Messages<'_>> {
    Json::parse(body, JSON_DEPTH_MAX).map_err(|error| vec![not_json("body", body, &error)])
}

/// JSON out of a field that was decoded.
fn json_field<'a>(field: &'static str, text: &str) -> Result<Json<'static>, Messages<'a>> {
    let json = Json::parse(text, JSON_DEPTH_MAX);
    json.map(Json::into_owned).map_err(|error| vec![not_json(field, text.to_owned(), &error)])
}

/// The fields of a form.
fn form_body(body: &str) -> Result<Parameters<'_>, Messages<'_>> {
    let fields = webhook::form_fields(body);
    fields.map_err(|reason| {
        vec![input_data("body", Some(body), format!("could not parse body: {reason}"))]
    })
}

/// The schema of an event of this type; `index` is its place, if there may be several.
fn schema_of<'a>(
    actual: Option<&str>,
    index: Option<usize>,
    types: &[(&'static str, &'static str)],
) -> Result<&'static str, Message<'a>> {
    let known = types.iter().find(|(name, _)| Some(*name) == actual);
    if let Some((_, schema)) = known {
        return Ok(schema);
    }
    let mut expectation = match actual {
        None => "cannot determine event type: type parameter not provided",
        Some("") => "cannot determine event type: type parameter empty",
        Some(_) => "no schema associated with the provided type parameter",
    }
    .to_owned();
    if let Some(index) = index {
        expectation = format!("{expectation} at index {index}");
    }
    let expected_mapping =
        types.iter().map(|(name, schema)| ((*name).into(), (*schema).into())).collect();
    let actual = actual.map(|actual| actual.to_owned().into());
    Err(Message::SchemaMapping { actual, expected_mapping, expectation: expectation.into() })
}

/// The only event of a request.
fn one<'a>(
    tracker: &'static str,
    schema: &'static str,
    data: Json<'_>,
    query: Parameters<'a>,
) -> Adapted<'a> {
    Adapted::One(event(tracker, schema, data, query))
}

/// The parameters of such an event.
fn event<'a>(
    tracker: &'static str,
    schema: &'static str,
    data: Json<'_>,
    query: Parameters<'a>,
) -> Parameters<'a> {
    let event = unstruct_event(self_describing(schema, data));
    webhook::parameters(event, webhook::common(tracker, SERVER, query))
}

/// How a vendor sends several events at once.
struct Batches {
    tracker: &'static str,
    /// The field of an event that names its type.
    type_field: &'static str,
    types: EventTypes,
    /// What becomes of an event of that type.
    edit: for<'e> fn(Json<'e>, &str) -> Json<'e>,
}

impl Batches {
    /// All events, or all that is wrong with any of them.
    fn adapt<'a>(&self, events: Vec<Json<'a>>, query: Parameters<'a>) -> Outcome<'a> {
        if events.is_empty() {
            return Err(vec![missing("", "empty list of events")]);
        }
        let mut items = Vec::with_capacity(events.len());
        let mut messages = Vec::new();
        for (index, event) in events.into_iter().enumerate() {
            let name = event.get(self.type_field).and_then(Json::as_str).map(str::to_owned);
            match schema_of(name.as_deref(), Some(index), self.types) {
                Ok(schema) => {
                    let data = (self.edit)(event, &name.unwrap_or_default());
                    items.push(self_describing(schema, data));
                }
                Err(message) if messages.len() < MESSAGES_MAX => messages.push(message),
                Err(_) => break,
            }
        }
        if !messages.is_empty() {
            return Err(messages);
        }
        let common = webhook::common(self.tracker, SERVER, query);
        Ok(Adapted::Many(Many { items, make: Make::Webhook { common } }))
    }
}

#[cfg(test)]
mod tests;
