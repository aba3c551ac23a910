//! The JSON columns: self-describing events and entities, each judged by its schema.

use std::borrow::Cow;
use std::sync::LazyLock;

use bad_event::{IgluParseError, Message};
use iglu::{KeyError, SchemaCriterion, SchemaKey, SelfDescribing};
use json_tree::Json;
use serde_json::value::RawValue;

use crate::enrichments::Context;
use crate::schemas::{Judgement, Schemas};

/// Something wrong with the data of an event.
pub(crate) struct Violation {
    /// What bad events say of it.
    pub(crate) message: Message<'static>,
    /// `unstruct`, `contexts`, `derived_contexts` or `atomic_field`.
    pub(crate) source: &'static str,
    /// The data, for the failed event.
    pub(crate) data: Option<Box<RawValue>>,
}

/// A schema is needed that was not loaded yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NotLoaded;

/// A self-describing event or entity that fits its schema.
pub(crate) struct Entity {
    /// The schema that judged it.
    pub(crate) key: SchemaKey,
    /// The schema that it asked for, if a newer one judged it.
    pub(crate) superseded: Option<SchemaKey>,
    /// Schema and data, compact.
    pub(crate) text: String,
}

/// What became of the entities that enrichments gave.
#[derive(Default)]
pub(crate) struct Derived {
    /// Those that fit, in their order.
    pub(crate) contexts: Vec<Context>,
    /// What is wrong with the others.
    pub(crate) violations: Vec<Violation>,
    /// The schemas that were asked for, with the newer ones that judged.
    pub(crate) superseded: Vec<(SchemaKey, SchemaKey)>,
}

/// What JSON columns are read with.
pub(crate) struct Reader<'s, S> {
    pub(crate) schemas: &'s S,
    pub(crate) depth_max: usize,
}

const UNSTRUCT: &str = "unstruct";
const CONTEXTS: &str = "contexts";
const DERIVED: &str = "derived_contexts";

/// The wrapper that a JSON column takes.
struct Wanted {
    text: &'static str,
    criterion: SchemaCriterion,
}

static UNSTRUCT_CRITERION: LazyLock<Wanted> =
    LazyLock::new(|| wanted("iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-*"));
static CONTEXTS_CRITERION: LazyLock<Wanted> =
    LazyLock::new(|| wanted("iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-*"));

#[allow(clippy::expect_used, reason = "a text of ours, checked by every test that reads a column")]
fn wanted(text: &'static str) -> Wanted {
    Wanted { text, criterion: SchemaCriterion::parse(text).expect("a criterion") }
}

