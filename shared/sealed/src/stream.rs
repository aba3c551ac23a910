//! The content: chunks of 64 KiB, each sealed with its number and whether it is the last.

use chacha20poly1305::ChaCha20Poly1305;
use chacha20poly1305::aead::{Aead, KeyInit};
use zeroize::Zeroizing;

use crate::{OpenError, SealError};

const CHUNK_BYTES: usize = 64 * 1024;
const TAG_BYTES: usize = 16;
const SEALED_CHUNK_BYTES: usize = CHUNK_BYTES + TAG_BYTES;

/// How many bytes so much content has when it is sealed.
pub(crate) fn sealed_bytes(plain_bytes: usize) -> usize {
    let chunks = plain_bytes.div_ceil(CHUNK_BYTES).max(1);
    plain_bytes.saturating_add(chunks.saturating_mul(TAG_BYTES))
}

/// Seals the content behind what is there. The key may be used for nothing else.
pub(crate) fn seal(key: &[u8; 32], plain: &[u8], out: &mut Vec<u8>) -> Result<(), SealError> {
    let cipher = ChaCha20Poly1305::new(key.into());
    let (mut rest, mut index) = (plain, 0);
    loop {
        let (chunk, after) = rest.split_at_checked(CHUNK_BYTES).unwrap_or((rest, &[]));
        out.extend(seal_chunk(&cipher, index, after.is_empty(), chunk)?);
        if after.is_empty() {
            return Ok(());
        }
        (rest, index) = (after, index + 1);
    }
}

fn seal_chunk(
    cipher: &ChaCha20Poly1305,
    index: u64,
    is_last: bool,
    chunk: &[u8],
) -> Result<Vec<u8>, SealError> {
    cipher.encrypt(&nonce(index, is_last).into(), chunk).map_err(|_| SealError::Cipher)
}

/// Opens all of the content or nothing.
pub(crate) fn open(key: &[u8; 32], sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
    let cipher = ChaCha20Poly1305::new(key.into());
    let (mut rest, mut index) = (sealed, 0);
    // As long as it can get: a buffer that grows leaves copies behind.
    let mut plain = Zeroizing::new(Vec::with_capacity(sealed.len()));
    loop {
        let (chunk, after) = rest.split_at_checked(SEALED_CHUNK_BYTES).unwrap_or((rest, &[]));
        let is_last = after.is_empty();
        let opened = open_chunk(&cipher, index, is_last, chunk)
            .ok_or_else(|| why_not(&cipher, index, is_last, chunk))?;
        if is_last && opened.is_empty() && index > 0 {
            return Err(OpenError::EmptyLastChunk);
        }
        plain.extend_from_slice(&opened);
        if is_last {
            return Ok(std::mem::take(&mut plain));
        }
        (rest, index) = (after, index + 1);
    }
}

fn open_chunk(
    cipher: &ChaCha20Poly1305,
    index: u64,
    is_last: bool,
    chunk: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    cipher.decrypt(&nonce(index, is_last).into(), chunk).ok().map(Zeroizing::new)
}

/// A chunk that is whole, but not the last where the bytes end or the other way round, tells more.
fn why_not(cipher: &ChaCha20Poly1305, index: u64, is_last: bool, chunk: &[u8]) -> OpenError {
    let is_whole = || open_chunk(cipher, index, !is_last, chunk).is_some();
    if chunk.len() < TAG_BYTES {
        OpenError::Truncated
    } else if !is_whole() {
        OpenError::DamagedChunk { index }
    } else if is_last {
        OpenError::Truncated
    } else {
        OpenError::TrailingBytes
    }
}

