//! Which protocol a payload speaks, and the parameters of every event in it.

mod envelope;
mod iglu_webhook;
mod pixel;
mod redirect;
mod third_party;
mod tracker;
mod webhook;

use std::borrow::Cow;
use std::fmt;

use bad_event::{IgluParseError, Message};
use iglu::KeyError;
use json_tree::{Json, ParseError};
use serde_json::value::RawValue;
use tracker_protocol::path::Route;
use tracker_protocol::{Pair, Parameters};

use crate::schemas::Schemas;

/// How deep the JSON of a request may nest; deeper is refused as no JSON.
pub(crate) const JSON_DEPTH_MAX: usize = 50;

const SNOWPLOW: &str = "com.snowplowanalytics.snowplow";

/// What an adapter sees of a payload.
pub(crate) struct Request<'a> {
    /// Vendor and version out of the path.
    pub(crate) route: Route<'a>,
    /// The parameters of the query string.
    pub(crate) query: Parameters<'a>,
    /// The body as text.
    pub(crate) body: Option<&'a str>,
    /// The content type as the payload has it.
    pub(crate) content_type: Option<&'a str>,
}

/// The events of a payload.
#[derive(Debug)]
pub(crate) enum Adapted<'a> {
    /// The parameters of the only one.
    One(Parameters<'a>),
    /// Many, made one by one by [`Many::events`]: a huge body is never held as parameters at once.
    Many(Many<'a>),
    /// The parameters of the only one, and whose request it was: the payload is not about its own.
    Relayed(Parameters<'a>, Origin),
    /// The payload as a whole is refused.
    Refused(Refusal<'a>),
    /// A schema has to be loaded first.
    NotLoaded,
}

/// What counts in place of what the payload says of its request.
#[derive(Debug)]
pub(crate) struct Origin {
    /// When it was made, where that is known.
    pub(crate) epoch_millis: Option<i64>,
    /// By whom, where that is known.
    pub(crate) client: Option<Client>,
}

/// What is known of whoever made a request.
pub(crate) struct Client {
    /// The address.
    pub(crate) address: Option<String>,
    /// The user agent.
    pub(crate) user_agent: Option<String>,
    /// The page it came from.
    pub(crate) referer: Option<String>,
}

/// Events that share something.
pub(crate) struct Many<'a> {
    items: Vec<Json<'a>>,
    make: Make<'a>,
}

/// How parameters are made of an item.
enum Make<'a> {
    /// The item is an object of texts; the query's parameters win over its own.
    Tracker { query: Vec<Pair<'a>> },
    /// The item is a self-describing event; `common` is what every event gets beside it.
    Webhook { common: Vec<Pair<'a>> },
    /// The item is the text of a hit of Google Analytics.
    Hit,
}

/// Why a payload is refused, and as which kind of bad event.
#[derive(Debug)]
pub(crate) enum Refusal<'a> {
    /// What a tracker should never send.
    TrackerProtocol(Vec<Message<'a>>),
    /// What no adapter takes.
    Adapter(Vec<Message<'a>>),
}

/// What an adapter answers: events, or all that is wrong.
type Outcome<'a> = Result<Adapted<'a>, Vec<Message<'a>>>;

/// Finds the protocol of a payload and its events.
pub(crate) fn adapt<'a>(request: Request<'a>, schemas: &impl Schemas) -> Adapted<'a> {
    type Kind<'a> = fn(Vec<Message<'a>>) -> Refusal<'a>;
    let Route { vendor, version } = request.route;
    let (outcome, kind): (Outcome<'a>, Kind<'a>) = match (vendor, version) {
        (SNOWPLOW, "tp1") => (pixel::adapt(request), Refusal::Adapter),
        (SNOWPLOW, "tp2") => (tracker::adapt(request, schemas), Refusal::TrackerProtocol),
        ("r", "tp2") => (redirect::adapt(request), Refusal::TrackerProtocol),
        ("com.snowplowanalytics.iglu", "v1") => (iglu_webhook::adapt(request), Refusal::Adapter),
        _ => match third_party::adapter(request.route) {
            Some(adapt) => (adapt(request), Refusal::Adapter),
            None => (Err(vec![unsupported(request.route)]), Refusal::Adapter),
        },
    };
    outcome.unwrap_or_else(|messages| Adapted::Refused(kind(messages)))
}

impl<'a> Many<'a> {
    /// The parameters of one event after the other, in the order sent.
    pub(crate) fn events(self) -> impl ExactSizeIterator<Item = Parameters<'a>> {
        let Self { items, make } = self;
        items.into_iter().map(move |item| match &make {
            Make::Tracker { query } => tracker::parameters(item, query),
            Make::Webhook { common } => {
                webhook::parameters(envelope::unstruct_event(item), common.clone())
            }
            Make::Hit => third_party::google_analytics::parameters(&item),
        })
    }
}

fn unsupported(route: Route<'_>) -> Message<'_> {
    let value = format!("{}/{}", route.vendor, route.version);
    input_data("vendor/version", Some(value), "vendor/version combination is not supported")
}

fn input_data<'a, F, V, E>(field: F, value: Option<V>, expectation: E) -> Message<'a>
where
    F: Into<Cow<'a, str>>,
    V: Into<Cow<'a, str>>,
    E: Into<Cow<'a, str>>,
{
    let value = value.map(V::into);
    Message::InputData { field: field.into(), value, expectation: expectation.into() }
}

/// As `input_data`, of something that is not there.
fn missing<'a>(field: &'static str, expectation: impl Into<Cow<'a, str>>) -> Message<'a> {
    input_data(field, None::<&str>, expectation)
}

/// A text that should have been JSON.
fn not_json<'a>(
    field: &'static str,
    text: impl Into<Cow<'a, str>>,
    error: &ParseError,
) -> Message<'a> {
    let value = Some(text.into());
    Message::NotJson { field: field.into(), value, error: error.message().into() }
}

/// JSON in which a schema and its data were looked for in vain.
fn not_self_describing<'a>(json: &Json<'_>, error: KeyError) -> Message<'a> {
    let error = match error {
        KeyError::Version => IgluParseError::InvalidSchemaver,
        KeyError::Uri => IgluParseError::InvalidIgluuri,
        KeyError::Data => IgluParseError::InvalidDataPayload,
    };
    Message::NotIglu { json: rendered(json.to_text()), error }
}

/// The data of self-describing JSON.
fn into_data(mut json: Json<'_>) -> Json<'_> {
    json.as_object_mut().and_then(|object| object.remove("data")).unwrap_or(Json::Null)
}

/// JSON that is written as it is. What a tree or a validator prints is valid.
fn rendered<'a>(json: String) -> Cow<'a, RawValue> {
    RawValue::from_string(json).map_or(Cow::Borrowed(RawValue::NULL), Cow::Owned)
}

impl fmt::Debug for Request<'_> {
    /// Names and sizes only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("route", &self.route)
            .field("query", &self.query)
            .field("body_bytes", &self.body.map(str::len))
            .field("content_type_bytes", &self.content_type.map(str::len))
            .finish()
    }
}

impl fmt::Debug for Client {
    /// Sizes only.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let bytes = |text: &Option<String>| text.as_ref().map(String::len);
        f.debug_struct("Client")
            .field("address_bytes", &bytes(&self.address))
            .field("user_agent_bytes", &bytes(&self.user_agent))
            .field("referer_bytes", &bytes(&self.referer))
            .finish()
    }
}

impl fmt::Debug for Many<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Many").field("items", &self.items.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
