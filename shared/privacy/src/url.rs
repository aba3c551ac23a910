//! URLs by a policy's rules, part by part: what is not allowed becomes a word, a pseudonym or nothing.

mod template;

use std::borrow::Cow;

use crate::class::{ClassId, Classes, any_bits};
use crate::memo::{Memo, Memory};
use crate::percent;
use crate::policy::DomainId;
use crate::pseudonym::Pseudonyms;
use crate::treatment::Fate;

use template::Segments;
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

/// What deciding on a URL takes.
pub(crate) struct Means<'m, P> {
    pub(crate) classes: &'m Classes,
    pub(crate) pseudonyms: &'m mut P,
    /// Paths that were decided on of late.
    pub(crate) paths: &'m mut Memo,
}

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

    /// Appends the classes that these rules refer to.
    pub(crate) fn classes(&self, out: &mut Vec<ClassId>) {
        out.push(self.hosts);
        out.extend(self.fragment);
        for (_, rule) in &self.query {
            match rule {
                QueryRule::Keep(class) => out.push(*class),
                QueryRule::Mask => {}
            }
        }
        for template in &self.paths {
            template.classes(out);
        }
    }

    /// How many bits such a part can tell at most, with each query key once.
    pub(crate) fn capacity_bits(&self, part: UrlPart, classes: &Classes) -> f64 {
        match part {
            UrlPart::Whole => [
                UrlPart::Scheme,
                UrlPart::Host,
                UrlPart::Port,
                UrlPart::Path,
                UrlPart::Query,
                UrlPart::Fragment,
            ]
            .iter()
            .map(|part| self.capacity_bits(*part, classes))
            .sum(),
            UrlPart::Scheme => 1.0,
            UrlPart::Host => classes.capacity_bits(self.hosts),
            UrlPart::Port => f64::from(u8::from(self.keeps_port)) * 16.0,
            UrlPart::Path => any_bits(self.paths.iter().map(|path| path.capacity_bits(classes))),
            // Not there, masked, or a value.
            UrlPart::Query => (self.query.iter())
                .map(|(_, rule)| match rule {
                    QueryRule::Keep(class) => any_bits([classes.capacity_bits(*class), 1.0]),
                    QueryRule::Mask => 1.0,
                })
                .sum(),
            UrlPart::Fragment => self.fragment.map_or(0.0, |class| classes.capacity_bits(class)),
        }
    }

    /// Templates that no path reaches, each with the earlier one that takes its paths.
    pub fn shadowed(&self, classes: &Classes) -> Vec<(String, String)> {
        let mut shadowed = Vec::new();
        for (place, later) in self.paths.iter().enumerate() {
            let mut earlier = self.paths.iter().take(place);
            if let Some(first) = earlier.find(|earlier| earlier.covers(later, classes)) {
                shadowed.push((later.shown(classes), first.shown(classes)));
            }
        }
        shadowed
    }

    /// The classes of what may be seen, each with the part that it is for; of paths none.
    pub fn kept(&self) -> Vec<(String, ClassId)> {
        let mut kept = vec![("hosts".to_owned(), self.hosts)];
        for (key, rule) in &self.query {
            match rule {
                QueryRule::Keep(class) => kept.push((format!("query {key}"), *class)),
                QueryRule::Mask => {}
            }
        }
        kept.extend(self.fragment.map(|class| ("fragment".to_owned(), class)));
        kept
    }

    /// The query keys of which only that they were used may be seen.
    pub fn masked(&self) -> impl Iterator<Item = &str> {
        let masked = self.query.iter().filter(|(_, rule)| *rule == QueryRule::Mask);
        masked.map(|(key, _)| key.as_str())
    }

    /// Whether ports may be seen.
    pub fn keeps_port(&self) -> bool {
        self.keeps_port
    }

    /// The shapes of paths: as the policy writes them, with what their classes accept in the place
    /// of names, and how many bits each can tell.
    pub fn shapes(&self, classes: &Classes) -> Vec<(String, String, f64)> {
        let shape = |path: &Template| {
            (path.shown(classes), path.defined(classes), path.capacity_bits(classes))
        };
        self.paths.iter().map(shape).collect()
    }

    /// Appends what may be seen; none if the text is no such part, so that nothing of it may.
    pub(crate) fn write(
        &self,
        part: UrlPart,
        text: &str,
        mut means: Means<'_, impl Pseudonyms>,
        out: &mut String,
    ) -> Option<()> {
        let classes = means.classes;
        match part {
            UrlPart::Whole => self.whole(text, &mut means, out)?,
            UrlPart::Scheme => out.push_str(scheme(text)?),
            UrlPart::Host => self.host(text, &mut means, out),
            UrlPart::Port => {
                if self.keeps_port {
                    out.push_str(port(text)?);
                }
            }
            UrlPart::Path => self.path(text, &mut means, out),
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
        means: &mut Means<'_, impl Pseudonyms>,
        out: &mut String,
    ) -> Option<()> {
        let classes = means.classes;
        let (name, rest) = split(text, memchr::memchr(b':', text.as_bytes()));
        let name = scheme(name)?;
        let rest = rest.strip_prefix("//")?;
        let (rest, fragment) = split(rest, memchr::memchr(b'#', rest.as_bytes()));
        let (rest, query) = split(rest, memchr::memchr(b'?', rest.as_bytes()));
        let path_at = memchr::memchr2(b'/', b'\\', rest.as_bytes()).unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(path_at)?;
        let host_at = memchr::memrchr(b'@', authority.as_bytes()).map_or(0, |at| at + 1);
        let host_and_port = authority.get(host_at..).unwrap_or_default();
        let port_at = match memchr::memrchr(b':', host_and_port.as_bytes()) {
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
        self.host(host, means, out);
        if let Some(port) = port_text.strip_prefix(':').filter(|_| self.keeps_port).and_then(port) {
            out.push(':');
            out.push_str(port);
        }
        self.path(path, means, out);
        let before = out.len();
        out.push('?');
        self.query(query, classes, out);
        if out.len() == before + 1 {
            out.truncate(before);
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

    fn host(&self, text: &str, means: &mut Means<'_, impl Pseudonyms>, out: &mut String) {
        let host = if text.bytes().any(|byte| byte.is_ascii_uppercase()) {
            Cow::Owned(text.to_ascii_lowercase())
        } else {
            Cow::Borrowed(text)
        };
        if means.classes.accepts(self.hosts, &host) {
            out.push_str(&host);
        } else {
            means.pseudonyms.write(self.host_domain, host.as_bytes(), out);
        }
    }

    /// A path, which an event shows in several places.
    fn path(&self, text: &str, means: &mut Means<'_, impl Pseudonyms>, out: &mut String) {
        let Means { classes, pseudonyms, paths } = means;
        let decision = paths.decide((u32::from(self.path_domain.0), Memory::All), text, |shown| {
            self.new_path(text, classes, *pseudonyms, shown);
            Fate::Replace
        });
        out.push_str(decision.output);
    }

    fn new_path(
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
        if let Some(segments) = Segments::of(inner, SEGMENTS_MAX) {
            let mut shown = Vec::with_capacity(16);
            if self.paths.iter().any(|template| template.matches(&segments, classes, &mut shown)) {
                for segment in shown {
                    out.push('/');
                    percent::encode(segment.text(classes), SEGMENT_SAFE, out);
                }
                return;
            }
        }
        out.push('/');
        pseudonyms.write(self.path_domain, trimmed.as_bytes(), out);
    }

    fn query(&self, text: &str, classes: &Classes, out: &mut String) {
        let start = out.len();
        let mut rest = Some(text);
        while let Some(text) = rest {
            let end = memchr::memchr(b'&', text.as_bytes());
            let (pair, behind) = split(text, end);
            rest = end.map(|_| behind);
            let (key, value) = split(pair, memchr::memchr(b'=', pair.as_bytes()));
            let Some(key) = percent::decode(key, true) else { continue };
            let Some((name, rule)) = self.query.iter().find(|(name, _)| **name == *key) else {
                continue;
            };
            if out.len() > start {
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

/// What stands before and behind this byte.
fn split(text: &str, at: Option<usize>) -> (&str, &str) {
    at.and_then(|at| Some((text.get(..at)?, text.get(at + 1..)?))).unwrap_or((text, ""))
}

fn scheme(text: &str) -> Option<&'static str> {
    ["http", "https"].into_iter().find(|known| text.eq_ignore_ascii_case(known))
}

fn port(text: &str) -> Option<&str> {
    // Written in one way only: leading zeros would have room for a message.
    let is_plain = text.len() <= 5 && !text.starts_with(['+', '0']);
    text.parse::<u16>().is_ok_and(|_| is_plain).then_some(text)
}

#[cfg(test)]
mod tests;
