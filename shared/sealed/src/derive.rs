//! The keys that are derived from other keys: HKDF and HMAC with SHA-256.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The block of SHA-256: shorter keys are filled up with zeros, longer ones do not occur.
const BLOCK_BYTES: usize = 64;

/// HKDF (RFC 5869) for a key of 32 bytes, which is exactly its first block.
pub(crate) fn derive<const SALT_BYTES: usize>(
    secret: &[u8],
    salt: &[u8; SALT_BYTES],
    label: &[u8],
) -> Zeroizing<[u8; 32]> {
    let extracted = Zeroizing::new(finish(hmac(salt, &[secret])));
    Zeroizing::new(finish(hmac(&extracted, &[label, &[1]])))
}

/// The code that says that the header is as the one who knows the file key wrote it.
pub(crate) fn header_code(file_key: &[u8], header: &[u8]) -> [u8; 32] {
    finish(header_hmac(file_key, header))
}

/// Compares in constant time.
pub(crate) fn is_header_code(file_key: &[u8], header: &[u8], code: &[u8; 32]) -> bool {
    header_hmac(file_key, header).verify(code.into()).is_ok()
}

fn header_hmac(file_key: &[u8], header: &[u8]) -> Hmac<Sha256> {
    hmac(&derive(file_key, &[], b"header"), &[header])
}

fn hmac<const KEY_BYTES: usize>(key: &[u8; KEY_BYTES], parts: &[&[u8]]) -> Hmac<Sha256> {
    const { assert!(KEY_BYTES <= BLOCK_BYTES) };
    // A key of a whole block is taken as it is, so this cannot fail as a slice could.
    let mut block = Zeroizing::new([0; BLOCK_BYTES]);
    for (to, from) in block.iter_mut().zip(key) {
        *to = *from;
    }
    let mut hmac = Hmac::new((&*block).into());
    for part in parts {
        hmac.update(part);
    }
    hmac
}

fn finish(hmac: Hmac<Sha256>) -> [u8; 32] {
    hmac.finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(text: &str) -> Vec<u8> {
        let digits: Vec<u8> = text.bytes().collect();
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16);
        digits.chunks(2).map(|pair| byte(pair).unwrap()).collect()
    }

    #[test]
    fn keys_are_those_of_rfc_5869() {
        let salt: [u8; 13] = hex("000102030405060708090a0b0c").try_into().unwrap();
        assert_eq!(
            derive(&[0x0b; 22], &salt, &hex("f0f1f2f3f4f5f6f7f8f9")).to_vec(),
            hex("3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf")
        );
        assert_eq!(
            derive(&[0x0b; 22], &[], b"").to_vec(),
            hex("8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d")
        );
    }

    #[test]
    fn codes_are_those_of_rfc_4231() {
        let code = finish(hmac(b"Jefe", &[b"what do ya want ", b"for nothing?"]));
        let expected = hex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
        assert_eq!(code.to_vec(), expected);
    }

    #[test]
    fn a_code_is_one_headers_and_one_keys() {
        let code = header_code(&[1; 16], b"header");
        assert!(is_header_code(&[1; 16], b"header", &code));
        assert!(!is_header_code(&[2; 16], b"header", &code));
        assert!(!is_header_code(&[1; 16], b"Header", &code));
    }
}
