//! Query strings and paths: what is legal in them, and how their parts are read.

use std::borrow::Cow;

use ::front_door::push_encoded;

/// Characters that a query string may hold as they are, beside letters, digits and `%XX`.
const QUERY_MARKS: &[u8] = b"-._~!$&'()*+,;=:@/?[]";

/// Where the first character stands that is illegal in a query string.
pub(crate) fn first_illegal(query: &str) -> Option<usize> {
    let bytes = query.as_bytes();
    (0..bytes.len()).find(|&at| !is_legal_at(bytes, at, QUERY_MARKS))
}

/// The query string with every illegal character percent-encoded; a legal one is not copied.
pub(crate) fn legalized(query: &str) -> Cow<'_, str> {
    encode_illegal(query, QUERY_MARKS)
}

/// The text with every character percent-encoded that is neither unreserved, nor one of the marks,
/// nor part of a valid `%XX`.
pub(crate) fn encode_illegal<'a>(text: &'a str, marks: &[u8]) -> Cow<'a, str> {
    let bytes = text.as_bytes();
    if (0..bytes.len()).all(|at| is_legal_at(bytes, at, marks)) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(bytes.len() + 16);
    for (at, &byte) in bytes.iter().enumerate() {
        if is_legal_at(bytes, at, marks) {
            out.push(char::from(byte));
        } else {
            push_encoded(&mut out, byte);
        }
    }
    Cow::Owned(out)
}

fn is_legal_at(bytes: &[u8], at: usize, marks: &[u8]) -> bool {
    match bytes.get(at) {
        Some(b'%') => {
            matches!(bytes.get(at + 1..at + 3), Some([a, b]) if a.is_ascii_hexdigit() && b.is_ascii_hexdigit())
        }
        Some(byte) => byte.is_ascii_alphanumeric() || marks.contains(byte),
        None => true,
    }
}

/// The first parameter of this name, form-decoded; `&` and `;` both separate parameters.
pub(crate) fn parameter<'a>(query: &'a str, name: &str) -> Option<Cow<'a, str>> {
    query.split(['&', ';']).find_map(|pair| {
        let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
        (form_decoded(key) == name).then(|| form_decoded(value))
    })
}

fn form_decoded(text: &str) -> Cow<'_, str> {
    if text.contains('+') {
        Cow::Owned(percent_decoded(&text.replace('+', " ")).into_owned())
    } else {
        percent_decoded(text)
    }
}

/// The text with every valid `%XX` decoded; anything else stays, broken UTF-8 is repaired.
pub(crate) fn percent_decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut out = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&byte, tail)) = rest.split_first() {
        if let (b'%', Some((decoded, after))) = (byte, hex_pair(tail)) {
            out.push(decoded);
            rest = after;
        } else {
            out.push(byte);
            rest = tail;
        }
    }
    Cow::Owned(match String::from_utf8(out) {
        Ok(text) => text,
        Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
    })
}

fn hex_pair(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let (&[high, low], rest) = bytes.split_first_chunk::<2>()?;
    let value = char::from(high).to_digit(16)? * 16 + char::from(low).to_digit(16)?;
    Some((u8::try_from(value).ok()?, rest))
}

#[cfg(test)]
mod tests {
    use ::front_door::push_strict;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn encodes_what_is_illegal_and_nothing_else() {
        let check = |query: &str, expected: &str| assert_eq!(legalized(query), expected);
        check(
            "a=%7B%22x%22%3A1%7D&b=1+2&c=%2B&d=a;b&e[]=1",
            "a=%7B%22x%22%3A1%7D&b=1+2&c=%2B&d=a;b&e[]=1",
        );
        check(r#"a={"x"}|y z"#, "a=%7B%22x%22%7D%7Cy%20z");
        check("a=%", "a=%25");
        check("a=%zz&b=%4", "a=%25zz&b=%254");
        check("a=é#top", "a=%C3%A9%23top");
        assert_eq!(first_illegal("a=1"), None);
        assert_eq!(first_illegal("a=1 2"), Some(3));
    }

    #[test]
    fn reads_the_first_parameter_of_a_name() {
        let check = |query: &str, expected: Option<&str>| {
            assert_eq!(parameter(query, "u").as_deref(), expected, "{query}");
        };
        check("e=pv", None);
        check("u=a&u=b", Some("a"));
        check("x=1;u=a+b%20c", Some("a b c"));
        check("%75=a", Some("a"));
        check("u", Some(""));
        check("u=%ff%zz", Some("\u{fffd}%zz"));
    }

    proptest! {
        #[test]
        fn a_legalized_query_is_legal_and_stays_as_it_is(query in ".{0,60}") {
            let once = legalized(&query).into_owned();
            prop_assert_eq!(first_illegal(&once), None);
            prop_assert_eq!(legalized(&once), once.as_str());
        }

        #[test]
        fn strict_encoding_decodes_to_itself(text in ".{0,60}") {
            let mut encoded = String::new();
            push_strict(&mut encoded, &text);
            prop_assert_eq!(percent_decoded(&encoded), text.as_str());
            prop_assert_eq!(first_illegal(&encoded), None);
        }
    }
}
