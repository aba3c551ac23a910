//! Tracker protocol 2: one event in the query string, or many in a JSON body.

use bad_event::Message;
use iglu::{SchemaCriterion, SchemaKey, SelfDescribing};
use json_tree::{Json, Object};
use tracker_protocol::{Pair, Parameters};

use super::{Adapted, JSON_DEPTH_MAX, Make, Many, Outcome, Request};
use super::{input_data, into_data, missing, not_json, not_self_describing, rendered};
use crate::schemas::{Judgement, Schemas};

/// Compared letter by letter, as the original does.
const CONTENT_TYPES: [&str; 3] =
    ["application/json", "application/json; charset=utf-8", "application/json; charset=UTF-8"];

/// The schema of a body.
const PAYLOAD_DATA: &str = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-*";

pub(super) fn adapt<'a>(request: Request<'a>, schemas: &impl Schemas) -> Outcome<'a> {
    let Request { query, body, content_type, .. } = request;
    if body.is_none() && query.is_empty() {
        return Err(vec![
            missing("body", "empty body: not a valid tracker protocol event"),
            missing("querystring", "empty querystring: not a valid tracker protocol event"),
        ]);
    }
    let known = content_type.is_some_and(|sent| CONTENT_TYPES.contains(&sent));
    match body {
        None if content_type.is_none() => Ok(Adapted::One(query)),
        Some(body) if known => events(body, query, schemas),
        None if known => Err(vec![missing("body", "empty body: not a valid track protocol event")]),
        _ => {
            let expectation = format!("expected one of {}", CONTENT_TYPES.join(", "));
            Err(vec![input_data("contentType", content_type, expectation)])
        }
    }
}

fn events<'a>(body: &'a str, query: Parameters<'a>, schemas: &impl Schemas) -> Outcome<'a> {
    let json =
        Json::parse(body, JSON_DEPTH_MAX).map_err(|error| vec![not_json("body", body, &error)])?;
    let described =
        SelfDescribing::of(&json).map_err(|error| vec![not_self_describing(&json, error)])?;
    match schemas.judge(&described.key, described.data) {
        Judgement::Fits { .. } => require_payload_data(&described.key)?,
        Judgement::Refused { error } => {
            let schema_key = described.key.to_string().into();
            return Err(vec![Message::IgluError { schema_key, error: rendered(error) }]);
        }
        Judgement::NotLoaded => return Ok(Adapted::NotLoaded),
    }
    let items = items(into_data(json))?;
    Ok(Adapted::Many(Many { items, make: Make::Tracker { query: query.into_pairs() } }))
}

/// Comes after the judgement, so that data of a foreign schema that does not fit it is told so.
fn require_payload_data<'a>(key: &SchemaKey) -> Result<(), Vec<Message<'a>>> {
    if SchemaCriterion::parse(PAYLOAD_DATA).is_ok_and(|criterion| criterion.matches(key)) {
        return Ok(());
    }
    let schema_key = key.to_string().into();
    Err(vec![Message::CriterionMismatch { schema_key, schema_criterion: PAYLOAD_DATA.into() }])
}

/// Takes the events out of the data. One bad value refuses them all: the sender has to mend it.
fn items(data: Json<'_>) -> Result<Vec<Json<'_>>, Vec<Message<'_>>> {
    let holds_objects =
        |values: &[Json<'_>]| values.iter().all(|value| value.as_object().is_some());
    if !data.as_array().is_some_and(holds_objects) {
        return Err(vec![input_data("body", Some(data.to_text()), "json is not an array")]);
    }
    let Json::Array(events) = data else { return Ok(Vec::new()) };
    if events.is_empty() {
        return Err(vec![input_data("body", Some("[]"), "empty list of events")]);
    }
    let pairs = events.iter().filter_map(Json::as_object).flat_map(Object::iter);
    let messages: Vec<_> = pairs.filter_map(|(name, value)| unlike_text(name, value)).collect();
    if messages.is_empty() { Ok(events) } else { Err(messages) }
}

fn unlike_text<'a>(name: &str, value: &Json<'_>) -> Option<Message<'a>> {
    if value.as_str().is_some() {
        return None;
    }
    let (value, expectation) = if value.is_null() {
        (None, "value cannot be null")
    } else {
        (Some(value.to_text()), "value is not a string")
    };
    Some(input_data(name.to_owned(), value, expectation))
}

