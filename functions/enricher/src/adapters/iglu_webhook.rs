//! Iglu's own webhook: events whose schema the sender names, in the query string or in the body.

use bad_event::Message;
use iglu::{SchemaKey, SelfDescribing};
use json_tree::{Json, Object};
use tracker_protocol::Parameters;

use super::envelope::{self_describing, unstruct_event};
use super::webhook::SERVER;
use super::{Adapted, JSON_DEPTH_MAX, Make, Many, Outcome, Request, webhook};
use super::{input_data, into_data, missing, not_json, not_self_describing};

const TRACKER: &str = "com.snowplowanalytics.iglu-v1";

/// The platform of events that name none.
const APP: &str = "app";
/// Compared letter by letter, as the original does.
const JSON_TYPES: [&str; 2] = ["application/json", "application/json; charset=utf-8"];
const FORM_TYPE: &str = "application/x-www-form-urlencoded";

/// Parameters of the query string that are no data.
const NO_DATA: [&str; 5] = ["schema", "nuid", "aid", "cv", "p"];

pub(super) fn adapt(request: Request<'_>) -> Outcome<'_> {
    let Request { query, body, content_type, .. } = request;
    let body = match (body, content_type) {
        (Some(text), Some(content_type)) => Some((text, content_type)),
        (Some(_), None) => return Err(vec![missing("contentType", expected_types(true))]),
        (None, _) => None,
    };
    match (query.get("schema").map(str::to_owned), body) {
        (Some(schema), body) => with_schema(schema, body, query),
        (None, Some(body)) => self_describing_body(body, query),
        (None, None) => {
            Err(vec![missing("schema", "empty `schema` field"), missing("body", "empty body")])
        }
    }
}

/// The schema comes with the body.
fn self_describing_body<'a>(
    (body, content_type): (&'a str, &'a str),
    query: Parameters<'a>,
) -> Outcome<'a> {
    if !JSON_TYPES.contains(&content_type) {
        return Err(vec![input_data("contentType", Some(content_type), expected_types(false))]);
    }
    let json = parsed(body)?;
    let described =
        SelfDescribing::of(&json).map_err(|error| vec![not_self_describing(&json, error)])?;
    let key = described.key;
    Ok(one(self_describing(key.as_str(), into_data(json)), APP, query))
}

/// The schema comes in the query string.
fn with_schema<'a>(
    schema: String,
    body: Option<(&'a str, &'a str)>,
    query: Parameters<'a>,
) -> Outcome<'a> {
    let key = match SchemaKey::parse(&schema) {
        Ok(key) => key,
        Err(error) => return Err(vec![input_data("schema", Some(schema), error.code())]),
    };
    match body {
        None => {
            let event = unstruct_event(self_describing(key.as_str(), query_data(&query)));
            Ok(Adapted::One(webhook::parameters(event, webhook::common(TRACKER, APP, query))))
        }
        Some((body, FORM_TYPE)) => {
            let data = form_data(body)?;
            Ok(one(self_describing(key.as_str(), data), SERVER, query))
        }
        Some((body, content_type)) if JSON_TYPES.contains(&content_type) => {
            json_body(&key, body, query)
        }
        Some((_, content_type)) => {
            Err(vec![input_data("contentType", Some(content_type), expected_types(true))])
        }
    }
}

/// One event or an array of them. What is inside an array is left to the schema to judge.
fn json_body<'a>(key: &SchemaKey, body: &'a str, query: Parameters<'a>) -> Outcome<'a> {
    let data = parsed(body)?;
    if let Json::Array(events) = data {
        if events.is_empty() {
            return Err(vec![input_data("body", Some(body), "empty array of events")]);
        }
        let event = |data| self_describing(key.to_string(), data);
        let items = events.into_iter().map(event).collect();
        let common = webhook::common(TRACKER, APP, query);
        return Ok(Adapted::Many(Many { items, make: Make::Webhook { common } }));
    }
    if data.as_object().is_none_or(Object::is_empty) {
        return Err(vec![input_data("body", Some(body), "has no key-value pairs")]);
    }
    Ok(one(self_describing(key.as_str(), data), APP, query))
}

fn one<'a>(event: Json<'_>, platform: &'static str, query: Parameters<'a>) -> Adapted<'a> {
    webhook::one(TRACKER, platform, event, query)
}

fn parsed(body: &str) -> Result<Json<'_>, Vec<Message<'_>>> {
    Json::parse(body, JSON_DEPTH_MAX).map_err(|error| vec![not_json("body", body, &error)])
}

