//! As much of a URL as redirects need; what it takes is strict, so that nobody reads another host in it.

use std::fmt;

/// The longest URL in bytes; longer ones are not what repositories use.
const URL_BYTES_MAX: usize = 8_192;

/// An `http` or `https` URL without credentials and fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Url {
    https: bool,
    /// In lower case; an IPv6 address keeps its brackets.
    host: String,
    port: u16,
    /// Path and query; starts with a slash.
    path: String,
}

impl Url {
    /// Reads an absolute URL.
    pub(super) fn parse(text: &str) -> Option<Self> {
        if text.len() > URL_BYTES_MAX || !text.bytes().all(is_url_byte) {
            return None;
        }
        let (scheme, rest) = text.split_once("://")?;
        let https = match scheme {
            _ if scheme.eq_ignore_ascii_case("https") => true,
            _ if scheme.eq_ignore_ascii_case("http") => false,
            _ => return None,
        };
        let rest = without_fragment(rest);
        let end = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end)?;
        let (host, port) = host_and_port(authority, https)?;
        let slash = if path.starts_with('/') { "" } else { "/" };
        Some(Self { https, host, port, path: format!("{slash}{path}") })
    }

    /// Reads what a `Location` header says, seen from here.
    pub(super) fn join(&self, location: &str) -> Option<Self> {
        let scheme = if self.https { "https" } else { "http" };
        if location.starts_with("//") {
            return Self::parse(&format!("{scheme}:{location}"));
        }
        if has_scheme(location) {
            return Self::parse(location);
        }
        if location.len() > URL_BYTES_MAX || !location.bytes().all(is_url_byte) {
            return None;
        }
        let location = without_fragment(location);
        let here = self.path.split('?').next().unwrap_or_default();
        let path = match location.as_bytes().first() {
            None => self.path.clone(),
            Some(b'?') => format!("{here}{location}"),
            Some(b'/') => without_dots(location),
            Some(_) => {
                let folder = here.rsplit_once('/').map_or("", |(folder, _)| folder);
                without_dots(&format!("{folder}/{location}"))
            }
        };
        (path.len() <= URL_BYTES_MAX).then(|| Self { path, ..self.clone() })
    }

    pub(super) fn is_https(&self) -> bool {
        self.https
    }

    /// Whether the same server answers: same scheme, host and port, or the step from `http` to
    /// `https` between the ports that are theirs.
    pub(super) fn is_same_place(&self, first: &Self) -> bool {
        let same_port = self.port == first.port && self.https == first.https;
        let upgrade = self.https && !first.https && self.port == 443 && first.port == 80;
        self.host == first.host && (same_port || upgrade)
    }

    /// Whether one of the hosts, `host` or `host:port`, is this URL's.
    pub(super) fn is_listed(&self, hosts: &[String]) -> bool {
        hosts
            .iter()
            .filter_map(|host| host_and_port(host, self.https))
            .any(|(host, port)| host == self.host && port == self.port)
    }

    /// The host, with its port unless that is the scheme's own.
    pub(super) fn authority(&self) -> String {
        let Self { host, port, .. } = self;
        if *port == own_port(self.https) { host.clone() } else { format!("{host}:{port}") }
    }
}

impl fmt::Display for Url {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.https { "https" } else { "http" };
        write!(f, "{scheme}://{}{}", self.authority(), self.path)
    }
}

fn own_port(https: bool) -> u16 {
    if https { 443 } else { 80 }
}

/// Printable ASCII but for what no URL holds; a backslash is a slash to some.
fn is_url_byte(byte: u8) -> bool {
    byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte)
}

fn without_fragment(text: &str) -> &str {
    text.split('#').next().unwrap_or_default()
}

fn has_scheme(text: &str) -> bool {
    let end = text.find(['/', '?', '#']).unwrap_or(text.len());
    text.get(..end).is_some_and(|start| start.contains(':'))
}

