//! Points in time without their smaller parts.

use crate::class::Builtin;

/// The smallest part that stays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TimeUnit {
    /// The fraction goes.
    Second,
    /// Seconds become zero.
    Minute,
    /// Minutes become zero.
    Hour,
    /// The time of day becomes midnight.
    Day,
}

impl TimeUnit {
    /// The unit of this name.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "second" => Some(Self::Second),
            "minute" => Some(Self::Minute),
            "hour" => Some(Self::Hour),
            "day" => Some(Self::Day),
            _ => None,
        }
    }

    /// How many characters of `2026-01-02 03:04:05` stay.
    fn kept(self) -> usize {
        match self {
            Self::Second => 19,
            Self::Minute => 16,
            Self::Hour => 13,
            Self::Day => 10,
        }
    }

    /// Appends the text with zeros for what is too fine. The number of fraction digits is told by
    /// the place and not by the event, so it is always three or none.
    pub(crate) fn truncate(self, text: &str, out: &mut String) -> Option<()> {
        if !Builtin::Timestamp.accepts(text) {
            return None;
        }
        let (start, rest) = text.split_at_checked(19)?;
        let kept = start.get(..self.kept())?;
        out.push_str(kept);
        out.extend(start.chars().skip(self.kept()).map(zero));
        if let Some(fraction) = rest.strip_prefix('.') {
            out.push_str(".000");
            out.push_str(fraction.trim_start_matches(|digit: char| digit.is_ascii_digit()));
        } else {
            out.push_str(rest);
        }
        Some(())
    }
}

fn zero(character: char) -> char {
    if character.is_ascii_digit() { '0' } else { character }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_lose_what_is_finer() {
        for (unit, text, expected) in [
            (TimeUnit::Second, "2026-01-02 03:04:05.678", Some("2026-01-02 03:04:05.000")),
            (TimeUnit::Minute, "2026-01-02T03:04:05.678901Z", Some("2026-01-02T03:04:00.000Z")),
            (TimeUnit::Hour, "2026-01-02T03:04:05+01:00", Some("2026-01-02T03:00:00+01:00")),
            (TimeUnit::Day, "2026-01-02 03:04:05", Some("2026-01-02 00:00:00")),
            (TimeUnit::Day, "yesterday", None),
            (TimeUnit::Day, "", None),
        ] {
            let mut out = String::new();
            assert_eq!(unit.truncate(text, &mut out).map(|()| out.as_str()), expected, "{text}");
        }
    }
}
