//! The text form of keys: Bech32 of 32 bytes behind a prefix.

use zeroize::Zeroizing;

use crate::KeyError;

const LETTERS: &[u8; 32] = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l";
const GENERATORS: [u32; 5] = [0x3b6a_57b2, 0x2650_8e6d, 0x1ea1_19fa, 0x3d42_33dd, 0x2a14_62b3];
const CHECKSUM_LETTERS: usize = 6;
/// 256 bits in letters of 5 bits each.
const KEY_LETTERS: usize = 52;
/// What stands behind the prefix and its `1`.
const DATA_LETTERS: usize = KEY_LETTERS + CHECKSUM_LETTERS;

/// Writes a key in lower case. The prefix is lower case, too.
pub(crate) fn encode(prefix: &str, key: &[u8; 32]) -> Zeroizing<String> {
    let mut checksum = checksum_of(prefix);
    // All of it at once: a text that grows leaves copies of a secret behind.
    let mut text = Zeroizing::new(String::with_capacity(prefix.len() + 1 + DATA_LETTERS));
    text.push_str(prefix);
    text.push('1');
    let (mut bits, mut bit_count) = (0_u32, 0);
    // The last letter holds one bit of the key and four zeros.
    for byte in key.iter().chain(&[0]) {
        bits = bits << 8 | u32::from(*byte);
        bit_count += 8;
        while bit_count >= 5 && text.len() < prefix.len() + 1 + KEY_LETTERS {
            bit_count -= 5;
            let value = bits >> bit_count & 31;
            checksum = step(checksum, value);
            push_letter(&mut text, value);
        }
        bits &= 0xff;
    }
    for _ in 0..CHECKSUM_LETTERS {
        checksum = step(checksum, 0);
    }
    checksum ^= 1;
    for place in (0..CHECKSUM_LETTERS).rev() {
        push_letter(&mut text, checksum >> (5 * place) & 31);
    }
    text
}

fn push_letter(text: &mut String, value: u32) {
    let letter = usize::try_from(value).ok().and_then(|at| LETTERS.get(at));
    text.extend(letter.map(|letter| char::from(*letter)));
}

/// Reads a key whose text is in the case of its prefix; `None` if it has another prefix.
pub(crate) fn decode(prefix: &str, text: &str) -> Option<Result<Zeroizing<[u8; 32]>, KeyError>> {
    // The last `1`, as prefixes may hold one and the rest never does.
    let (found, data) = text.rsplit_once('1')?;
    (found == prefix).then(|| decode_data(prefix, data))
}

fn decode_data(prefix: &str, data: &str) -> Result<Zeroizing<[u8; 32]>, KeyError> {
    let characters = data.chars().count();
    if characters != DATA_LETTERS {
        return Err(KeyError::Length { characters, expected: DATA_LETTERS });
    }
    let is_upper = prefix.bytes().any(|byte| byte.is_ascii_uppercase());
    let mut checksum = checksum_of(&prefix.to_ascii_lowercase());
    let mut key = Zeroizing::new([0; 32]);
    let mut bytes = key.iter_mut();
    let (mut bits, mut bit_count) = (0, 0);
    for (index, character) in data.chars().enumerate() {
        let position = prefix.len() + 2 + index;
        let value = value_of(character, is_upper).ok_or(KeyError::Character { position })?;
        checksum = step(checksum, value);
        bits = (bits << 5 | value) & 0xfff;
        bit_count += 5;
        if bit_count >= 8
            && let Some(byte) = bytes.next()
        {
            bit_count -= 8;
            *byte = u8::try_from(bits >> bit_count & 0xff).unwrap_or_default();
        }
        // What is over must be zero, or one key would have sixteen texts.
        if index + 1 == KEY_LETTERS && bits & 0xf != 0 {
            return Err(KeyError::Character { position });
        }
    }
    if checksum == 1 { Ok(key) } else { Err(KeyError::Checksum) }
}

