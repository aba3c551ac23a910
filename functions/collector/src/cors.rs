//! What browsers are told about other origins.

use crate::config::CorsConfig;
use crate::request::Request;
use crate::response::{Body, Response};

/// Adds the headers that let a page of another origin read the answer.
pub(crate) fn add_cors(response: &mut Response, config: &CorsConfig, request: &Request<'_>) {
    let origin = request.header("Origin").and_then(first_origin);
    if config.allowed_origins.is_empty() {
        response.add("Access-Control-Allow-Origin", origin.unwrap_or("*").to_owned());
        response.add("Access-Control-Allow-Credentials", "true");
        return;
    }
    response.add("Vary", "Origin");
    if let Some(origin) = origin
        && config.allowed_origins.iter().any(|allowed| allowed == origin)
    {
        response.add("Access-Control-Allow-Origin", origin.to_owned());
        response.add("Access-Control-Allow-Credentials", "true");
    }
}

/// The answer to a browser that asks what it may send.
pub(crate) fn preflight(config: &CorsConfig, request: &Request<'_>) -> Response {
    let mut response = Response::new(200, Body::Empty);
    add_cors(&mut response, config, request);
    response.add("Access-Control-Allow-Headers", "Content-Type, SP-Anonymous");
    response.add("Access-Control-Max-Age", config.max_age_seconds.to_string());
    response
}

/// The hosts of an Origin header, which may list several origins; ports do not count.
pub(crate) fn origin_hosts(origin: &str) -> impl Iterator<Item = &str> {
    origin.split(' ').filter_map(parse_origin).map(|parsed| parsed.host)
}

/// The first origin of the header as `scheme://host[:port]`.
fn first_origin(header: &str) -> Option<&str> {
    let first = header.trim().split(' ').next()?;
    let parsed = parse_origin(first)?;
    first.get(..parsed.length)
}

struct Origin<'a> {
    host: &'a str,
    /// Of the origin itself, without a path that some client may have added.
    length: usize,
}

fn parse_origin(text: &str) -> Option<Origin<'_>> {
    let (scheme, rest) = text.split_once("://")?;
    let is_scheme = scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let authority = rest.split(['/', '?', '#']).next()?;
    let (host, port) = match authority.strip_prefix('[') {
        Some(_) => {
            let (host, rest) = authority.split_at_checked(authority.find(']')? + 1)?;
            (host, rest.strip_prefix(':').or(rest.is_empty().then_some(""))?)
        }
        None => authority.split_once(':').unwrap_or((authority, "")),
    };
    let inner = host.trim_start_matches('[').trim_end_matches(']');
    let is_host = !inner.is_empty()
        && inner.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._~%:".contains(&byte));
    let is_port = port.bytes().all(|byte| byte.is_ascii_digit());
    (is_scheme && is_host && is_port)
        .then_some(Origin { host, length: scheme.len() + 3 + authority.len() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_the_first_origin_that_is_one() {
        let check = |header: &str, expected: Option<&str>| {
            assert_eq!(first_origin(header), expected, "{header}");
        };
        check("http://origin.com", Some("http://origin.com"));
        check("https://origin.com:8443 http://other.com", Some("https://origin.com:8443"));
        check("http://origin.com/path", Some("http://origin.com"));
        check("http://[2001:db8::1]:80", Some("http://[2001:db8::1]:80"));
        check("chrome-extension://abc", Some("chrome-extension://abc"));
        for none in [
            "null",
            "",
            "###",
            "http://",
            "http://a b",
            "://a",
            "http://a:b",
            "http://a\"b",
            "http://[::1",
        ] {
            if none == "http://a b" {
                check(none, Some("http://a"));
            } else {
                check(none, None);
            }
        }
    }

    #[test]
    fn lists_every_host() {
        let hosts: Vec<_> = origin_hosts("http://www.a.com junk https://b.com:8080").collect();
        assert_eq!(hosts, ["www.a.com", "b.com"]);
    }
}