fn nonce(index: u64, is_last: bool) -> [u8; 12] {
    let number = u128::from(index) << 8 | u128::from(is_last);
    let [_, _, _, _, nonce @ ..] = number.to_be_bytes();
    nonce
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: [u8; 32] = [7; 32];

    fn sealed(bytes: usize) -> Vec<u8> {
        let mut out = Vec::new();
        seal(&KEY, &vec![1; bytes], &mut out).unwrap();
        assert_eq!(out.len(), sealed_bytes(bytes));
        out
    }

    /// Chunks of so many bytes, each with whether it is sealed as the last.
    fn chunks(chunks: &[(usize, bool)]) -> Vec<u8> {
        let cipher = ChaCha20Poly1305::new((&KEY).into());
        let sealed = chunks.iter().zip(0..).map(|((bytes, is_last), index)| {
            seal_chunk(&cipher, index, *is_last, &vec![1; *bytes]).unwrap()
        });
        sealed.flatten().collect()
    }

    #[test]
    fn the_chunks_are_as_large_as_they_should_be() {
        assert_eq!(sealed(CHUNK_BYTES), chunks(&[(CHUNK_BYTES, true)]));
        assert_eq!(sealed(CHUNK_BYTES + 1), chunks(&[(CHUNK_BYTES, false), (1, true)]));
        assert_eq!(sealed(0), chunks(&[(0, true)]));
    }

    #[test]
    fn an_empty_last_chunk_stands_alone() {
        assert_eq!(open(&KEY, &chunks(&[(0, true)])), Ok(Vec::new()));
        let odd = chunks(&[(CHUNK_BYTES, false), (0, true)]);
        assert_eq!(open(&KEY, &odd), Err(OpenError::EmptyLastChunk));
    }

    #[test]
    fn the_end_is_where_it_was_written() {
        let whole = sealed(2 * CHUNK_BYTES + 5);
        for kept in [0, 15, SEALED_CHUNK_BYTES, 2 * SEALED_CHUNK_BYTES, whole.len() - 6] {
            assert_eq!(open(&KEY, &whole[..kept]), Err(OpenError::Truncated), "{kept}");
        }
        for (kept, index) in [(16, 0), (SEALED_CHUNK_BYTES - 1, 0), (whole.len() - 1, 2)] {
            assert_eq!(open(&KEY, &whole[..kept]), Err(OpenError::DamagedChunk { index }));
        }
        let full = sealed(CHUNK_BYTES);
        assert_eq!(open(&KEY, &[&full[..], &[0]].concat()), Err(OpenError::TrailingBytes));
        assert_eq!(open(&KEY, &[&full[..], &full].concat()), Err(OpenError::TrailingBytes));
        let short = [&sealed(3)[..], &[0]].concat();
        assert_eq!(open(&KEY, &short), Err(OpenError::DamagedChunk { index: 0 }));
        // Only a writer that breaks the format makes a short chunk that is not the last.
        assert_eq!(open(&KEY, &chunks(&[(3, false)])), Err(OpenError::Truncated));
    }

    #[test]
    fn chunks_stay_in_their_places() {
        let whole = sealed(3 * CHUNK_BYTES);
        let [a, b, c] = [0, 1, 2].map(|at| &whole[at * SEALED_CHUNK_BYTES..][..SEALED_CHUNK_BYTES]);
        assert!(open(&KEY, &[a, b, c].concat()).is_ok());
        for (order, index) in [([b, a, c], 0), ([a, a, c], 1), ([a, c, b], 1), ([a, b, b], 2)] {
            assert_eq!(open(&KEY, &order.concat()), Err(OpenError::DamagedChunk { index }));
        }
        assert_eq!(open(&KEY, &[a, c].concat()), Err(OpenError::DamagedChunk { index: 1 }));
    }

    #[test]
    fn another_key_opens_nothing() {
        assert_eq!(open(&[8; 32], &sealed(3)), Err(OpenError::DamagedChunk { index: 0 }));
    }

    #[test]
    fn nonces_count_before_the_flag() {
        assert_eq!(nonce(0, false), [0; 12]);
        assert_eq!(nonce(0x0102, true), [0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 2, 1]);
    }
}