/// What the query string says beside the tracker's own parameters; empty means `null`.
fn query_data<'t>(query: &'t Parameters<'_>) -> Json<'t> {
    let said = query.in_map_order().filter(|(name, _)| !NO_DATA.contains(name));
    Json::object(said.map(|(name, value)| {
        let value = value.filter(|value| !value.is_empty());
        (name, value.map_or(Json::Null, Json::text))
    }))
}

/// The fields of a form; here empty stays empty.
fn form_data(body: &str) -> Result<Json<'_>, Vec<Message<'_>>> {
    let fields = webhook::form_fields(body);
    let fields = fields.map_err(|reason| vec![input_data("body", Some(body), reason)])?;
    Ok(webhook::object_of(&fields))
}

fn expected_types(form_as_well: bool) -> String {
    let types: Vec<_> = JSON_TYPES.into_iter().chain(form_as_well.then_some(FORM_TYPE)).collect();
    format!("expected one of {}", types.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::adapt;
    use crate::adapters::tests::{AcceptAll, ask, many, messages};

    const WEBHOOK: &str = "com.snowplowanalytics.iglu/v1";
    const KEY: &str = "iglu:com.acme/lead/jsonschema/1-0-0";
    const FORM: &str = "application/x-www-form-urlencoded";

    fn post<'a>(query: &'a str, content_type: &'a str, body: &'a str) -> Request<'a> {
        Request { body: Some(body), content_type: Some(content_type), ..ask(WEBHOOK, query) }
    }

    fn refused(request: Request<'_>) -> String {
        let (kind, messages) = messages(adapt(request, &AcceptAll));
        assert_eq!(kind, "adapter");
        messages
    }

    /// The platform and the data.
    fn event(request: Request<'_>) -> (String, String) {
        let Adapted::One(event) = adapt(request, &AcceptAll) else { panic!("not one") };
        assert_eq!(
            (event.get("tv"), event.get("e")),
            (Some("com.snowplowanalytics.iglu-v1"), Some("ue"))
        );
        let start = format!(
            r#"{{"schema":"iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0","data":{{"schema":"{KEY}","data":"#
        );
        let data =
            event.get("ue_pr").and_then(|text| text.strip_prefix(start.as_str())).expect("ours");
        let data = data.strip_suffix("}}").expect("closed");
        (event.get("p").expect("a platform").to_owned(), data.to_owned())
    }

    fn own(platform: &str, data: &str) -> (String, String) {
        (platform.to_owned(), data.to_owned())
    }

    #[test]
    fn a_query_is_an_event() {
        let query = format!("schema={KEY}&name=Ann&empty=&flag");
        assert_eq!(
            event(ask(WEBHOOK, &query)),
            own("app", r#"{"name":"Ann","empty":null,"flag":null}"#)
        );
        let query = format!("schema={KEY}&url=u&cv=1&nuid=2&aid=3&p=tv");
        assert_eq!(event(ask(WEBHOOK, &query)), own("tv", r#"{"url":"u"}"#));
        let query = format!("schema={KEY}");
        let typed = Request { content_type: Some("text/plain"), ..ask(WEBHOOK, &query) };
        assert_eq!(event(typed), own("app", "{}"));
    }

    #[test]
    fn a_large_query_comes_in_the_order_of_a_map() {
        let query = format!("schema={KEY}&a=1&b=2&c=3&d=4&aid=5&p=app");
        let sent = ask(WEBHOOK, &query).query;
        let names: Vec<_> =
            sent.in_map_order().filter(|(name, _)| !NO_DATA.contains(name)).collect();
        let data = Json::object(
            names.into_iter().map(|(name, value)| (name, Json::text(value.expect("a value")))),
        );
        assert_eq!(event(ask(WEBHOOK, &query)).1, data.to_text());
    }

    #[test]
    fn a_json_body_is_one_event_or_many() {
        let query = format!("schema={KEY}&aid=x&other=y");
        for content_type in JSON_TYPES {
            let request = post(&query, content_type, r#"{"a": 1.50, "b": {}}"#);
            assert_eq!(event(request), own("app", r#"{"a":1.50,"b":{}}"#));
        }
        let events = many(adapt(post(&query, JSON_TYPES[0], r#"[{"a":1},2]"#), &AcceptAll));
        let data: Vec<_> = events
            .iter()
            .map(|event| {
                assert!(event.contains(&("aid".to_owned(), Some("x".to_owned()))));
                let value = event.iter().find(|pair| pair.0 == "ue_pr").expect("there").1.clone();
                value.expect("a value").rsplit_once("\"data\":").expect("data").1.to_owned()
            })
            .collect();
        assert_eq!(data, [r#"{"a":1}}}"#, "2}}"]);
    }

    #[test]
    fn a_form_is_an_event_of_a_server() {
        let query = format!("schema={KEY}&p=web");
        assert_eq!(
            event(post(&query, FORM, "name=Ann+B&empty=&flag&name=Eve%C3%A9")),
            own("web", r#"{"name":"Eveé","empty":"","flag":null}"#)
        );
        let query = format!("schema={KEY}");
        assert_eq!(event(post(&query, FORM, "")), own("srv", "{}"));
        assert_eq!(
            refused(post(&query, FORM, "a={}")),
            r#"[{"field":"body","value":"a={}","expectation":"Illegal character in query at index 20: http://localhost/?a={}"}]"#
        );
    }

    #[test]
    fn a_body_may_name_the_schema_itself() {
        let body = format!(r#"{{"data": {{"a":1}}, "more": 2, "schema": "{KEY}"}}"#);
        for content_type in JSON_TYPES {
            assert_eq!(event(post("p=iot", content_type, &body)), own("iot", r#"{"a":1}"#));
        }
        assert_eq!(event(post("", JSON_TYPES[0], &body)), own("app", r#"{"a":1}"#));
        for (body, message) in [
            ("[", r#"{"field":"body","value":"[","error":"invalid json: exhausted input"}"#),
            ("[]", r#"{"json":[],"error":"INVALID_DATA_PAYLOAD"}"#),
            (
                r#"{"schema":"iglu:com.acme/lead/jsonschema/0-0-0","data":1}"#,
                r#"{"json":{"schema":"iglu:com.acme/lead/jsonschema/0-0-0","data":1},"error":"INVALID_SCHEMAVER"}"#,
            ),
        ] {
            assert_eq!(refused(post("", JSON_TYPES[0], body)), format!("[{message}]"));
        }
    }

    #[test]
    fn types_are_compared_letter_by_letter() {
        let all =
            "application/json, application/json; charset=utf-8, application/x-www-form-urlencoded";
        let json_only = "application/json, application/json; charset=utf-8";
        let with_schema = format!("schema={KEY}");
        let message = |value: &str, types: &str| {
            format!(
                r#"[{{"field":"contentType","value":{value},"expectation":"expected one of {types}"}}]"#
            )
        };
        for (query, content_type, expected) in [
            (&*with_schema, None, message("null", all)),
            ("", None, message("null", all)),
            (&*with_schema, Some("text/plain"), message("\"text/plain\"", all)),
            ("", Some(FORM), message(&format!("\"{FORM}\""), json_only)),
            ("", Some("application/JSON"), message("\"application/JSON\"", json_only)),
        ] {
            let request = Request { body: Some("{}"), content_type, ..ask(WEBHOOK, query) };
            assert_eq!(refused(request), expected);
        }
    }

    #[test]
    fn what_holds_no_event_is_refused() {
        let query = format!("schema={KEY}");
        for (body, message) in [
            ("{}", r#"{"field":"body","value":"{}","expectation":"has no key-value pairs"}"#),
            ("1", r#"{"field":"body","value":"1","expectation":"has no key-value pairs"}"#),
            ("[]", r#"{"field":"body","value":"[]","expectation":"empty array of events"}"#),
            ("", r#"{"field":"body","value":"","error":"invalid json: exhausted input"}"#),
        ] {
            assert_eq!(refused(post(&query, JSON_TYPES[0], body)), format!("[{message}]"));
        }
        let neither = r#"[{"field":"schema","value":null,"expectation":"empty `schema` field"},{"field":"body","value":null,"expectation":"empty body"}]"#;
        assert_eq!(refused(ask(WEBHOOK, "")), neither);
        assert_eq!(refused(ask(WEBHOOK, "a=b")), neither);
    }

    #[test]
    fn a_bad_schema_is_told_before_a_bad_type() {
        for (schema, code) in [
            ("", "INVALID_IGLUURI"),
            ("iglu:com.acme/lead/1-0-0", "INVALID_IGLUURI"),
            ("iglu:com.acme/lead/jsonschema/01-0-0", "INVALID_SCHEMAVER"),
        ] {
            let query = format!("schema={schema}");
            let expected =
                format!(r#"[{{"field":"schema","value":"{schema}","expectation":"{code}"}}]"#);
            assert_eq!(refused(ask(WEBHOOK, &query)), expected);
            assert_eq!(refused(post(&query, "text/plain", "x")), expected);
        }
    }
}