/// Takes no credentials, no other characters than names and addresses are made of, and no port 0.
fn host_and_port(authority: &str, https: bool) -> Option<(String, u16)> {
    let (host, port) = if let Some(rest) = authority.strip_prefix('[') {
        let (address, port) = rest.split_once(']')?;
        let is_address = address.bytes().all(|b| b.is_ascii_hexdigit() || b":.".contains(&b));
        (is_address && !address.is_empty()).then(|| (format!("[{address}]"), port))?
    } else {
        let end = authority.find(':').unwrap_or(authority.len());
        let (name, port) = authority.split_at_checked(end)?;
        let is_name = name.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b));
        (is_name && !name.is_empty()).then(|| (name.to_owned(), port))?
    };
    let port = match port.strip_prefix(':') {
        None if port.is_empty() => own_port(https),
        Some(digits) if digits.bytes().all(|b| b.is_ascii_digit()) => digits.parse().ok()?,
        None | Some(_) => return None,
    };
    (port != 0).then(|| (host.to_ascii_lowercase(), port))
}

/// Resolves `.` and `..` in a path that starts with a slash; a query stays as it is.
fn without_dots(path: &str) -> String {
    let (path, query) =
        path.split_at_checked(path.find('?').unwrap_or(path.len())).unwrap_or_default();
    let mut steps = Vec::new();
    for step in path.split('/').skip(1) {
        match step {
            "." => {}
            ".." => drop(steps.pop()),
            step => steps.push(step),
        }
    }
    if path.ends_with("/.") || path.ends_with("/..") {
        steps.push("");
    }
    format!("/{}{query}", steps.join("/"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_urls() {
        for (text, expected) in [
            ("https://a.b", "https://a.b/"),
            ("HTTPS://A.b:443/C?d=/e#f", "https://a.b/C?d=/e"),
            ("http://a.b:8080?q", "http://a.b:8080/?q"),
            ("http://[::1]:80/x", "http://[::1]/x"),
            ("http://127.0.0.1:9/x", "http://127.0.0.1:9/x"),
        ] {
            assert_eq!(Url::parse(text).unwrap().to_string(), expected, "{text}");
        }
        for text in [
            "",
            "a.b/x",
            "ftp://a.b/",
            "https://",
            "https:///x",
            "https://u:p@a.b/",
            "http://a.b:x/",
            "http://a.b:0/",
            "http://a.b:65536/",
            "http://a b/",
            "http://a\\b/",
            "http://é/",
            "http://a.b/\r\n",
            "http://[::1/",
            "http://[x]/",
            "http://a.b:+1/",
            "http://[::1]x/",
        ] {
            assert_eq!(Url::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_url_has_a_limit() {
        let long = |length: usize| format!("http://a.b/{}", "x".repeat(length - 11));
        assert!(Url::parse(&long(URL_BYTES_MAX)).is_some());
        assert!(Url::parse(&long(URL_BYTES_MAX + 1)).is_none());
    }

    #[test]
    fn joins_locations() {
        let here = Url::parse("https://a.b:8443/schemas/c/d?q").unwrap();
        for (location, expected) in [
            ("http://c.d/x", "http://c.d/x"),
            ("//c.d/x", "https://c.d/x"),
            ("/x/../y#f", "https://a.b:8443/y"),
            ("e/./f", "https://a.b:8443/schemas/c/e/f"),
            ("../../../e/..", "https://a.b:8443/"),
            ("?r=http://x", "https://a.b:8443/schemas/c/d?r=http://x"),
            ("e?r=a:b/../c", "https://a.b:8443/schemas/c/e?r=a:b/../c"),
            ("", "https://a.b:8443/schemas/c/d?q"),
        ] {
            assert_eq!(here.join(location).unwrap().to_string(), expected, "{location}");
        }
        for location in ["javascript:x", "file:///etc/passwd", "https://u@c.d/", "/\u{1}", "/\\c.d"]
        {
            assert_eq!(here.join(location), None, "{location}");
        }
    }
}
