//! What a schema has to look like: JSON Schema's draft 4.

use std::sync::OnceLock;

use json_tree::Json;

use crate::check::Checker;
use crate::compile::compile;
use crate::explain;
use crate::node::Program;
use crate::report::SchemaIssue;

const DRAFT_4: &str = r##"{
  "definitions": {
    "schemas": {"type": "array", "minItems": 1, "items": {"$ref": "#"}},
    "map": {"type": "object", "additionalProperties": {"$ref": "#"}},
    "size": {"type": "integer", "minimum": 0},
    "names": {"type": "array", "minItems": 1, "uniqueItems": true, "items": {"type": "string"}},
    "type": {"enum": ["array", "boolean", "integer", "null", "number", "object", "string"]}
  },
  "type": "object",
  "properties": {
    "id": {"type": "string"},
    "$schema": {"type": "string"},
    "title": {"type": "string"},
    "description": {"type": "string"},
    "multipleOf": {"type": "number", "minimum": 0, "exclusiveMinimum": true},
    "maximum": {"type": "number"},
    "exclusiveMaximum": {"type": "boolean"},
    "minimum": {"type": "number"},
    "exclusiveMinimum": {"type": "boolean"},
    "maxLength": {"$ref": "#/definitions/size"},
    "minLength": {"$ref": "#/definitions/size"},
    "pattern": {"type": "string"},
    "additionalItems": {"anyOf": [{"type": "boolean"}, {"$ref": "#"}]},
    "items": {"anyOf": [{"$ref": "#"}, {"$ref": "#/definitions/schemas"}]},
    "maxItems": {"$ref": "#/definitions/size"},
    "minItems": {"$ref": "#/definitions/size"},
    "uniqueItems": {"type": "boolean"},
    "maxProperties": {"$ref": "#/definitions/size"},
    "minProperties": {"$ref": "#/definitions/size"},
    "required": {"$ref": "#/definitions/names"},
    "additionalProperties": {"anyOf": [{"type": "boolean"}, {"$ref": "#"}]},
    "definitions": {"$ref": "#/definitions/map"},
    "properties": {"$ref": "#/definitions/map"},
    "patternProperties": {"$ref": "#/definitions/map"},
    "dependencies": {
      "type": "object",
      "additionalProperties": {"anyOf": [{"$ref": "#"}, {"$ref": "#/definitions/names"}]}
    },
    "enum": {"type": "array", "minItems": 1, "uniqueItems": true},
    "type": {
      "anyOf": [
        {"$ref": "#/definitions/type"},
        {"type": "array", "items": {"$ref": "#/definitions/type"}, "minItems": 1, "uniqueItems": true}
      ]
    },
    "allOf": {"$ref": "#/definitions/schemas"},
    "anyOf": {"$ref": "#/definitions/schemas"},
    "oneOf": {"$ref": "#/definitions/schemas"},
    "not": {"$ref": "#"}
  },
  "dependencies": {"exclusiveMaximum": ["maximum"], "exclusiveMinimum": ["minimum"]}
}"##;

/// How deep the text above nests, and some.
const DEPTH_MAX: usize = 16;

/// All that keeps JSON from being a schema.
pub(crate) fn issues(schema: &Json<'_>) -> Vec<SchemaIssue> {
    static PROGRAM: OnceLock<Program> = OnceLock::new();
    // The text is a constant and valid, which a test shows; an empty program accepts everything.
    let program = PROGRAM.get_or_init(|| {
        Json::parse(DRAFT_4, DEPTH_MAX)
            .ok()
            .and_then(|json| compile(&json).ok())
            .unwrap_or_default()
    });
    if Checker::new(program).accepts(schema) {
        return Vec::new();
    }
    let issue = |report: crate::Report| SchemaIssue {
        path: report.path.unwrap_or_default(),
        message: report.message,
    };
    explain::reports(program, schema).into_iter().map(issue).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn issues_of(text: &str) -> Vec<SchemaIssue> {
        issues(&Json::parse(text, 64).expect("valid"))
    }

    #[test]
    fn the_metaschema_follows_itself_and_refuses_others() {
        assert!(issues_of(DRAFT_4).is_empty());
        for text in [
            "[]",
            r#"{"type":"text"}"#,
            r#"{"properties":{"a":{"maxLength":"5"}}}"#,
            r#"{"properties":{"a":1}}"#,
            r#"{"required":[]}"#,
            r#"{"required":true}"#,
            r#"{"enum":[]}"#,
            r#"{"maxLength":-1}"#,
            r#"{"maxLength":1.0}"#,
            r#"{"exclusiveMinimum":true}"#,
            r#"{"minimum":5,"exclusiveMinimum":3}"#,
            r#"{"multipleOf":0}"#,
            r#"{"items":[]}"#,
        ] {
            assert!(!issues_of(text).is_empty(), "{text}");
        }
        assert_eq!(
            issues_of(r#"{"properties":{"a":{"maxLength":"5"}}}"#)[0].path,
            "$.properties.a.maxLength"
        );
    }
}
