//! Keys and files as a whole: those of age's own tools, and whatever strangers send.

use base64_simd::STANDARD;
use proptest::prelude::*;

use crate::stanza::{FileKey, Stanza};
use crate::{Identity, KeyError, OpenError, Recipient, STANZAS_MAX, SealError, header, seal};

/// The pair in the format's specification: 32 bytes of 0x42.
const SPEC_IDENTITY: &str =
    "AGE-SECRET-KEY-1GFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPYYSJZGFPQ4EGAEX";
const SPEC_RECIPIENT: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

/// Made with typage, the `age-encryption` package 0.3.1 for JavaScript, as are the files below.
const IDENTITY: &str = "AGE-SECRET-KEY-173YCA0QSYJX84803WENCNF3NL4CRWEK7ZH2PFGSC5SGQMSJW9AGQR9EKVC";
const RECIPIENT: &str = "age1q6wcyuy8pgsm6jukj49wlmeje3e03cpf3hcy09urd4t8yq7da59s75mxdf";
/// Sealed to that recipient alone: `sealed by typage`.
const ONE: &str = "\
    YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBWMjFZNG9XOXd1KzVZZk5yN0ptWTM4aVN2RWlLZUxCWjIz\
    dk1hTitEUlQ4CitmeUR1OVBndEVMdS82MWhQc2JJaVVQY2xFMjgzTWs1TEQ3N01hVGl4YlkKLS0tIFJLMWRUYTlK\
    Sm95RmNob2EzalZPTWxUN0pHN0hPdU9sZDZ5UDMyVkpmZTQKRx7/mRiojSnOUs1FakCmWBRwKNXG6ZJIy/2wB/ZL\
    MB8qY7vw6BegsIojbHVCxlIH";
/// Nothing, sealed to four: an unknown kind, `p256tag`, another identity, and last that recipient.
const SEVERAL: &str = "\
    YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IHgtZ3JlYXNlIHNvbWUgYXJndW1lbnRzCkJ3Y0hCd2NIQndjSEJ3Y0hC\
    d2NIQndjSEJ3Y0hCd2NIQndjSEJ3Y0hCd2NIQndjSEJ3Y0hCd2NIQndjSEJ3Y0gKCi0+IHAyNTZ0YWcgYjdOU1lR\
    IEJDQm5uSkdFK2NTYVNXbnA3NlZ6WmdYRXRLcjNoRXoza1Avc3NCRDBYYlVrbEJyd2xic2dSZnRaR3NOd3l6ZlZN\
    WHY0U1dJTzFmYmVXbTQvL0dYdVUvYwpuaGlmSzJzai9nNDZBME9pZzNDa2tNS2ZpL0dPdHZOTFpoRDJhWHhrbWlZ\
    Ci0+IFgyNTUxOSAzMktzWjZIZzhMNzJuNlNqZHRLV2M0VG9TUWdPUWVGYk93RXZUVEY2VWlRCm9Ec3ZxTDZPUzgy\
    RHMyc3ZLMExmOU9jTUwvZWRQalBuU0lGZDZpUHBrWDQKLT4gWDI1NTE5IHhIQTd0R3ZyWFlIZ3ZsSFN3NTJIRHlK\
    N09ZMXhzZzJZSFphUURBWVdHeEUKVVpCUkdCNmw4U1d5Wkg5WUJUUTRiZU1kbVNQblhmektKQWdpK0hLTVA1QQot\
    LS0gOE5DdHpLOUNHaHc0QmNpUGxEM21OMllkUXhoYU9YRGdPeHJBM214TVZkZwoH8E7xBFM+a/o/cmM3AK+mnvZ8\
    l1jUf0aWpOrJb1S48A==";

fn identity() -> Identity {
    IDENTITY.parse().unwrap()
}

fn bytes(base64: &str) -> Vec<u8> {
    STANDARD.decode_to_vec(base64).unwrap()
}

#[test]
fn keys_are_those_of_age() {
    for (secret, public) in [(SPEC_IDENTITY, SPEC_RECIPIENT), (IDENTITY, RECIPIENT)] {
        let identity: Identity = secret.parse().unwrap();
        let recipient: Recipient = public.parse().unwrap();
        assert_eq!(identity.to_text().as_str(), secret);
        assert_eq!(recipient.to_string(), public);
        assert_eq!(identity.recipient(), recipient);
    }
}

#[test]
fn one_key_in_the_place_of_the_other_is_named() {
    let recipient = |text: &str| text.parse::<Recipient>().unwrap_err();
    let identity = |text: &str| text.parse::<Identity>().unwrap_err();
    assert_eq!(recipient(IDENTITY), KeyError::SecretGiven);
    assert_eq!(identity(RECIPIENT), KeyError::RecipientGiven);
    for other in ["", "ssh-ed25519 AAAA", "age1pq1qqqq", &RECIPIENT.to_uppercase()] {
        assert_eq!(recipient(other), KeyError::NotRecipient, "{other}");
    }
    for other in ["", "AGE-SECRET-KEY-PQ-1QQQQ", "AGE-PLUGIN-A-1QQQQ", &IDENTITY.to_lowercase()] {
        assert_eq!(identity(other), KeyError::NotIdentity, "{other}");
    }
    assert_eq!(identity(&IDENTITY.replace("EKVC", "EKVQ")), KeyError::Checksum);
    assert_eq!(
        identity(&format!("{IDENTITY}\n")),
        KeyError::Length { characters: 59, expected: 58 }
    );
}

