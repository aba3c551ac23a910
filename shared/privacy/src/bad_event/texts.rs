//! The sentences that programs say: those that never quote, and the frames of those that do.

/// What is said in these very words. A text that is not among them, nor fits a frame, is withheld.
const SENTENCES: [&str; 67] = [
    // Converters of parameters.
    "Cannot be converted to Boolean-like java.lang.Byte",
    "Cannot be converted to Double-like",
    "Cannot be converted to java.lang.Integer",
    "Could not be converted to java.lang.Integer s",
    r"Does not conform to regex (\d+)x(\d+)",
    "Not a valid UUID",
    "Not a valid event type",
    "Not a valid integer",
    "Not a valid platform",
    "Not in the expected format: ms since epoch",
    // Adapters.
    "`mandrill_events` field is empty",
    "cannot determine event type: type parameter empty",
    "empty `schema` field",
    "empty 'data.json' field in body",
    "empty array of events",
    "empty body",
    "empty body: no events to process",
    "empty body: not a valid track protocol event",
    "empty body: not a valid tracker protocol event",
    "empty list of events",
    "empty querystring: no events to process",
    "empty querystring: not a valid URI redirect",
    "empty querystring: not a valid tracker protocol event",
    "expected application/json",
    "expected one of application/json, application/json; charset=utf-8",
    "expected one of application/json, application/json; charset=utf-8, application/json; charset=UTF-8",
    "expected one of application/json, application/json; charset=utf-8, application/x-www-form-urlencoded",
    "field `messages` is not an array",
    "has no key-value pairs",
    "json is not an array",
    "missing `u` parameter: not a valid URI redirect",
    "missing 'page_id' field in body",
    "missing 'signature'",
    "missing 'timestamp'",
    "missing 'variant' field in body",
    "no `event` parameter provided: cannot determine event type",
    "no `mandrill_events` parameter provided",
    "no `type` parameter provided: cannot determine event type",
    "no content type: expected application/json",
    "no content type: expected application/x-www-form-urlencoded",
    "no content type: expected one of application/json, application/json; charset=utf-8",
    "no matching hit type",
    "no schema associated with the provided type parameter",
    "path does not match (/)vendor/version(/) nor is a legacy /i(ce.png) request",
    "value cannot be null",
    "value is not a string",
    "vendor/version combination is not supported",
    // Readers of JSON and of records.
    "Field is not an object",
    "INVALID_DATA_PAYLOAD",
    "INVALID_IGLUURI",
    "INVALID_METASCHEMA",
    "INVALID_SCHEMA",
    "INVALID_SCHEMAVER",
    "Invalid Iglu URI",
    "Invalid data payload",
    "Invalid metaschema",
    "Invalid schema",
    "Invalid schema version",
    "error deserializing raw event: Unrecognized type",
    "invalid json: exhausted input",
    "invalid json: maximum allowed JSON depth exceeded",
    // The collector, of requests that it cannot split.
    "GET requests cannot be split",
    "cannot split POST requests which are not json",
    "cannot split POST requests which are not self-describing",
    "cannot split POST requests which do not contain a data array",
    // Loaders.
    "NotTSV",
    "Table limit exceeded",
];

/// What stands before and after a number in sentences that hold one.
const WITH_NUMBERS: [(&str, &str); 6] = [
    ("Field is longer than maximum allowed size ", ""),
    ("Enriched event exceeds the maximum allowed size of ", " bytes"),
    (
        "Event failed enrichment and resulting bad row exceeds the maximum allowed size of ",
        " bytes",
    ),
    ("no schema associated with the provided type parameter at index ", ""),
    ("cannot determine event type: type parameter not provided at index ", ""),
    ("error deserializing raw event: Unrecognized type ", ""),
];

/// How sentences begin that quote something; the rest of them is withheld.
const BEGINNINGS: [&str; 20] = [
    "Cannot be converted to java.math.BigDecimal. Error : ",
    "Could not find schema with key ",
    "Could not decode server response. ",
    "Error during execution of JavaScript function: ",
    "Formatted as ",
    "Formatting as ",
    "Illegal character in ",
    "Invalid schema: ",
    "Payload exceeds max size of ",
    "Provided URI ",
    "Resolution error: schema ",
    "Uncompressed size ",
    "Unexpected schema: ",
    "cannot split POST requests which are not json ",
    "cannot split POST requests which are not self-describing ",
    "cannot split this POST request because event without ",
    "could not extract name-value pairs from querystring ",
    "error deserializing raw event: ",
    "invalid json: ",
    "verifying record as ",
];

/// What an event type without a schema is told, before and after the type.
const EVENT_TYPE: (&str, &str) =
    ("trying to extract the schema of the enriched event but event type [", "] doesn't match");

/// The largest number in a sentence, in digits.
const DIGITS_MAX: usize = 9;

/// What may be seen of a sentence; nothing if nobody always says it.
pub(super) fn shown(text: &str) -> Option<String> {
    if is_fixed(text) {
        return Some(text.to_owned());
    }
    if let Some((_, rest)) =
        text.strip_prefix(EVENT_TYPE.0).and_then(|it| it.split_once(EVENT_TYPE.1))
    {
        let fixed = rest.lines().map(str::trim).filter(|line| !line.is_empty());
        let ours =
            "any of page_view, page_ping, struct, transaction, transaction_item and unstruct";
        return fixed.eq([ours]).then(|| format!("{}..{}", EVENT_TYPE.0, EVENT_TYPE.1));
    }
    let beginning = BEGINNINGS.iter().find(|beginning| text.starts_with(**beginning))?;
    Some(beginning.trim_end_matches([' ', ':']).to_owned())
}

/// Whether a sentence is said in these very words, but for one number.
pub(super) fn is_fixed(text: &str) -> bool {
    SENTENCES.contains(&text)
        || WITH_NUMBERS.iter().any(|(before, after)| {
            let number = text.strip_prefix(before).and_then(|rest| rest.strip_suffix(after));
            number.is_some_and(|number| {
                (1..=DIGITS_MAX).contains(&number.len())
                    && number.bytes().all(|byte| byte.is_ascii_digit())
            })
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_shown_without_what_they_quote() {
        for (text, expected) in [
            ("Not a valid UUID", Some("Not a valid UUID")),
            ("Not a valid UUID: alex", None),
            ("alex", None),
            ("invalid json: expected : got 'alex' (line 1, column 1)", Some("invalid json")),
            (
                "Field is longer than maximum allowed size 255",
                Some("Field is longer than maximum allowed size 255"),
            ),
            (
                "Field is longer than maximum allowed size 999999999",
                Some("Field is longer than maximum allowed size 999999999"),
            ),
            ("Field is longer than maximum allowed size 1999999999", None),
            (
                "trying to extract the schema of the enriched event but event type [alex] doesn't match\n          any of page_view, page_ping, struct, transaction, transaction_item and unstruct\n          ",
                Some(
                    "trying to extract the schema of the enriched event but event type [..] doesn't match",
                ),
            ),
            (
                "trying to extract the schema of the enriched event but event type [x] doesn't match alex",
                None,
            ),
            ("Provided URI [alex] could not be parsed", Some("Provided URI")),
        ] {
            assert_eq!(shown(text).as_deref(), expected, "{text}");
        }
    }
}
