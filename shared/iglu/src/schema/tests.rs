//! What schemas accept, and the reports about what they refuse.

use super::*;
use crate::{NODES_MAX, REPORTS_MAX};

fn schema(text: &str) -> Schema {
    Schema::from_json(&Json::parse(text, SCHEMA_DEPTH_MAX).expect("valid"))
}

/// Each report as `keyword path message [targets]`.
fn reports(schema_text: &str, instance: &str) -> Vec<String> {
    let schema = schema(schema_text);
    assert_eq!(schema.issues(), [], "{schema_text}");
    let json = Json::parse(instance, 200).expect("valid");
    let show = |report: Report| {
        let (path, keyword) = (report.path.unwrap_or_default(), report.keyword.unwrap_or_default());
        format!("{keyword} {path} {} {:?}", report.message, report.targets)
    };
    match schema.validate(&json) {
        Ok(()) => Vec::new(),
        Err(Invalid::Data(reports)) => {
            assert!(!schema.is_valid(&json));
            reports.into_iter().map(show).collect()
        }
        Err(Invalid::Schema(issues)) => panic!("{issues:?}"),
    }
}

#[test]
fn every_keyword_has_its_sentence() {
    for (schema, instance, report) in SENTENCES {
        assert_eq!(reports(schema, instance), [report], "{schema} {instance}");
    }
}

