//! What is asked for: filters out of bodies and query strings.

use std::sync::Arc;

use collector::request::{Method, Request};
use enriched_event::EnrichedEvent;
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::super::answer::Answer;
use super::super::store::Kind;
use super::selection::Selection;
use super::{Asked, bad, row};

/// The body of a request as what it should be.
pub(super) fn body<T: DeserializeOwned>(request: &Request<'_>) -> Result<T, Answer> {
    let value: Value = serde_json::from_slice(&request.body)
        .map_err(|_| Answer::text(400, "The request body was malformed."))?;
    if !value.is_object() {
        return Err(wrong_shape("it is no JSON object"));
    }
    serde_json::from_value(value).map_err(|error| wrong_shape(&error.to_string()))
}

/// What the body of a POST asks for; any other request asks in its query string alone.
fn sent<T: DeserializeOwned + Default>(request: &Request<'_>) -> Result<T, Answer> {
    if request.method == Method::Post { body(request) } else { Ok(T::default()) }
}

/// The answer to JSON that is not what is expected here.
pub(super) fn wrong_shape(problem: &str) -> Answer {
    Answer::text(422, format!("The request body does not fit: {problem}."))
}

/// Which good events are wanted.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct GoodFilter {
    event_type: Option<String>,
    schema: Option<String>,
    contexts: Option<Vec<String>>,
    event_id: Option<String>,
    pub(super) limit: Option<u64>,
}

impl GoodFilter {
    pub(super) fn of(asked: &Asked<'_>) -> Result<Self, Answer> {
        let sent: Self = sent(asked.request)?;
        let query = &asked.query;
        let owned = |name| query.text(name).map(str::to_owned);
        Ok(Self {
            event_type: sent.event_type.or_else(|| owned("event_type")),
            schema: sent.schema.or_else(|| owned("schema")),
            contexts: sent.contexts.or_else(|| query.texts("contexts")),
            event_id: sent.event_id.or_else(|| owned("event_id")),
            limit: sent.limit.or(query.number("limit", 0..=u64::MAX)?),
        })
    }

    pub(super) fn selection(&self, space: Arc<str>) -> Selection {
        let (event_type, schema) = (self.event_type.clone(), self.schema.clone());
        let contexts = self.contexts.clone().unwrap_or_default();
        let is_open = event_type.is_none() && schema.is_none() && contexts.is_empty();
        let passes = move |data: &[u8]| {
            let text = str::from_utf8(data).unwrap_or_default();
            let Ok(event) = EnrichedEvent::parse_tsv(text) else { return false };
            let is_of_type =
                || event_type.as_deref().is_none_or(|it| it == row::event_type(&event));
            let has_schema = || {
                schema.as_deref().is_none_or(|it| row::schema_uri(&event).as_deref() == Some(it))
            };
            let has_contexts = || {
                let attached = row::context_uris(&event);
                contexts.iter().all(|uri| attached.iter().any(|it| it == uri))
            };
            is_of_type() && has_schema() && (contexts.is_empty() || has_contexts())
        };
        Selection {
            kinds: vec![Kind::Good],
            event_id: self.event_id.clone(),
            test: (!is_open).then(|| Arc::new(passes) as _),
            ..Selection::of(space)
        }
    }
}

/// Which bad events are wanted.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct BadFilter {
    vendor: Option<String>,
    version: Option<String>,
    event_id: Option<String>,
    pub(super) limit: Option<u64>,
}

impl BadFilter {
    pub(super) fn of(asked: &Asked<'_>) -> Result<Self, Answer> {
        let sent: Self = sent(asked.request)?;
        let query = &asked.query;
        let owned = |name| query.text(name).map(str::to_owned);
        Ok(Self {
            vendor: sent.vendor.or_else(|| owned("vendor")),
            version: sent.version.or_else(|| owned("version")),
            event_id: sent.event_id.or_else(|| owned("event_id")),
            limit: sent.limit.or(query.number("limit", 0..=u64::MAX)?),
        })
    }

    pub(super) fn selection(&self, space: Arc<str>) -> Selection {
        let (vendor, version) = (self.vendor.clone(), self.version.clone());
        let is_open = vendor.is_none() && version.is_none();
        let passes = move |data: &[u8]| {
            // What holds no payload cannot be told apart by it.
            let Some((found_vendor, found_version)) = bad::api(data) else { return true };
            vendor.as_deref().is_none_or(|it| it == found_vendor)
                && version.as_deref().is_none_or(|it| it == found_version)
        };
        Selection {
            kinds: vec![Kind::Bad],
            event_id: self.event_id.clone(),
            test: (!is_open).then(|| Arc::new(passes) as _),
            ..Selection::of(space)
        }
    }
}
