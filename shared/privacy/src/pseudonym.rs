//! Pseudonyms: a value and a key become a text that tells neither.

use std::collections::BTreeMap;

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::{Digest as _, Sha256};
use zeroize::Zeroizing;

use crate::key::Key;
use crate::policy::{DomainId, Policy, Scheme};

/// Keys of domains that no rule names and that are kept at hand.
const UNLISTED_KEYS_MAX: usize = 1_024;
/// How much of a digest the scheme `v1` shows: 128 bits.
const V1_BYTES: usize = 16;
/// The block of SHA-256, to which HMAC brings every key.
const BLOCK_BYTES: usize = 64;
/// What separates this use of a key from every other.
const V1_LABEL: &[u8] = b"whiteout/pseudonym/v1/";

/// Makes pseudonyms.
pub trait Pseudonyms {
    /// Appends the pseudonym of a value in a named domain.
    fn write(&mut self, domain: DomainId, value: &[u8], out: &mut String);

    /// The same for a place that no rule names: the path is its domain.
    fn write_unlisted(&mut self, path: &str, value: &[u8], out: &mut String);

    /// Whether paths make a difference.
    fn needs_paths(&self) -> bool;
}

/// The policy's scheme with a key.
pub struct Keyed {
    keys: Keys,
}

#[derive(Clone)]
enum Keys {
    Hex(Hmac<Sha256>),
    V1 {
        root: Hmac<Sha256>,
        /// `p1`, the key's id and an underscore.
        prefix: String,
        named: Vec<Hmac<Sha256>>,
        unlisted: BTreeMap<String, Hmac<Sha256>>,
    },
}

impl std::fmt::Debug for Keyed {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Keyed").finish_non_exhaustive()
    }
}

impl Clone for Keyed {
    fn clone(&self) -> Self {
        Self { keys: self.keys.clone() }
    }
}

impl Keyed {
    /// Pseudonyms as this policy wants them.
    pub fn new(policy: &Policy, key: &Key) -> Self {
        let root = keyed(key.bytes());
        let keys = match policy.scheme {
            Scheme::HmacSha256Hex => Keys::Hex(root),
            Scheme::V1 => Keys::V1 {
                prefix: format!("p1{}_", key.id()),
                named: policy.domains.iter().map(|domain| derived(&root, domain)).collect(),
                unlisted: BTreeMap::new(),
                root,
            },
        };
        Self { keys }
    }
}

impl Pseudonyms for Keyed {
    #[inline]
    fn write(&mut self, domain: DomainId, value: &[u8], out: &mut String) {
        match &self.keys {
            Keys::Hex(key) => write_hex(key, value, out),
            Keys::V1 { prefix, named, root, .. } => {
                let key = named.get(usize::from(domain.0)).unwrap_or(root);
                write_v1(prefix, key, value, out);
            }
        }
    }

    fn write_unlisted(&mut self, path: &str, value: &[u8], out: &mut String) {
        match &mut self.keys {
            Keys::Hex(key) => write_hex(key, value, out),
            Keys::V1 { prefix, root, unlisted, .. } => {
                if let Some(key) = unlisted.get(path) {
                    return write_v1(prefix, key, value, out);
                }
                let key = derived(root, path);
                write_v1(prefix, &key, value, out);
                if unlisted.len() < UNLISTED_KEYS_MAX {
                    unlisted.insert(path.to_owned(), key);
                }
            }
        }
    }

    fn needs_paths(&self) -> bool {
        matches!(self.keys, Keys::V1 { .. })
    }
}

/// HMAC's own way to take a key of any length, without a case that could fail.
fn keyed(bytes: &[u8]) -> Hmac<Sha256> {
    let mut block = Zeroizing::new([0_u8; BLOCK_BYTES]);
    let hashed = Zeroizing::new(<[u8; 32]>::from(Sha256::digest(bytes)));
    let bytes = if bytes.len() > BLOCK_BYTES { hashed.as_slice() } else { bytes };
    for (place, byte) in block.iter_mut().zip(bytes) {
        *place = *byte;
    }
    Hmac::new((&*block).into())
}

/// The key of one domain.
fn derived(root: &Hmac<Sha256>, domain: &str) -> Hmac<Sha256> {
    let mut mac = root.clone();
    mac.update(V1_LABEL);
    mac.update(domain.as_bytes());
    keyed(&mac.finalize().into_bytes())
}

fn digest(key: &Hmac<Sha256>, value: &[u8]) -> [u8; 32] {
    let mut mac = key.clone();
    mac.update(value);
    mac.finalize().into_bytes().into()
}

#[inline]
fn write_hex(key: &Hmac<Sha256>, value: &[u8], out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |value: u8| DIGITS.get(usize::from(value & 15)).copied().unwrap_or(b'0');
    let mut text = [0_u8; 64];
    for (pair, byte) in text.as_chunks_mut::<2>().0.iter_mut().zip(digest(key, value)) {
        *pair = [digit(byte >> 4), digit(byte)];
    }
    out.push_str(str::from_utf8(&text).unwrap_or_default());
}

fn write_v1(prefix: &str, key: &Hmac<Sha256>, value: &[u8], out: &mut String) {
    out.push_str(prefix);
    let digest = digest(key, value);
    let shown = digest.get(..V1_BYTES).unwrap_or(&digest);
    out.push_str(&base64_simd::URL_SAFE_NO_PAD.encode_to_string(shown));
}

/// Every value becomes the same word: shows what an output depends on beside pseudonyms.
#[derive(Clone, Copy, Debug)]
pub struct Constant;

impl Pseudonyms for Constant {
    fn write(&mut self, _: DomainId, _: &[u8], out: &mut String) {
        out.push_str("PSEUDONYM");
    }

    fn write_unlisted(&mut self, _: &str, _: &[u8], out: &mut String) {
        out.push_str("PSEUDONYM");
    }

    fn needs_paths(&self) -> bool {
        false
    }
}