/// The parameters of one event of a body; those of the query string win.
pub(super) fn parameters<'a>(event: Json<'a>, query: &[Pair<'a>]) -> Parameters<'a> {
    let Json::Object(event) = event else { return Parameters::new(query.to_vec()) };
    let mut pairs = Vec::with_capacity(event.len() + query.len());
    for (name, value) in event {
        if let Json::Text(value) = value {
            pairs.push((name, Some(value)));
        }
    }
    pairs.extend_from_slice(query);
    Parameters::new(pairs)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::collection::{btree_map, vec};
    use proptest::prelude::*;

    use super::*;
    use crate::adapters::adapt;
    use crate::adapters::tests::{AcceptAll, Answer, ask, many, messages, one};

    const TRACKER: &str = "com.snowplowanalytics.snowplow/tp2";

    fn post<'a>(query: &'a str, body: &'a str) -> Request<'a> {
        Request { body: Some(body), content_type: Some("application/json"), ..ask(TRACKER, query) }
    }

    fn payload_data(data: &str) -> String {
        let schema = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4";
        format!(r#"{{"schema":"{schema}","data":{data}}}"#)
    }

    fn refused(request: Request<'_>, schemas: &impl Schemas) -> String {
        let (kind, messages) = messages(adapt(request, schemas));
        assert_eq!(kind, "tracker protocol");
        messages
    }

    #[test]
    fn a_query_is_one_event() {
        let event = one(adapt(ask(TRACKER, "e=pv&p=web"), &AcceptAll));
        assert_eq!(event.len(), 2);
    }

    #[test]
    fn a_body_is_many_events_and_the_query_wins() {
        let body = payload_data(r#"[{"e":"pv","aid":"a","tv":"x"},{"e":"se"}]"#);
        for content_type in CONTENT_TYPES {
            let request = Request { content_type: Some(content_type), ..post("aid=q&nuid", &body) };
            let events = many(adapt(request, &AcceptAll));
            let text = |value: &str| Some(value.to_owned());
            assert_eq!(
                events,
                [
                    vec![
                        ("e".to_owned(), text("pv")),
                        ("aid".to_owned(), text("q")),
                        ("tv".to_owned(), text("x")),
                        ("nuid".to_owned(), None)
                    ],
                    vec![
                        ("e".to_owned(), text("se")),
                        ("aid".to_owned(), text("q")),
                        ("nuid".to_owned(), None)
                    ],
                ]
            );
        }
    }

    #[test]
    fn body_and_content_type_come_together() {
        let all =
            "application/json, application/json; charset=utf-8, application/json; charset=UTF-8";
        let body = Some("{}");
        for (query, body, content_type, value) in [
            ("e=pv", body, None, "null"),
            ("", body, None, "null"),
            ("e=pv", None, Some("text/plain"), "\"text/plain\""),
            (
                "e=pv",
                body,
                Some("application/json;charset=utf-8"),
                "\"application/json;charset=utf-8\"",
            ),
            ("", body, Some("APPLICATION/JSON"), "\"APPLICATION/JSON\""),
        ] {
            let request = Request { body, content_type, ..ask(TRACKER, query) };
            let expected = format!(
                r#"[{{"field":"contentType","value":{value},"expectation":"expected one of {all}"}}]"#
            );
            assert_eq!(refused(request, &AcceptAll), expected);
        }
        let request = Request { body: None, ..post("e=pv", "") };
        assert_eq!(
            refused(request, &AcceptAll),
            r#"[{"field":"body","value":null,"expectation":"empty body: not a valid track protocol event"}]"#
        );
    }

    #[test]
    fn nothing_at_all_is_wrong_twice_whatever_its_type() {
        for content_type in [None, Some("application/json"), Some("text/plain")] {
            let request = Request { content_type, ..ask(TRACKER, "") };
            assert_eq!(
                refused(request, &AcceptAll),
                concat!(
                    r#"[{"field":"body","value":null,"expectation":"empty body: not a valid tracker protocol event"},"#,
                    r#"{"field":"querystring","value":null,"expectation":"empty querystring: not a valid tracker protocol event"}]"#
                )
            );
        }
    }

    #[test]
    fn a_body_is_self_describing_json() {
        for (body, expected) in [
            ("", r#"[{"field":"body","value":"","error":"invalid json: exhausted input"}]"#),
            (r#"{"data": []}"#, r#"[{"json":{"data":[]},"error":"INVALID_DATA_PAYLOAD"}]"#),
            (
                r#"{"schema":"iglu:a","data":[]}"#,
                r#"[{"json":{"schema":"iglu:a","data":[]},"error":"INVALID_IGLUURI"}]"#,
            ),
        ] {
            assert_eq!(refused(post("", body), &AcceptAll), expected);
        }
    }

    #[test]
    fn the_schema_judges_before_its_name_is_looked_at() {
        let body = r#"{"schema":"iglu:com.acme/thing/jsonschema/1-0-0","data":{"a":1}}"#;
        assert_eq!(
            refused(post("", body), &AcceptAll),
            concat!(
                r#"[{"schemaKey":"iglu:com.acme/thing/jsonschema/1-0-0","#,
                r#""schemaCriterion":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-*"}]"#
            )
        );
        let error = r#"{"error":"ResolutionError","lookupHistory":[]}"#.to_owned();
        assert_eq!(
            refused(post("", body), &Answer(Judgement::Refused { error })),
            concat!(
                r#"[{"schemaKey":"iglu:com.acme/thing/jsonschema/1-0-0","#,
                r#""error":{"error":"ResolutionError","lookupHistory":[]}}]"#
            )
        );
        assert!(matches!(adapt(post("", body), &Answer(Judgement::NotLoaded)), Adapted::NotLoaded));
    }

    #[test]
    fn all_values_that_are_no_text_are_listed() {
        let body = payload_data(r#"[{"e":"pv","a":1.0,"b":null},{"c":{"d":[true]}}]"#);
        assert_eq!(
            refused(post("", &body), &AcceptAll),
            concat!(
                r#"[{"field":"a","value":"1.0","expectation":"value is not a string"},"#,
                r#"{"field":"b","value":null,"expectation":"value cannot be null"},"#,
                r#"{"field":"c","value":"{\"d\":[true]}","expectation":"value is not a string"}]"#
            )
        );
    }

    #[test]
    fn data_is_a_list_of_objects_with_something_in_it() {
        for (data, expectation) in [
            ("[]", "empty list of events"),
            ("{}", "json is not an array"),
            ("[{},1]", "json is not an array"),
        ] {
            let body = payload_data(data);
            assert_eq!(
                refused(post("e=pv", &body), &AcceptAll),
                format!(r#"[{{"field":"body","value":"{data}","expectation":"{expectation}"}}]"#)
            );
        }
    }

    #[test]
    fn json_nests_as_deep_as_allowed_and_no_deeper() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        let deepest = nested(JSON_DEPTH_MAX);
        assert!(refused(post("", &deepest), &AcceptAll).contains("INVALID_DATA_PAYLOAD"));
        let deeper = nested(JSON_DEPTH_MAX + 1);
        let messages = refused(post("", &deeper), &AcceptAll);
        assert!(
            messages.contains("invalid json: maximum allowed JSON depth exceeded"),
            "{messages}"
        );
    }

    type Texts = BTreeMap<String, String>;

    fn object(texts: &Texts) -> Json<'_> {
        let text = |(name, value)| (String::as_str(name), Json::text(String::as_str(value)));
        Json::object(texts.iter().map(text))
    }

    proptest! {
        #[test]
        fn every_object_of_texts_becomes_an_event(
            objects in vec(btree_map("[a-c]{1,2}", "\\PC{0,4}", 0..8), 1..5),
            query in btree_map("[a-c]{1,2}", "[x-z]{1,3}", 0..3),
        ) {
            let body = payload_data(&Json::array(objects.iter().map(object)).to_text());
            let pairs = query.iter().map(|(name, value)| format!("{name}={value}"));
            let text = pairs.collect::<Vec<_>>().join("&");
            let events = many(adapt(post(&text, &body), &AcceptAll));
            prop_assert_eq!(events.len(), objects.len());
            for (event, mut expected) in events.into_iter().zip(objects) {
                expected.extend(query.clone());
                let pairs = event.into_iter().map(|(name, value)| (name, value.unwrap_or_default()));
                prop_assert_eq!(pairs.collect::<Texts>(), expected);
            }
        }

        #[test]
        fn no_body_makes_it_panic(any in "\\PC*", close in "[\\[\\]{}\",:a1 ]{0,40}") {
            for body in [any, payload_data(&close), close] {
                if let Adapted::Many(events) = adapt(post("a=b", &body), &AcceptAll) {
                    prop_assert!(events.events().all(|event| event.get("a") == Some("b")));
                }
            }
        }
    }
}
