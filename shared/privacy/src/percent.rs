//! Percent-encoding, as far as decisions on URLs need it.

use std::borrow::Cow;

/// The decoded text; none if an escape is none or the bytes are no UTF-8.
pub(crate) fn decode(text: &str, plus_is_space: bool) -> Option<Cow<'_, str>> {
    let is_plain = |byte: u8| byte != b'%' && !(plus_is_space && byte == b'+');
    if text.bytes().all(is_plain) {
        return Some(Cow::Borrowed(text));
    }
    let mut decoded = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        decoded.push(match byte {
            b'%' => {
                let (high, low) = (hex(bytes.next()?)?, hex(bytes.next()?)?);
                high << 4 | low
            }
            b'+' if plus_is_space => b' ',
            plain => plain,
        });
    }
    String::from_utf8(decoded).ok().map(Cow::Owned)
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Appends the text with everything encoded that is not safe in this part of a URL.
pub(crate) fn encode(text: &str, safe: &[u8], out: &mut String) {
    const DIGITS: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    let digit = |value: u8| DIGITS.get(usize::from(value)).copied().unwrap_or('0');
    let is_safe =
        |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) || safe.contains(&byte);
    if text.bytes().all(is_safe) {
        return out.push_str(text);
    }
    for byte in text.bytes() {
        if is_safe(byte) {
            out.push(char::from(byte));
        } else {
            out.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn decodes_what_is_encoded() {
        for (text, plus, expected) in [
            ("a%20b", false, Some("a b")),
            ("a+b", true, Some("a b")),
            ("a+b", false, Some("a+b")),
            ("%C3%A9", false, Some("é")),
            ("%c3", false, None),
            ("%", false, None),
            ("%zz", false, None),
            ("", false, Some("")),
        ] {
            assert_eq!(decode(text, plus).as_deref(), expected, "{text}");
        }
        let mut out = String::new();
        encode("a/b é", b"/", &mut out);
        assert_eq!(out, "a/b%20%C3%A9");
    }
}
