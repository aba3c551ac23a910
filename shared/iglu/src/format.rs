//! The formats that are checked; every other one means nothing.

use std::net::{Ipv4Addr, Ipv6Addr};

use crate::calendar;

const IPV4: &str = "^(([0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])\\.){3}([0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])$";
const HOSTNAME: &str = "^([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\\-]{0,61}[a-zA-Z0-9])(\\.([a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9\\-]{0,61}[a-zA-Z0-9]))*$";
const URI: &str = "(^[a-zA-Z][a-zA-Z0-9+-.]*:[^\\s]*$)|(^//[^\\s]+$)";
const NUMBER_0_TO_255: &str = "\\b([0-9]|[1-9][0-9]|1[0-9][0-9]|2[0-4][0-9]|25[0-5])\\b";
const COLOR_NAMES: [&str; 17] = [
    "aqua", "black", "blue", "fuchsia", "gray", "green", "lime", "maroon", "navy", "olive",
    "orange", "purple", "red", "silver", "teal", "white", "yellow",
];

/// A format by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Format {
    Date,
    DateTime,
    Time,
    Duration,
    Email,
    Hostname,
    Ipv4,
    Ipv6,
    Uri,
    Uuid,
    Color,
    Alpha,
    Alphanumeric,
    Phone,
    UtcMillis,
    Style,
}

/// How a text that does not follow a format is reported.
pub(crate) enum Complaint {
    /// As a keyword of its own that names the text and the format.
    Invalid(&'static str),
    /// As a text and the pattern it should have.
    Pattern(String),
    /// As a text and the name of the format.
    Value,
}

impl Format {
    /// The format of this name, if it is one that is checked.
    pub(crate) fn named(name: &str) -> Option<Self> {
        Some(match name {
            "date" => Self::Date,
            "date-time" => Self::DateTime,
            "time" => Self::Time,
            "duration" => Self::Duration,
            "email" => Self::Email,
            "hostname" => Self::Hostname,
            "ipv4" | "ip-address" => Self::Ipv4,
            "ipv6" => Self::Ipv6,
            "uri" => Self::Uri,
            "uuid" => Self::Uuid,
            "color" => Self::Color,
            "alpha" => Self::Alpha,
            "alphanumeric" => Self::Alphanumeric,
            "phone" => Self::Phone,
            "utc-millisec" => Self::UtcMillis,
            "style" => Self::Style,
            _ => return None,
        })
    }

    /// Whether a text follows it.
    pub(crate) fn fits(self, text: &str) -> bool {
        match self {
            Self::Date => calendar::is_date(text),
            Self::DateTime => calendar::is_date_time(text),
            Self::Time => calendar::is_time_of_digits(text),
            Self::Duration => calendar::is_duration(text),
            Self::Email => is_email(text),
            Self::Hostname => text.split('.').all(is_label),
            Self::Ipv4 => text.parse::<Ipv4Addr>().is_ok(),
            Self::Ipv6 => is_ipv6(text),
            Self::Uri => is_uri(text),
            Self::Uuid => is_uuid(text),
            Self::Color => is_color(text),
            Self::Alpha => is_all(text, |byte| byte.is_ascii_alphabetic()),
            Self::Alphanumeric => is_all(text, |byte| byte.is_ascii_alphanumeric()),
            Self::Phone => is_phone(text),
            Self::UtcMillis => is_millis(text),
            Self::Style => is_style(text),
        }
    }

