//! Whether the text between brackets is an IPv6 address, by Java's rules.

use std::ops::Range;

use super::authority::ipv4_end;
use super::grammar::{Class, Refusal, scan};
use super::strict::byte;

const ADDRESS_BYTES: usize = 16;
const PIECE_DIGITS_MAX: usize = 4;

/// Refuses what is no IPv6 address.
pub(super) fn check(text: &str, range: Range<usize>) -> Result<(), Refusal> {
    let Range { start, end } = range;
    let mut reader = Reader { text, end, address_bytes: 0 };
    let mut compressed = false;
    let mut at = start;
    match reader.pieces(at)? {
        Some(after) => {
            at = after;
            if reader.double_colon(at) {
                compressed = true;
                at = reader.tail(at + 2)?;
            } else if reader.is(at, b':') {
                at = reader.ipv4(at + 1, "Expected IPv4 address")?;
            }
        }
        None if reader.double_colon(at) => {
            compressed = true;
            at = reader.tail(at + 2)?;
        }
        None => {}
    }
    let reason = if at < end || (compressed && reader.address_bytes == ADDRESS_BYTES) {
        "Malformed IPv6 address"
    } else if reader.address_bytes > ADDRESS_BYTES {
        "IPv6 address too long"
    } else if !compressed && reader.address_bytes < ADDRESS_BYTES {
        "IPv6 address too short"
    } else {
        return Ok(());
    };
    Err(Refusal { reason, at: start })
}

struct Reader<'a> {
    text: &'a str,
    end: usize,
    /// How many of an address's bytes have been seen.
    address_bytes: usize,
}

impl Reader<'_> {
    fn is(&self, at: usize, wanted: u8) -> bool {
        at < self.end && byte(self.text, at) == Some(wanted)
    }

    fn double_colon(&self, at: usize) -> bool {
        self.is(at, b':') && self.is(at + 1, b':')
    }

    /// Hexadecimal pieces with single colons between them; stops before an IPv4 address.
    fn pieces(&mut self, start: usize) -> Result<Option<usize>, Refusal> {
        let Some(mut at) = self.piece(start)? else { return Ok(None) };
        while self.is(at, b':') && !self.is(at + 1, b':') {
            match self.piece(at + 1)? {
                Some(after) => at = after,
                None if scan(self.text, at + 1..self.end, Class::HEX)? > at + 1 => break,
                None => {
                    let reason = "Expected digits for an IPv6 address";
                    return Err(Refusal { reason, at: at + 1 });
                }
            }
        }
        Ok(Some(at))
    }

    /// The end of one piece; none if there is none, or if it begins an IPv4 address.
    fn piece(&mut self, start: usize) -> Result<Option<usize>, Refusal> {
        let after = scan(self.text, start..self.end, Class::HEX)?;
        if after <= start || self.is(after, b'.') {
            return Ok(None);
        }
        if after > start + PIECE_DIGITS_MAX {
            let reason = "IPv6 hexadecimal digit sequence too long";
            return Err(Refusal { reason, at: start });
        }
        self.address_bytes += 2;
        Ok(Some(after))
    }

    /// What follows `::`.
    fn tail(&mut self, start: usize) -> Result<usize, Refusal> {
        const EXPECTED: &str = "Expected hex digits or IPv4 address";
        if start == self.end {
            return Ok(start);
        }
        match self.pieces(start)? {
            Some(after) if self.is(after, b':') => self.ipv4(after + 1, EXPECTED),
            Some(after) => Ok(after),
            None => self.ipv4(start, EXPECTED),
        }
    }

    fn ipv4(&mut self, start: usize, expected: &'static str) -> Result<usize, Refusal> {
        self.address_bytes += 4;
        let end = ipv4_end(self.text, start..self.end).filter(|after| *after == self.end);
        end.ok_or(Refusal { reason: expected, at: start })
    }
}
