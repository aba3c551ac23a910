//! The keys of pseudonyms: read from a secret, shown to nobody, wiped when they are not needed.

use std::collections::BTreeMap;
use std::fmt;

use hmac::{Hmac, KeyInit as _, Mac as _};
use json_tree::Json;
use sha2::Sha256;
use zeroize::Zeroizing;

/// The shortest key, in bytes.
pub const KEY_BYTES_MIN: usize = 32;
/// The longest key, in bytes.
pub const KEY_BYTES_MAX: usize = 1_024;
/// The longest secret, in bytes.
pub const SECRET_BYTES_MAX: usize = 65_536;
/// The most keys that a secret holds.
pub const KEYS_MAX: usize = 32;
/// The longest id of a key, in characters.
const ID_CHARS_MAX: usize = 16;
/// A key with fewer different bytes was not drawn at random: of 32 bytes, or of their 44 base64 or
/// 64 hex digits, fewer than 12 are different less than once in a million draws.
const DIFFERENT_BYTES_MIN: usize = 12;

/// Why a secret holds no keys. Says nothing of what it holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyError(String);

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for KeyError {}

fn error<T>(message: impl Into<String>) -> Result<T, KeyError> {
    Err(KeyError(message.into()))
}

/// One key and its id.
#[derive(Clone)]
pub struct Key {
    id: String,
    bytes: Zeroizing<Vec<u8>>,
}

impl Key {
    /// A key; its bytes are wiped when it is dropped.
    pub fn new(id: &str, bytes: Vec<u8>) -> Result<Self, KeyError> {
        let bytes = Zeroizing::new(bytes);
        let is_id = !id.is_empty()
            && id.len() <= ID_CHARS_MAX
            && id.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit());
        if !is_id {
            return error(format!(
                "a key's id is no text of 1 to {ID_CHARS_MAX} lower-case letters and digits"
            ));
        }
        if !(KEY_BYTES_MIN..=KEY_BYTES_MAX).contains(&bytes.len()) {
            return error(format!(
                "the key {id} has {} bytes, and {KEY_BYTES_MIN} to {KEY_BYTES_MAX} are wanted",
                bytes.len()
            ));
        }
        Ok(Self { id: id.to_owned(), bytes })
    }

    /// What pseudonyms and audits call it.
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// How many bytes it has.
    pub fn length(&self) -> usize {
        self.bytes.len()
    }

    /// Whether the bytes could have been drawn at random; a typed phrase or a pattern could not.
    pub fn looks_random(&self) -> bool {
        let mut seen = [false; 256];
        for byte in self.bytes.iter() {
            if let Some(seen) = seen.get_mut(usize::from(*byte)) {
                *seen = true;
            }
        }
        seen.iter().filter(|seen| **seen).count() >= DIFFERENT_BYTES_MIN
    }

    /// A value by which two places can tell that they hold the same key.
    pub fn check_value(&self) -> String {
        let digest = Hmac::<Sha256>::new_from_slice(&self.bytes).map(|mut mac| {
            mac.update(b"whiteout/key-check");
            mac.finalize().into_bytes()
        });
        let shown = digest.iter().flatten().take(4);
        format!("{:08x}", shown.fold(0_u32, |value, byte| value << 8 | u32::from(*byte)))
    }
}

