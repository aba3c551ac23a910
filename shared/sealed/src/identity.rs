//! The secret half of a key, and opening with it.

use std::fmt;
use std::str::FromStr;

use x25519_dalek::{PublicKey, StaticSecret};
use zeroize::Zeroizing;

use crate::header::{self, Header};
use crate::random::random;
use crate::stanza::{self, FileKey, Stanza, Unwrapped};
use crate::{KeyError, NoRandomness, OpenError, Recipient, bech32, derive, recipient, stream};

pub(crate) const PREFIX: &str = "AGE-SECRET-KEY-";
const PREFIX_LOWER: &str = "age-secret-key-";

/// Who opens what was sealed: an X25519 secret key, written `AGE-SECRET-KEY-1...`. Wiped on drop.
pub struct Identity {
    secret: StaticSecret,
}

impl Identity {
    /// A new identity.
    pub fn generate() -> Result<Self, NoRandomness> {
        Ok(Self { secret: StaticSecret::from(*random()?) })
    }

    /// Reads the first identity of a file as `age-keygen` writes it, after comments and blanks.
    pub fn from_file_text(text: &str) -> Result<Self, KeyError> {
        let mut lines = text.lines().map(str::trim);
        let is_content = |line: &&str| !line.is_empty() && !line.starts_with('#');
        lines.find(is_content).ok_or(KeyError::NoIdentity)?.parse()
    }

    /// The public half.
    pub fn recipient(&self) -> Recipient {
        Recipient { point: PublicKey::from(&self.secret).to_bytes() }
    }

    /// The text form, which is as secret as the identity.
    pub fn to_text(&self) -> Zeroizing<String> {
        let mut text = bech32::encode(PREFIX_LOWER, self.secret.as_bytes());
        text.make_ascii_uppercase();
        text
    }

    /// Opens what was sealed to this identity, all of it or nothing.
    pub fn open(&self, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        let header = Header::parse(sealed)?;
        let file_key = self.file_key(&header.stanzas)?;
        if !derive::is_header_code(file_key.as_slice(), header.coded, &header.code) {
            return Err(OpenError::DamagedHeader);
        }
        let (nonce, content) = header
            .rest
            .split_first_chunk::<{ header::NONCE_BYTES }>()
            .ok_or(OpenError::Truncated)?;
        let key = derive::derive(file_key.as_slice(), nonce, header::PAYLOAD_LABEL);
        stream::open(&key, content)
    }

    fn file_key(&self, stanzas: &[Stanza]) -> Result<FileKey, OpenError> {
        if stanzas.is_empty() {
            return Err(OpenError::NoX25519Stanza);
        }
        for stanza in stanzas {
            match stanza::unwrap(stanza, &self.secret) {
                Unwrapped::Key(key) => return Ok(key),
                Unwrapped::Foreign => {}
                Unwrapped::LowOrderPoint => return Err(OpenError::LowOrderPoint),
            }
        }
        Err(OpenError::WrongKey)
    }
}

impl FromStr for Identity {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        if recipient::is_recipient(text) {
            return Err(KeyError::RecipientGiven);
        }
        let key = bech32::decode(PREFIX, text).ok_or(KeyError::NotIdentity)??;
        Ok(Self { secret: StaticSecret::from(*key) })
    }
}

impl fmt::Debug for Identity {
    /// Nothing: it is secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity").finish_non_exhaustive()
    }
}
