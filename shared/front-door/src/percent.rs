//! Percent-encoding of what a front door has decoded.

const HEX_DIGITS: &[u8; 16] = b"0123456789ABCDEF";

/// Appends a decoded key or value in its strictest encoding: only unreserved characters stay.
pub fn push_strict(out: &mut String, text: &str) {
    for &byte in text.as_bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            push_encoded(out, byte);
        }
    }
}

/// Appends a byte as `%XX`.
pub fn push_encoded(out: &mut String, byte: u8) {
    out.push('%');
    for digit in [byte >> 4, byte & 15] {
        out.push(char::from(HEX_DIGITS.get(usize::from(digit)).copied().unwrap_or(b'0')));
    }
}
