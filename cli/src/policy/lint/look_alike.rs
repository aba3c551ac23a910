//! What a text looks like: addresses, numbers of people, secrets.

use std::net::{Ipv4Addr, Ipv6Addr};

use regex::Regex;

/// Digits of the shortest telephone number that is looked for, with its country.
const PHONE_DIGITS_MIN: usize = 8;

/// Patterns that say enough by themselves.
const PATTERNS: [(&str, &str); 4] = [
    ("e-mail address", r"[A-Za-z0-9._%+-]+(@|%40)[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"),
    ("JSON Web Token", r"eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}\.[A-Za-z0-9_-]*"),
    (
        "token",
        "(glpat|gloas|gldt|glrt|glcbt|glptt|glft|glimt|glagent|glsoat|glffct)-[A-Za-z0-9_-]{16,}\
         |gh[pousr]_[A-Za-z0-9]{20,}|github_pat_[A-Za-z0-9_]{20,}|A(KI|SI)A[A-Z0-9]{16}\
         |xox[abeoprs]-[A-Za-z0-9-]{10,}|[sr]k_live_[A-Za-z0-9]{16,}|AGE-SECRET-KEY-1[A-Z0-9]{20,}",
    ),
    ("private key", "-----BEGIN [A-Z ]*PRIVATE KEY-----"),
];
const CARD: &str = r"[0-9]{13,19}|[0-9]{4}([ -][0-9]{4}){3}|[0-9]{4}[ -][0-9]{6}[ -][0-9]{5}";
const PHONE: &str =
    r"\+[1-9][0-9 ().-]{6,18}[0-9]|\([0-9]{3}\) ?[0-9]{3}-[0-9]{4}|[0-9]{3}-[0-9]{3}-[0-9]{4}";

/// The patterns, compiled.
#[derive(Debug)]
pub(super) struct Detectors {
    patterns: Vec<(&'static str, Regex)>,
    card: Regex,
    phone: Regex,
}

impl Detectors {
    /// Those above; an error would be a mistake in this file.
    pub(super) fn new() -> Result<Self, regex::Error> {
        let patterns = PATTERNS.iter().map(|(name, text)| Ok((*name, Regex::new(text)?)));
        let patterns = patterns.collect::<Result<_, regex::Error>>()?;
        Ok(Self { patterns, card: Regex::new(CARD)?, phone: Regex::new(PHONE)? })
    }

    /// What the text looks like, or something in it.
    pub(super) fn kinds(&self, text: &str) -> Vec<&'static str> {
        let found = self.patterns.iter().filter(|(_, pattern)| pattern.is_match(text));
        let mut kinds: Vec<_> = found.map(|(name, _)| *name).collect();
        let words = || text.split(|c: char| !c.is_ascii_alphanumeric() && !".:".contains(c));
        if words().any(is_ipv4) {
            kinds.push("IPv4 address");
        }
        if words().any(is_ipv6) {
            kinds.push("IPv6 address");
        }
        if alone(&self.card, text).any(is_card) {
            kinds.push("card number");
        }
        let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).count();
        if alone(&self.phone, text).any(|found| digits(found) >= PHONE_DIGITS_MIN) {
            kinds.push("telephone number");
        }
        kinds
    }
}

/// Matches that are no part of a longer word: not of a UUID, not of a version.
fn alone<'a>(pattern: &'a Regex, text: &'a str) -> impl Iterator<Item = &'a str> {
    let joins = |c: char| c.is_ascii_alphanumeric() || "-.+_".contains(c);
    pattern.find_iter(text).filter_map(move |found| {
        let before = text.get(..found.start())?.chars().next_back();
        let after = text.get(found.end()..)?.chars().next();
        (!before.is_some_and(joins) && !after.is_some_and(joins)).then(|| found.as_str())
    })
}

/// Browsers send versions such as 120.0.0.0, and addresses end in zero when they are cut.
fn is_ipv4(word: &str) -> bool {
    let address = word.trim_matches(['.', ':']);
    // With a port, or without.
    let address = address.split(':').next().unwrap_or(address);
    address.parse::<Ipv4Addr>().is_ok_and(|address| address.octets()[3] != 0)
}

/// With a digit, as `a::b` is the name of a class; an address that was cut ends in two colons.
fn is_ipv6(word: &str) -> bool {
    let has_digit = word.bytes().any(|byte| byte.is_ascii_digit());
    has_digit && !word.ends_with("::") && word.parse::<Ipv6Addr>().is_ok()
}

/// The lengths of card numbers, and the check digit of them all.
fn is_card(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let length_and_first = (digits.len(), digits.first());
    let fits = matches!(length_and_first, (15, Some(3)) | (13, Some(4)) | (16 | 19, Some(2..=6)));
    let sum: u32 = digits.iter().rev().enumerate().map(|(place, digit)| luhn(place, *digit)).sum();
    fits && sum.is_multiple_of(10)
}

fn luhn(place: usize, digit: u32) -> u32 {
    match (place % 2, digit) {
        (0, digit) => digit,
        (_, 0..=4) => digit * 2,
        (_, digit) => digit * 2 - 9,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_looks_like_something_is_named() {
        let detectors = Detectors::new().unwrap();
        // Put together here, so that nobody's search for secrets finds this file.
        let token = |start: &str| format!("x {start}{}", "a1B2".repeat(6));
        let jwt = format!("{}.eyJzdWIiOiIxIn0.c2ln", "eyJhbGciOiJIUzI1NiJ9");
        for (text, expected) in [
            ("alex@example.com".to_owned(), "e-mail address"),
            ("https://a.example/?q=alex%40example.com".to_owned(), "e-mail address"),
            ("from 203.0.113.7:443".to_owned(), "IPv4 address"),
            ("[2001:db8::17]".to_owned(), "IPv6 address"),
            (jwt, "JSON Web Token"),
            (token("glpat-"), "token"),
            (token("ghp_"), "token"),
            (format!("AKIA{}", "ABCD".repeat(4)), "token"),
            (token("xoxb-"), "token"),
            ("4111 1111 1111 1111".to_owned(), "card number"),
            ("5500005555555559".to_owned(), "card number"),
            ("378282246310005".to_owned(), "card number"),
            ("call +1 202 555 0143".to_owned(), "telephone number"),
            ("(202) 555-0143".to_owned(), "telephone number"),
        ] {
            assert_eq!(detectors.kinds(&text), [expected], "{text}");
        }
    }

    #[test]
    fn what_looks_like_nothing_is_left_alone() {
        let detectors = Detectors::new().unwrap();
        for text in [
            "120.0.0.0",
            "203.0.113.0",
            "2001:db8::",
            "ActiveRecord::RecordNotFound",
            "4111 1111 1111 1112",
            "1767323045678",
            "4f1c1111-1111-4111-8111-111111111111",
            "2026-01-02 03:04:05.678",
            "2026-01-02T03:04:05+01:00",
            "17.1.0-pre+20260102030405",
            "js-3.24.2",
            "/groups/namespace/-/epics",
            "iglu:com.gitlab/gitlab_standard/jsonschema/1-1-8",
        ] {
            assert_eq!(detectors.kinds(text), [""; 0], "{text}");
        }
    }
}
