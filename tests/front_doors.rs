//! The same request through every front door gives the same records and the same answer.

use std::path::Path;

use base64_simd::STANDARD;
use collector::config::{Config, variables_from_keys};
use collector::front_door::{self, Answer, Door};
use collector::request::Request;
use collector::{Collected, Moment, collect};
use collector_payload::CollectorPayload;
use serde_json::{Map, Value, json};

use crate::golden::case::Case;

const MOMENT: Moment = Moment {
    epoch_micros: 1_767_323_045_678_000,
    visitor_entropy: [1; 16],
    partition_entropy: [2; 16],
};

const DOORS: [&str; 5] = ["http-api-2.0", "http-api-1.0", "rest-api", "alb-single", "alb-multi"];

/// A pixel, a POST, cookies in and out, redirect, preflight with an origin, anonymity, addresses.
const CASES: [&str; 12] = [
    "A01_", "A10_", "B01_", "B10_", "B11_", "G01_", "G23_", "D05_", "E05_", "H01_", "K01_", "K20_",
];

#[test]
fn every_front_door_leads_to_the_same() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("cases/collector");
    for prefix in CASES {
        let path = std::fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .find(|path| path.file_name().unwrap().to_string_lossy().starts_with(prefix))
            .unwrap_or_else(|| panic!("there is a case {prefix}"));
        let case = Case::read(&path);
        let mut found = variables_from_keys(&case.config);
        found.variables.set("STREAM_GOOD", "good");
        found.variables.set("STREAM_BAD", "bad");
        let config = Config::from_variables(&found.variables).unwrap();
        for request in &case.requests {
            let request = request.as_request();
            let direct = collect(&config, &request, &MOMENT);
            for door in DOORS {
                let event = serde_json::to_vec(&event(&request, door)).unwrap();
                let (read, format) = front_door::read(&event, "").unwrap();
                let through = collect(&config, &read, &MOMENT);
                assert_eq!(records(&through), records(&direct), "{prefix} through {door}");
                assert_eq!(through.response, direct.response, "{prefix} through {door}");
                check_answer(format, &through);
            }
        }
    }
}

/// The records, with what a front door cannot keep made equal: the order and the case of headers,
/// and how strictly a query string is encoded.
fn records(collected: &Collected) -> Vec<Value> {
    let good = collected.outcome.good.iter().map(|record| {
        let payload = CollectorPayload::decode(record).unwrap();
        let mut headers: Vec<_> =
            payload.headers.iter().flatten().map(|line| line.to_lowercase()).collect();
        headers.sort();
        let mut query: Vec<_> =
            payload.querystring.as_deref().unwrap_or_default().split('&').map(decoded).collect();
        query.sort();
        json!({
            "path": payload.path, "query": query, "headers": headers, "ip": payload.ip_address,
            "body": payload.body.as_deref().map(|body| STANDARD.encode_to_string(body)),
            "type": payload.content_type, "user": payload.network_user_id, "host": payload.hostname,
            "agent": payload.user_agent, "referer": payload.referer_uri, "at": payload.timestamp,
        })
    });
    good.chain(collected.outcome.bad.iter().map(|bad| serde_json::from_slice(bad).unwrap()))
        .collect()
}

