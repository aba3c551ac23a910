//! A raw query string -> names and values: Java's `URI` must accept it, then it is decoded as a form.

use std::borrow::Cow;

use crate::Charset;
use crate::parameters::Pair;
use crate::uri::{Class, Refusal, require};

/// What the original puts before a query string to make it a URI; its messages count and quote it.
const PREFIX: &str = "http://localhost/?";

/// The decoded names and values of a request's query string, in the order sent, repeats included.
///
/// The error is the message that a bad event carries; it quotes the query string.
pub fn parse(query: &str, charset: Charset) -> Result<Vec<Pair<'_>>, String> {
    // What follows a `#` must be legal, and is then no part of the query.
    let cut = memchr::memchr(b'#', query.as_bytes());
    let end = cut.unwrap_or(query.len());
    let legal = require(query, 0..end, Class::URI, "Illegal character in query").and_then(|()| {
        let fragment = (end + 1).min(query.len())..query.len();
        require(query, fragment, Class::URI, "Illegal character in fragment")
    });
    match legal {
        Ok(()) => Ok(pairs(query.get(..end).unwrap_or_default(), charset)),
        Err(refusal) => Err(refused(query, refusal, charset)),
    }
}

#[cold]
fn refused(query: &str, refusal: Refusal, charset: Charset) -> String {
    let whole = format!("{PREFIX}{query}");
    let refusal = Refusal { at: refusal.at + PREFIX.len(), ..refusal };
    format!(
        "could not extract name-value pairs from querystring with encoding {}: {}",
        charset.name(),
        refusal.message(&whole)
    )
}

/// Splits at every `&` and `;`. No `=` means no value; no name means that the piece is passed over.
pub fn pairs(query: &str, charset: Charset) -> Vec<Pair<'_>> {
    let mut pairs = Vec::with_capacity(query.len() / 16 + 1);
    let mut start = 0;
    let ends = memchr::memchr2_iter(b'&', b';', query.as_bytes());
    for end in ends.chain([query.len()]) {
        let piece = query.get(start..end).unwrap_or_default();
        start = end + 1;
        let (name, value) = match memchr::memchr(b'=', piece.as_bytes()) {
            Some(at) => (piece.get(..at).unwrap_or_default(), piece.get(at + 1..)),
            None => (piece, None),
        };
        if !name.is_empty() {
            let value = value.map(|value| form_decoded(value, charset));
            pairs.push((form_decoded(name, charset), value));
        }
    }
    pairs
}

/// `+` is a space and `%XX` a byte. A character beyond ASCII is cut to its lowest byte: the library
/// that the original uses expects none there, and real trackers send none.
pub fn form_decoded(text: &str, charset: Charset) -> Cow<'_, str> {
    let special = memchr::memchr2(b'%', b'+', text.as_bytes());
    let special = match special {
        _ if !text.is_ascii() => 0,
        Some(at) => at,
        None => return Cow::Borrowed(text),
    };
    let mut bytes = Vec::with_capacity(text.len());
    bytes.extend_from_slice(text.as_bytes().get(..special).unwrap_or_default());
    let mut left = text.get(special..).unwrap_or_default();
    while let Some(first) = left.chars().next() {
        if let Some((byte, _)) = hex_pair(left.as_bytes()) {
            bytes.push(byte);
            left = left.get(3..).unwrap_or_default();
            continue;
        }
        let mut units = [0; 2];
        for unit in first.encode_utf16(&mut units) {
            let [low, _] = unit.to_le_bytes();
            bytes.push(if first == '+' { b' ' } else { low });
        }
        left = left.get(first.len_utf8()..).unwrap_or_default();
    }
    Cow::Owned(charset.decode(bytes))
}

/// As Java's `URLDecoder` reads a text, which unlike the form decoder gives up at a stray percent sign.
pub fn url_decoded(text: &str, charset: Charset) -> Option<String> {
    let mut decoded = String::with_capacity(text.len());
    let mut left = text;
    while let Some(first) = left.chars().next() {
        let mut bytes = Vec::new();
        while let Some((byte, _)) = hex_pair(left.as_bytes()) {
            bytes.push(byte);
            left = left.get(3..).unwrap_or_default();
        }
        if bytes.is_empty() {
            if first == '%' {
                return None;
            }
            decoded.push(if first == '+' { ' ' } else { first });
            left = left.get(first.len_utf8()..).unwrap_or_default();
        } else {
            decoded.push_str(&charset.decode(bytes));
        }
    }
    Some(decoded)
}

