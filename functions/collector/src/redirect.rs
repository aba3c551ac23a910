//! Click redirects: where a visitor may be sent.

use std::borrow::Cow;

use crate::config::{Config, Dialect};
use crate::query::{encode_illegal, parameter};

/// Marks that a URI may hold beside unreserved characters and `%XX`.
const URI_MARKS: &[u8] = b"-._~:/?#[]@!$&'()*+,;=";

/// Where the parameter `u` sends the visitor, if that is allowed.
pub(crate) fn target(config: &Config, query: &str, network_user_id: &str) -> Option<String> {
    let wanted = parameter(query, "u")?;
    let wanted = match (config.dialect, &config.redirect.placeholder) {
        (Dialect::V2, Some(placeholder)) if !placeholder.is_empty() => {
            Cow::Owned(wanted.replace(placeholder, network_user_id))
        }
        _ => wanted,
    };
    let uri = encode_illegal(&wanted, URI_MARKS);
    let host = host(&uri)?;
    let domains = &config.redirect.domains;
    if !domains.is_empty() && !domains.iter().any(|domain| domain == host) {
        return None;
    }
    Some(match config.dialect {
        Dialect::V3 => uri.into_owned(),
        Dialect::V2 => without_dangers(&wanted),
    })
}

/// The text as it is, but for what would end the header or let a browser see another host.
fn without_dangers(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if character.is_control() || character == '\\' {
            out.push_str(&encode_illegal(character.encode_utf8(&mut [0; 4]), b""));
        } else {
            out.push(character);
        }
    }
    out
}

/// The host of a URI reference, empty for a relative one; `None` if it is no URI reference.
fn host(uri: &str) -> Option<&str> {
    let path_at = uri.find(['/', '?', '#']).unwrap_or(uri.len());
    let after_scheme = match uri.split_at_checked(path_at)?.0.split_once(':') {
        Some((scheme, _)) if is_scheme(scheme) => uri.get(scheme.len() + 1..)?,
        // A first segment with a colon that is no scheme.
        Some(_) => return None,
        None => uri,
    };
    let Some(rest) = after_scheme.strip_prefix("//") else {
        return (!after_scheme.contains(['[', ']'])).then_some("");
    };
    let authority = rest.split(['/', '?', '#']).next()?;
    let host_and_port = authority.rsplit_once('@').map_or(authority, |(_, rest)| rest);
    let (host, port) = if host_and_port.starts_with('[') {
        let end = host_and_port.find(']')? + 1;
        let (host, rest) = host_and_port.split_at_checked(end)?;
        let address: Result<std::net::Ipv6Addr, _> = host.trim_matches(['[', ']']).parse();
        address.ok()?;
        (host, rest.strip_prefix(':').or(rest.is_empty().then_some(""))?)
    } else {
        host_and_port.split_once(':').unwrap_or((host_and_port, ""))
    };
    let is_host = host.starts_with('[') || !host.contains(['[', ']', ':', '@']);
    let is_port = port.is_empty() || port.parse::<u16>().is_ok();
    (is_host && is_port).then_some(host)
}

fn is_scheme(text: &str) -> bool {
    text.starts_with(|first: char| first.is_ascii_alphabetic())
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(settings: &[(&str, &str)], query: &str, expected: Option<&str>) {
        let config = Config::for_tests(settings);
        assert_eq!(target(&config, query, "ID").as_deref(), expected, "{settings:?} {query}");
    }

    #[test]
    fn redirects_to_anything_that_is_a_uri() {
        check(&[], "u=https%3A%2F%2Fsnowplow.acme.com%2F12", Some("https://snowplow.acme.com/12"));
        check(&[], "u=https://a.com/?q=a%20b%7Bc%7D", Some("https://a.com/?q=a%20b%7Bc%7D"));
        check(&[], "u=https://a.com/%25&u=x", Some("https://a.com/%25"));
        check(&[], "u=/relative", Some("/relative"));
        check(&[], "u=http://[2001:db8::1]:80/", Some("http://[2001:db8::1]:80/"));
        for query in ["e=pv", "u=http://[bad", "u=http://a:99999/", "u=http://a:b/", "u=1:2"] {
            check(&[], query, None);
        }
    }

    #[test]
    fn only_listed_hosts_are_let_through() {
        let domains = [("REDIRECT_DOMAINS", "acme.com")];
        check(&domains, "u=https://acme.com:8443/x", Some("https://acme.com:8443/x"));
        check(&domains, "u=//acme.com/x", Some("//acme.com/x"));
        for evil in [
            "https://sub.acme.com/",
            "https://acme.com.evil.org/",
            "https://acme.com@evil.org/",
            "/relative",
            "//evil.org/acme.com",
            "https:evil.org",
            "https://evil.org%5C@acme.com.x/",
        ] {
            check(&domains, &format!("u={evil}"), None);
        }
        // A backslash is encoded, so that no browser takes it for a slash.
        check(&domains, "u=https://evil.org%5C@acme.com/", Some("https://evil.org%5C@acme.com/"));
        check(
            &[("REDIRECT_DOMAINS", "acme.com"), ("DIALECT", "2.x")],
            "u=https://evil.org%5C@acme.com/",
            Some("https://evil.org%5C@acme.com/"),
        );
    }

    #[test]
    fn the_older_dialect_keeps_the_text_and_fills_the_macro_in() {
        let macros = [("DIALECT", "2.x"), ("REDIRECT_MACRO_ENABLED", "true")];
        check(
            &macros,
            "u=http%3A%2F%2Fa.com%2F%3Fuid%3D%24%7BSP_NUID%7D",
            Some("http://a.com/?uid=ID"),
        );
        check(&[("DIALECT", "2.x")], "u=http://a.com/?q=a+b", Some("http://a.com/?q=a b"));
        check(
            &[("DIALECT", "2.x")],
            "u=http://a.com/%0d%0aX:%20y",
            Some("http://a.com/%0D%0AX: y"),
        );
    }
}