fn value_of(character: char, is_upper: bool) -> Option<u32> {
    let is_other_case =
        if is_upper { character.is_ascii_lowercase() } else { character.is_ascii_uppercase() };
    if is_other_case {
        return None;
    }
    let lower = character.to_ascii_lowercase();
    let value = LETTERS.iter().position(|letter| char::from(*letter) == lower)?;
    u32::try_from(value).ok()
}

/// The checksum's state after the prefix, which is lower case.
fn checksum_of(prefix: &str) -> u32 {
    let high = prefix.bytes().map(|byte| u32::from(byte >> 5));
    let low = prefix.bytes().map(|byte| u32::from(byte & 31));
    high.chain([0]).chain(low).fold(1, step)
}

fn step(state: u32, value: u32) -> u32 {
    let top = state >> 25;
    let shifted = (state & 0x01ff_ffff) << 5 ^ value;
    let chosen = GENERATORS.iter().enumerate().filter(|(bit, _)| top >> bit & 1 == 1);
    chosen.fold(shifted, |state, (_, generator)| state ^ generator)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const TEXT: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

    fn error(text: &str) -> KeyError {
        decode("age", text).unwrap().unwrap_err()
    }

    #[test]
    fn texts_that_are_no_keys_say_why() {
        assert!(decode("age", TEXT).unwrap().is_ok());
        for other in ["", "age", "AGE1", "xge1abc", "age1pq1abc", &TEXT.to_uppercase()] {
            assert!(decode("age", other).is_none(), "{other}");
        }
        assert_eq!(error("age1"), KeyError::Length { characters: 0, expected: 58 });
        assert_eq!(
            error(TEXT.strip_suffix('j').unwrap()),
            KeyError::Length { characters: 57, expected: 58 }
        );
        assert_eq!(error(&format!("{TEXT}q")), KeyError::Length { characters: 59, expected: 58 });
        assert_eq!(error(&TEXT.replace('v', "b")), KeyError::Character { position: 6 });
        assert_eq!(error(&TEXT.replace('v', "V")), KeyError::Character { position: 6 });
        assert_eq!(error(&TEXT.replace('v', "\u{e9}")), KeyError::Character { position: 6 });
        assert_eq!(error(&TEXT.replace("jwj", "jwq")), KeyError::Checksum);
    }

    #[test]
    fn bits_that_are_over_must_be_zero() {
        // The last letter before the checksum holds one bit of the key: 0 is `q`, 1 is `s`.
        let (key, checksum) = TEXT.split_at(56);
        let start = key.strip_suffix('q').unwrap();
        assert_eq!(error(&format!("{start}s{checksum}")), KeyError::Checksum);
        for letter in "pzry9x8gf2tvdw".chars() {
            let text = format!("{start}{letter}{checksum}");
            assert_eq!(error(&text), KeyError::Character { position: 56 });
        }
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(key in any::<[u8; 32]>()) {
            for prefix in ["age", "age-secret-key-"] {
                let text = encode(prefix, &key);
                prop_assert_eq!(text.len(), prefix.len() + 59);
                prop_assert_eq!(*decode(prefix, &text).unwrap().unwrap(), key);
                let (upper_prefix, upper) = (prefix.to_uppercase(), text.to_uppercase());
                prop_assert_eq!(*decode(&upper_prefix, &upper).unwrap().unwrap(), key);
            }
        }

        #[test]
        fn a_mistyped_letter_is_found(at in 4_usize..62, letter in 0_usize..32) {
            let mut text = TEXT.to_owned();
            text.replace_range(at..=at, &char::from(LETTERS[letter]).to_string());
            prop_assert_eq!(decode("age", &text).unwrap().is_ok(), text == TEXT);
        }

        #[test]
        fn no_text_makes_it_panic(text in ".*", data in "[a-z0-9]{58}") {
            drop((decode("age", &text), decode("age", &format!("age1{text}"))));
            drop(decode("age", &format!("age1{data}")));
        }
    }
}
