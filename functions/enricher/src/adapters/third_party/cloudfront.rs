//! `CloudFront`: one line of the access log of a web distribution.

use json_tree::Json;
use tracker_protocol::{Charset, Pair, Parameters, query};

use super::{EMPTY_BODY, Messages, dates, event, input_data, missing};
use crate::adapters::{Adapted, Client, Origin, Outcome, Request};

/// The fields of a line behind date and time; later versions of the log have more of them.
const FIELDS: [&str; 24] = [
    "xEdgeLocation",
    "scBytes",
    "cIp",
    "csMethod",
    "csHost",
    "csUriStem",
    "scStatus",
    "csReferer",
    "csUserAgent",
    "csUriQuery",
    "csCookie",
    "xEdgeResultType",
    "xEdgeRequestId",
    "xHostHeader",
    "csProtocol",
    "csBytes",
    "timeTaken",
    "xForwardedFor",
    "sslProtocol",
    "sslCipher",
    "xEdgeResponseResultType",
    "csProtocolVersion",
    "fleStatus",
    "fleEncryptedFields",
];

/// How many fields a line of each version has, with date and time.
const VERSIONS: [(usize, &str); 7] = [
    (12, "iglu:com.amazon.aws.cloudfront/wd_access_log/jsonschema/1-0-0"),
    (15, "iglu:com.amazon.aws.cloudfront/wd_access_log/jsonschema/1-0-1"),
    (18, "iglu:com.amazon.aws.cloudfront/wd_access_log/jsonschema/1-0-2"),
    (19, "iglu:com.amazon.aws.cloudfront/wd_access_log/jsonschema/1-0-3"),
    (23, "iglu:com.amazon.aws.cloudfront/wd_access_log/jsonschema/1-0-4"),
    (24, "iglu:com.amazon.aws.cloudfront/wd_access_log/jsonschema/1-0-5"),
    (26, "iglu:com.amazon.aws.cloudfront/wd_access_log/jsonschema/1-0-6"),
];

pub(super) fn adapt(request: Request<'_>) -> Outcome<'_> {
    let Some(line) = request.body else { return Err(vec![missing("body", EMPTY_BODY)]) };
    let count = line.split('\t').count();
    let Some((_, schema)) = VERSIONS.iter().find(|(fields, _)| *fields == count) else {
        let expectation =
            format!("access log contained {count} fields, expected 12, 15, 18, 19, 23, 24 or 26");
        return Err(vec![input_data("body", Some(line), expectation)]);
    };
    let mut values = line.split('\t');
    let day = values.next().unwrap_or_default();
    let clock = values.next().unwrap_or_default();
    let (data, epoch_millis) = data(day, clock, values.clone())?;
    let field = |name: &str| {
        let place = FIELDS.iter().position(|field| *field == name)?;
        values.clone().nth(place).filter(|value| !matches!(*value, "" | "-")).map(str::to_owned)
    };
    // The request that the line tells of counts, not the one that brought the line. The page that it
    // came from is the page of the event.
    let client = Some(Client {
        address: field("cIp"),
        user_agent: field("csUserAgent").map(|twice| encoded_once(&twice)),
        referer: None,
    });
    let page = field("csReferer").map(|page| -> Pair<'_> { ("url".into(), Some(page.into())) });
    let query: Parameters<'_> = request.query.into_pairs().into_iter().chain(page).collect();
    let tracker = "com.amazon.aws.cloudfront/wd_access_log";
    let event = event(tracker, schema, data, query);
    Ok(Adapted::Relayed(event, Origin { epoch_millis: Some(epoch_millis), client }))
}

/// The line as JSON, and when its request was; or all that is wrong with it.
fn data<'a>(
    day: &str,
    clock: &str,
    values: impl Iterator<Item = &'a str>,
) -> Result<(Json<'a>, i64), Messages<'a>> {
    let mut messages = Vec::new();
    let time = dates::iso_to_millis(&format!("{day}T{clock}"));
    if time.is_none() {
        let iso = format!("{day}T{clock}+00:00");
        let expectation = format!(
            "could not parse access log timestamp: Invalid format: \"{iso}\" is malformed at \"{iso}\""
        );
        messages.push(input_data("dateTime", Some(format!("{day} {clock}")), expectation));
    }
    let mut data = vec![("dateTime", Json::text(format!("{day}T{clock}Z")))];
    for (name, value) in FIELDS.into_iter().zip(values) {
        match converted(name, value) {
            Ok(value) => data.push((name, value)),
            Err(expectation) => messages.push(input_data(name, Some(value), expectation)),
        }
    }
    match time {
        Some(time) if messages.is_empty() => Ok((Json::object(data), time)),
        _ => Err(messages),
    }
}

fn converted<'a>(name: &str, value: &'a str) -> Result<Json<'a>, &'static str> {
    match (name, value) {
        (_, "") => Ok(Json::Null),
        ("scBytes" | "csBytes", _) => {
            let bytes: Option<i64> = value.parse().ok();
            bytes.map(Json::integer).ok_or("cannot be converted to Int")
        }
        ("timeTaken", _) => {
            let seconds = value.parse().ok().filter(|seconds: &f64| seconds.is_finite());
            let seconds = seconds.map(|seconds| Json::Number(format!("{seconds:?}").into()));
            seconds.ok_or("cannot be converted to Double")
        }
        ("csReferer" | "csUserAgent", _) => Ok(Json::text(decoded_twice(value))),
        _ => Ok(Json::text(value)),
    }
}

/// What the log encoded once more; what cannot be decoded stays as it is.
fn decoded_twice(value: &str) -> String {
    let once = query::url_decoded(value, Charset::Utf8);
    let twice = once.and_then(|once| query::url_decoded(&once, Charset::Utf8));
    twice.unwrap_or_else(|| value.to_owned())
}

/// The log encodes a user agent that is encoded already: `%2520` becomes `%20`.
fn encoded_once(twice: &str) -> String {
    let mut pieces = twice.split("%25");
    let mut once = pieces.next().unwrap_or_default().to_owned();
    for piece in pieces {
        let is_code = piece.bytes().take(2).filter(u8::is_ascii_hexdigit).count() == 2;
        once.push_str(if is_code { "%" } else { "%25" });
        once.push_str(piece);
    }
    once
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_decoded_twice_or_not_at_all() {
        for (value, text) in [
            ("Mozilla/5.0%2520(X11)", "Mozilla/5.0 (X11)"),
            ("Mozilla/5.0%20(X11)", "Mozilla/5.0 (X11)"),
            ("100%", "100%"),
            ("100%25", "100%25"),
            ("-", "-"),
        ] {
            assert_eq!(decoded_twice(value), text);
        }
    }

    #[test]
    fn only_what_was_encoded_twice_is_decoded_once() {
        for (twice, once) in [
            ("Mozilla/5.0%2520(X11)", "Mozilla/5.0%20(X11)"),
            ("a%25", "a%25"),
            ("a%252", "a%252"),
            ("a%25zz%2541", "a%25zz%41"),
            ("a%2525é", "a%25é"),
            ("", ""),
        ] {
            assert_eq!(encoded_once(twice), once);
        }
    }
}