/// The byte that `%XX` at the beginning means, and what follows it.
pub(crate) fn hex_pair(text: &[u8]) -> Option<(u8, &[u8])> {
    let (pair, rest) = text.strip_prefix(b"%")?.split_first_chunk::<2>()?;
    let [high, low] = pair.map(|digit| char::from(digit).to_digit(16));
    u8::try_from(high? << 4 | low?).ok().map(|byte| (byte, rest))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(query: &str) -> Vec<(String, Option<String>)> {
        let pairs = parse(query, Charset::Utf8).unwrap();
        pairs.into_iter().map(|(n, v)| (n.into_owned(), v.map(Cow::into_owned))).collect()
    }

    fn pair(name: &str, value: Option<&str>) -> (String, Option<String>) {
        (name.to_owned(), value.map(str::to_owned))
    }

    #[test]
    fn splits_and_decodes() {
        assert_eq!(
            parsed("e=pv&page=a+b%20%C3%A9&x&y=&=z&&u=a=b;tv=1#no=1"),
            [
                pair("e", Some("pv")),
                pair("page", Some("a b é")),
                pair("x", None),
                pair("y", Some("")),
                pair("u", Some("a=b")),
                pair("tv", Some("1")),
            ]
        );
        assert_eq!(parsed(""), []);
        assert_eq!(parsed("?e=pv"), [pair("?e", Some("pv"))]);
    }

    #[test]
    fn keeps_the_quirks_of_the_form_decoder() {
        assert_eq!(form_decoded("%FFa", Charset::Utf8), "\u{fffd}a");
        assert_eq!(form_decoded("%zz%4", Charset::Utf8), "%zz%4");
        assert_eq!(form_decoded("\u{141}b", Charset::Utf8), "Ab");
        assert_eq!(form_decoded("%E9", Charset::Latin1), "é");
        assert!(matches!(form_decoded("plain", Charset::Utf8), Cow::Borrowed("plain")));
    }

    #[test]
    fn the_other_decoder_is_strict() {
        let decoded = |text| url_decoded(text, Charset::Utf8);
        assert_eq!(decoded("a+%C3%A9%ffé%2B").as_deref(), Some("a é\u{fffd}é+"));
        for wrong in ["%", "%4", "%zz", "a%%41"] {
            assert_eq!(decoded(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_java_refuses_is_an_error_that_says_where() {
        for (query, message) in [
            ("e=pv&a={}", "Illegal character in query at index 25: http://localhost/?e=pv&a={}"),
            ("a=%4", "Malformed escape pair at index 20: http://localhost/?a=%4"),
            ("a b", "Illegal character in query at index 19: http://localhost/?a b"),
            ("a#b#c", "Illegal character in fragment at index 21: http://localhost/?a#b#c"),
            ("é|", "Illegal character in query at index 19: http://localhost/?é|"),
        ] {
            let start = "could not extract name-value pairs from querystring with encoding UTF-8: ";
            assert_eq!(parse(query, Charset::Utf8).unwrap_err(), format!("{start}{message}"));
        }
    }

    proptest! {
        #[test]
        fn no_query_makes_it_panic(any in "\\PC*", close in "[a%4+=&;#é]{0,40}") {
            for query in [&any, &close] {
                for charset in [Charset::Utf8, Charset::Latin1, Charset::Ascii] {
                    let _ignored = parse(query, charset).is_ok();
                    pairs(query, charset);
                    url_decoded(query, charset);
                }
            }
        }

        #[test]
        fn what_is_encoded_comes_back(text in "\\PC*") {
            let hex = |byte: u8| [16, 1].map(|of| char::from_digit(u32::from(byte / of % 16), 16));
            let escape = |byte| [Some('%')].into_iter().chain(hex(byte)).flatten();
            let encoded: String = text.bytes().flat_map(escape).collect();
            prop_assert_eq!(form_decoded(&encoded, Charset::Utf8), text);
        }
    }
}