impl fmt::Debug for Key {
    /// Without the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Key").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The keys that a secret holds, one of them in use.
#[derive(Clone, Debug)]
pub struct KeyRing {
    keys: BTreeMap<String, Key>,
    current: String,
}

impl KeyRing {
    /// Reads a secret: `{"current":"k2","keys":{"k1":"base64","k2":"base64"}}`, where a key that
    /// is text and not base64 is written `{"text":"..."}`; or, as a whole, the bytes of the only
    /// key.
    pub fn parse(secret: &[u8]) -> Result<Self, KeyError> {
        if secret.len() > SECRET_BYTES_MAX {
            return error(format!("the secret is larger than {SECRET_BYTES_MAX} bytes"));
        }
        if secret.trim_ascii_start().starts_with(b"{") {
            let text = str::from_utf8(secret);
            let json = text.ok().and_then(|text| Json::parse(text, 4).ok());
            return match json {
                Some(json) => Self::from_json(&json),
                None => error("the secret begins like JSON and is none"),
            };
        }
        let bytes = secret.strip_suffix(b"\n").unwrap_or(secret);
        let bytes = bytes.strip_suffix(b"\r").unwrap_or(bytes);
        let key = Key::new("k1", bytes.to_vec())?;
        Ok(Self { current: key.id.clone(), keys: BTreeMap::from([(key.id.clone(), key)]) })
    }

    fn from_json(json: &Json<'_>) -> Result<Self, KeyError> {
        let Json::Object(object) = json else { return error("the secret is no object") };
        let (mut current, mut keys) = (None, BTreeMap::new());
        for (name, value) in object.iter() {
            match (name, value) {
                ("current", Json::Text(id)) => current = Some(id.to_string()),
                ("keys", Json::Object(list)) => {
                    if list.iter().count() > KEYS_MAX {
                        return error(format!("the secret holds more than {KEYS_MAX} keys"));
                    }
                    for (id, value) in list.iter() {
                        let key = Key::new(id, key_bytes(value)?)?;
                        if keys.insert(id.to_string(), key).is_some() {
                            return error(format!("the secret holds the key {id} twice"));
                        }
                    }
                }
                _ => return error("the secret holds something other than `current` and `keys`"),
            }
        }
        let Some(current) = current else {
            return error("the secret does not say which key is current");
        };
        if !keys.contains_key(&current) {
            return error("the secret's current key is not among its keys");
        }
        Ok(Self { keys, current })
    }

    /// A ring of one key.
    pub fn of(key: Key) -> Self {
        Self { current: key.id.clone(), keys: BTreeMap::from([(key.id.clone(), key)]) }
    }

    /// Adds a key under the id after the highest one, and makes it the current one.
    pub fn rotate(&mut self, bytes: Vec<u8>) -> Result<(), KeyError> {
        let numbers = self.keys.keys().filter_map(|id| id.strip_prefix('k')?.parse::<u32>().ok());
        let next = numbers.max().unwrap_or(0).saturating_add(1);
        if self.keys.len() >= KEYS_MAX {
            return error(format!("the secret holds {KEYS_MAX} keys already"));
        }
        let key = Key::new(&format!("k{next}"), bytes)?;
        key.id.clone_into(&mut self.current);
        self.keys.insert(key.id.clone(), key);
        Ok(())
    }

    /// The secret, as `parse` reads it.
    pub fn to_secret(&self) -> Zeroizing<String> {
        let keys = self.keys.values().map(|key| {
            let text = base64_simd::STANDARD.encode_to_string(key.bytes.as_slice());
            (key.id.as_str(), Json::text(text))
        });
        let keys = Json::object(keys);
        let secret = Json::object([("current", Json::text(&*self.current)), ("keys", keys)]);
        Zeroizing::new(secret.to_text())
    }

    /// The key in use.
    pub fn current(&self) -> Option<&Key> {
        self.keys.get(&self.current)
    }

    /// Every key, by id.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.keys.values()
    }
}

