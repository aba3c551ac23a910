//! The public half of a key, and sealing to it.

use std::fmt;
use std::str::FromStr;

use x25519_dalek::{PublicKey, StaticSecret};

use crate::random::random;
use crate::stanza::{self, FileKey};
use crate::{KeyError, STANZAS_MAX, SealError, bech32, derive, header, identity, stream};

const PREFIX: &str = "age";

/// Whom bytes are sealed to: an X25519 public key, written `age1...`.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Recipient {
    pub(crate) point: [u8; 32],
}

impl Recipient {
    /// Seals to this recipient alone.
    pub fn seal(&self, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        seal(std::slice::from_ref(self), plain)
    }
}

/// Seals to several recipients, each of whom can open the whole.
pub fn seal(recipients: &[Recipient], plain: &[u8]) -> Result<Vec<u8>, SealError> {
    if recipients.is_empty() {
        return Err(SealError::NoRecipients);
    }
    if recipients.len() > STANZAS_MAX {
        return Err(SealError::TooManyRecipients { count: recipients.len() });
    }
    let file_key: FileKey = random()?;
    let stanzas = recipients
        .iter()
        .map(|recipient| stanza::wrap(&recipient.point, &file_key))
        .collect::<Result<Vec<_>, _>>()?;
    let nonce = random::<{ header::NONCE_BYTES }>()?;
    let mut out = Vec::new();
    header::write(&stanzas, &file_key, &mut out);
    out.reserve_exact(nonce.len() + stream::sealed_bytes(plain.len()));
    out.extend_from_slice(&*nonce);
    let key = derive::derive(file_key.as_slice(), &nonce, header::PAYLOAD_LABEL);
    stream::seal(&key, plain, &mut out)?;
    Ok(out)
}

/// Refuses the points with which no secret can be shared: better at start than at the first event.
impl FromStr for Recipient {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Self, KeyError> {
        if text.starts_with(identity::PREFIX) {
            return Err(KeyError::SecretGiven);
        }
        let point = *bech32::decode(PREFIX, text).ok_or(KeyError::NotRecipient)??;
        // Whatever the secret is, such a point times it is zero.
        let shared = StaticSecret::from([0; 32]).diffie_hellman(&PublicKey::from(point));
        if shared.was_contributory() { Ok(Self { point }) } else { Err(KeyError::LowOrderPoint) }
    }
}

impl fmt::Display for Recipient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&bech32::encode(PREFIX, &self.point))
    }
}

impl fmt::Debug for Recipient {
    /// Public, and easier to compare as text.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Recipient({self})")
    }
}

pub(crate) fn is_recipient(text: &str) -> bool {
    bech32::decode(PREFIX, text).is_some()
}
