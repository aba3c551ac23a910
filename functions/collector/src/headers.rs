//! Which header lines a payload keeps, and how they are written.

use std::borrow::Cow;
use std::net::IpAddr;

use crate::address::{anonymized, as_text};
use crate::config::{AddressConfig, AddressSource};
use crate::request::{Header, Request};

/// Headers that carry a client's address, beside `X-Forwarded-For` and `X-Real-Ip`.
const ADDRESS_HEADERS: &[&str] = &[
    "Akamai-Client-IP",
    "CF-Connecting-IP",
    "CF-Connecting-IPv6",
    "CF-Pseudo-IPv4",
    "Client-IP",
    "CloudFront-Viewer-Address",
    "Fastly-Client-IP",
    "Fly-Client-IP",
    "Forwarded",
    "Forwarded-For",
    "Proxy-Client-IP",
    "True-Client-IP",
    "WL-Proxy-Client-IP",
    "X-Appengine-User-IP",
    "X-Azure-ClientIP",
    "X-Azure-SocketIP",
    "X-Client-IP",
    "X-Cluster-Client-IP",
    "X-Envoy-External-Address",
    "X-Forwarded",
    "X-Original-Forwarded-For",
    "X-ProxyUser-Ip",
];

/// The header lines of a payload, `Name: value`, in their order.
///
/// `without` names one more header that is left out because it no longer holds for the payload.
pub(crate) fn payload_headers<'a>(
    config: &AddressConfig,
    request: &Request<'_>,
    client: Option<IpAddr>,
    without: Option<&str>,
) -> Vec<Cow<'a, str>> {
    let anonymous = request.is_anonymous();
    let is_without = |name: &str| without.is_some_and(|other| name.eq_ignore_ascii_case(other));
    request
        .headers
        .iter()
        .filter(|(name, _)| !is_without(name))
        .filter_map(|(name, value)| match kind_of(name) {
            HeaderKind::Other => Some(line(name, value)),
            _ if anonymous => None,
            HeaderKind::Cookie => cleaned_cookie(value).map(Cow::Owned),
            HeaderKind::ForwardedFor => forwarded(config, client, (name, value)),
            HeaderKind::Address => address(config, (name, value)),
        })
        .collect()
}

enum HeaderKind {
    Cookie,
    /// The header that the enricher takes the address from.
    ForwardedFor,
    /// Any other header that holds an address.
    Address,
    Other,
}

fn kind_of(name: &str) -> HeaderKind {
    if name.eq_ignore_ascii_case("Cookie") {
        HeaderKind::Cookie
    } else if name.eq_ignore_ascii_case("X-Forwarded-For") {
        HeaderKind::ForwardedFor
    } else if name.eq_ignore_ascii_case("X-Real-Ip")
        || ADDRESS_HEADERS.iter().any(|header| name.eq_ignore_ascii_case(header))
    {
        HeaderKind::Address
    } else {
        HeaderKind::Other
    }
}

fn line<'a>(name: &str, value: &str) -> Cow<'a, str> {
    let mut line = String::with_capacity(name.len() + 2 + value.len());
    line.push_str(name);
    line.push_str(": ");
    line.push_str(value);
    Cow::Owned(line)
}

/// The enricher takes the address from this line, so what the operator decided must hold here too.
fn forwarded<'a>(
    config: &AddressConfig,
    client: Option<IpAddr>,
    (name, value): (&str, &str),
) -> Option<Cow<'a, str>> {
    match config.source {
        AddressSource::Leftmost => address_list(config, (name, value)),
        // Bare, as the header's other readers expect it: no brackets around IPv6.
        AddressSource::FromTheRight(_) | AddressSource::Gateway => {
            client.map(|client| line(name, as_text(Some(client)).trim_matches(['[', ']'])))
        }
    }
}

fn address<'a>(config: &AddressConfig, (name, value): (&str, &str)) -> Option<Cow<'a, str>> {
    if config.source != AddressSource::Leftmost {
        // Whatever they say, it is not what the operator trusts.
        return None;
    }
    if name.eq_ignore_ascii_case("X-Real-Ip") {
        return address_list(config, (name, value));
    }
    // Their forms differ too much to rewrite, so they go as soon as an address must not be kept.
    (!config.anonymizes()).then(|| line(name, value))
}

/// A comma-separated list of addresses, anonymised if the operator wants it.
fn address_list<'a>(config: &AddressConfig, (name, value): (&str, &str)) -> Option<Cow<'a, str>> {
    if !config.anonymizes() {
        return Some(line(name, value));
    }
    let kept: Vec<_> = value
        .split(',')
        .filter_map(|entry| entry.trim().parse().ok())
        .map(|entry| anonymized(config, entry).to_string())
        .collect();
    (!kept.is_empty()).then(|| line(name, &kept.join(", ")))
}

