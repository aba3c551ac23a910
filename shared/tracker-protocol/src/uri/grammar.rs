//! Which characters Java allows where in a URI, and how it words a refusal.

use std::ops::Range;

/// A set of characters: one bit each for those below 128, in two words because that is fast.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Class {
    below_64: u64,
    above_63: u64,
    /// Whether `%XX` and characters beyond ASCII are allowed as well.
    escapes: bool,
}

impl Class {
    pub(crate) const DIGIT: Self = Self::of("0123456789");
    pub(crate) const ALPHA: Self = Self::of("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ");
    pub(crate) const ALPHANUMERIC: Self = Self::ALPHA.and(Self::DIGIT);
    pub(crate) const HEX: Self = Self::DIGIT.and(Self::of("abcdefABCDEF"));
    pub(crate) const SCHEME: Self = Self::ALPHANUMERIC.and(Self::of("+-."));
    pub(crate) const LABEL: Self = Self::ALPHANUMERIC.and(Self::of("-"));
    pub(crate) const SCOPE_ID: Self = Self::ALPHANUMERIC.and(Self::of("_."));
    pub(crate) const IPV4: Self = Self::DIGIT.and(Self::of("."));
    const UNRESERVED: Self = Self::ALPHANUMERIC.and(Self::of("_-!.~'()*")).escaped();
    /// Queries, fragments, and what stands behind the colon of `mailto:`.
    pub(crate) const URI: Self = Self::UNRESERVED.and(Self::of(";/?:@&=+$,[]"));
    pub(crate) const PATH: Self = Self::UNRESERVED.and(Self::of(":@&=+$,;/"));
    pub(crate) const USER_INFO: Self = Self::UNRESERVED.and(Self::of(";:&=+$,"));
    pub(crate) const REGISTRY_NAME: Self = Self::UNRESERVED.and(Self::of("$,;:@&=+"));
    /// User info, host and port; the percent sign is that of an IPv6 scope.
    pub(crate) const SERVER: Self = Self::USER_INFO.and(Self::of(".:@[]-%"));

    const fn of(characters: &str) -> Self {
        let (mut below_64, mut above_63) = (0, 0);
        let mut left = characters.as_bytes();
        while let Some((first, rest)) = left.split_first() {
            if *first < 64 {
                below_64 |= 1 << *first;
            } else {
                above_63 |= 1 << (*first - 64);
            }
            left = rest;
        }
        Self { below_64, above_63, escapes: false }
    }

    const fn and(self, other: Self) -> Self {
        Self {
            below_64: self.below_64 | other.below_64,
            above_63: self.above_63 | other.above_63,
            escapes: self.escapes || other.escapes,
        }
    }

    const fn escaped(self) -> Self {
        Self { escapes: true, ..self }
    }

    /// Whether the set has this ASCII character.
    #[inline]
    pub(crate) fn has(self, byte: u8) -> bool {
        let word = if byte < 64 { self.below_64 } else { self.above_63 };
        byte < 128 && word >> (byte & 63) & 1 == 1
    }
}

/// Why a text is no URI: what is wrong, and the byte where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) reason: &'static str,
    pub(crate) at: usize,
}

impl Refusal {
    /// Java's wording, which counts in UTF-16 units and quotes the text.
    pub(crate) fn message(self, text: &str) -> String {
        let before = text.char_indices().take_while(|(at, _)| *at < self.at);
        let units: usize = before.map(|(_, character)| character.len_utf16()).sum();
        format!("{} at index {units}: {text}", self.reason)
    }
}

/// The end of the run of allowed characters that begins the range.
pub(crate) fn scan(text: &str, range: Range<usize>, class: Class) -> Result<usize, Refusal> {
    let bytes = text.as_bytes().get(..range.end).unwrap_or_default();
    let mut at = range.start;
    while let Some(byte) = bytes.get(at) {
        if class.has(*byte) {
            at += 1;
        } else if !class.escapes {
            break;
        } else if *byte == b'%' {
            match bytes.get(at + 1..at + 3) {
                Some([a, b]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit() => at += 3,
                _ => return Err(Refusal { reason: "Malformed escape pair", at }),
            }
        } else {
            match text.get(at..).and_then(|rest| rest.chars().next()) {
                Some(character) if is_other(character) => at += character.len_utf8(),
                _ => break,
            }
        }
    }
    Ok(at)
}

/// Requires the whole range to be of the class.
pub(crate) fn require(
    text: &str,
    range: Range<usize>,
    class: Class,
    reason: &'static str,
) -> Result<(), Refusal> {
    let end = range.end;
    let at = scan(text, range, class)?;
    if at < end { Err(Refusal { reason, at }) } else { Ok(()) }
}

/// The first of those bytes in the range, or its end.
pub(crate) fn find(text: &str, range: Range<usize>, stops: &[u8]) -> usize {
    let end = range.end;
    let start = range.start;
    let bytes = text.as_bytes().get(range).unwrap_or_default();
    bytes.iter().position(|byte| stops.contains(byte)).map_or(end, |length| start + length)
}

/// Characters beyond ASCII that Java lets stand: no spaces, no controls.
fn is_other(character: char) -> bool {
    character > '\u{9f}'
        && !matches!(
            character,
            '\u{a0}' | '\u{1680}' | '\u{2000}'
                ..='\u{200a}' | '\u{2028}' | '\u{2029}' | '\u{202f}' | '\u{205f}' | '\u{3000}'
        )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_ends_where_the_class_does() {
        assert_eq!(scan("a%41é b", 0..8, Class::URI), Ok(6));
        assert_eq!(scan("a\u{a0}", 0..3, Class::URI), Ok(1));
        assert_eq!(
            scan("a%4", 0..3, Class::URI),
            Err(Refusal { reason: "Malformed escape pair", at: 1 })
        );
        assert_eq!(scan("12a", 0..3, Class::DIGIT), Ok(2));
    }

    #[test]
    fn a_refusal_counts_as_java_does() {
        let refusal = Refusal { reason: "Illegal character in path", at: "é😀".len() };
        assert_eq!(refusal.message("é😀|"), "Illegal character in path at index 3: é😀|");
    }
}
