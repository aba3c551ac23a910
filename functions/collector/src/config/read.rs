//! Turns the variables of the table into a configuration, concern by concern.

use std::time::Duration;

use collector_payload::compressed::Codec;
use function_env::{Reader, parse_duration, record_bytes_max};
use regex_lite::Regex;

use crate::identity::is_uuid;

use super::{
    AddressConfig, AddressSource, Bounce, Config, CookieConfig, CorsConfig, CrossDomain, Dialect,
    DoNotTrack, Limits, RedirectConfig, RootResponse, StreamConfig,
};

const DAY: Duration = Duration::from_hours(24);
/// Lambda's own limit on a request is 6 MiB; a body that unpacks to more could never be plain.
const DECODED_BODY_BYTES: usize = 6 * 1024 * 1024;
const RECORD_BYTES: usize = 1_000_000;
const RECORD_BYTES_LEAST: usize = 100;
/// A message holds a mebibyte, and base64 makes four bytes of three.
const QUEUE_RECORD_BYTES_HIGHEST: usize = 780_000;
/// Enough for a cookie's name, far below what browsers take.
const COOKIE_NAME_ACCEPTED: &str = "letters, digits and !#$&'*+-.^_`|~";

pub(super) fn read(r: &mut Reader<'_>) -> Config {
    let dialect = r.parsed("DIALECT", Dialect::V3, "3.x or 2.x", |text| match text {
        "3.x" => Some(Dialect::V3),
        "2.x" => Some(Dialect::V2),
        _ => None,
    });
    Config {
        good: stream(r, "GOOD"),
        bad: stream(r, "BAD"),
        backoff: backoff(r),
        queue_record_bytes_max: r.size(
            "QUEUE_RECORD_BYTES_MAX",
            192_000,
            (1_000, QUEUE_RECORD_BYTES_HIGHEST),
        ),
        dialect,
        limits: limits(r, dialect),
        paths: paths(r),
        base_path: base_path(r),
        cookie: cookie(r),
        do_not_track: do_not_track(r),
        bounce: bounce(r),
        redirect: RedirectConfig {
            enabled: r.boolean("REDIRECT_ENABLED", false),
            domains: r.list("REDIRECT_DOMAINS"),
            placeholder: r
                .boolean("REDIRECT_MACRO_ENABLED", false)
                .then(|| r.text("REDIRECT_MACRO_PLACEHOLDER", "${SP_NUID}")),
        },
        root: root(r),
        cross_domain: cross_domain(r),
        cors: CorsConfig {
            max_age_seconds: max_age(r),
            allowed_origins: r.list("CORS_ALLOWED_ORIGINS"),
        },
        hsts_seconds: {
            let max_age = r.duration("HSTS_MAX_AGE", 365 * DAY).as_secs();
            r.boolean("HSTS_ENABLED", false).then_some(max_age)
        },
        p3p: p3p(r),
        address: address(r),
        compression: compression(r),
        response_headers: header_pairs(r, "RESPONSE_HEADERS"),
        collector_name: concat!("whiteout-", env!("CARGO_PKG_VERSION"), "-kinesis").to_owned(),
    }
}

fn stream(r: &mut Reader<'_>, which: &str) -> StreamConfig {
    StreamConfig {
        stream: r.required(&format!("STREAM_{which}"), "the name or ARN of a Kinesis stream"),
        record_bytes_max: record_bytes_max(
            r,
            &format!("STREAM_{which}_RECORD_BYTES_MAX"),
            RECORD_BYTES,
            RECORD_BYTES_LEAST,
        ),
        queue_url: r.optional(&format!("QUEUE_{which}_URL")),
    }
}

fn backoff(r: &mut Reader<'_>) -> (Duration, Duration) {
    let least = r.duration("BACKOFF_MIN", Duration::from_millis(50));
    let most = r.duration("BACKOFF_MAX", Duration::from_secs(1));
    if least > most {
        r.problem("BACKOFF_MIN", format!("{least:?}"), "a duration up to BACKOFF_MAX");
    }
    (least, most)
}

