//! The bad rows that describe themselves: for every type, what its data holds.
//!
//! Versions of one type differ in what they require, not in what a key means, so one shape serves
//! all versions.

use enriched_event::Column;

use super::leaf::Leaf;
use super::shape::{Fields, Shape};

/// A single value that is not one of these becomes a pseudonym.
const fn one_of(texts: &'static [&'static str]) -> Shape {
    Shape::Leaf(Leaf::OneOf(texts))
}

const fn column(column: Column) -> Shape {
    Shape::Leaf(Leaf::Column(column))
}

const TIMESTAMP: (&str, Shape) = ("timestamp", Shape::Leaf(Leaf::Timestamp));
const MESSAGES: (&str, Shape) = ("messages", Shape::List(&Shape::ObjectOr(&MESSAGE, Leaf::Text)));
const PROCESSOR: (&str, Shape) = (
    "processor",
    Shape::Object(&[
        ("artifact", Shape::Leaf(Leaf::Name)),
        ("version", Shape::Leaf(Leaf::Version)),
    ]),
);
const VENDOR: (&str, Shape) = ("vendor", Shape::Leaf(Leaf::Vendor));
const VERSION: (&str, Shape) = ("version", Shape::Leaf(Leaf::Protocol));
const LINE: (&str, Shape) = ("payload", Shape::Payload(&Shape::Leaf(Leaf::Line)));
const EVENT: Shape = Shape::Payload(&Shape::Leaf(Leaf::Event));

/// What was wrong. The kinds of messages share no key with two meanings.
static MESSAGE: [(&str, Shape); 12] = [
    ("field", Shape::Leaf(Leaf::FieldName)),
    ("payloadField", Shape::Leaf(Leaf::FieldName)),
    ("value", Shape::Leaf(Leaf::Unlisted)),
    ("json", Shape::Leaf(Leaf::Unlisted)),
    ("error", Shape::Leaf(Leaf::Error)),
    ("expectation", Shape::Leaf(Leaf::Text)),
    ("actual", Shape::Leaf(Leaf::Unlisted)),
    ("schemaKey", Shape::Leaf(Leaf::SchemaKey)),
    ("schemaCriterion", Shape::Leaf(Leaf::SchemaCriterion)),
    (
        "enrichment",
        Shape::Object(&[
            ("schemaKey", Shape::Leaf(Leaf::SchemaKey)),
            ("identifier", Shape::Leaf(Leaf::Name)),
        ]),
    ),
    ("message", Shape::ObjectOr(&MESSAGE, Leaf::Text)),
    ("expectedMapping", Shape::Leaf(Leaf::Unlisted)),
];

/// A whole request.
static REQUEST: [(&str, Shape); 14] = [
    VENDOR,
    VERSION,
    ("querystring", Shape::Leaf(Leaf::Parameters)),
    ("contentType", Shape::Leaf(Leaf::ContentType)),
    ("body", Shape::Leaf(Leaf::Body)),
    ("collector", Shape::Leaf(Leaf::Name)),
    ("encoding", Shape::Leaf(Leaf::Encoding)),
    ("hostname", Shape::Leaf(Leaf::Hostname)),
    ("timestamp", column(Column::CollectorTstamp)),
    ("ipAddress", column(Column::UserIpaddress)),
    ("useragent", column(Column::Useragent)),
    ("refererUri", column(Column::PageReferrer)),
    ("headers", Shape::Leaf(Leaf::Headers)),
    ("networkUserId", column(Column::NetworkUserid)),
];

/// One event as its tracker sent it.
static RAW_EVENT: [(&str, Shape); 13] = [
    VENDOR,
    VERSION,
    ("parameters", Shape::Leaf(Leaf::Parameters)),
    ("contentType", Shape::Leaf(Leaf::ContentType)),
    ("loaderName", Shape::Leaf(Leaf::Name)),
    ("encoding", Shape::Leaf(Leaf::Encoding)),
    ("hostname", Shape::Leaf(Leaf::Hostname)),
    ("timestamp", column(Column::CollectorTstamp)),
    ("ipAddress", column(Column::UserIpaddress)),
    ("useragent", column(Column::Useragent)),
    ("refererUri", column(Column::PageReferrer)),
    ("headers", Shape::Leaf(Leaf::Headers)),
    ("userId", column(Column::NetworkUserid)),
];

