//! Events of every front door, well-formed and not, and the format of their answers.

use serde_json::{Value, json};

use super::*;

fn read_value<T>(event: &Value, check: impl FnOnce(Arrived<'_>, Door) -> T) -> T {
    let bytes = serde_json::to_vec(event).unwrap();
    let (request, door) = read(&bytes, "/base").unwrap();
    check(request, door)
}

/// Every value of a header.
fn values<'a>(request: &'a Arrived<'_>, name: &str) -> Vec<&'a str> {
    let lines = request.headers.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name));
    lines.map(|(_, value)| value.as_ref()).collect()
}

fn v2() -> Value {
    json!({
        "version": "2.0", "rawPath": "/prod/base/i", "rawQueryString": "a=%7B&b={\"c\"}",
        "cookies": ["sp=1", "b=2"],
        "headers": {"host": "c.acme.com", "x-forwarded-for": "192.0.2.1,192.0.2.2"},
        "requestContext": {"http": {"method": "GET", "sourceIp": "192.0.2.2"}, "stage": "prod"},
        "isBase64Encoded": false,
    })
}

#[test]
fn payload_2_keeps_the_query_and_gets_its_cookies_back() {
    read_value(&v2(), |request, door| {
        assert_eq!(door, Door::PayloadV2);
        assert_eq!(request.path, "/i");
        assert_eq!(request.query.as_deref(), Some("a=%7B&b={\"c\"}"));
        assert_eq!(values(&request, "cookie"), ["sp=1; b=2"]);
        assert_eq!(request.peer.as_deref(), Some("192.0.2.2"));
    });
}

#[test]
fn payload_1_has_its_parameters_encoded_again() {
    let event = json!({
        "httpMethod": "POST", "path": "/com.acme/v1", "body": "eyJ9", "isBase64Encoded": true,
        "queryStringParameters": {"a": "2"},
        "multiValueQueryStringParameters": {"z": ["{\"x\"}", "1 2"], "a": ["é&="]},
        "headers": {"X-One": "last"}, "multiValueHeaders": {"X-One": ["first", "last"], "host": ["h"]},
        "requestContext": {"stage": "com.acme", "identity": {"sourceIp": "192.0.2.3"}},
    });
    read_value(&event, |request, door| {
        assert_eq!(door, Door::PayloadV1);
        assert_eq!(request.path, "/com.acme/v1", "a REST API leaves no stage in the path");
        assert_eq!(request.body.as_ref(), b"{\"}");
        assert_eq!(request.query.as_deref(), Some("a=%C3%A9%26%3D&z=%7B%22x%22%7D&z=1%202"));
        assert_eq!(values(&request, "x-one"), ["first", "last"]);
        assert_eq!(request.peer.as_deref(), Some("192.0.2.3"));
    });
}

#[test]
fn a_load_balancers_parameters_are_still_encoded() {
    let event = json!({
        "httpMethod": "GET", "path": "/i", "body": "", "isBase64Encoded": false,
        "queryStringParameters": {"a": "%7B", "b": "1+2"},
        "headers": {"x-forwarded-for": "junk, 192.0.2.4"},
        "requestContext": {"elb": {"targetGroupArn": "arn"}},
    });
    read_value(&event, |request, door| {
        assert_eq!(door, Door::AlbSingleValue);
        assert_eq!(request.query.as_deref(), Some("a=%7B&b=1+2"));
        assert_eq!(request.peer.as_deref(), Some("192.0.2.4"));
    });
}

#[test]
fn nulls_and_lone_surrogates_are_survived() {
    let event = br#"{"requestContext":{"http":{"method":"POST"},"elb":null},"rawPath":"/a/b",
        "headers":{"a":null,"b":"\ud800x"},"cookies":null,"body":"\ud800","version":null}"#;
    let (request, _) = read(event, "").unwrap();
    assert!(values(&request, "b").iter().all(|value| value.ends_with('x')));
    assert_eq!(request.headers.len(), 1);
    assert!(!request.body.is_empty());
}

#[test]
fn says_what_is_wrong_without_showing_it() {
    for (event, expected) in [
        (&b""[..], "line 1 column 0"),
        (b"{", "line 1 column 1"),
        (b"[]", "no method and path"),
        (b"{}", "no method and path"),
        (br#"{"httpMethod":"GET"}"#, "no method and path"),
        (br#"{"headers":{"a":{"secret":1}}}"#, "unexpected shape"),
        (br#"{"httpMethod":"secret","path":7}"#, "unexpected shape"),
        (
            br#"{"httpMethod":"POST","path":"/","body":"secret!","isBase64Encoded":true}"#,
            "not the base64",
        ),
        (b"\xff\xfe", "unexpected shape"),
    ] {
        let message = read(event, "").unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
        assert!(!message.contains("secret"), "{message}");
    }
}

#[test]
fn deep_nesting_is_passed_over() {
    let deep = format!(
        r#"{{"rawPath":"/i","requestContext":{{"http":{{"method":"GET"}}}},"x":{}1{}}}"#,
        "[".repeat(100),
        "]".repeat(100)
    );
    assert!(read(deep.as_bytes(), "").is_ok());
    // The parser gives up beyond its depth, which is an error and no crash.
    let deeper = format!("{}1{}", "[".repeat(100_000), "]".repeat(100_000));
    assert!(read(deeper.as_bytes(), "").is_err());
}

fn answer(door: Door) -> Value {
    let headers =
        vec![("Set-Cookie", "sp=1"), ("Set-Cookie", "sp2=1"), ("Content-Type", "image/gif")];
    let reply = Reply { status: 200, headers, body: "R0lG".into(), is_base64: true };
    serde_json::to_value(Answer { door, reply }).unwrap()
}

#[test]
fn each_door_gets_two_cookies_and_a_binary_body() {
    let pixel = json!({"statusCode": 200, "body": "R0lG", "isBase64Encoded": true});
    let check = |door: Door, more: Value| {
        let mut expected = pixel.clone();
        expected.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        assert_eq!(answer(door), expected, "{door:?}");
    };
    let multi = json!({"Set-Cookie": ["sp=1", "sp2=1"], "Content-Type": ["image/gif"]});
    check(
        Door::PayloadV2,
        json!({"headers": {"Content-Type": "image/gif"}, "cookies": ["sp=1", "sp2=1"]}),
    );
    check(Door::PayloadV1, json!({"multiValueHeaders": multi}));
    check(Door::AlbMultiValue, json!({"multiValueHeaders": multi, "statusDescription": "200 OK"}));
    check(
        Door::AlbSingleValue,
        json!({
            "headers": {"Set-Cookie": "sp=1", "set-cookie": "sp2=1", "Content-Type": "image/gif"},
            "statusDescription": "200 OK",
        }),
    );
}