fn limits(r: &mut Reader<'_>, dialect: Dialect) -> Limits {
    // 2.x splits bodies of any size and refuses none.
    let (payload, body) = match dialect {
        Dialect::V3 => (1_048_576, 2_097_152),
        Dialect::V2 => (usize::MAX, usize::MAX),
    };
    Limits {
        payload_bytes_max: r.size("PAYLOAD_BYTES_MAX", payload, (100, usize::MAX)),
        body_bytes_max: r.size("BODY_BYTES_MAX", body, (100, usize::MAX)),
        decoded_body_bytes_max: r.size(
            "DECODED_BODY_BYTES_MAX",
            DECODED_BODY_BYTES,
            (100, 16 * DECODED_BODY_BYTES),
        ),
    }
}

fn paths(r: &mut Reader<'_>) -> std::collections::BTreeMap<String, String> {
    let pairs = r.pairs("PATHS");
    for (from, to) in &pairs {
        for path in [from, to] {
            let segments = path.strip_prefix('/').map(|rest| rest.split('/').count());
            if segments != Some(2) {
                r.problem("PATHS", format!("{path:?}"), "paths of two segments, /vendor/version");
            }
        }
    }
    pairs.into_iter().collect()
}

fn base_path(r: &mut Reader<'_>) -> String {
    r.parsed("BASE_PATH", String::new(), "a path such as /events", |text| {
        let path = text.trim_end_matches('/');
        (path.is_empty() || path.starts_with('/')).then(|| path.to_owned())
    })
}

fn cookie(r: &mut Reader<'_>) -> CookieConfig {
    let domain = |text: &str| {
        let legal = |byte: u8| byte.is_ascii_alphanumeric() || b".-_".contains(&byte);
        text.bytes().all(legal).then(|| Some(text.to_owned()))
    };
    let name = |text: &str| is_cookie_name(text).then(|| text.to_owned());
    let domains = r.list("COOKIE_DOMAINS");
    for found in &domains {
        if domain(found).is_none() {
            r.problem("COOKIE_DOMAINS", format!("{found:?}"), "domains such as acme.com");
        }
    }
    CookieConfig {
        enabled: r.boolean("COOKIE_ENABLED", true),
        name: r.parsed("COOKIE_NAME", "sp".to_owned(), COOKIE_NAME_ACCEPTED, name),
        expiration: r.duration("COOKIE_EXPIRATION", 365 * DAY),
        domains,
        fallback_domain: r.parsed(
            "COOKIE_FALLBACK_DOMAIN",
            None,
            "a domain such as acme.com",
            domain,
        ),
        secure: r.boolean("COOKIE_SECURE", true),
        http_only: r.boolean("COOKIE_HTTP_ONLY", true),
        same_site: r.parsed(
            "COOKIE_SAME_SITE",
            Some("None"),
            "None, Lax, Strict or unset",
            |text| match text.to_ascii_lowercase().as_str() {
                "none" => Some(Some("None")),
                "lax" => Some(Some("Lax")),
                "strict" => Some(Some("Strict")),
                "unset" => Some(None),
                _ => None,
            },
        ),
        client_name: r
            .parsed("COOKIE_CLIENT_NAME", None, COOKIE_NAME_ACCEPTED, |text| name(text).map(Some)),
    }
}

fn is_cookie_name(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(legal)
}

fn do_not_track(r: &mut Reader<'_>) -> Option<DoNotTrack> {
    if !r.boolean("DO_NOT_TRACK_ENABLED", false) {
        return None;
    }
    let name = r.required("DO_NOT_TRACK_NAME", "the name of a cookie");
    let pattern = r.required("DO_NOT_TRACK_VALUE", "a regular expression for the cookie's value");
    // The whole value must match.
    match Regex::new(&format!("^(?:{pattern})$")) {
        Ok(value) => Some(DoNotTrack { name, value }),
        Err(error) => {
            r.problem(
                "DO_NOT_TRACK_VALUE",
                format!("{pattern:?}: {error}"),
                "a regular expression",
            );
            None
        }
    }
}

