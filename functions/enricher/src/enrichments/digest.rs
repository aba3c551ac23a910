//! The hash functions that configurations may name.

use md2::Md2;
use md5::Md5;
use sha1::Sha1;
use sha2::{Digest, Sha256, Sha384, Sha512};

/// A hash function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Hash {
    Md2,
    Md5,
    Sha1,
    Sha256,
    Sha384,
    Sha512,
}

impl Hash {
    /// The function of a name, with or without dashes.
    pub(crate) fn named(name: &str) -> Option<Self> {
        match name {
            "MD2" => Some(Self::Md2),
            "MD5" => Some(Self::Md5),
            "SHA1" | "SHA-1" => Some(Self::Sha1),
            "SHA256" | "SHA-256" => Some(Self::Sha256),
            "SHA384" | "SHA-384" => Some(Self::Sha384),
            "SHA512" | "SHA-512" => Some(Self::Sha512),
            _ => None,
        }
    }

    /// The digest of the parts in a row, in lowercase hexadecimal digits.
    pub(crate) fn hex<'p>(self, parts: impl IntoIterator<Item = &'p str>) -> String {
        match self {
            Self::Md2 => digest::<Md2>(parts),
            Self::Md5 => digest::<Md5>(parts),
            Self::Sha1 => digest::<Sha1>(parts),
            Self::Sha256 => digest::<Sha256>(parts),
            Self::Sha384 => digest::<Sha384>(parts),
            Self::Sha512 => digest::<Sha512>(parts),
        }
    }
}

fn digest<'p, D: Digest>(parts: impl IntoIterator<Item = &'p str>) -> String {
    let mut digest = D::new();
    for part in parts {
        digest.update(part.as_bytes());
    }
    hexadecimal(&digest.finalize())
}

fn hexadecimal(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |half: u8| DIGITS.get(usize::from(half)).copied().unwrap_or_default();
    let text = bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect();
    // Digits are ASCII.
    String::from_utf8(text).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_are_those_of_the_standards() {
        // RFC 1319, RFC 1321, RFC 3174 and FIPS 180-4 for "abc".
        for (name, start) in [
            ("MD2", "da853b0d3f88d99b30283a69e6ded6bb"),
            ("MD5", "900150983cd24fb0d6963f7d28e17f72"),
            ("SHA-1", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("SHA-256", "ba7816bf8f01cfea414140de5dae2223"),
            ("SHA-384", "cb00753f45a35e8bb5a03d699ac65007"),
            ("SHA-512", "ddaf35a193617abacc417349ae204131"),
        ] {
            let hash = Hash::named(name).unwrap();
            assert!(hash.hex(["a", "", "bc"]).starts_with(start), "{name}");
        }
        assert_eq!(Hash::named("CRC32"), None);
    }
}
