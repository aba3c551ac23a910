//! What recovering changes, for people: place by place, as it was and as it will be.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use json_tree::{Json, Object, write_text};

use super::described::unwrapped;
use super::draft::{Content, Draft};
use super::query;
use super::request::events;

/// The longest part of a value that is shown, in characters.
const SHOWN_CHARS_MAX: usize = 120;

/// The parameters with JSON in them, and whether it is encoded.
const WRAPPED: [(&str, bool); 4] = [("ue_pr", false), ("ue_px", true), ("co", false), ("cx", true)];

/// Values by their places.
type Leaves = BTreeMap<String, String>;

/// One line for what goes and one for what comes, in the order of the places.
pub(super) fn diff(before: &Draft, after: &Draft) -> String {
    let is_request = matches!(after.content, Content::Request(_));
    let request = if is_request { before.clone().into_request().ok() } else { None };
    let (before, after) = (leaves(request.as_ref().unwrap_or(before)), leaves(after));
    let places: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let mut text = String::new();
    for place in places {
        let (was, is) = (before.get(place), after.get(place));
        if was == is {
            continue;
        }
        for (sign, value) in [('-', was), ('+', is)] {
            if let Some(value) = value {
                writeln!(text, "  {sign} {place}: {}", shown(value)).ok();
            }
        }
    }
    text
}

fn shown(value: &str) -> String {
    match value.char_indices().nth(SHOWN_CHARS_MAX) {
        Some((end, _)) => format!("{}…", value.get(..end).unwrap_or_default()),
        None => value.to_owned(),
    }
}

fn leaves(draft: &Draft) -> Leaves {
    let mut leaves = Leaves::new();
    let mut part = |name: &str, text: &Option<String>| {
        if let Some(text) = text {
            leaves.insert(name.to_owned(), quoted(text));
        }
    };
    part("ip_address", &draft.ip_address);
    part("user_agent", &draft.user_agent);
    part("referer", &draft.referer);
    part("hostname", &draft.hostname);
    part("network_user_id", &draft.network_user_id);
    let request = match &draft.content {
        Content::Event(parameters) => {
            add_parameters("event", parameters, &mut leaves);
            return leaves;
        }
        Content::Request(request) => request,
    };
    part("path", &request.path);
    part("content_type", &request.content_type);
    if let Some(text) = &request.query {
        let parameters = query::read(text, draft.charset());
        if parameters.is_empty() {
            leaves.insert("query".to_owned(), quoted(text));
        }
        add_parameters("query", &parameters, &mut leaves);
    }
    let mut json = request.json();
    if let Some(events) = json.as_mut().and_then(events) {
        for (place, event) in events.iter().enumerate() {
            let name = format!("event {}", place + 1);
            match event.as_object() {
                Some(parameters) => add_parameters(&name, parameters, &mut leaves),
                None => add_json(&name, event, &mut leaves),
            }
        }
    } else if let Some(json) = &json {
        add_json("body", json, &mut leaves);
    } else if let Some(body) = &request.body {
        leaves.insert("body".to_owned(), quoted(&String::from_utf8_lossy(body)));
    }
    leaves
}

fn add_parameters(name: &str, parameters: &Object<'_>, leaves: &mut Leaves) {
    for (key, value) in parameters.iter() {
        let place = format!("{name} {key}");
        let wrapped = WRAPPED.iter().find(|(known, _)| *known == key);
        match wrapped.and_then(|(_, encoded)| unwrapped(parameters, key, *encoded)) {
            Some(json) => add_json(&place, &json, leaves),
            None => add_json(&place, value, leaves),
        }
    }
}

fn add_json(place: &str, json: &Json<'_>, leaves: &mut Leaves) {
    match json {
        Json::Object(object) if !object.is_empty() => {
            for (key, value) in object.iter() {
                add_json(&joined(place, key), value, leaves);
            }
        }
        Json::Array(items) if !items.is_empty() => {
            for (index, item) in items.iter().enumerate() {
                add_json(&joined(place, &index.to_string()), item, leaves);
            }
        }
        Json::Null
        | Json::Bool(_)
        | Json::Number(_)
        | Json::Text(_)
        | Json::Array(_)
        | Json::Object(_) => {
            leaves.insert(place.to_owned(), json.to_text());
        }
    }
}

fn joined(place: &str, key: &str) -> String {
    if place.contains('/') { format!("{place}/{key}") } else { format!("{place} /{key}") }
}

fn quoted(text: &str) -> String {
    let mut out = String::new();
    write_text(text, &mut out);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_end_at_the_limit() {
        let text = "ä".repeat(SHOWN_CHARS_MAX);
        assert_eq!(shown(&text), text);
        assert_eq!(shown(&format!("{text}x")), format!("{text}…"));
    }
}
