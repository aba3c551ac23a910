//! Closed lists and bounded names: what may be read in a bad event though no rule names it.

use enriched_event::Column;
use iglu::SchemaKey;
use tracker_protocol::mapping::mapping;
use tracker_protocol::path::{self, Route};

use crate::class::Builtin;

/// The longest name of a program, a registry or an enrichment, in bytes.
const NAME_BYTES_MAX: usize = 64;
/// The largest whole number that is shown, in digits.
const INTEGER_DIGITS_MAX: usize = 10;

/// The protocols that collectors take, by the two parts of their path.
const ROUTES: [(&str, &str); 20] = [
    ("com.snowplowanalytics.snowplow", "tp1"),
    ("com.snowplowanalytics.snowplow", "tp2"),
    ("com.snowplowanalytics.iglu", "v1"),
    ("r", "tp2"),
    ("com.amazon.aws.cloudfront", "wd_access_log"),
    ("com.callrail", "v1"),
    ("com.getvero", "v1"),
    ("com.google.analytics", "v1"),
    ("com.hubspot", "v1"),
    ("com.mailchimp", "v1"),
    ("com.mailgun", "v1"),
    ("com.mandrill", "v1"),
    ("com.marketo", "v1"),
    ("com.olark", "v1"),
    ("com.pagerduty", "v1"),
    ("com.pingdom", "v1"),
    ("com.sendgrid", "v3"),
    ("com.statusgator", "v1"),
    ("com.unbounce", "v1"),
    ("com.urbanairship.connect", "v1"),
];

/// What messages call the parts of a request or an event.
const PARTS: [&str; 22] = [
    "body",
    "collector",
    "contentType",
    "contexts",
    "co|cx",
    "cx",
    "derived_contexts",
    "encoding",
    "headers",
    "hostname",
    "ipAddress",
    "messages",
    "networkUserId",
    "path",
    "querystring",
    "refererUri",
    "schema",
    "timestamp",
    "ue_properties",
    "unstruct",
    "useragent",
    "vendor/version",
];

/// What a schema can say of a value: draft 4, what the validator calls its own, and ours.
pub(super) const KEYWORDS: [&str; 33] = [
    "$ref",
    "additionalItems",
    "additionalProperties",
    "allOf",
    "anyOf",
    "atomic_field_length_exceeded",
    "atomic_field_parse_error",
    "dateTime",
    "dependencies",
    "enum",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
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
    "required",
    "type",
    "unionType",
    "uniqueItems",
    "id",
];

/// The types of JSON.
pub(super) const TYPES: [&str; 7] =
    ["array", "boolean", "integer", "null", "number", "object", "string"];

/// A schema of the protocol itself, which holds nothing of its own but other things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wrapper {
    /// Events as lists of parameters.
    PayloadData,
    /// The columns.
    Atomic,
    /// Entities, or one event.
    SelfDescribing,
}

impl Wrapper {
    /// The wrapper whose schema this is, in a short version.
    pub(super) fn of(uri: &str) -> Option<Self> {
        let key = SchemaKey::parse(uri).ok().filter(|_| Builtin::IgluUri.accepts(uri))?;
        if key.vendor() != "com.snowplowanalytics.snowplow" {
            return None;
        }
        match key.name() {
            "payload_data" => Some(Self::PayloadData),
            "atomic" => Some(Self::Atomic),
            "contexts" | "unstruct_event" => Some(Self::SelfDescribing),
            _ => None,
        }
    }
}

/// The first part of a known protocol's path.
pub(super) fn is_vendor(text: &str) -> bool {
    ROUTES.iter().any(|(vendor, _)| *vendor == text)
}

/// The second part of a known protocol's path.
pub(super) fn is_version(text: &str) -> bool {
    ROUTES.iter().any(|(_, version)| *version == text)
}

/// Whether it is the name of a column, a parameter, or a part of a request.
pub(super) fn is_field(name: &str) -> bool {
    PARTS.contains(&name) || Column::named(name).is_some() || mapping(name).is_some()
}

/// `snowplow-enrich-kinesis`, `ssc-3.2.0-kinesis`: letters, digits, dots, dashes, underscores.
pub(super) fn is_name(text: &str) -> bool {
    is_words(text) && !text.contains(' ')
}

/// The same with spaces: `Iglu Central`.
pub(super) fn is_words(text: &str) -> bool {
    (1..=NAME_BYTES_MAX).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b" ._-".contains(&byte))
}

/// A whole number as people count: no sign, not too long.
pub(super) fn is_integer(text: &str) -> bool {
    (1..=INTEGER_DIGITS_MAX).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit())
}

/// The path of a known protocol, written as trackers write it.
pub(super) fn known_path(path: &str) -> Option<String> {
    if let "/i" | "/ice.png" = path {
        return Some(path.to_owned());
    }
    let Route { vendor, version } = path::route(path)?;
    let known = !path::is_pixel(path) && ROUTES.contains(&(vendor, version));
    known.then(|| format!("/{vendor}/{version}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_bounded() {
        for (text, name, words) in [
            ("snowplow-s3-loader", true, true),
            ("Iglu Central", false, true),
            ("alex@example.com", false, false),
            ("", false, false),
        ] {
            assert_eq!((is_name(text), is_words(text)), (name, words), "{text}");
        }
        assert!(is_name(&"a".repeat(NAME_BYTES_MAX)) && !is_name(&"a".repeat(NAME_BYTES_MAX + 1)));
        assert!(is_integer(&"9".repeat(INTEGER_DIGITS_MAX)) && is_integer("0"));
        assert!(!is_integer(&"9".repeat(INTEGER_DIGITS_MAX + 1)) && !is_integer("-1"));
    }

    #[test]
    fn a_path_is_written_in_one_way() {
        let tracker = "/com.snowplowanalytics.snowplow/tp2";
        for (path, shown) in [
            (tracker, Some(tracker)),
            ("com.snowplowanalytics.snowplow/tp2/", Some(tracker)),
            ("/i", Some("/i")),
            ("/i?uid=alex", None),
            ("/ice.png-alex", None),
            ("/r/tp2", Some("/r/tp2")),
            ("/r/tp1", None),
            ("/alex/tp2", None),
        ] {
            assert_eq!(known_path(path).as_deref(), shown, "{path}");
        }
    }

    #[test]
    fn wrappers_are_told_from_what_they_wrap() {
        let of = |rest: &str| Wrapper::of(&format!("iglu:com.snowplowanalytics.snowplow/{rest}"));
        assert_eq!(of("payload_data/jsonschema/1-0-4"), Some(Wrapper::PayloadData));
        assert_eq!(of("contexts/jsonschema/1-0-1"), Some(Wrapper::SelfDescribing));
        assert_eq!(of("contexts/jsonschema/1-0-11234567"), None);
        assert_eq!(of("link_click/jsonschema/1-0-0"), None);
    }
}
