//! Names that may be shown and hashed: from closed lists, or of a form that no value has.

use iglu::SchemaKey;

/// The longest schema that is shown, in bytes.
const SCHEMA_BYTES_MAX: usize = 200;
/// The longest name of an error or of an enrichment, in bytes.
const NAME_BYTES_MAX: usize = 64;
/// A part of a version is less than this.
const VERSION_END: u32 = 10_000;
/// A name has as many digits at most.
const NAME_DIGITS_MAX: usize = 4;

/// What validators of any version call what is wrong.
const KEYWORDS: [&str; 38] = [
    "$ref",
    "additionalItems",
    "additionalProperties",
    "allOf",
    "anyOf",
    "atomic_field_length_exceeded",
    "atomic_field_parse_error",
    "const",
    "date",
    "dateTime",
    "dependencies",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "id",
    "items",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "not",
    "oneOf",
    "pattern",
    "patternProperties",
    "properties",
    "propertyNames",
    "required",
    "type",
    "unionType",
    "uniqueItems",
    "uuid",
    "edits",
];

const TYPES: [&str; 7] = ["array", "boolean", "integer", "null", "number", "object", "string"];

/// What programs of the pipeline call what is wrong.
const CODES: [&str; 15] = [
    "INVALID_DATA_PAYLOAD",
    "INVALID_IGLUURI",
    "INVALID_METASCHEMA",
    "INVALID_SCHEMA",
    "INVALID_SCHEMAVER",
    "NotTSV",
    "FieldNumberMismatch",
    "RowDecodingError",
    "InvalidValue",
    "empty",
    "not_utf8",
    "column_count",
    "json",
    "shape",
    "size",
];

/// A code, if it is one.
pub(super) fn code(text: &str) -> Option<String> {
    CODES.into_iter().find(|known| *known == text).map(str::to_owned)
}

/// A keyword, if it is one.
pub(super) fn keyword(text: &str) -> Option<&'static str> {
    KEYWORDS.into_iter().find(|known| *known == text)
}

/// A type of JSON, if it is one.
pub(super) fn is_type(text: &str) -> bool {
    TYPES.contains(&text)
}

/// The name of a schema, if it is one that may be shown.
pub(super) fn schema(uri: &str) -> Option<SchemaKey> {
    let key = SchemaKey::parse(uri).ok().filter(|_| uri.len() <= SCHEMA_BYTES_MAX)?;
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
    let is_name = digits(key.vendor()) + digits(key.name()) <= 2 * NAME_DIGITS_MAX;
    let version = key.version();
    let is_version = [version.model, version.revision, version.addition]
        .into_iter()
        .all(|part| part < VERSION_END);
    (is_name && is_version).then_some(key)
}

/// A name as programs choose them: `Lambda.FunctionError`; anything else is `other`.
pub(super) fn name(text: &str) -> String {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    let is_name = (1..=NAME_BYTES_MAX).contains(&text.len())
        && digits <= NAME_DIGITS_MAX
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte));
    if is_name { text.to_owned() } else { "other".to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_are_shown() {
        for (text, expected) in [
            ("Lambda.FunctionError", "Lambda.FunctionError"),
            ("alex@example.com", "other"),
            ("20260101T00", "other"),
            ("", "other"),
        ] {
            assert_eq!(name(text), expected, "{text}");
        }
        assert_eq!(name(&"a".repeat(NAME_BYTES_MAX)).len(), NAME_BYTES_MAX);
        assert_eq!(name(&"a".repeat(NAME_BYTES_MAX + 1)), "other");
        assert_eq!((keyword("type"), keyword("alex")), (Some("type"), None));
    }

    #[test]
    fn schemas_are_bounded() {
        let of_bytes = |bytes: usize| {
            let vendor = "b".repeat(100);
            let rest = format!("iglu:{vendor}//jsonschema/1-0-0").len();
            schema(&format!("iglu:{vendor}/{}/jsonschema/1-0-0", "a".repeat(bytes - rest)))
        };
        assert!(of_bytes(SCHEMA_BYTES_MAX).is_some() && of_bytes(SCHEMA_BYTES_MAX + 1).is_none());
        assert!(schema("iglu:com.acme/a/jsonschema/1-0-9999").is_some());
        assert!(schema("iglu:com.acme/a/jsonschema/1-0-10000").is_none());
        assert!(schema("iglu:com.acme/id123456789/jsonschema/1-0-0").is_none());
    }
}