fn bounce(r: &mut Reader<'_>) -> Option<Bounce> {
    let unreserved =
        |text: &str| text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b));
    let fallback_id = "00000000-0000-4000-A000-000000000000".to_owned();
    let bounce = Bounce {
        name: r.parsed("BOUNCE_NAME", "n3pc".to_owned(), "letters, digits and -._~", |text| {
            unreserved(text).then(|| text.to_owned())
        }),
        fallback_id: r.parsed("BOUNCE_FALLBACK_ID", fallback_id, "a UUID", |text| {
            is_uuid(text).then(|| text.to_owned())
        }),
        protocol_header: r.optional("BOUNCE_PROTOCOL_HEADER"),
    };
    r.boolean("BOUNCE_ENABLED", false).then_some(bounce)
}

fn root(r: &mut Reader<'_>) -> Option<RootResponse> {
    let status = r.number("ROOT_STATUS", 302, (200, 599));
    let root = RootResponse {
        status: u16::try_from(status).unwrap_or(302),
        headers: header_pairs(r, "ROOT_HEADERS"),
        body: r.text("ROOT_BODY", ""),
    };
    r.boolean("ROOT_ENABLED", false).then_some(root)
}

fn cross_domain(r: &mut Reader<'_>) -> Option<CrossDomain> {
    // An empty list lets nobody in, which is not the same as saying nothing.
    let domains = r.is_set("CROSS_DOMAIN_DOMAINS").then(|| r.list("CROSS_DOMAIN_DOMAINS"));
    let cross_domain = CrossDomain {
        domains: domains.unwrap_or_else(|| vec!["*".to_owned()]),
        secure: r.boolean("CROSS_DOMAIN_SECURE", true),
    };
    for domain in &cross_domain.domains {
        if domain.contains(['"', '<', '>', '&']) {
            r.problem("CROSS_DOMAIN_DOMAINS", format!("{domain:?}"), "domains such as *.acme.com");
        }
    }
    r.boolean("CROSS_DOMAIN_ENABLED", false).then_some(cross_domain)
}

/// In whole seconds; a negative value tells browsers not to remember.
fn max_age(r: &mut Reader<'_>) -> i64 {
    let accepted = "a duration such as 60 minutes, 5s or -1s";
    r.parsed("CORS_MAX_AGE", 3_600, accepted, |text| {
        let seconds = |text| i64::try_from(parse_duration(text)?.as_secs()).ok();
        match text.strip_prefix('-') {
            Some(text) => seconds(text).map(|seconds| -seconds),
            None => seconds(text),
        }
    })
}

fn p3p(r: &mut Reader<'_>) -> String {
    let mut quotable = |name: &str, default: &str| {
        r.parsed(name, default.to_owned(), "text without quotes and control characters", |text| {
            let legal = |c: char| c != '"' && !c.is_control();
            text.chars().all(legal).then(|| text.to_owned())
        })
    };
    let policy = quotable("P3P_POLICY_REF", "/w3c/p3p.xml");
    let compact = quotable("P3P_CP", "NOI DSP COR NID PSA OUR IND COM NAV STA");
    format!("policyref=\"{policy}\", CP=\"{compact}\"")
}

fn address(r: &mut Reader<'_>) -> AddressConfig {
    let accepted = "leftmost, right-1 to right-9, or gateway";
    let source = r.parsed("IP_SOURCE", AddressSource::Leftmost, accepted, |text| match text {
        "leftmost" => Some(AddressSource::Leftmost),
        "gateway" => Some(AddressSource::Gateway),
        _ => {
            let place: usize = text.strip_prefix("right-")?.parse().ok()?;
            (1..=9).contains(&place).then_some(AddressSource::FromTheRight(place))
        }
    });
    AddressConfig {
        source,
        anonymize_octets: small(r.number("IP_ANONYMIZE_OCTETS", 0, (0, 4))),
        anonymize_segments: small(r.number("IP_ANONYMIZE_SEGMENTS", 0, (0, 8))),
        is_partition_key: r.boolean("IP_AS_PARTITION_KEY", false),
    }
}