#[test]
fn an_identity_is_read_from_its_file() {
    let comments = format!("# created: 2026-01-02T03:04:05Z\r\n# public key: {RECIPIENT}\r\n");
    let file = format!("{comments}\r\n {IDENTITY}\r\n{SPEC_IDENTITY}\n");
    let read = |text: &str| Identity::from_file_text(text).map(|identity| identity.recipient());
    assert_eq!(read(&file).unwrap().to_string(), RECIPIENT);
    assert_eq!(read(""), Err(KeyError::NoIdentity));
    assert_eq!(read("# only\n\n"), Err(KeyError::NoIdentity));
    assert_eq!(read(&format!("x\n{IDENTITY}")), Err(KeyError::NotIdentity));
    assert_eq!(read(&format!("{RECIPIENT}\n")), Err(KeyError::RecipientGiven));
}

#[test]
fn nothing_secret_is_shown() {
    assert_eq!(format!("{:?}", identity()), "Identity { .. }");
    assert_eq!(format!("{:?}", identity().recipient()), format!("Recipient({RECIPIENT})"));
}

#[test]
fn files_of_typage_are_opened() {
    assert_eq!(identity().open(&bytes(ONE)).unwrap(), b"sealed by typage");
    assert_eq!(identity().open(&bytes(SEVERAL)).unwrap(), b"");
    let other: Identity = SPEC_IDENTITY.parse().unwrap();
    for file in [ONE, SEVERAL] {
        assert_eq!(other.open(&bytes(file)), Err(OpenError::WrongKey));
    }
}

#[test]
fn every_flipped_bit_is_found() {
    let (identity, mut file) = (identity(), identity().recipient().seal(b"content").unwrap());
    for index in 0..file.len() {
        for bit in 0..8 {
            file[index] ^= 1 << bit;
            assert!(identity.open(&file).is_err(), "bit {bit} of byte {index}");
            file[index] ^= 1 << bit;
        }
    }
    assert_eq!(identity.open(&file).unwrap(), b"content");
}

#[test]
fn every_cut_and_every_addition_is_found() {
    let (identity, file) = (identity(), identity().recipient().seal(b"content").unwrap());
    for kept in 0..file.len() {
        assert!(identity.open(&file[..kept]).is_err(), "{kept}");
    }
    for added in [&b"\0"[..], b"\n", &b"a".repeat(70_000), &file] {
        let error = identity.open(&[&file, added].concat()).unwrap_err();
        assert_eq!(error, OpenError::DamagedChunk { index: 0 });
    }
}

#[test]
fn each_damage_has_its_name() {
    let identity = identity();
    let open = |file: &[u8]| identity.open(file).unwrap_err();
    let file = bytes(ONE);
    let end = file.windows(5).position(|window| window == b"\n--- ").unwrap();
    let change = |at: usize, byte: u8| [&file[..at], &[byte], &file[at + 1..]].concat();
    // A letter of the wrapped key, of the code, of the nonce and of the content.
    assert_eq!(open(&change(end - 20, b'A')), OpenError::WrongKey);
    assert_eq!(open(&change(end + 9, b'A')), OpenError::DamagedHeader);
    let content = end + "\n--- ".len() + 44;
    assert_eq!(open(&change(content, 0)), OpenError::DamagedChunk { index: 0 });
    assert_eq!(open(&change(content + 16, 0)), OpenError::DamagedChunk { index: 0 });
    assert_eq!(open(&file[..content + 15]), OpenError::Truncated);
    assert_eq!(open(&file[..content + 16]), OpenError::Truncated);
    // A stanza that was added afterwards.
    let stanza = file.windows(3).position(|window| window == b"-> ").unwrap();
    let added = [&file[..stanza], b"-> more\n\n", &file[stanza..]].concat();
    assert_eq!(open(&added), OpenError::DamagedHeader);
    let code = "A".repeat(43);
    let passphrase = format!("age-encryption.org/v1\n-> scrypt AAAA 18\n\n--- {code}\n");
    assert_eq!(open(passphrase.as_bytes()), OpenError::NoX25519Stanza);
}