fn key_bytes(value: &Json<'_>) -> Result<Vec<u8>, KeyError> {
    let decoded = match value {
        Json::Text(text) => base64_simd::STANDARD.decode_to_vec(text.as_bytes()).ok(),
        Json::Object(object) => match (object.iter().count(), object.get("text")) {
            (1, Some(Json::Text(text))) => Some(text.as_bytes().to_vec()),
            _ => None,
        },
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) => None,
    };
    match decoded {
        Some(bytes) => Ok(bytes),
        None => error(r#"a key is neither base64 nor {"text": "..."}"#),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &str = r#"{"current":"k2","keys":{"k1":"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=","k2":{"text":"another secret of forty characters or so"}}}"#;

    #[test]
    fn a_secret_holds_several_keys() {
        let ring = KeyRing::parse(SECRET.as_bytes()).unwrap();
        assert_eq!(ring.current().unwrap().id(), "k2");
        assert_eq!(ring.keys().count(), 2);
        assert_eq!(ring.current().unwrap().bytes(), b"another secret of forty characters or so");
        let plain = KeyRing::parse(b"0123456789abcdef0123456789abcdef\n").unwrap();
        assert_eq!(plain.current().unwrap().bytes(), b"0123456789abcdef0123456789abcdef");
        let (k1, plain) = (ring.keys().next().unwrap(), plain.current().unwrap());
        assert_eq!(k1.check_value(), plain.check_value());
        assert_ne!(k1.check_value(), ring.current().unwrap().check_value());
    }

    #[test]
    fn what_holds_no_good_key_is_refused_without_showing_it() {
        for secret in [
            "",
            "too-short-SECRET",
            "{\"SECRET\"",
            r#"{"keys":{"k1":"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}}"#,
            r#"{"current":"k9","keys":{"k1":"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}}"#,
            r#"{"current":"k1","keys":{"k1":"not base64 SECRET"}}"#,
            r#"{"current":"k1","keys":{"K 1":"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="}}"#,
            r#"{"current":"k1","keys":{"k1":{"hex":"SECRET"}}}"#,
            r#"{"current":"k1","keys":{"k1":"MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="},"SECRET":1}"#,
        ] {
            let error = KeyRing::parse(secret.as_bytes()).unwrap_err();
            assert!(!error.to_string().contains("SECRET"), "{error}");
        }
        let shown = format!("{:?}", KeyRing::parse(SECRET.as_bytes()).unwrap());
        assert!(shown.contains("k1") && !shown.contains("another"), "{shown}");
    }

    #[test]
    fn a_pattern_does_not_look_random() {
        let looks =
            |text: &str| KeyRing::parse(text.as_bytes()).unwrap().current().unwrap().looks_random();
        assert!(!looks("abcabcabcabcabcabcabcabcabcabcabcabc"));
        assert!(looks("9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"));
    }

    #[test]
    fn a_rotated_ring_keeps_its_keys() {
        let mut ring = KeyRing::parse(SECRET.as_bytes()).unwrap();
        let old: Vec<_> = ring.keys().map(Key::check_value).collect();
        ring.rotate((0..32).collect()).unwrap();
        let read = KeyRing::parse(ring.to_secret().as_bytes()).unwrap();
        assert_eq!(read.current().unwrap().id(), "k3");
        let kept: Vec<_> = read.keys().map(Key::check_value).collect();
        assert_eq!(kept[..2], old);
        for _ in 3..KEYS_MAX {
            ring.rotate((0..32).collect()).unwrap();
        }
        assert!(KeyRing::parse(ring.to_secret().as_bytes()).is_ok());
        assert!(ring.rotate((0..32).collect()).is_err());
    }

    #[test]
    fn keys_have_limits() {
        let bytes = |count: usize| (0..=255_u8).cycle().take(count).collect::<Vec<u8>>();
        assert!(Key::new("k", bytes(KEY_BYTES_MIN)).is_ok());
        assert!(Key::new("k", bytes(KEY_BYTES_MIN - 1)).is_err());
        assert!(Key::new("k", bytes(KEY_BYTES_MAX)).is_ok());
        assert!(Key::new("k", bytes(KEY_BYTES_MAX + 1)).is_err());
        assert!(Key::new(&"k".repeat(ID_CHARS_MAX), bytes(32)).is_ok());
        assert!(Key::new(&"k".repeat(ID_CHARS_MAX + 1), bytes(32)).is_err());
        assert!(KeyRing::parse(&bytes(SECRET_BYTES_MAX + 1)).is_err());
    }
}