/// A number that its bounds keep below 256.
fn small(number: u64) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

fn compression(r: &mut Reader<'_>) -> Option<Codec> {
    let zstd = Codec::Zstd(i32::from(small(r.number("COMPRESSION_ZSTD_LEVEL", 9, (1, 22)))));
    let gzip = Codec::Gzip(u32::from(small(r.number("COMPRESSION_GZIP_LEVEL", 6, (0, 9)))));
    let codec = r.parsed("COMPRESSION_TYPE", zstd, "zstd or gzip", |text| match text {
        "zstd" => Some(zstd),
        "gzip" => Some(gzip),
        _ => None,
    });
    r.boolean("COMPRESSION_ENABLED", false).then_some(codec)
}

/// Header lines for answers; nothing in them may end a line.
fn header_pairs(r: &mut Reader<'_>, name: &str) -> Vec<(String, String)> {
    let pairs = r.pairs(name);
    for (header, value) in &pairs {
        let legal = is_cookie_name(header) && !value.contains(|c: char| c.is_control());
        if !legal {
            r.problem(
                name,
                format!("{header:?}"),
                "header names and values without control characters",
            );
        }
    }
    pairs
}

#[cfg(test)]
mod tests {
    use function_env::Variables;

    use super::*;

    fn problems(settings: &[(&str, &str)]) -> Vec<String> {
        let mut variables = Variables::default();
        for (name, value) in settings {
            variables.set(*name, *value);
        }
        let error = Config::from_variables(&variables).unwrap_err();
        error.problems.into_iter().map(|problem| problem.variable).collect()
    }

    #[test]
    fn says_everything_that_is_wrong() {
        let found = problems(&[
            ("STREAM_GOOD", "good"),
            ("DIALECT", "4.x"),
            ("PATHS", r#"{"/one":"/two/three"}"#),
            ("COOKIE_NAME", "a b"),
            ("COOKIE_FALLBACK_DOMAIN", "a;b"),
            ("DO_NOT_TRACK_ENABLED", "true"),
            ("DO_NOT_TRACK_VALUE", "(["),
            ("IP_SOURCE", "right-0"),
            ("BACKOFF_MIN", "2s"),
            ("STREAM_GOOD_RECORD_BYTES_MAX", "1047553"),
            ("QUEUE_RECORD_BYTES_MAX", "780001"),
            ("BOUNCE_NAME", "a=b"),
            ("BOUNCE_FALLBACK_ID", "x"),
            ("CORS_MAX_AGE", "-junk"),
            ("P3P_CP", "a\"b"),
            ("RESPONSE_HEADERS", "{\"X\":\"a\\nb\"}"),
        ]);
        let expected = [
            "DIALECT",
            "STREAM_GOOD_RECORD_BYTES_MAX",
            "STREAM_BAD",
            "BACKOFF_MIN",
            "QUEUE_RECORD_BYTES_MAX",
            "PATHS",
            "COOKIE_NAME",
            "COOKIE_FALLBACK_DOMAIN",
            "DO_NOT_TRACK_NAME",
            "DO_NOT_TRACK_VALUE",
            "BOUNCE_NAME",
            "BOUNCE_FALLBACK_ID",
            "CORS_MAX_AGE",
            "P3P_CP",
            "IP_SOURCE",
            "RESPONSE_HEADERS",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn two_streams_are_all_that_it_needs() {
        let config = Config::for_tests(&[]);
        assert_eq!(config.good.stream, "good");
        assert_eq!(config.cookie.expiration, 365 * DAY);
        assert_eq!(config.limits.payload_bytes_max, 1_048_576);
        assert!(config.root.is_none() && config.bounce.is_none() && config.compression.is_none());
    }

    #[test]
    fn the_older_dialect_refuses_no_body() {
        let config = Config::for_tests(&[("DIALECT", "2.x"), ("BODY_BYTES_MAX", "1000")]);
        assert_eq!(config.limits.payload_bytes_max, usize::MAX);
        assert_eq!(config.limits.body_bytes_max, 1000);
    }
}
