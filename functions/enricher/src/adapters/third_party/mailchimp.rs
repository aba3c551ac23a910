//! Mailchimp: what happens to lists and campaigns.

use std::collections::BTreeMap;

use json_tree::Json;
use tracker_protocol::Parameters;

use super::{EventTypes, FORM, dates, input_data, one, schema_of, typed_body};
use crate::adapters::{JSON_DEPTH_MAX, Outcome, Request, webhook};

const TYPES: EventTypes = &[
    ("subscribe", "iglu:com.mailchimp/subscribe/jsonschema/1-0-0"),
    ("unsubscribe", "iglu:com.mailchimp/unsubscribe/jsonschema/1-0-0"),
    ("campaign", "iglu:com.mailchimp/campaign_sending_status/jsonschema/1-0-0"),
    ("cleaned", "iglu:com.mailchimp/cleaned_email/jsonschema/1-0-0"),
    ("upemail", "iglu:com.mailchimp/email_address_change/jsonschema/1-0-0"),
    ("profile", "iglu:com.mailchimp/profile_update/jsonschema/1-0-0"),
];

/// A field of a form, whose name may say that it is within others: `data[merges][FNAME]`.
enum Field {
    Text(String),
    Fields(BTreeMap<String, Self>),
}

pub(super) fn adapt(request: Request<'_>) -> Outcome<'_> {
    let body = typed_body(&request, FORM)?;
    let fields = webhook::form_fields(body)
        .map_err(|reason| vec![input_data("body", Some(body), reason)])?;
    let Some(name) = fields.get("type") else {
        let expectation = "no `type` parameter provided: cannot determine event type";
        return Err(vec![input_data("body", Some(body), expectation)]);
    };
    let schema = schema_of(Some(name), None, TYPES).map_err(|message| vec![message])?;
    // The query string counts as well, and the body wins.
    let query = request.query.into_pairs().into_iter();
    let all: Parameters<'_> = query.chain(fields.into_pairs()).collect();
    let data =
        data(&all).map_err(|expectation| vec![input_data("body", Some(body), expectation)])?;
    Ok(one("com.mailchimp-v1", schema, data, all))
}

fn data(all: &Parameters<'_>) -> Result<Json<'static>, &'static str> {
    let mut root = BTreeMap::new();
    for (name, value) in all.in_map_order() {
        let Some(value) = value.filter(|_| !webhook::NO_DATA.contains(&name)) else { continue };
        let date = if name == "fired_at" { dates::from_spaced(value) } else { None };
        let value = date.unwrap_or_else(|| value.to_owned());
        insert(&mut root, &keys(name)?, value);
    }
    Ok(json(Field::Fields(root)))
}

/// The last of two values for one field counts.
fn insert(fields: &mut BTreeMap<String, Field>, keys: &[String], value: String) {
    match keys {
        [] => {}
        [key] => {
            fields.insert(key.clone(), Field::Text(value));
        }
        [key, within @ ..] => {
            let field = fields.entry(key.clone()).or_insert_with(|| Field::Text(String::new()));
            if let Field::Text(_) = field {
                *field = Field::Fields(BTreeMap::new());
            }
            if let Field::Fields(fields) = field {
                insert(fields, within, value);
            }
        }
    }
}

fn json(field: Field) -> Json<'static> {
    match field {
        Field::Text(text) => Json::text(text),
        Field::Fields(fields) => {
            Json::object(fields.into_iter().map(|(key, field)| (key, json(field))))
        }
    }
}

/// `a[b][c]` is `a`, `b`, `c`; what is empty at the end does not count.
fn keys(name: &str) -> Result<Vec<String>, &'static str> {
    let joined = name.replace("][", "[").replace("]]", "[").replace(']', "[");
    let mut keys: Vec<String> = joined.split('[').map(str::to_owned).collect();
    while keys.len() > 1 && keys.last().is_some_and(String::is_empty) {
        keys.pop();
    }
    // What is written as JSON must be read again.
    let fits = keys.len() < JSON_DEPTH_MAX;
    fits.then_some(keys).ok_or("field name nests too deep")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_say_what_is_within_what() {
        for (name, expected) in [
            ("type", "type"),
            ("data[id]", "data/id"),
            ("data[merges][LNAME]", "data/merges/LNAME"),
            ("data[merges][GROUPINGS][0][name]", "data/merges/GROUPINGS/0/name"),
            ("a[]", "a"),
            ("a[][b]", "a//b"),
            ("[a]", "/a"),
            ("[", ""),
        ] {
            assert_eq!(keys(name).unwrap().join("/"), expected, "{name}");
        }
        assert!(keys(&"a[".repeat(JSON_DEPTH_MAX)).is_err());
    }
}
