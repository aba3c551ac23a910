//! The X25519 stanza: the file key, wrapped for one recipient.

use chacha20poly1305::aead::{Aead, KeyInit};
use chacha20poly1305::{ChaCha20Poly1305, Nonce};
use x25519_dalek::{PublicKey, SharedSecret, StaticSecret};
use zeroize::Zeroizing;

use crate::SealError;
use crate::derive::derive;
use crate::random::random;

pub(crate) const FILE_KEY_BYTES: usize = 16;
const TAG_BYTES: usize = 16;
const LABEL: &[u8] = b"age-encryption.org/v1/X25519";

pub(crate) type FileKey = Zeroizing<[u8; FILE_KEY_BYTES]>;

/// A point that is made for this file only, and the file key under the secret shared with it.
#[derive(Clone)]
pub(crate) struct Stanza {
    pub(crate) point: [u8; 32],
    pub(crate) wrapped: [u8; FILE_KEY_BYTES + TAG_BYTES],
}

/// What became of the attempt to unwrap.
pub(crate) enum Unwrapped {
    Key(FileKey),
    /// The stanza is another identity's.
    Foreign,
    /// The secret is known to everybody: this is an attack or a broken writer.
    LowOrderPoint,
}

pub(crate) fn wrap(recipient: &[u8; 32], file_key: &FileKey) -> Result<Stanza, SealError> {
    let secret = StaticSecret::from(*random()?);
    let point = PublicKey::from(&secret).to_bytes();
    let shared = secret.diffie_hellman(&PublicKey::from(*recipient));
    if !shared.was_contributory() {
        return Err(SealError::LowOrderPoint);
    }
    let wrapped = cipher(&shared, &point, recipient)
        .encrypt(&Nonce::default(), file_key.as_slice())
        .ok()
        .and_then(|wrapped| wrapped.try_into().ok())
        .ok_or(SealError::Cipher)?;
    Ok(Stanza { point, wrapped })
}

pub(crate) fn unwrap(stanza: &Stanza, secret: &StaticSecret) -> Unwrapped {
    let shared = secret.diffie_hellman(&PublicKey::from(stanza.point));
    if !shared.was_contributory() {
        return Unwrapped::LowOrderPoint;
    }
    let recipient = PublicKey::from(secret).to_bytes();
    let file_key = cipher(&shared, &stanza.point, &recipient)
        .decrypt(&Nonce::default(), stanza.wrapped.as_slice())
        .ok()
        .map(Zeroizing::new)
        .and_then(|plain| plain.as_slice().try_into().ok());
    file_key.map_or(Unwrapped::Foreign, |key| Unwrapped::Key(Zeroizing::new(key)))
}

/// Its key is used once, so its nonce may be zero.
fn cipher(shared: &SharedSecret, point: &[u8; 32], recipient: &[u8; 32]) -> ChaCha20Poly1305 {
    let mut salt = [0; 64];
    for (to, from) in salt.iter_mut().zip(point.iter().chain(recipient)) {
        *to = *from;
    }
    ChaCha20Poly1305::new((&*derive(shared.as_bytes(), &salt, LABEL)).into())
}