/// The registries that were asked for a schema.
pub(super) static LOOKUP: Shape = Shape::List(&Shape::Object(&[
    ("repository", Shape::Leaf(Leaf::Words)),
    (
        "errors",
        Shape::List(&Shape::Object(&[
            ("error", one_of(&["NotFound", "RepoFailure", "ClientFailure"])),
            ("message", Shape::Leaf(Leaf::Withheld)),
        ])),
    ),
    ("attempts", Shape::Leaf(Leaf::Integer)),
    ("lastAttempt", Shape::Leaf(Leaf::Timestamp)),
]));

static LOADER_IGLU: Shape = Shape::Object(&[
    ("schemaKey", Shape::Leaf(Leaf::SchemaKey)),
    ("schemaCriterion", Shape::Leaf(Leaf::SchemaCriterion)),
    ("schema", Shape::Leaf(Leaf::SchemaKey)),
    ("error", Shape::Leaf(Leaf::Error)),
    ("value", Shape::Leaf(Leaf::Unlisted)),
    ("key", Shape::Leaf(Leaf::FieldName)),
    ("expected", Shape::Leaf(Leaf::Withheld)),
    ("message", Shape::Leaf(Leaf::Text)),
]);

/// The failure and the payload of a request that no adapter takes.
const REQUEST_ROW: &Fields = &[
    PROCESSOR,
    ("failure", Shape::Object(&[TIMESTAMP, VENDOR, VERSION, MESSAGES])),
    ("payload", Shape::Payload(&Shape::Object(&REQUEST))),
];

/// The failure and the payload of an event.
const EVENT_ROW: &Fields = &[
    PROCESSOR,
    ("failure", Shape::Object(&[TIMESTAMP, MESSAGES])),
    (
        "payload",
        Shape::Payload(&Shape::Object(&[
            ("enriched", Shape::Leaf(Leaf::Event)),
            ("raw", Shape::Object(&RAW_EVENT)),
        ])),
    ),
];

/// Every type with its data.
pub(super) static ROWS: [(&str, &Fields); 15] = [
    ("adapter_failures", REQUEST_ROW),
    ("tracker_protocol_violations", REQUEST_ROW),
    ("schema_violations", EVENT_ROW),
    ("enrichment_failures", EVENT_ROW),
    ("collector_payload_format_violation", &FORMAT),
    ("size_violation", &SIZE),
    ("generic_error", &GENERIC),
    ("loader_parsing_error", &LOADER_PARSING),
    ("loader_iglu_error", &LOADER_IGLU_ROW),
    ("loader_runtime_error", &LOADER_RUNTIME),
    ("loader_recovery_error", &LOADER_RECOVERY),
    ("recovery_error", &RECOVERY),
    ("relay_failure", &RELAY),
    ("event_forwarding_error", &FORWARDING),
    ("snowflake_error", &SNOWFLAKE),
];

static FORMAT: [(&str, Shape); 3] = [
    PROCESSOR,
    (
        "failure",
        Shape::Object(&[
            TIMESTAMP,
            ("loader", one_of(&["clj-tomcat", "cloudfront", "ndjson", "thrift", "tsv"])),
            ("message", Shape::ObjectOr(&MESSAGE, Leaf::Text)),
        ]),
    ),
    (
        "payload",
        Shape::Payload(&Shape::ObjectOr(
            &[("line", Shape::Leaf(Leaf::Thrift)), TIMESTAMP],
            Leaf::Thrift,
        )),
    ),
];

static SIZE: [(&str, Shape); 3] = [
    PROCESSOR,
    (
        "failure",
        Shape::Object(&[
            TIMESTAMP,
            ("maximumAllowedSizeBytes", Shape::Leaf(Leaf::Integer)),
            ("actualSizeBytes", Shape::Leaf(Leaf::Size)),
            ("expectation", Shape::Leaf(Leaf::Text)),
        ]),
    ),
    LINE,
];

