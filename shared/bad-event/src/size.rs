//! What is too large for its stream.

use std::fmt;

use serde::Serialize;

use crate::envelope::{Processor, instant, line};

/// Longest expectation that the schema of size violations allows.
const EXPECTATION_CHARS_MAX: usize = 256;

/// A size violation shows at most the limit divided by this, in characters of what was too large.
const TEXT_SHARE: usize = 10;

/// Something was larger than allowed.
#[derive(Clone, Copy)]
pub struct SizeViolation<'a> {
    /// When it was found, in microseconds since 1970.
    pub epoch_micros: i64,
    /// The limit.
    pub bytes_max: usize,
    /// The size that was found.
    pub bytes: usize,
    /// Why it could not be made to fit.
    pub expectation: &'a str,
    /// The beginning of the payload as text.
    pub payload: &'a str,
}

impl SizeViolation<'_> {
    /// The bad event as one line of JSON.
    pub fn to_json(self, processor: Processor<'_>) -> Vec<u8> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Failure<'a> {
            timestamp: String,
            maximum_allowed_size_bytes: usize,
            actual_size_bytes: usize,
            expectation: &'a str,
        }
        let end = self.expectation.char_indices().nth(EXPECTATION_CHARS_MAX).map(|(at, _)| at);
        let failure = Failure {
            timestamp: instant(self.epoch_micros),
            maximum_allowed_size_bytes: self.bytes_max,
            actual_size_bytes: self.bytes,
            expectation: end
                .and_then(|end| self.expectation.get(..end))
                .unwrap_or(self.expectation),
        };
        line("size_violation/jsonschema/1-0-0", processor, &failure, &self.payload)
    }
}

impl fmt::Debug for SizeViolation<'_> {
    /// Sizes only: the payload is personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SizeViolation")
            .field("bytes_max", &self.bytes_max)
            .field("bytes", &self.bytes)
            .finish_non_exhaustive()
    }
}

/// The bad event that takes the place of a good one whose row does not fit its stream.
pub fn oversized_enriched_event(
    row: &str,
    bytes_max: usize,
    epoch_micros: i64,
    processor: Processor<'_>,
) -> Vec<u8> {
    let what = "Enriched event exceeds";
    Oversized { text: row, bytes_max, epoch_micros, what }.to_json(processor)
}

/// A text that does not fit.
pub(crate) struct Oversized<'a> {
    pub(crate) text: &'a str,
    pub(crate) bytes_max: usize,
    pub(crate) epoch_micros: i64,
    pub(crate) what: &'a str,
}

impl Oversized<'_> {
    pub(crate) fn to_json(&self, processor: Processor<'_>) -> Vec<u8> {
        let Self { text, bytes_max, epoch_micros, what } = *self;
        let violation = SizeViolation {
            epoch_micros,
            bytes_max,
            // The limit is one of bytes, and yet the original reports characters here.
            bytes: text.chars().map(char::len_utf16).sum(),
            expectation: &format!("{what} the maximum allowed size of {bytes_max} bytes"),
            payload: beginning(text, bytes_max / TEXT_SHARE),
        };
        violation.to_json(processor)
    }
}

/// The first so many UTF-16 code units, or one less rather than half a character.
fn beginning(text: &str, chars_max: usize) -> &str {
    let mut chars = 0;
    let end = text.char_indices().find(|(_, character)| {
        chars += character.len_utf16();
        chars > chars_max
    });
    end.and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_beginning_is_as_long_as_it_may_be(text in "\\PC{0,20}", chars_max in 0usize..24) {
            let kept = beginning(&text, chars_max);
            prop_assert!(text.starts_with(kept));
            let kept_chars = kept.encode_utf16().count();
            prop_assert!(kept_chars <= chars_max);
            prop_assert!(kept == text || kept_chars + 2 > chars_max);
        }
    }
}
