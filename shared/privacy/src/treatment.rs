//! What happens to one value: the treatments, and the one place that applies them to a text.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::class::{ClassId, decimal};
use crate::memo::Memory;
use crate::policy::{DomainId, Policy};
use crate::time::TimeUnit;
use crate::url::{UrlId, UrlPart};

/// What a rule does with a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Treatment {
    /// Stays as it is if it is in the class.
    Keep(ClassId),
    /// Becomes a pseudonym.
    Pseudonymize,
    /// Is left out.
    Drop,
    /// An address of which so many bits stay.
    Ip {
        /// Of 32.
        v4: u8,
        /// Of 128.
        v6: u8,
    },
    /// A number with so many fraction digits.
    Round(u8),
    /// A point in time without its smaller parts.
    Time(TimeUnit),
    /// A number becomes the bound below it; holds the place of the bounds.
    Bucket(BucketsId),
    /// A URL, or one part of it.
    Url(UrlId, UrlPart),
    /// Self-describing JSON, treated by the rules of its schemas.
    Json,
}

/// Bounds of buckets, by their place in the policy's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BucketsId(pub(crate) u16);

/// A rule of the policy.
#[derive(Clone, Debug)]
pub struct Rule {
    /// What it does.
    pub treatment: Treatment,
    /// Where pseudonyms of this place live, also when the treatment does not understand a value.
    pub domain: DomainId,
    /// What it is about: `column user_id` or `com.gitlab/gitlab_standard user_id`.
    pub subject: String,
    /// The policy's line; 0 for the default.
    pub line: usize,
    /// Why, as the policy says it.
    pub reason: Option<String>,
}

/// What deciding needs of a rule.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Act {
    pub(crate) treatment: Treatment,
    pub(crate) domain: DomainId,
    /// What is worth remembering of its decisions.
    pub(crate) memory: Memory,
}

impl Act {
    /// For a rule that there is not.
    pub(crate) const DEFAULT: Self =
        Self { treatment: Treatment::Pseudonymize, domain: DomainId(0), memory: Memory::Nothing };
}

/// What becomes of one text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// It stays.
    Keep,
    /// What was written to the scratch text takes its place.
    Replace,
    /// A pseudonym takes its place.
    Pseudonymize,
    /// The same, though the rule would have let something through: it did not understand the value.
    Violation,
    /// Nothing takes its place.
    Drop,
}

/// Decides on one text that is neither empty nor null; a replacement is appended to the scratch.
///
/// URLs need pseudonyms of their own inside, so they are the caller's.
pub(crate) fn decide(
    policy: &Policy,
    treatment: Treatment,
    text: &str,
    scratch: &mut String,
) -> Fate {
    let understood = match treatment {
        Treatment::Pseudonymize | Treatment::Json | Treatment::Url(..) => {
            return Fate::Pseudonymize;
        }
        Treatment::Drop => return Fate::Drop,
        Treatment::Keep(class) => {
            return if policy.classes.accepts(class, text) { Fate::Keep } else { Fate::Violation };
        }
        Treatment::Ip { v4, v6 } => truncate_ip(text, v4, v6, scratch),
        Treatment::Round(digits) => round(text, digits, scratch),
        Treatment::Time(unit) => unit.truncate(text, scratch),
        Treatment::Bucket(bounds) => bucket(text, policy.buckets(bounds), scratch),
    };
    if understood.is_some() { Fate::Replace } else { Fate::Violation }
}

/// Keeps the leading bits of an address.
fn truncate_ip(text: &str, v4: u8, v6: u8, out: &mut String) -> Option<()> {
    let kept = match text.parse().ok()? {
        IpAddr::V4(address) => {
            let mask = u32::MAX.checked_shl(32 - u32::from(v4)).unwrap_or(0);
            IpAddr::V4(Ipv4Addr::from_bits(address.to_bits() & mask))
        }
        IpAddr::V6(address) => {
            let mask = u128::MAX.checked_shl(128 - u32::from(v6)).unwrap_or(0);
            IpAddr::V6(Ipv6Addr::from_bits(address.to_bits() & mask))
        }
    };
    out.push_str(&kept.to_string());
    Some(())
}

/// The most fraction digits that are read; more than a double holds.
const FRACTION_DIGITS_READ_MAX: u32 = 20;

fn round(text: &str, digits: u8, out: &mut String) -> Option<()> {
    let number = decimal(text, FRACTION_DIGITS_READ_MAX)?;
    let rounded = format!("{number:.*}", usize::from(digits));
    // Minus zero would tell the sign of a number that was rounded away.
    let is_zero = rounded.bytes().all(|byte| matches!(byte, b'-' | b'0' | b'.'));
    out.push_str(if is_zero { rounded.trim_start_matches('-') } else { &rounded });
    Some(())
}

fn bucket(text: &str, bounds: &[(f64, String)], out: &mut String) -> Option<()> {
    let number = decimal(text, FRACTION_DIGITS_READ_MAX)?;
    let (_, bound) = bounds.iter().rev().find(|(bound, _)| *bound <= number)?;
    out.push_str(bound);
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(apply: impl Fn(&mut String) -> Option<()>) -> Option<String> {
        let mut out = String::new();
        apply(&mut out).map(|()| out)
    }

    #[test]
    fn addresses_lose_their_tail() {
        for (text, v4, v6, expected) in [
            ("203.0.113.77", 24, 48, Some("203.0.113.0")),
            ("203.0.113.77", 32, 48, Some("203.0.113.77")),
            ("203.0.113.77", 0, 48, Some("0.0.0.0")),
            ("2001:db8:1:2::3", 24, 48, Some("2001:db8:1::")),
            ("2001:db8::1", 24, 0, Some("::")),
            ("203.0.113", 24, 48, None),
            ("203.0.113.77, 10.0.0.1", 24, 48, None),
        ] {
            let found = shown(|out| truncate_ip(text, v4, v6, out));
            assert_eq!(found.as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn numbers_lose_their_digits() {
        for (text, digits, expected) in [
            ("52.5163", 1, Some("52.5")),
            ("-0.04", 1, Some("0.0")),
            ("7", 0, Some("7")),
            ("1e3", 0, None),
            ("seven", 0, None),
        ] {
            assert_eq!(shown(|out| round(text, digits, out)).as_deref(), expected, "{text}");
        }
        let bounds = [(0.0, "0".to_owned()), (320.0, "320".to_owned()), (640.0, "640".to_owned())];
        for (text, expected) in [
            ("319", Some("0")),
            ("320", Some("320")),
            ("9000", Some("640")),
            ("-1", None),
            ("x", None),
        ] {
            assert_eq!(shown(|out| bucket(text, &bounds, out)).as_deref(), expected, "{text}");
        }
    }
}
