//! Keys as S3 writes them into notifications, and as a log may show them; sequencers.

/// The longest part of a key that a log shows, in characters.
pub const KEY_CHARS_SHOWN_MAX: usize = 200;

/// The key that an encoded one stands for: `+` is a space, `%XX` a byte. A `%` that starts no byte
/// stands for itself. Nothing, if the bytes are no text.
pub fn decoded(encoded: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(encoded.len());
    let mut rest = encoded.as_bytes().iter().copied();
    while let Some(byte) = rest.next() {
        let mut ahead = rest.clone();
        let digits =
            (byte == b'%').then(|| (ahead.next().and_then(hex), ahead.next().and_then(hex)));
        match (byte, digits) {
            (_, Some((Some(high), Some(low)))) => {
                bytes.push(high << 4 | low);
                rest = ahead;
            }
            (b'+', _) => bytes.push(b' '),
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).ok()
}

/// A key as S3 encodes it.
pub fn encoded(key: &str) -> String {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |value: u8| char::from(DIGITS.get(usize::from(value)).copied().unwrap_or(b'0'));
    let mut out = String::with_capacity(key.len());
    for byte in key.bytes() {
        match byte {
            b' ' => out.push('+'),
            _ if byte.is_ascii_alphanumeric() || b"-._*/".contains(&byte) => {
                out.push(char::from(byte));
            }
            _ => out.extend(['%', digit(byte >> 4), digit(byte & 15)]),
        }
    }
    out
}

/// A key as a log shows it: letters, digits and ASCII marks, anything else as `?`, and not too much
/// of it.
pub fn shown(key: &str) -> String {
    let is_shown = |c: char| c == ' ' || c.is_ascii_graphic() || c.is_alphanumeric();
    let chars = key.chars().take(KEY_CHARS_SHOWN_MAX);
    chars.map(|c| if is_shown(c) { c } else { '?' }).collect()
}

/// A place in the order of what happened to one key: a hexadecimal number of which the shorter of two
/// counts as padded with zeros on its right.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Sequencer(String);

impl Sequencer {
    /// The sequencer that the text is, if it is one.
    pub fn parse(text: &str) -> Option<Self> {
        let is_one = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        is_one.then(|| Self(text.trim_end_matches('0').to_ascii_uppercase()))
    }
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn keys_are_decoded_as_forms_are() {
        for (encoded, expected) in [
            ("", Some("")),
            ("a+b", Some("a b")),
            ("a%20b", Some("a b")),
            ("a%2Bb%2bc", Some("a+b+c")),
            ("a%252Bb", Some("a%2Bb")),
            ("app%3Dweb/1.gz", Some("app=web/1.gz")),
            ("%C3%A9/%F0%9F%98%80.gz", Some("\u{e9}/\u{1f600}.gz")),
            ("\u{e9}", Some("\u{e9}")),
            ("100%", Some("100%")),
            ("%4", Some("%4")),
            ("%zz%41", Some("%zzA")),
            ("%+1", Some("% 1")),
            ("%ff", None),
            ("%C3", None),
        ] {
            assert_eq!(decoded(encoded).as_deref(), expected, "{encoded}");
        }
    }

    #[test]
    fn a_shorter_sequencer_counts_as_padded() {
        let new = |text| Sequencer::parse(text).unwrap();
        assert_eq!(new("0055AED6DCD9"), new("0055aed6dcd900"));
        assert!(new("0055AED6DCD9") < new("0055AED6DCD90281E5"));
        assert!(new("0055AED6DCDA") > new("0055AED6DCD90281E5"));
        assert_ne!(new("0055"), new("00550001"));
        for text in ["", " ", "0x1", "\u{e9}"] {
            assert_eq!(Sequencer::parse(text), None, "{text}");
        }
    }

    #[test]
    fn a_key_is_cut_and_printable() {
        assert_eq!(shown("a/b c\n\u{202e}\u{e9}\u{0}"), "a/b c??\u{e9}?");
        let long = |count: usize| shown(&"\u{e9}".repeat(count)).chars().count();
        assert_eq!(long(KEY_CHARS_SHOWN_MAX), KEY_CHARS_SHOWN_MAX);
        assert_eq!(long(KEY_CHARS_SHOWN_MAX + 1), KEY_CHARS_SHOWN_MAX);
    }

    proptest! {
        #[test]
        fn what_is_encoded_is_decoded(key in any::<String>()) {
            let text = encoded(&key);
            prop_assert!(text.is_ascii());
            prop_assert_eq!(decoded(&text), Some(key));
        }

        #[test]
        fn anything_can_be_decoded(text in "[%+a-f0-9\u{e9}]{0,20}") {
            drop(decoded(&text));
        }
    }
}
