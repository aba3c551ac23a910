//! Values that stay text: made safe for a TSV, cut, decoded, or checked against a list.

use std::borrow::Cow;

use base64_simd::URL_SAFE_NO_PAD;

use super::{Cell, Message};
use crate::charset::utf8;

/// Four spaces for a tab, no ASCII control characters, nothing for an empty text.
pub fn tsv_safe(value: &str) -> Cell<'_> {
    if value.is_empty() {
        return None;
    }
    if !value.bytes().any(|byte| byte.is_ascii_control()) {
        return Some(Cow::Borrowed(value));
    }
    let mut safe = String::with_capacity(value.len() + 3);
    for character in value.chars() {
        match character {
            '\t' => safe.push_str("    "),
            character if character.is_ascii_control() => {}
            character => safe.push(character),
        }
    }
    if safe.is_empty() { None } else { Some(Cow::Owned(safe)) }
}

/// The first of several addresses, which commas, bars or spaces divide.
pub fn extract_ip(value: &str) -> Cell<'_> {
    tsv_safe(value.split([',', '|', ' ']).next().unwrap_or_default())
}

/// A UUID with all its digits and dashes, in lower case.
pub fn uuid(value: &str) -> Result<Cow<'_, str>, Message> {
    let well_placed = |(at, byte): (usize, u8)| match at {
        8 | 13 | 18 | 23 => byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    if value.len() != 36 || !value.bytes().enumerate().all(well_placed) {
        return Err(Cow::Borrowed("Not a valid UUID"));
    }
    if value.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Ok(Cow::Owned(value.to_ascii_lowercase()));
    }
    Ok(Cow::Borrowed(value))
}

/// The name behind the short form of an event's type.
pub fn event_type(value: &str) -> Result<&'static str, Message> {
    Ok(match value {
        "se" | "ev" => "struct",
        "ue" => "unstruct",
        "ad" => "ad_impression",
        "tr" => "transaction",
        "ti" => "transaction_item",
        "pv" => "page_view",
        "pp" => "page_ping",
        _ => return Err(Cow::Borrowed("Not a valid event type")),
    })
}

/// A platform, if it is one of those that are known.
pub fn platform(value: &str) -> Result<&'static str, Message> {
    const KNOWN: [&str; 9] = ["web", "iot", "app", "mob", "pc", "cnsl", "tv", "srv", "headset"];
    let known = KNOWN.iter().find(|known| **known == value).copied();
    known.ok_or(Cow::Borrowed("Not a valid platform"))
}

/// Base64 in either alphabet, as UTF-8. Other characters are passed over and the first `=` ends it,
/// so it never fails; what is no JSON afterwards is found by whoever reads the JSON.
pub fn base64url(value: &str) -> String {
    let bytes = URL_SAFE_NO_PAD.decode_to_vec(value.as_bytes());
    utf8(bytes.unwrap_or_else(|_| forgiving_base64(value.as_bytes())))
}

fn forgiving_base64(value: &[u8]) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(value.len() / 4 * 3 + 3);
    let (mut pending, mut bits) = (0u32, 0u32);
    for byte in value.iter().take_while(|byte| **byte != b'=') {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => continue,
        };
        pending = pending << 6 | u32::from(six);
        bits += 6;
        if bits >= 8 {
            bits -= 8;
            let [low, ..] = (pending >> bits).to_le_bytes();
            bytes.push(low);
        }
    }
    bytes
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn text_is_made_safe_for_a_tsv() {
        assert_eq!(tsv_safe(""), None);
        assert_eq!(tsv_safe("\r\n\u{7f}"), None);
        assert_eq!(tsv_safe("a\tb\nc\u{85}é").as_deref(), Some("a    bc\u{85}é"));
        assert!(matches!(tsv_safe(" plain "), Some(Cow::Borrowed(" plain "))));
    }

    #[test]
    fn the_first_address_counts() {
        for (value, address) in [
            ("192.0.2.1, 192.0.2.2", Some("192.0.2.1")),
            ("192.0.2.1|192.0.2.2", Some("192.0.2.1")),
            ("192.0.2.1 192.0.2.2", Some("192.0.2.1")),
            ("192.0.2.1;192.0.2.2", Some("192.0.2.1;192.0.2.2")),
            (",192.0.2.1", None),
            ("", None),
        ] {
            assert_eq!(extract_ip(value).as_deref(), address, "{value}");
        }
    }

    #[test]
    fn a_uuid_is_whole_and_comes_out_in_lower_case() {
        let upper = "0F2B1C3D-4E5F-6071-8293-A4B5C6D7E8F9";
        assert_eq!(uuid(upper).unwrap(), upper.to_lowercase());
        for wrong in [
            "",
            "1-1-1-1-1",
            "{0f2b1c3d-4e5f-6071-8293-a4b5c6d7e8f9}",
            "0f2b1c3d4e5f60718293a4b5c6d7e8f9",
        ] {
            assert_eq!(uuid(wrong).unwrap_err(), "Not a valid UUID");
        }
    }

    #[test]
    fn lists_are_exact() {
        assert_eq!(event_type("ev").unwrap(), "struct");
        assert_eq!(event_type("PV").unwrap_err(), "Not a valid event type");
        assert_eq!(platform("headset").unwrap(), "headset");
        assert_eq!(platform("Web").unwrap_err(), "Not a valid platform");
    }

    #[test]
    fn base64_forgives_everything() {
        for (value, text) in [
            ("eyJhIjoxfQ", "{\"a\":1}"),
            ("eyJhIjoxfQ==", "{\"a\":1}"),
            ("eyJh\r\nIjox fQ", "{\"a\":1}"),
            ("4pyT_w", "✓\u{fffd}"),
            ("4pyT/w", "✓\u{fffd}"),
            ("YQ==YQ", "a"),
            ("Y", ""),
            ("", ""),
            ("ü&%", ""),
        ] {
            assert_eq!(base64url(value), text, "{value}");
        }
    }

    proptest! {
        #[test]
        fn both_ways_to_decode_agree(text in "\\PC*") {
            let encoded = URL_SAFE_NO_PAD.encode_to_string(text.as_bytes());
            prop_assert_eq!(&base64url(&encoded), &text);
            prop_assert_eq!(forgiving_base64(encoded.as_bytes()), text.into_bytes());
        }
    }
}
