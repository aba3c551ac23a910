//! A click on a redirect: an event of its own, or an entity of the event that comes along.

use bad_event::Message;
use base64_simd::URL_SAFE_NO_PAD;
use json_tree::Json;
use tracker_protocol::{Pair, Parameters, convert};

use super::envelope::{contexts, self_describing, unstruct_event};
use super::{Adapted, JSON_DEPTH_MAX, Outcome, Request, input_data, missing, not_json};

const URI_REDIRECT: &str = "iglu:com.snowplowanalytics.snowplow/uri_redirect/jsonschema/1-0-0";

/// These become the 76 characters after which the original's encoder breaks a line.
const BASE64_LINE_BYTES: usize = 57;

pub(super) fn adapt(request: Request<'_>) -> Outcome<'_> {
    let Request { query, .. } = request;
    if query.is_empty() {
        return Err(vec![missing("querystring", "empty querystring: not a valid URI redirect")]);
    }
    let Some(target) = query.get("u") else {
        let expectation = "missing `u` parameter: not a valid URI redirect";
        return Err(vec![input_data("querystring", Some(as_map_text(&query)), expectation)]);
    };
    let redirect = self_describing(URI_REDIRECT, Json::object([("uri", Json::text(target))]));
    let added = added(&query, redirect).map_err(|message| vec![message])?;
    // What is left of a large map stays in its order, however small it is.
    let sent = query.in_map_order().filter(|(name, _)| *name != "u");
    let own = |(name, value): (&str, Option<&str>)| {
        (name.to_owned().into(), value.map(|value| value.to_owned().into()))
    };
    let mut pairs: Vec<Pair<'_>> = sent.map(own).collect();
    pairs.extend(added.into_iter().map(|(name, value)| (name.into(), Some(value.into()))));
    pairs.push(("tv".into(), Some("r-tp2".into())));
    if !query.contains("p") {
        pairs.push(("p".into(), Some("web".into())));
    }
    Ok(Adapted::One(Parameters::new(pairs)))
}

/// The parameters that tell of the redirect.
fn added<'a>(
    query: &Parameters<'_>,
    redirect: Json<'_>,
) -> Result<Vec<(&'static str, String)>, Message<'a>> {
    if !query.contains("e") {
        return Ok(vec![("e", "ue".to_owned()), ("ue_pr", unstruct_event(redirect))]);
    }
    let entities = match (query.get("cx"), query.get("co")) {
        (Some(encoded), _) => {
            ("cx", base64_lines(&with_entity(&convert::base64url(encoded), redirect)?))
        }
        (None, None | Some("")) => ("co", contexts([redirect])),
        (None, Some(plain)) => ("co", with_entity(plain, redirect)?),
    };
    Ok(vec![entities])
}

/// Puts an entity before those that are there. What has no list of them stays as it is: whoever
/// validates it says what is wrong.
fn with_entity<'a>(existing: &str, entity: Json<'_>) -> Result<String, Message<'a>> {
    let mut entities = Json::parse(existing, JSON_DEPTH_MAX)
        .map_err(|error| not_json("co|cx", existing.to_owned(), &error))?;
    if let Some(list) = entities.get_mut("data").and_then(Json::as_array_mut) {
        list.insert(0, entity);
    }
    Ok(entities.to_text())
}

/// Base64 as the original writes it: url-safe, unpadded, in lines.
fn base64_lines(text: &str) -> String {
    let mut lines = String::with_capacity(text.len() / 2 * 3);
    for line in text.as_bytes().chunks(BASE64_LINE_BYTES) {
        if !lines.is_empty() {
            lines.push_str("\r\n");
        }
        URL_SAFE_NO_PAD.encode_append(line, &mut lines);
    }
    lines
}