/// `key=value` with what a load balancer or a REST API may have encoded differently decoded.
fn decoded(pair: &str) -> String {
    let mut out = Vec::new();
    let mut bytes = pair.bytes();
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [bytes.next().unwrap(), bytes.next().unwrap()];
                u8::from_str_radix(std::str::from_utf8(&digits).unwrap(), 16).unwrap()
            }
            other => other,
        });
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The trigger event that a front door makes of a request.
fn event(request: &Request<'_>, door: &str) -> Value {
    let method = format!("{:?}", request.method).to_uppercase();
    let body = STANDARD.encode_to_string(&request.body);
    let peer = request.peer.as_deref().unwrap();
    let query = request.query.as_deref().unwrap_or_default();
    let base = json!({"body": body, "isBase64Encoded": true});
    let more = match door {
        "http-api-2.0" => {
            let (cookies, others): (Vec<_>, Vec<_>) =
                request.headers.iter().partition(|(name, _)| name.eq_ignore_ascii_case("Cookie"));
            let cookies: Vec<_> =
                cookies.iter().flat_map(|(_, value)| value.split(';')).map(str::trim).collect();
            json!({
                "version": "2.0", "rawPath": format!("/prod{}", request.path), "rawQueryString": query,
                "headers": single(&others), "cookies": cookies,
                "requestContext": {"stage": "prod", "http": {"method": method, "sourceIp": peer}},
            })
        }
        "http-api-1.0" | "rest-api" => {
            let all: Vec<_> = request.headers.iter().collect();
            let mut event = json!({
                "httpMethod": method, "path": request.path, "headers": single(&all),
                "multiValueHeaders": multi(&all), "multiValueQueryStringParameters": parameters(query, true),
                "requestContext": {"stage": "prod", "identity": {"sourceIp": peer}},
            });
            if door == "http-api-1.0" {
                event["version"] = json!("1.0");
                event["path"] = json!(format!("/prod{}", request.path));
            }
            event
        }
        _ => {
            // A load balancer names the peer only at the end of X-Forwarded-For, which its own unit
            // tests cover; here it is told outright, so that the header lists stay comparable.
            let all: Vec<_> = request.headers.iter().collect();
            let (headers, key) = if door == "alb-multi" {
                (multi(&all), "multiValueHeaders")
            } else {
                (single(&all), "headers")
            };
            let mut event = json!({
                "httpMethod": method, "path": request.path, key: headers,
                "requestContext": {"elb": {"targetGroupArn": "arn"}, "identity": {"sourceIp": peer}},
            });
            let (key, values) = if door == "alb-multi" {
                ("multiValueQueryStringParameters", parameters(query, false))
            } else {
                ("queryStringParameters", last_of_each(&parameters(query, false)))
            };
            event[key] = values;
            event
        }
    };
    let mut event = base;
    event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    event
}

type Line<'a, 'b> = &'b (std::borrow::Cow<'a, str>, std::borrow::Cow<'a, str>);

fn single(headers: &[Line<'_, '_>]) -> Value {
    let mut lines = Map::new();
    for (name, value) in headers {
        lines.insert(name.to_lowercase(), json!(value));
    }
    Value::Object(lines)
}

fn multi(headers: &[Line<'_, '_>]) -> Value {
    let mut lines = Map::new();
    for (name, value) in headers {
        let values = lines.entry(name.to_lowercase()).or_insert_with(|| json!([]));
        values.as_array_mut().unwrap().push(json!(value));
    }
    Value::Object(lines)
}

fn parameters(query: &str, is_decoded: bool) -> Value {
    let mut lists = Map::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        let text = |text: &str| if is_decoded { decoded(text) } else { text.to_owned() };
        let values = lists.entry(text(key)).or_insert_with(|| json!([]));
        values.as_array_mut().unwrap().push(json!(text(value)));
    }
    Value::Object(lists)
}

fn last_of_each(lists: &Value) -> Value {
    let lists = lists.as_object().unwrap();
    lists
        .iter()
        .map(|(key, values)| (key.clone(), values.as_array().unwrap().last().unwrap().clone()))
        .collect()
}

/// Cookies and binary bodies arrive in each format.
fn check_answer(door: Door, collected: &Collected) {
    let response = &collected.response;
    let answer = serde_json::to_value(Answer::new(door, response.clone())).unwrap();
    assert_eq!(answer["statusCode"], json!(response.status));
    let body = answer["body"].as_str().unwrap();
    let bytes = if answer["isBase64Encoded"] == true {
        STANDARD.decode_to_vec(body).unwrap()
    } else {
        body.as_bytes().to_vec()
    };
    assert_eq!(bytes, response.body.as_bytes(), "{door:?}");
    let sent = response.headers.iter().filter(|(name, _)| name == "Set-Cookie").count();
    let count = |value: &Value| value.as_array().map_or(0, Vec::len);
    let arrived = match door {
        Door::PayloadV2 => count(&answer["cookies"]),
        Door::PayloadV1 | Door::AlbMultiValue => count(&answer["multiValueHeaders"]["Set-Cookie"]),
        Door::AlbSingleValue => answer["headers"]
            .as_object()
            .unwrap()
            .keys()
            .filter(|name| name.eq_ignore_ascii_case("Set-Cookie"))
            .count(),
    };
    assert_eq!(arrived, sent, "{door:?}");
}