/// A cookie header without spaces and without the parts that are no legal cookie.
fn cleaned_cookie(value: &str) -> Option<String> {
    let mut out = String::with_capacity("Cookie: ".len() + value.len());
    out.push_str("Cookie: ");
    let empty = out.len();
    for part in value.split(';') {
        let legal = part.bytes().all(|byte| byte == b' ' || is_cookie_octet(byte));
        if !legal || part.bytes().all(|byte| byte == b' ') {
            continue;
        }
        if out.len() > empty {
            out.push(';');
        }
        out.extend(part.chars().filter(|character| *character != ' '));
    }
    (out.len() > empty).then_some(out)
}

fn is_cookie_octet(byte: u8) -> bool {
    matches!(byte, 0x21 | 0x23..=0x2b | 0x2d..=0x3a | 0x3c..=0x5b | 0x5d..=0x7e)
}

/// A content type as payloads name it: parsed, written anew and in lower case.
pub(crate) fn content_type(value: &str) -> Option<String> {
    let mut parts = value.split(';');
    let (kind, subtype) = parts.next()?.trim().split_once('/')?;
    if !is_token(kind) || !is_token(subtype) {
        return None;
    }
    let mut out = format!("{kind}/{subtype}");
    for part in parts.map(str::trim).filter(|part| !part.is_empty()) {
        let (name, value) = part.split_once('=')?;
        let (name, value) = (name.trim(), value.trim());
        let unquoted = value.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
        if !is_token(name) || !(is_token(value) || unquoted.is_some()) {
            return None;
        }
        // Quotes stay only where the value needs them.
        let value = unquoted.filter(|inner| is_token(inner)).unwrap_or(value);
        out.push_str("; ");
        out.push_str(name);
        out.push('=');
        out.push_str(value);
    }
    Some(out.to_lowercase())
}

fn is_token(text: &str) -> bool {
    let legal = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !text.is_empty() && text.bytes().all(legal)
}

/// Names whose canonical form is not a capital after each hyphen.
const IRREGULAR_NAMES: &[&str] = &[
    "DNT",
    "ETag",
    "SP-Anonymous",
    "Sec-CH-UA",
    "Sec-CH-UA-Arch",
    "Sec-CH-UA-Bitness",
    "Sec-CH-UA-Full-Version-List",
    "Sec-CH-UA-Mobile",
    "Sec-CH-UA-Model",
    "Sec-CH-UA-Platform",
    "Sec-CH-UA-Platform-Version",
    "Sec-GPC",
    "TE",
    "WWW-Authenticate",
];

/// Gives the names back the case that a front door took from them.
pub(crate) fn restore_case(headers: &mut [Header<'_>]) {
    for (name, _) in headers {
        if name.bytes().any(|byte| byte.is_ascii_uppercase()) {
            continue;
        }
        if let Some(known) = IRREGULAR_NAMES.iter().find(|known| name.eq_ignore_ascii_case(known)) {
            *name = Cow::Borrowed(known);
            continue;
        }
        let mut at_start = true;
        let canonical = name.chars().map(|character| {
            let written = if at_start { character.to_ascii_uppercase() } else { character };
            at_start = character == '-';
            written
        });
        *name = Cow::Owned(canonical.collect());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_cleaned() {
        let check = |value: &str, expected: Option<&str>| {
            assert_eq!(cleaned_cookie(value).as_deref(), expected, "{value}");
        };
        check("a=1; b=2", Some("Cookie: a=1;b=2"));
        check(r#"sp=a; b={"x"}"#, Some("Cookie: sp=a"));
        check(" name = value ", Some("Cookie: name=value"));
        check(r#"{"key": "value"};name1=v"#, Some("Cookie: name1=v"));
        for nothing in ["", ";", ";;", " ", "é=1", "a\tb=1"] {
            check(nothing, None);
        }
    }

    #[test]
    fn content_types_are_written_anew() {
        let check = |value: &str, expected: Option<&str>| {
            assert_eq!(content_type(value).as_deref(), expected, "{value}");
        };
        check("APPLICATION/JSON", Some("application/json"));
        check("application/json;charset=UTF-8", Some("application/json; charset=utf-8"));
        check("text/plain; charset=\"UTF-8\"", Some("text/plain; charset=utf-8"));
        check("application/json;", Some("application/json"));
        for broken in
            ["", "json", "/json", "application/", "a b/c", "a/b; charset", "a/b; x=\u{e9}"]
        {
            check(broken, None);
        }
    }

    #[test]
    fn names_get_their_case_back() {
        let mut headers: Vec<Header<'_>> =
            ["x-forwarded-for", "sp-anonymous", "x-FOO", "dnt", "host"]
                .map(|name| (name.into(), "".into()))
                .into();
        restore_case(&mut headers);
        let names: Vec<_> = headers.iter().map(|(name, _)| name.as_ref()).collect();
        assert_eq!(names, ["X-Forwarded-For", "SP-Anonymous", "x-FOO", "DNT", "Host"]);
    }
}