static GENERIC: [(&str, Shape); 3] = [
    PROCESSOR,
    ("failure", Shape::Object(&[TIMESTAMP, ("errors", Shape::List(&Shape::Leaf(Leaf::Text)))])),
    LINE,
];

static LOADER_PARSING: [(&str, Shape); 4] = [
    PROCESSOR,
    (
        "failure",
        Shape::Object(&[
            ("type", one_of(&["NotTSV", "FieldNumberMismatch", "RowDecodingError"])),
            ("fieldCount", Shape::Leaf(Leaf::Integer)),
            (
                "errors",
                Shape::List(&Shape::Object(&[
                    ("type", one_of(&["InvalidValue", "UnhandledRowDecodingError"])),
                    ("key", Shape::Leaf(Leaf::FieldName)),
                    ("value", Shape::Leaf(Leaf::Unlisted)),
                    ("message", Shape::Leaf(Leaf::Text)),
                ])),
            ),
        ]),
    ),
    ("errors", Shape::List(&Shape::Leaf(Leaf::Text))),
    LINE,
];

static LOADER_IGLU_ROW: [(&str, Shape); 5] = [
    PROCESSOR,
    ("failure", Shape::List(&LOADER_IGLU)),
    ("errors", Shape::List(&LOADER_IGLU)),
    ("payload", EVENT),
    ("event", EVENT),
];

static LOADER_RUNTIME: [(&str, Shape); 3] =
    [PROCESSOR, ("failure", Shape::Leaf(Leaf::Text)), ("payload", EVENT)];

static LOADER_RECOVERY: [(&str, Shape); 3] = [
    PROCESSOR,
    (
        "failure",
        Shape::Object(&[(
            "error",
            Shape::Object(&[
                ("message", Shape::Leaf(Leaf::Text)),
                ("location", Shape::Leaf(Leaf::Unlisted)),
                ("reason", Shape::Leaf(Leaf::Text)),
            ]),
        )]),
    ),
    LINE,
];

static RECOVERY: [(&str, Shape); 4] = [
    PROCESSOR,
    (
        "failure",
        Shape::Object(&[
            ("error", Shape::Leaf(Leaf::Text)),
            ("configName", Shape::Leaf(Leaf::Name)),
        ]),
    ),
    ("payload", Shape::Payload(&Shape::Leaf(Leaf::BadRow))),
    ("recoveries", Shape::Leaf(Leaf::Integer)),
];

static RELAY: [(&str, Shape); 3] = [
    PROCESSOR,
    (
        "failure",
        Shape::Object(&[
            TIMESTAMP,
            (
                "message",
                Shape::Object(&[
                    ("messageText", Shape::Leaf(Leaf::Text)),
                    ("stackTrace", Shape::Leaf(Leaf::Withheld)),
                ]),
            ),
        ]),
    ),
    (
        "payload",
        Shape::Payload(&Shape::Object(&[
            ("eventStruct", Shape::Leaf(Leaf::Event)),
            ("eventRaw", Shape::Leaf(Leaf::Line)),
        ])),
    ),
];

static FORWARDING: [(&str, Shape); 3] = [
    PROCESSOR,
    (
        "failure",
        Shape::Object(&[
            TIMESTAMP,
            ("latestState", Shape::Leaf(Leaf::Withheld)),
            ("errorType", Shape::Leaf(Leaf::Withheld)),
            ("errorMessage", Shape::Leaf(Leaf::Text)),
            ("errorCode", Shape::Leaf(Leaf::Withheld)),
        ]),
    ),
    LINE,
];

static SNOWFLAKE: [(&str, Shape); 3] = [
    PROCESSOR,
    (
        "failures",
        Shape::List(&Shape::Object(&[
            (
                "valueError",
                Shape::Object(&[
                    ("value", Shape::Leaf(Leaf::Unlisted)),
                    ("column", Shape::Leaf(Leaf::FieldName)),
                    ("message", Shape::Leaf(Leaf::Text)),
                ]),
            ),
            ("deduplicationError", Shape::Object(&[("message", Shape::Leaf(Leaf::Text))])),
        ])),
    ),
    ("enrichedEvent", EVENT),
];