impl<S: Schemas> Reader<'_, S> {
    /// The event of the column `unstruct_event`.
    pub(crate) fn unstruct(&self, text: &str) -> Result<Result<Entity, Violation>, NotLoaded> {
        let wrapped = match self.unwrapped(text, UNSTRUCT, &UNSTRUCT_CRITERION)? {
            Ok(wrapped) => wrapped,
            Err(violation) => return Ok(Err(violation)),
        };
        self.entity(&wrapped, UNSTRUCT)
    }

    /// The entities of the column `contexts`: those that fit, and what is wrong with the others.
    pub(crate) fn contexts(&self, text: &str) -> Result<(Vec<Entity>, Vec<Violation>), NotLoaded> {
        let wrapped = match self.unwrapped(text, CONTEXTS, &CONTEXTS_CRITERION)? {
            Ok(wrapped) => wrapped,
            Err(violation) => return Ok((Vec::new(), vec![violation])),
        };
        let (mut entities, mut violations) = (Vec::new(), Vec::new());
        let mut missing = false;
        for entity in wrapped.as_array().unwrap_or_default() {
            match self.entity(entity, CONTEXTS) {
                Ok(Ok(entity)) => entities.push(entity),
                Ok(Err(violation)) => violations.push(violation),
                // The others are asked for all the same, so that all are loaded at once.
                Err(NotLoaded) => missing = true,
            }
        }
        if missing { Err(NotLoaded) } else { Ok((entities, violations)) }
    }

    /// The data inside the wrapper, once the wrapper is found to be right.
    fn unwrapped<'t>(
        &self,
        text: &'t str,
        source: &'static str,
        wanted: &Wanted,
    ) -> Result<Result<Json<'t>, Violation>, NotLoaded> {
        let json = match Json::parse(text, self.depth_max) {
            Ok(json) => json,
            Err(error) => {
                let message = Message::NotJson {
                    field: Cow::Borrowed(source),
                    value: Some(Cow::Owned(text.to_owned())),
                    error: Cow::Owned(error.message()),
                };
                return Ok(Err(Violation { message, source, data: json_text(text) }));
            }
        };
        let SelfDescribing { key, data } = match SelfDescribing::of(&json) {
            Ok(parts) => parts,
            Err(error) => return Ok(Err(not_iglu(&json, error, source))),
        };
        if !wanted.criterion.matches(&key) {
            let message = Message::CriterionMismatch {
                schema_key: Cow::Owned(key.to_string()),
                schema_criterion: Cow::Borrowed(wanted.text),
            };
            return Ok(Err(Violation { message, source, data: raw(data) }));
        }
        match self.schemas.judge(&key, data) {
            Judgement::NotLoaded => Err(NotLoaded),
            Judgement::Refused { error } => Ok(Err(refused(&key, error, (data, source)))),
            Judgement::Fits { .. } => Ok(Ok(into_data(json))),
        }
    }

    /// The entities that enrichments gave: those that fit, and what is wrong with the others.
    pub(crate) fn derived(&self, contexts: Vec<Context>) -> Result<Derived, NotLoaded> {
        let mut derived = Derived::default();
        let mut missing = false;
        let era = self.schemas.era();
        for context in contexts {
            if context.is_known_to_fit(era) {
                derived.contexts.push(context);
                continue;
            }
            let (key, data) = (context.key(), context.data());
            match self.schemas.judge(key, data) {
                Judgement::NotLoaded => missing = true,
                Judgement::Refused { error } => {
                    derived.violations.push(refused(key, error, (data, DERIVED)));
                }
                Judgement::Fits { by: None } => {
                    context.note_fit(era);
                    derived.contexts.push(context);
                }
                Judgement::Fits { by: Some(newer) } => {
                    let context = Context::new(newer.clone(), data.clone());
                    derived.superseded.push((key.clone(), newer));
                    derived.contexts.push(context);
                }
            }
        }
        if missing { Err(NotLoaded) } else { Ok(derived) }
    }

    fn entity(
        &self,
        json: &Json<'_>,
        source: &'static str,
    ) -> Result<Result<Entity, Violation>, NotLoaded> {
        let SelfDescribing { key, data } = match SelfDescribing::of(json) {
            Ok(parts) => parts,
            Err(error) => return Ok(Err(not_iglu(json, error, source))),
        };
        match self.schemas.judge(&key, data) {
            Judgement::NotLoaded => Err(NotLoaded),
            Judgement::Refused { error } => Ok(Err(refused(&key, error, (data, source)))),
            Judgement::Fits { by } => {
                let (key, superseded) = match by {
                    Some(newer) => (newer, Some(key)),
                    None => (key, None),
                };
                let text = self_describing_text(&key, data);
                Ok(Ok(Entity { key, superseded, text }))
            }
        }
    }
}

/// Room for the entities of most events at once.
const WRAPPED_BYTES_USUAL: usize = 1_024;

/// Entities in their wrapper.
pub(crate) fn wrapped<'t>(entities: impl Iterator<Item = &'t str>) -> String {
    let mut text = String::with_capacity(WRAPPED_BYTES_USUAL);
    text.push_str(
        "{\"schema\":\"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1\",\"data\":[",
    );
    for (index, entity) in entities.enumerate() {
        if index > 0 {
            text.push(',');
        }
        text.push_str(entity);
    }
    text.push_str("]}");
    text
}

fn not_iglu(json: &Json<'_>, error: KeyError, source: &'static str) -> Violation {
    let error = match error {
        KeyError::Version => IgluParseError::InvalidSchemaver,
        KeyError::Uri => IgluParseError::InvalidIgluuri,
        KeyError::Data => IgluParseError::InvalidDataPayload,
    };
    let json = raw(json).unwrap_or_default();
    let message = Message::NotIglu { json: Cow::Owned(json.clone()), error };
    Violation { message, source, data: Some(json) }
}

fn refused(key: &SchemaKey, error: String, (data, source): (&Json<'_>, &'static str)) -> Violation {
    let message = Message::IgluError {
        schema_key: Cow::Owned(key.as_str().to_owned()),
        error: Cow::Owned(RawValue::from_string(error).unwrap_or_default()),
    };
    Violation { message, source, data: raw(data) }
}

fn into_data(json: Json<'_>) -> Json<'_> {
    if let Json::Object(mut object) = json {
        object.remove("data").unwrap_or(Json::Null)
    } else {
        json
    }
}

/// Schema and data as compact JSON.
pub(crate) fn self_describing_text(key: &SchemaKey, data: &Json<'_>) -> String {
    let mut out = String::with_capacity(256);
    out.push_str("{\"schema\":\"");
    out.push_str(key.as_str());
    out.push_str("\",\"data\":");
    data.write(&mut out);
    out.push('}');
    out
}

fn raw(json: &Json<'_>) -> Option<Box<RawValue>> {
    RawValue::from_string(json.to_text()).ok()
}

/// Text that is no JSON, as a JSON string.
fn json_text(text: &str) -> Option<Box<RawValue>> {
    raw(&Json::text(text))
}
