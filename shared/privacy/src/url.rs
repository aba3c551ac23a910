//! URLs by a policy's rules, part by part: what is not allowed becomes a word, a pseudonym or nothing.

mod template;

use crate::class::{ClassId, Classes};
use crate::percent;
use crate::policy::DomainId;
use crate::pseudonym::Pseudonyms;

pub(crate) use template::Template;

/// What may stand in a path segment beside letters and digits.
const SEGMENT_SAFE: &[u8] = b":@!$&'()*+,;=";
/// What may stand in a query's value.
const QUERY_SAFE: &[u8] = b":@!$'()*,;/?";
/// The most segments of a path that templates look at.
const SEGMENTS_MAX: usize = 64;

/// A policy's rules for URLs, by their place in its list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UrlId(pub(crate) u16);

/// Which part of a URL a value holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UrlPart {
    /// All of it.
    Whole,
    /// `https`
    Scheme,
    /// `gitlab.com`
    Host,
    /// `443`
    Port,
    /// `/a/b`
    Path,
    /// `a=b&c=d`, without the question mark.
    Query,
    /// `top`, without the hash.
    Fragment,
}

/// What happens to a query's key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum QueryRule {
    /// The value stays if it is in the class, else it is masked.
    Keep(ClassId),
    /// The value is masked.
    Mask,
}

/// One named set of rules.
#[derive(Clone, Debug)]
pub struct UrlRules {
    /// What the policy calls it.
    pub name: String,
    /// The policy's line.
    pub line: usize,
    pub(crate) hosts: ClassId,
    pub(crate) keeps_port: bool,
    pub(crate) paths: Vec<Template>,
    pub(crate) query: Vec<(String, QueryRule)>,
    pub(crate) fragment: Option<ClassId>,
    /// The domains of pseudonyms of hosts and of paths.
    pub(crate) host_domain: DomainId,
    pub(crate) path_domain: DomainId,
}

impl UrlRules {
    /// Whether this query key may keep values.
    pub(crate) fn keeps_query(&self, key: &str) -> bool {
        self.query.iter().any(|(name, rule)| name == key && matches!(rule, QueryRule::Keep(_)))
    }

    /// Appends what may be seen; none if the text is no such part, so that nothing of it may.
    pub(crate) fn write(
        &self,
        part: UrlPart,
        text: &str,
        (classes, pseudonyms): (&Classes, &mut impl Pseudonyms),
        out: &mut String,
    ) -> Option<()> {
        match part {
            UrlPart::Whole => self.whole(text, classes, pseudonyms, out)?,
            UrlPart::Scheme => out.push_str(scheme(text)?),
            UrlPart::Host => self.host(text, classes, pseudonyms, out),
            UrlPart::Port => {
                if self.keeps_port {
                    out.push_str(port(text)?);
                }
            }
            UrlPart::Path => self.path(text, classes, pseudonyms, out),
            UrlPart::Query => self.query(text, classes, out),
            UrlPart::Fragment => {
                if self.fragment.is_some_and(|class| classes.accepts(class, text)) {
                    out.push_str(text);
                }
            }
        }
        Some(())
    }

    fn whole(
        &self,
        text: &str,
        classes: &Classes,
        pseudonyms: &mut impl Pseudonyms,
        out: &mut String,
    ) -> Option<()> {
        let (name, rest) = text.split_once("://")?;
        let name = scheme(name)?;
        let (rest, fragment) = rest.split_once('#').unwrap_or((rest, ""));
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let path_at = rest.find(['/', '\\']).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(path_at)?;
        let host_and_port = authority.rsplit('@').next().unwrap_or(authority);
        let port_at = match host_and_port.rfind(':') {
            // The colons of an address in brackets are its own.
            Some(place) if !host_and_port.ends_with(']') => place,
            _ => host_and_port.len(),
        };
        let (host, port_text) = host_and_port.split_at_checked(port_at)?;
        if host.is_empty() {
            return None;
        }
        out.push_str(name);
        out.push_str("://");
        self.host(host, classes, pseudonyms, out);
        if let Some(port) = port_text.strip_prefix(':').filter(|_| self.keeps_port).and_then(port) {
            out.push(':');
            out.push_str(port);
        }
        self.path(path, classes, pseudonyms, out);
        let mut scratch = String::new();
        self.query(query, classes, &mut scratch);
        if !scratch.is_empty() {
            out.push('?');
            out.push_str(&scratch);
        }
        if self
            .fragment
            .is_some_and(|class| !fragment.is_empty() && classes.accepts(class, fragment))
        {
            out.push('#');
            out.push_str(fragment);
        }
        Some(())
    }

    fn host(
        &self,
        text: &str,
        classes: &Classes,
        pseudonyms: &mut impl Pseudonyms,
        out: &mut String,
    ) {
        let host = text.to_ascii_lowercase();
        if classes.accepts(self.hosts, &host) {
            out.push_str(&host);
        } else {
            pseudonyms.write(self.host_domain, host.as_bytes(), out);
        }
    }

    fn path(
        &self,
        text: &str,
        classes: &Classes,
        pseudonyms: &mut impl Pseudonyms,
        out: &mut String,
    ) {
        let trimmed = text.trim_end_matches('/');
        if trimmed.is_empty() {
            out.push_str(if text.is_empty() { "" } else { "/" });
            return;
        }
        let inner = trimmed.strip_prefix('/').unwrap_or(trimmed);
        let segments: Vec<_> = inner
            .split('/')
            .map(|raw| percent::decode(raw, false))
            .take(SEGMENTS_MAX + 1)
            .collect();
        if segments.len() <= SEGMENTS_MAX {
            for template in &self.paths {
                if let Some(matched) = template.matches(&segments, classes) {
                    for segment in matched {
                        out.push('/');
                        percent::encode(segment, SEGMENT_SAFE, out);
                    }
                    return;
                }
            }
        }
        out.push('/');
        pseudonyms.write(self.path_domain, trimmed.as_bytes(), out);
    }

    fn query(&self, text: &str, classes: &Classes, out: &mut String) {
        for pair in text.split('&') {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let Some(key) = percent::decode(key, true) else { continue };
            let Some((name, rule)) = self.query.iter().find(|(name, _)| **name == *key) else {
                continue;
            };
            if !out.is_empty() {
                out.push('&');
            }
            percent::encode(name, b"", out);
            out.push('=');
            let value = percent::decode(value, true);
            match (rule, value) {
                (QueryRule::Keep(class), Some(value)) if classes.accepts(*class, &value) => {
                    percent::encode(&value, QUERY_SAFE, out);
                }
                _ => {
                    out.push_str("masked_");
                    percent::encode(name, b"", out);
                }
            }
        }
    }
}

fn scheme(text: &str) -> Option<&'static str> {
    ["http", "https"].into_iter().find(|known| text.eq_ignore_ascii_case(known))
}

fn port(text: &str) -> Option<&str> {
    text.parse::<u16>()
        .is_ok_and(|port| port > 0)
        .then_some(text)
        .filter(|text| !text.starts_with('+'))
}

#[cfg(test)]
mod tests;