    pub(crate) fn complaint(self) -> Complaint {
        let pattern = |pattern: &str| Complaint::Pattern(pattern.to_owned());
        match self {
            Self::Date | Self::DateTime => Complaint::Invalid("dateTime"),
            Self::Uuid => Complaint::Invalid("uuid"),
            Self::Duration | Self::Email => Complaint::Value,
            Self::Time => pattern("^\\d{2}:\\d{2}:\\d{2}$"),
            Self::Hostname => pattern(HOSTNAME),
            Self::Ipv4 => pattern(IPV4),
            Self::Ipv6 => pattern("IPv6"),
            Self::Uri => pattern(URI),
            Self::Color => Complaint::Pattern(color_pattern()),
            Self::Alpha => pattern("^[a-zA-Z]+$"),
            Self::Alphanumeric => pattern("^[a-zA-Z0-9]+$"),
            Self::Phone => pattern("^\\+(?:[0-9] ?){6,14}[0-9]$"),
            Self::UtcMillis => pattern("^[0-9]+(\\.?[0-9]+)?$"),
            Self::Style => pattern("\\s*(.+?):\\s*([^;]+);?"),
        }
    }
}

fn is_all(text: &str, fits: impl Fn(u8) -> bool) -> bool {
    !text.is_empty() && text.bytes().all(fits)
}

fn is_label(label: &str) -> bool {
    label.len() <= 63
        && is_all(label, |byte| byte.is_ascii_alphanumeric() || byte == b'-')
        && !label.starts_with('-')
        && !label.ends_with('-')
}

fn is_ipv6(text: &str) -> bool {
    let (address, zone) = text.trim().split_once('%').unwrap_or((text.trim(), "zone"));
    !zone.is_empty() && address.parse::<Ipv6Addr>().is_ok()
}

fn is_uri(text: &str) -> bool {
    // What the pattern calls whitespace.
    let is_solid = !text.contains([' ', '\t', '\n', '\u{b}', '\u{c}', '\r']);
    let has_scheme = text.split_once(':').is_some_and(|(scheme, _)| {
        // `+-.` is a range in the pattern, so a comma belongs to it.
        scheme.starts_with(|first: char| first.is_ascii_alphabetic())
            && is_all(scheme, |byte| byte.is_ascii_alphanumeric() || (b'+'..=b'.').contains(&byte))
    });
    is_solid && (has_scheme || text.strip_prefix("//").is_some_and(|rest| !rest.is_empty()))
}

fn is_uuid(text: &str) -> bool {
    let bytes = text.as_bytes();
    let has_dashes = [8, 13, 18, 23].iter().all(|place| bytes.get(*place) == Some(&b'-'));
    // Counting has no branches, and most are UUIDs.
    let digits = bytes.iter().filter(|byte| byte.is_ascii_hexdigit()).count();
    bytes.len() == 36 && has_dashes && digits == 32
}

fn is_phone(text: &str) -> bool {
    let Some(rest) = text.strip_prefix('+') else { return false };
    let digits = rest.bytes().filter(u8::is_ascii_digit).count();
    (7..=15).contains(&digits)
        && rest.bytes().all(|byte| byte.is_ascii_digit() || byte == b' ')
        && !rest.contains("  ")
        && !rest.starts_with(' ')
        && !rest.ends_with(' ')
}

fn is_millis(text: &str) -> bool {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    is_all(whole, |byte| byte.is_ascii_digit()) && is_all(fraction, |byte| byte.is_ascii_digit())
}

/// Something, a colon and something that is no semicolon.
fn is_style(text: &str) -> bool {
    text.match_indices(':').any(|(place, _)| {
        let (before, after) = text.split_at_checked(place).unwrap_or_default();
        let after = after.strip_prefix(':').unwrap_or_default();
        before.ends_with(|last: char| last != '\n' && last != '\r')
            && after.starts_with(|first: char| first != ';')
    })
}

fn is_color(text: &str) -> bool {
    COLOR_NAMES.iter().any(|name| text.contains(name))
        || has_hexadecimal_word(text)
        || text.match_indices("rgb(").any(|(place, _)| {
            let inside = text.get(place + 4..).and_then(|rest| rest.split_once(')'));
            inside.is_some_and(|(inside, _)| is_rgb(inside))
        })
}

/// Three digits at least that reach the end of a word, after a `#` or anything else.
fn has_hexadecimal_word(text: &str) -> bool {
    let words = text.split(|character: char| !character.is_alphanumeric() && character != '_');
    let digits = |word: &str| word.bytes().rev().take_while(u8::is_ascii_hexdigit).count();
    words.into_iter().any(|word| digits(word) >= 3)
}

fn is_rgb(inside: &str) -> bool {
    let parts: Vec<&str> = inside.split(',').map(str::trim).collect();
    let is_byte = |part: &&str| part.parse::<u8>().is_ok_and(|number| number.to_string() == **part);
    let is_percentage = |part: &&str| {
        part.strip_suffix('%').is_some_and(|number| {
            number.parse::<u8>().is_ok_and(|number| number <= 100) && number.len() <= 3
        })
    };
    parts.len() == 3 && (parts.iter().all(is_byte) || parts.iter().all(is_percentage))
}

fn color_pattern() -> String {
    let names: Vec<String> = COLOR_NAMES.iter().map(|name| format!("({name})")).collect();
    let bytes = [NUMBER_0_TO_255; 3].join("\\s*,\\s*");
    let percentages = ["(\\d?\\d%|100%)+"; 3].join("\\s*,\\s*");
    format!(
        "(#?([0-9A-Fa-f]{{3,6}})\\b)|{}|(rgb\\(\\s*{bytes}\\s*\\))|(rgb\\(\\s*{percentages}\\s*\\))",
        names.join("|")
    )
}

/// A mailbox: dotted words or quoted text, and a domain of two labels or an address in brackets.
fn is_email(text: &str) -> bool {
    let Some((user, domain)) = text.trim().rsplit_once('@') else { return false };
    is_user(user) && is_domain(domain)
}

fn is_user(user: &str) -> bool {
    if user.is_empty() || user.encode_utf16().count() > 64 {
        return false;
    }
    let quoted = user.strip_prefix('"').and_then(|rest| rest.strip_suffix('"'));
    if let Some(quoted) = quoted {
        return !quoted.replace("\\\"", "").contains('"');
    }
    let is_plain = |character: char| {
        !character.is_ascii_control()
            && !character.is_ascii_whitespace()
            && !matches!(
                character,
                '(' | ')' | '<' | '>' | '@' | ',' | ';' | ':' | '\\' | '"' | '[' | ']'
            )
    };
    user.split('.').all(|word| !word.is_empty() && word.chars().all(is_plain))
}

fn is_domain(domain: &str) -> bool {
    if let Some(address) = domain.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        return match address.strip_prefix("IPv6:") {
            Some(address) => address.parse::<Ipv6Addr>().is_ok(),
            None => address.parse::<Ipv4Addr>().is_ok(),
        };
    }
    // Letters of other scripts stand for labels in ASCII; which top level domains exist changes
    // every month and is no matter of syntax.
    let is_label = |label: &str| !label.is_ascii() && !label.contains(' ') || is_label(label);
    let top = domain.rsplit_once('.').map(|(_, top)| top);
    domain.len() <= 253
        && domain.split('.').all(is_label)
        && top.is_some_and(|top| {
            let is_word =
                top.chars().all(|letter| !letter.is_ascii() || letter.is_ascii_alphabetic());
            top.chars().count() >= 2 && (is_word || top.starts_with("xn--"))
        })
}

#[cfg(test)]
mod tests;
