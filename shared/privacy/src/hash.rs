//! A quick hash for sets that a policy fixes and for caches of fixed size: nobody gains by making
//! texts collide there.

#![allow(clippy::disallowed_types, reason = "these are asked; where they are listed, in order")]

use std::collections::{HashMap, HashSet};
use std::hash::{BuildHasherDefault, Hasher};

/// Texts to be asked for.
pub(crate) type TextSet = HashSet<Box<str>, BuildHasherDefault<Quick>>;
/// Something for each of some texts.
pub(crate) type TextMap<T> = HashMap<String, T, BuildHasherDefault<Quick>>;

/// Odd, and with its bits well mixed: the golden ratio.
const FACTOR: u64 = 0x9e37_79b9_7f4a_7c15;

/// Eight bytes at a time.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Quick(u64);

impl Hasher for Quick {
    #[inline]
    fn write(&mut self, bytes: &[u8]) {
        if let Some(last) = bytes.last_chunk::<8>() {
            let (chunks, _) = bytes.as_chunks::<8>();
            for chunk in chunks {
                self.add(u64::from_le_bytes(*chunk));
            }
            // The last bytes once more or for the first time.
            self.add(u64::from_le_bytes(*last) ^ bytes.len() as u64);
        } else {
            let half =
                |half: Option<&[u8; 4]>| half.map_or(0, |it| u64::from(u32::from_le_bytes(*it)));
            let (first, last) = (half(bytes.first_chunk()), half(bytes.last_chunk()));
            let short = match bytes {
                [] | [_, _, _, _, ..] => 0,
                [a] => u64::from(*a),
                [a, b] => u64::from(*a) | u64::from(*b) << 8,
                [a, b, c] => u64::from(*a) | u64::from(*b) << 8 | u64::from(*c) << 16,
            };
            self.add(first | last << 32 | short);
            self.add(bytes.len() as u64);
        }
    }

    #[inline]
    fn write_u8(&mut self, _: u8) {
        // What ends a text; its length is in the hash already.
    }

    #[inline]
    fn finish(&self) -> u64 {
        self.0 ^ self.0 >> 29
    }
}

impl Quick {
    #[inline]
    fn add(&mut self, word: u64) {
        let product = u128::from(self.0 ^ word) * u128::from(FACTOR);
        #[allow(clippy::cast_possible_truncation, reason = "both halves are mixed in")]
        let (low, high) = (product as u64, (product >> 64) as u64);
        self.0 = low ^ high.rotate_left(23);
    }
}

/// The hash of a text and of what it is looked at for.
#[inline]
pub(crate) fn of(purpose: u32, text: &str) -> u64 {
    let mut hasher = Quick(u64::from(purpose).wrapping_mul(FACTOR));
    hasher.write(text.as_bytes());
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_look_alike_differ() {
        let texts = (0..20_000).map(|number| format!("user-{number}"));
        let hashes: HashSet<u64> = texts.map(|text| of(1, &text)).collect();
        assert_eq!(hashes.len(), 20_000);
        let slots: HashSet<u64> =
            (0..1_000).map(|it| of(1, &format!("{it:036}")) % 4_096).collect();
        assert!(slots.len() > 800, "{}", slots.len());
        assert_ne!(of(1, "a"), of(2, "a"));
        assert_ne!(of(1, ""), of(1, "\0"));
    }
}
