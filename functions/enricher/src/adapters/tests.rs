//! What the tests of all adapters need, and those of the choice between them.

use iglu::SchemaKey;
use tracker_protocol::path::{self, Route};
use tracker_protocol::{Charset, query as query_string};

use super::*;
use crate::schemas::Judgement;

/// Every schema is known and fits.
pub(super) struct AcceptAll;

impl Schemas for AcceptAll {
    fn judge(&self, _: &SchemaKey, _: &Json<'_>) -> Judgement {
        Judgement::Fits { by: None }
    }
}

/// Every schema says the same.
pub(super) struct Answer(pub(super) Judgement);

impl Schemas for Answer {
    fn judge(&self, _: &SchemaKey, _: &Json<'_>) -> Judgement {
        self.0.clone()
    }
}

pub(super) type Owned = Vec<(String, Option<String>)>;

pub(super) fn query(text: &str) -> Parameters<'_> {
    Parameters::new(query_string::parse(text, Charset::Utf8).expect("a query string"))
}

/// A request without a body.
pub(super) fn ask<'a>(path: &'a str, text: &'a str) -> Request<'a> {
    let route = path::route(path).expect("a path");
    Request { route, query: query(text), body: None, content_type: None }
}

pub(super) fn owned(parameters: &Parameters<'_>) -> Owned {
    let pairs = parameters.in_map_order();
    pairs.map(|(name, value)| (name.to_owned(), value.map(str::to_owned))).collect()
}

pub(super) fn one(adapted: Adapted<'_>) -> Owned {
    let Adapted::One(parameters) = adapted else { panic!("{adapted:?}") };
    owned(&parameters)
}

pub(super) fn many(adapted: Adapted<'_>) -> Vec<Owned> {
    let Adapted::Many(many) = adapted else { panic!("{adapted:?}") };
    let events = many.events();
    assert!(events.len() > 0);
    events.map(|event| owned(&event)).collect()
}

/// The kind of bad event and its messages in JSON.
pub(super) fn messages(adapted: Adapted<'_>) -> (&'static str, String) {
    let Adapted::Refused(refusal) = adapted else { panic!("{adapted:?}") };
    let (kind, messages) = match refusal {
        Refusal::TrackerProtocol(messages) => ("tracker protocol", messages),
        Refusal::Adapter(messages) => ("adapter", messages),
    };
    (kind, serde_json::to_string(&messages).expect("messages are JSON"))
}

#[test]
fn what_nobody_takes_is_refused_by_its_path() {
    for path in [
        "/com.acme/v1",
        "/com.snowplowanalytics.snowplow/tp3",
        "/com.snowplowanalytics.iglu/v2",
        "/R/tp2",
    ] {
        let (kind, messages) = messages(adapt(ask(path, "e=pv"), &AcceptAll));
        assert_eq!(kind, "adapter");
        assert_eq!(
            messages,
            format!(
                r#"[{{"field":"vendor/version","value":"{}","expectation":"vendor/version combination is not supported"}}]"#,
                path.trim_start_matches('/')
            )
        );
    }
}

#[test]
fn the_old_paths_lead_to_the_pixel() {
    let request = Request { route: path::PIXEL, ..ask("/i", "e=pv") };
    assert_eq!(one(adapt(request, &AcceptAll)).len(), 1);
}

#[test]
fn debug_shows_no_content() {
    let route = Route { vendor: "r", version: "tp2" };
    let request = Request {
        route,
        query: query("u=secret&e=secret&co=secret"),
        body: Some("secret"),
        content_type: Some("secret/type"),
    };
    let shown = format!("{request:?}");
    assert!(!shown.contains("secret") && shown.contains('6'), "{shown}");
    let shown = format!("{:?}", adapt(request, &AcceptAll));
    assert!(!shown.contains("secret"), "{shown}");
    let body = r#"{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[{"e":"secret"}]}"#;
    let request = Request {
        body: Some(body),
        content_type: Some("application/json"),
        ..ask("/com.snowplowanalytics.snowplow/tp2", "uid=secret")
    };
    let shown = format!("{:?}", adapt(request, &AcceptAll));
    assert!(!shown.contains("secret") && shown.contains('1'), "{shown}");
}