/// The query string as the original's map prints it.
fn as_map_text(query: &Parameters<'_>) -> String {
    let pair = |(name, value): (&str, Option<&str>)| format!("{name}={}", value.unwrap_or("null"));
    query.in_map_order().map(pair).collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::adapt;
    use crate::adapters::tests::{AcceptAll, ask, messages, one};

    const CLICK: &str = "r/tp2";
    const ENTITY: &str = concat!(
        r#"{"schema":"iglu:com.snowplowanalytics.snowplow/uri_redirect/jsonschema/1-0-0","#,
        r#""data":{"uri":"https://a.example/"}}"#
    );

    fn event(query: &str) -> Vec<(String, String)> {
        let event = one(adapt(ask(CLICK, query), &AcceptAll));
        event.into_iter().map(|(name, value)| (name, value.unwrap_or("null".to_owned()))).collect()
    }

    fn value(query: &str, name: &str) -> String {
        event(query).into_iter().find(|pair| pair.0 == name).expect("there").1
    }

    fn refused(query: &str) -> String {
        let (kind, messages) = messages(adapt(ask(CLICK, query), &AcceptAll));
        assert_eq!(kind, "tracker protocol");
        messages
    }

    #[test]
    fn a_click_alone_is_an_event() {
        let unstruct = format!(
            r#"{{"schema":"iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0","data":{ENTITY}}}"#
        );
        assert_eq!(
            event("u=https%3A%2F%2Fa.example%2F"),
            [("e", "ue"), ("ue_pr", &unstruct), ("tv", "r-tp2"), ("p", "web")]
                .map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
    }

    #[test]
    fn a_click_with_an_event_is_an_entity_of_it() {
        let contexts = format!(
            r#"{{"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1","data":[{ENTITY}]}}"#
        );
        assert_eq!(value("u=https://a.example/&e=se", "co"), contexts);
        assert_eq!(value("u=https://a.example/&e=se&co=", "co"), contexts);
        assert_eq!(value("u=https://a.example/&e=se&co", "co"), contexts);
        assert_eq!(value("u=https://a.example/&e", "co"), contexts);
        let sent = "%7B%22data%22:%5B1.0%5D,%22schema%22:2%7D";
        assert_eq!(
            value(&format!("u=https://a.example/&e=se&co={sent}"), "co"),
            format!(r#"{{"data":[{ENTITY},1.0],"schema":2}}"#)
        );
        assert_eq!(value("u=https://a.example/&e=se&co=%7B%22data%22:1%7D", "co"), r#"{"data":1}"#);
        assert_eq!(value("u=https://a.example/&e=se&co=%5B%5D", "co"), "[]");
    }

    #[test]
    fn encoded_entities_win_and_are_encoded_again_in_lines() {
        let encoded = value("u=https://a.example/&e=se&co=x&cx=eyJkYXRhIjpbXX0=", "cx");
        let mut lines = encoded.split("\r\n");
        assert_eq!(lines.next().map(str::len), Some(76));
        assert!(lines.all(|line| (1..=76).contains(&line.len())), "{encoded}");
        assert_eq!(convert::base64url(&encoded), format!(r#"{{"data":[{ENTITY}]}}"#));
        assert_eq!(value("u=https://a.example/&e=se&co=x&cx=eyJkYXRhIjpbXX0=", "co"), "x");
    }

    #[test]
    fn lines_end_where_the_text_does() {
        for (bytes, lines) in [(0, 1), (57, 1), (58, 2), (114, 2), (115, 3)] {
            let encoded = base64_lines(&"x".repeat(bytes));
            assert_eq!(encoded.split("\r\n").count(), lines, "{bytes}");
            assert!(!encoded.ends_with('\n'));
        }
    }

    #[test]
    fn the_platform_is_kept_and_the_version_is_not() {
        assert_eq!(value("u=x&p=mob&tv=js", "p"), "mob");
        assert_eq!(value("u=x&p", "p"), "null");
        assert_eq!(value("u=x&p=mob&tv=js", "tv"), "r-tp2");
        assert!(event("u=x").iter().all(|(name, _)| name != "u"));
    }

    #[test]
    fn four_left_of_five_stay_in_the_order_of_a_large_map() {
        let names: Vec<_> =
            event("u=x&e=se&tv=a&p=b&co").into_iter().map(|(name, _)| name).collect();
        let sent = ask(CLICK, "u=x&e=se&tv=a&p=b&co").query;
        let expected: Vec<_> =
            sent.in_map_order().map(|(name, _)| name).filter(|name| *name != "u").collect();
        assert_eq!(names, expected);
        assert_ne!(names, ["e", "tv", "p", "co"]);
    }

    #[test]
    fn a_click_without_a_target_is_refused() {
        assert_eq!(
            refused(""),
            r#"[{"field":"querystring","value":null,"expectation":"empty querystring: not a valid URI redirect"}]"#
        );
        for query in ["u&e=se", "e=pv"] {
            let value = if query == "e=pv" { "e=pv" } else { "u=null&e=se" };
            assert_eq!(
                refused(query),
                format!(
                    r#"[{{"field":"querystring","value":"{value}","expectation":"missing `u` parameter: not a valid URI redirect"}}]"#
                )
            );
        }
    }

    #[test]
    fn entities_that_are_no_json_are_refused() {
        let message = |value: &str, error: &str| {
            format!(r#"[{{"field":"co|cx","value":"{value}","error":"invalid json: {error}"}}]"#)
        };
        let expected = "expected json value got 'x' (line 1, column 1)";
        assert_eq!(refused("u=x&e=se&co=x"), message("x", expected));
        assert_eq!(refused("u=x&e=se&cx=eA"), message("x", expected));
        assert_eq!(refused("u=x&e=se&cx="), message("", "exhausted input"));
        // Without an event nothing is added to them, so nobody reads them here.
        assert_eq!(value("u=x&co=x", "co"), "x");
    }
}