#[test]
fn what_the_reference_accepts_is_accepted() {
    for (schema, instance) in [
        (r#"{"type":"integer"}"#, "9223372036854775809"),
        (r#"{"type":"number"}"#, "5"),
        (r#"{"type":"string","nullable":true}"#, "null"),
        (r#"{"enum":["a"],"nullable":true}"#, "null"),
        (r#"{"enum":[1]}"#, "1.0"),
        (r#"{"uniqueItems":true}"#, "[1,1.0]"),
        (r#"{"additionalProperties":false}"#, r##"{"#comment":1}"##),
        (r#"{"$ref":"http://example.com/x.json"}"#, "5"),
        (r#"{"$ref":"https://example.com/x.json","type":"null"}"#, "5"),
        (r#"{"format":"unknown"}"#, "\"x\""),
        (r#"{"exclusiveMinimum":false,"minimum":1}"#, "1"),
        (r#"{"anyOf":[{"type":"null"},{"type":"integer"}]}"#, "1"),
        (r#"{"oneOf":[{"type":"null"},{"type":"integer"}]}"#, "1"),
        (
            r#"{"patternProperties":{"^a":{"type":"null"}},"additionalProperties":false}"#,
            r#"{"ab":null}"#,
        ),
        (r#"{"items":[{"type":"null"}],"additionalItems":{"type":"integer"}}"#, "[null,1,2]"),
        (r#"{"dependencies":{"a":{"required":["b"]}}}"#, r#"{"a":1,"b":2}"#),
        (r#"{"multipleOf":0.01}"#, "19.99"),
        (r#"{"self":{"vendor":"x"},"$supersededBy":"1-0-1"}"#, "{}"),
    ] {
        assert_eq!(reports(schema, instance), [""; 0], "{schema} {instance}");
    }
}

#[test]
fn reports_come_in_the_order_of_the_reference() {
    let keywords = |schema: &str, instance: &str| -> Vec<String> {
        let first = |report: String| report.split(' ').next().unwrap_or_default().to_owned();
        reports(schema, instance).into_iter().map(first).collect()
    };
    // Up to four keywords stay in the order of the schema, but for properties.
    assert_eq!(
        keywords(
            r#"{"required":["b"],"additionalProperties":false,"properties":{"a":{"type":"null"}}}"#,
            r#"{"a":1,"c":1}"#
        ),
        ["type", "required", "additionalProperties"]
    );
    // More are in the order of the hash.
    assert_eq!(
        keywords(
            r#"{"self":{},"description":"","required":["b"],"additionalProperties":false,"properties":{"a":{"type":"null"}}}"#,
            r#"{"a":1,"c":1}"#
        ),
        ["type", "additionalProperties", "required"]
    );
}

#[test]
fn alternatives_that_all_fail_report_what_each_wants() {
    assert_eq!(
        reports(r#"{"oneOf":[{"type":"null"},{"minimum":5},{"type":"null"}]}"#, "1"),
        [
            r#"type $ $: integer found, null expected ["integer", "null"]"#,
            r#"minimum $ $: must have a minimum value of 5 ["5"]"#,
        ]
    );
    assert_eq!(
        reports(r#"{"anyOf":[{"type":"null","enum":[null]},{"minimum":5}]}"#, "1"),
        [
            r#"type $ $: integer found, null expected ["integer", "null"]"#,
            r#"minimum $ $: must have a minimum value of 5 ["5"]"#,
        ]
    );
}

#[test]
fn schemas_in_circles_and_explosions_end() {
    let list =
        r##"{"type":"object","properties":{"next":{"$ref":"#"}},"additionalProperties":false}"##;
    assert!(schema(list).is_valid(&Json::parse(r#"{"next":{"next":{}}}"#, 9).expect("valid")));
    assert_eq!(reports(list, r#"{"next":{"last":{}}}"#).len(), 1);

    let circle = r##"{"$ref":"#"}"##;
    assert_eq!(reports(circle, "1"), [" / Maximum allowed JSON depth exceeded []"]);
    let circle = r##"{"not":{"$ref":"#"}}"##;
    assert!(reports(circle, "1").contains(&" / Maximum allowed JSON depth exceeded []".to_owned()));

    let explosion = r##"{"anyOf":[{"items":{"$ref":"#"},"type":"array"},{"items":{"$ref":"#"},"maxItems":9}],"not":{"items":{"$ref":"#"},"minItems":9}}"##;
    let deep = format!("{}1{}", "[".repeat(150), "]".repeat(150));
    let _ = reports(explosion, &deep);
}

#[test]
fn what_is_no_schema_refuses_everything_and_says_why() {
    for (text, path) in [
        (r#"{"type":"text"}"#, "$.type"),
        (r#"{"properties":{"a":{"pattern":"("}}}"#, "$.properties.a.pattern"),
        (r##"{"$ref":"#/definitions/none"}"##, "$"),
        (r#"{"$ref":"other.json"}"#, "$"),
        ("[]", "$"),
    ] {
        let schema = schema(text);
        assert!(!schema.is_valid(&Json::Null), "{text}");
        assert_eq!(schema.issues().first().map(|issue| issue.path.as_str()), Some(path), "{text}");
        assert!(matches!(schema.validate(&Json::Null), Err(Invalid::Schema(_))), "{text}");
    }
}

#[test]
fn limits_hold_at_their_edge() {
    let key = SchemaKey::parse("iglu:a/b/jsonschema/1-0-1").expect("valid");
    let of_size = |bytes: usize| format!("{{{}}}", " ".repeat(bytes - 2));
    assert!(Schema::parse(&key, &of_size(SCHEMA_BYTES_MAX)).is_ok());
    let error = Schema::parse(&key, &of_size(SCHEMA_BYTES_MAX + 1)).expect_err("too large");
    assert_eq!(error, SchemaError::TooLarge);

    let of_nodes =
        |nodes: usize| schema(&format!("{{\"allOf\":[{}{{}}]}}", "{},".repeat(nodes - 2)));
    assert!(of_nodes(NODES_MAX).issues().is_empty());
    assert_eq!(of_nodes(NODES_MAX + 1).issues().len(), 1);

    let nulls = |count: usize| format!("[{}null]", "null,".repeat(count - 1));
    assert_eq!(reports(r#"{"items":{"type":"string"}}"#, &nulls(REPORTS_MAX)).len(), REPORTS_MAX);
    assert_eq!(
        reports(r#"{"items":{"type":"string"}}"#, &nulls(REPORTS_MAX + 1)).len(),
        REPORTS_MAX
    );
}

#[test]
fn a_successor_has_to_be_later() {
    let key = SchemaKey::parse("iglu:a/b/jsonschema/1-0-1").expect("valid");
    let parse = |version: &str| Schema::parse(&key, &format!("{{\"$supersededBy\":{version}}}"));
    assert_eq!(parse("\"1-0-2\"").expect("valid").superseded_by(), Version::parse("1-0-2").ok());
    assert_eq!(parse("null").expect("valid").superseded_by(), None);
    for version in ["\"1-0-1\"", "\"1-0-0\"", "\"x\"", "1"] {
        assert_eq!(parse(version).expect_err("wrong"), SchemaError::Superseded, "{version}");
    }
    assert!(matches!(Schema::parse(&key, "<html>"), Err(SchemaError::NotJson(_))));
}

/// Schema, instance, report.
const SENTENCES: [(&str, &str, &str); 26] = [
    (r#"{"required":["a"]}"#, "{}", r#"required $ $.a: is missing but it is required ["a"]"#),
    (
        r#"{"type":"integer"}"#,
        "1.0",
        r#"type $ $: number found, integer expected ["number", "integer"]"#,
    ),
    (
        r#"{"type":"number"}"#,
        "\"5\"",
        r#"type $ $: string found, number expected ["string", "number"]"#,
    ),
    (
        r#"{"type":["string","null"]}"#,
        "5",
        r#"unionType $ $: integer found, but [string, null] is required ["integer", "[string, null]"]"#,
    ),
    (
        r#"{"enum":["a",1,null]}"#,
        "\"b\"",
        r#"enum $ $: does not have a value in the enumeration [a, 1, null] ["[a, 1, null]"]"#,
    ),
    (r#"{"maxLength":2}"#, "\"äöü\"", r#"maxLength $ $: may only be 2 characters long ["2"]"#),
    (r#"{"minLength":2}"#, "\"😀\"", r#"minLength $ $: must be at least 2 characters long ["2"]"#),
    (r#"{"minimum":1.50}"#, "1.4", r#"minimum $ $: must have a minimum value of 1.50 ["1.50"]"#),
    (
        r#"{"maximum":1,"exclusiveMaximum":true}"#,
        "1",
        r#"maximum $ $: must have a maximum value of 1 ["1"]"#,
    ),
    (r#"{"multipleOf":0.1}"#, "0.25", r#"multipleOf $ $: must be multiple of 0.1 ["0.1"]"#),
    (r#"{"pattern":"^a"}"#, "\"b\"", r#"pattern $ $: does not match the regex pattern ^a ["^a"]"#),
    (
        r#"{"format":"alpha"}"#,
        "\"1\"",
        r#"format $ $: does not match the alpha pattern ^[a-zA-Z]+$ ["alpha", "^[a-zA-Z]+$"]"#,
    ),
    (
        r#"{"format":"date-time"}"#,
        "\"x\"",
        r#"dateTime $ $: x is an invalid date-time ["x", "date-time"]"#,
    ),
    (r#"{"format":"uuid"}"#, "\"x\"", r#"uuid $ $: x is an invalid uuid ["x", "uuid"]"#),
    (
        r#"{"minItems":1}"#,
        "[]",
        r#"minItems $ $: there must be a minimum of 1 items in the array ["1"]"#,
    ),
    (
        r#"{"maxItems":1}"#,
        "[1,2]",
        r#"maxItems $ $: there must be a maximum of 1 items in the array ["1"]"#,
    ),
    (
        r#"{"uniqueItems":true}"#,
        "[1,1]",
        "uniqueItems $ $: the items in the array must be unique []",
    ),
    (
        r#"{"minProperties":1}"#,
        "{}",
        r#"minProperties $ $: should have a minimum of 1 properties ["1"]"#,
    ),
    (
        r#"{"maxProperties":0}"#,
        r#"{"a":1}"#,
        r#"maxProperties $ $: may only have a maximum of 0 properties ["0"]"#,
    ),
    (
        r#"{"items":[{}],"additionalItems":false}"#,
        "[1,2]",
        r#"items $ $[1]: no validator found at this index ["1"]"#,
    ),
    (
        r#"{"items":{"items":{"type":"null"}}}"#,
        "[[],[null,1]]",
        r#"type $[1][1] $[1][1]: integer found, null expected ["integer", "null"]"#,
    ),
    (
        r#"{"not":{"type":"null"}}"#,
        "null",
        r#"not $ $: should not be valid to the schema {"type":"null"} ["{\"type\":\"null\"}"]"#,
    ),
    (
        r#"{"oneOf":[{},{"minimum":1}]}"#,
        "1",
        r#"oneOf $ $: should be valid to one and only one of schema, but more than one are valid: {}{"minimum":1} ["{}{\"minimum\":1}"]"#,
    ),
    (
        r#"{"dependencies":{"a":["b","c"]}}"#,
        r#"{"a":1,"b":1}"#,
        r#"dependencies $ $: has an error with dependencies {a=[b, c]} ["{a=[b, c]}"]"#,
    ),
    (
        r#"{"properties":{"a":{"additionalProperties":false}}}"#,
        r#"{"a":{"b":1}}"#,
        r#"additionalProperties $.a $.a.b: is not defined in the schema and the schema does not allow additional properties ["b"]"#,
    ),
    (
        r##"{"definitions":{"a":{"type":"null"}},"properties":{"b":{"$ref":"#/definitions/a"}}}"##,
        r#"{"b":1}"#,
        r#"type $.b $.b: integer found, null expected ["integer", "null"]"#,
    ),
];
