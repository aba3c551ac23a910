//! What is read is what is printed, and nothing stops the reader.

use proptest::prelude::*;

use super::*;

fn printed(text: &str) -> String {
    let mut out = String::new();
    Json::parse(text, DEPTH_MAX).expect("valid").write(&mut out);
    out
}

#[test]
fn numbers_order_and_text_stay_as_they_were() {
    for (text, expected) in [
        (" { \"b\" : 1.0 , \"a\" : [ ] } ", r#"{"b":1.0,"a":[]}"#),
        (r#"{"a":1,"b":2,"a":3}"#, r#"{"a":3,"b":2}"#),
        (r#"{"a":1,"\u0061":2}"#, r#"{"a":2}"#),
        ("[1e3,-0,0.0000001,123456789012345678901234567890]", ""),
        (r#""a\/b""#, r#""a/b""#),
        (r#""\ud83d\ude00 \ud800 \udc00\ud800\u0041""#, "\"\u{1f600} \u{fffd} \u{fffd}\u{fffd}A\""),
        (r#""\ud800\ud83d\ude00""#, "\"\u{fffd}\u{1f600}\""),
        ("\"\u{7f}\u{9f}\u{a0}\\u0001\\u001F\\t\"", "\"\\u007f\\u009f\u{a0}\\u0001\\u001f\\t\""),
        ("[true,false,null,{}]", ""),
    ] {
        let expected = if expected.is_empty() { text } else { expected };
        assert_eq!(printed(text), expected, "{text}");
    }
}

#[test]
fn text_without_escapes_is_borrowed() {
    let text = r#"{"key":"some text with \"quotes\" elsewhere","plain":"text"}"#;
    let json = Json::parse(text, 2).expect("valid");
    let is_borrowed = |json: &Json| matches!(json, Json::Text(Cow::Borrowed(_)));
    assert!(is_borrowed(json.get("plain").expect("there")));
    assert!(!is_borrowed(json.get("key").expect("there")));
    assert!(json.clone().into_owned() == json);
}

#[test]
fn the_depth_is_limited() {
    let nested = |depth: usize| format!("{}1{}", "[".repeat(depth), "]".repeat(depth));
    for limit in [0, 1, 40, DEPTH_MAX] {
        assert!(Json::parse(&nested(limit), limit).is_ok());
        let error = Json::parse(&nested(limit + 1), limit).expect_err("too deep");
        assert_eq!(error.kind(), ErrorKind::TooDeep);
    }
    assert!(Json::parse(&nested(DEPTH_MAX + 1), usize::MAX).is_err());
    assert!(Json::parse(&"[{\"a\":".repeat(1_000_000), usize::MAX).is_err());
}

#[test]
fn what_serde_json_refuses_is_refused() {
    for text in [
        "",
        " ",
        "{",
        "}",
        "[1,]",
        "{\"a\":1,}",
        "{a:1}",
        "01",
        "1.",
        ".5",
        "+1",
        "-",
        "1e",
        "1e+",
        "\"",
        "\"\\\"",
        "\"\n\"",
        "nul",
        "nulll",
        "[1}",
        "\u{feff}1",
        "'a'",
        "NaN",
        "1 2",
        "\"\\u00\"",
    ] {
        assert!(Json::parse(text, 9).is_err(), "{text}");
        assert!(serde_json::from_str::<serde_json::Value>(text).is_err(), "{text}");
    }
}

fn any_json() -> impl Strategy<Value = Json<'static>> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        any::<i64>().prop_map(Json::integer),
        "-?(0|[1-9][0-9]{0,30})(\\.[0-9]{1,9})?([eE][-+]?[0-9]{1,4})?"
            .prop_map(|number| Json::Number(Cow::Owned(number))),
        any::<String>().prop_map(Json::from),
        "[\\x00-\\x20\"\\\\\u{7f}-\u{a0}a-z]{0,20}".prop_map(Json::from),
    ];
    leaf.prop_recursive(6, 64, 40, |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Json::Array),
            proptest::collection::vec((any::<String>(), inner), 0..40).prop_map(Json::object),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_printed_is_read_back(json in any_json()) {
        let mut out = String::new();
        json.write(&mut out);
        prop_assert!(!out.chars().any(char::is_control));
        prop_assert!(Json::parse(&out, DEPTH_MAX).expect("valid") == json);
    }

    #[test]
    fn any_text_is_read_or_refused_as_serde_json_does(text in any::<String>()) {
        let ours = Json::parse(&text, 127);
        prop_assert_eq!(ours.is_ok(), serde_json::from_str::<serde_json::Value>(&text).is_ok());
    }

    #[test]
    fn almost_json_is_read_or_refused_as_serde_json_does(
        text in "([\\[\\]{}:, \"\\\\eE0-9.+\\-]|true|null|\"a\"|\"b\":|\\\\u[0-9a-f]{4}|[\u{0}-\u{ff}]){0,24}"
    ) {
        let theirs = serde_json::from_str::<serde_json::Value>(&text);
        match Json::parse(&text, 127) {
            Ok(json) => {
                let mut out = String::new();
                json.write(&mut out);
                // Lone surrogates and huge exponents are refused by serde_json alone.
                if let Ok(theirs) = theirs {
                    prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&out).expect("valid"), theirs);
                }
            }
            Err(error) => {
                prop_assert!(theirs.is_err());
                prop_assert!(error.message().starts_with("invalid json: "));
                prop_assert!(error.line() >= 1 && error.column() >= 1);
            }
        }
    }
}