/// All points of low order, and other ways to write some of them.
fn low_order_points() -> Vec<[u8; 32]> {
    let small = |byte: u8| {
        let mut point = [0; 32];
        point[0] = byte;
        point
    };
    // The prime 2^255 - 19, one below and one above, and zero with the bit that is not looked at.
    let near_prime = |byte: u8| {
        let mut point = [0xff; 32];
        (point[0], point[31]) = (byte, 0x7f);
        point
    };
    let mut zero = small(0);
    zero[31] = 0x80;
    let of_order_8: [u8; 32] = [
        0xe0, 0xeb, 0x7a, 0x7c, 0x3b, 0x41, 0xb8, 0xae, 0x16, 0x56, 0xe3, 0xfa, 0xf1, 0x9f, 0xc4,
        0x6a, 0xda, 0x09, 0x8d, 0xeb, 0x9c, 0x32, 0xb1, 0xfd, 0x86, 0x62, 0x05, 0x16, 0x5f, 0x49,
        0xb8, 0x00,
    ];
    let other_of_order_8: [u8; 32] = [
        0x5f, 0x9c, 0x95, 0xbc, 0xa3, 0x50, 0x8c, 0x24, 0xb1, 0xd0, 0xb1, 0x55, 0x9c, 0x83, 0xef,
        0x5b, 0x04, 0x44, 0x5c, 0xc4, 0x58, 0x1c, 0x8e, 0x86, 0xd8, 0x22, 0x4e, 0xdd, 0xd0, 0x9f,
        0x11, 0x57,
    ];
    let near = [0xec, 0xed, 0xee].map(near_prime);
    [&[small(0), small(1), zero, of_order_8, other_of_order_8][..], &near].concat()
}

#[test]
fn points_that_keep_no_secret_are_refused() {
    for point in low_order_points() {
        let recipient = Recipient { point };
        assert_eq!(recipient.to_string().parse::<Recipient>(), Err(KeyError::LowOrderPoint));
        assert_eq!(recipient.seal(b""), Err(SealError::LowOrderPoint));
        let mut file = Vec::new();
        let stanza = Stanza { point, wrapped: [0; 32] };
        header::write(&[stanza], &FileKey::new([0; 16]), &mut file);
        assert_eq!(identity().open(&file), Err(OpenError::LowOrderPoint));
    }
}

#[test]
fn each_of_several_recipients_can_open() {
    let identities: Vec<_> = (0..3).map(|_| Identity::generate().unwrap()).collect();
    let recipients: Vec<_> = identities.iter().map(Identity::recipient).collect();
    let file = seal(&recipients, b"content").unwrap();
    for identity in &identities {
        assert_eq!(identity.open(&file).unwrap(), b"content");
    }
    assert_eq!(identity().open(&file), Err(OpenError::WrongKey));
}

#[test]
fn recipients_end_at_the_limit() {
    let many = [identity().recipient(); STANZAS_MAX + 1];
    assert_eq!(seal(&[], b""), Err(SealError::NoRecipients));
    assert_eq!(seal(&many, b""), Err(SealError::TooManyRecipients { count: STANZAS_MAX + 1 }));
    let file = seal(&many[..STANZAS_MAX], b"").unwrap();
    assert_eq!(identity().open(&file).unwrap(), b"");
}

#[test]
fn no_two_files_are_alike() {
    let seal = || identity().recipient().seal(b"content").unwrap();
    assert_ne!(seal(), seal());
    let text = || Identity::generate().unwrap().to_text();
    assert_ne!(text(), text());
}

/// Sizes where chunks end, and some between.
fn sizes() -> impl Strategy<Value = usize> {
    let ends = [0, 1, 2, 65_535, 65_536, 65_537, 131_071, 131_072, 131_073];
    prop_oneof![prop::sample::select(ends.to_vec()), 0..200_000_usize]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn what_is_sealed_is_opened(size in sizes(), seed in any::<u8>()) {
        let plain: Vec<u8> = (0..=u8::MAX).cycle().skip(seed.into()).take(size).collect();
        let identity = Identity::generate().unwrap();
        let file = identity.recipient().seal(&plain).unwrap();
        let chunks = size.div_ceil(65_536).max(1);
        prop_assert_eq!(file.len(), 184 + size + 16 * chunks);
        prop_assert!(identity.open(&file).unwrap() == plain);
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(
        noise in prop::collection::vec(any::<u8>(), 0..300),
        lines in "(-> [ -~]{0,20}\n|[A-Za-z0-9+/]{0,70}\n|--- [A-Za-z0-9+/]{43}\n){0,6}",
    ) {
        let identity = identity();
        prop_assert!(identity.open(&noise).is_err());
        let start = b"age-encryption.org/v1\n";
        prop_assert!(identity.open(&[start, &noise[..]].concat()).is_err());
        prop_assert!(identity.open(&[start, lines.as_bytes(), &noise].concat()).is_err());
    }

    #[test]
    fn no_change_makes_it_panic(
        at in any::<prop::sample::Index>(), removed in 0_usize..40,
        added in prop::collection::vec(any::<u8>(), 0..40), is_one in any::<bool>(),
    ) {
        let file = bytes(if is_one { ONE } else { SEVERAL });
        let mut changed = file.clone();
        let at = at.index(file.len());
        changed.splice(at..file.len().min(at + removed), added);
        let opened = identity().open(&changed);
        prop_assert_eq!(opened.is_ok(), changed == file);
    }
}
