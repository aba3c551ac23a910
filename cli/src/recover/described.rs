//! Self-describing JSON in parameters and bodies: the event, and the entities beside it.

use base64_simd::URL_SAFE_NO_PAD;
use iglu::SchemaKey;
use json_tree::{Json, Object};
use tracker_protocol::convert::base64url;

use super::recipe::{Described, Inside};
use super::request::JSON_DEPTH_MAX;

/// What is to become of an event or an entity.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    AsItWas,
    Changed,
    Removed,
}

/// Plain and encoded: the parameters that hold it.
const EVENT: [(&str, bool); 2] = [("ue_pr", false), ("ue_px", true)];
const ENTITIES: [(&str, bool); 2] = [("co", false), ("cx", true)];

/// Calls this with each event or entity that is meant; whether anything was changed.
pub(super) fn each_in(
    parameters: &mut Object<'static>,
    inside: &Inside,
    change: &mut impl FnMut(&mut Object<'static>) -> Verdict,
) -> bool {
    let names = match inside.place {
        Described::Event => EVENT,
        Described::Entities => ENTITIES,
    };
    let mut changed = false;
    for (name, is_encoded) in names {
        let Some(mut wrapper) = unwrapped(parameters, name, is_encoded) else { continue };
        let Some(data) = wrapper.get_mut("data") else { continue };
        let verdict = match inside.place {
            Described::Event => one(data, inside, change),
            Described::Entities => many(data, inside, change),
        };
        match verdict {
            Verdict::AsItWas => continue,
            // A wrapper without anything in it fits no schema.
            Verdict::Removed => drop(parameters.remove(name)),
            Verdict::Changed => {
                let text = wrapper.to_text();
                let text = if is_encoded { URL_SAFE_NO_PAD.encode_to_string(text) } else { text };
                parameters.insert(name, Json::text(text));
            }
        }
        changed = true;
    }
    changed
}

/// What a parameter wraps, as JSON.
pub(super) fn unwrapped(
    parameters: &Object<'_>,
    name: &str,
    is_encoded: bool,
) -> Option<Json<'static>> {
    let text = parameters.get(name)?.as_str()?;
    let decoded = is_encoded.then(|| base64url(text));
    let text = decoded.as_deref().unwrap_or(text);
    Json::parse(text, JSON_DEPTH_MAX).ok().map(Json::into_owned)
}

/// The same of one self-describing value.
pub(super) fn one(
    json: &mut Json<'static>,
    inside: &Inside,
    change: &mut impl FnMut(&mut Object<'static>) -> Verdict,
) -> Verdict {
    match json.as_object_mut() {
        Some(object) if is_meant(object, inside) => change(object),
        _ => Verdict::AsItWas,
    }
}

fn many(
    json: &mut Json<'static>,
    inside: &Inside,
    change: &mut impl FnMut(&mut Object<'static>) -> Verdict,
) -> Verdict {
    let Some(items) = json.as_array_mut() else { return Verdict::AsItWas };
    let mut changed = false;
    items.retain_mut(|item| {
        let verdict = one(item, inside, change);
        changed |= verdict != Verdict::AsItWas;
        verdict != Verdict::Removed
    });
    match (changed, items.is_empty()) {
        (false, _) => Verdict::AsItWas,
        (true, false) => Verdict::Changed,
        (true, true) => Verdict::Removed,
    }
}

fn is_meant(object: &Object<'_>, inside: &Inside) -> bool {
    let key = object.get("schema").and_then(Json::as_str);
    let key = key.and_then(|uri| SchemaKey::parse(uri).ok());
    match &inside.schema {
        Some(wanted) => key.is_some_and(|key| wanted.fits(&key)),
        None => object.contains_key("schema"),
    }
}
