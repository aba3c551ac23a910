//! Query strings: read as the enricher reads them, written so that it reads the same again.

use std::borrow::Cow;
use std::fmt::Write as _;

use json_tree::{Json, Object};
use tracker_protocol::{Charset, query};

/// The parameters of a query string; those without a value are null.
pub(super) fn read(text: &str, charset: Charset) -> Object<'static> {
    let before_fragment = text.split_once('#').map_or(text, |(query, _)| query);
    let pairs = query::pairs(before_fragment, charset).into_iter();
    pairs
        .map(|(name, value)| {
            let value =
                value.map_or(Json::Null, |value| Json::Text(Cow::Owned(value.into_owned())));
            (name.into_owned(), value)
        })
        .collect()
}

/// A query string with these parameters; nothing if the encoding lacks one of their characters.
pub(super) fn written(parameters: &Object<'_>, charset: Charset) -> Option<String> {
    let mut text = String::new();
    for (name, value) in parameters.iter() {
        if !text.is_empty() {
            text.push('&');
        }
        push(name, charset, &mut text)?;
        if !value.is_null() {
            text.push('=');
            push(&plain(value), charset, &mut text)?;
        }
    }
    Some(text)
}

/// A value as the text that a parameter holds.
pub(super) fn plain<'t>(value: &'t Json<'_>) -> Cow<'t, str> {
    value.as_str().map_or_else(|| Cow::Owned(value.to_text()), Cow::Borrowed)
}

/// Every URI takes what comes out.
fn push(text: &str, charset: Charset, out: &mut String) -> Option<()> {
    for byte in bytes(text, charset)?.iter().copied() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            write!(out, "%{byte:02X}").unwrap_or_default();
        }
    }
    Some(())
}

fn bytes(text: &str, charset: Charset) -> Option<Cow<'_, [u8]>> {
    match charset {
        _ if text.is_ascii() => Some(Cow::Borrowed(text.as_bytes())),
        Charset::Utf8 => Some(Cow::Borrowed(text.as_bytes())),
        Charset::Latin1 => {
            let bytes: Result<Vec<u8>, _> =
                text.chars().map(|it| u8::try_from(u32::from(it))).collect();
            bytes.ok().map(Cow::Owned)
        }
        Charset::Ascii => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read_again(
            pairs in proptest::collection::vec(("\\PC{1,6}", proptest::option::of("\\PC{0,12}")), 0..6)
        ) {
            let value = |it: &Option<String>| it.clone().map_or(Json::Null, Json::from);
            let parameters: Object<'static> =
                pairs.iter().map(|(name, it)| (name.clone(), value(it))).collect();
            let text = written(&parameters, Charset::Utf8).unwrap();
            prop_assert!(query::parse(&text, Charset::Utf8).is_ok());
            prop_assert!(read(&text, Charset::Utf8) == parameters);
        }
    }

    #[test]
    fn encodings_take_their_characters_only() {
        let one = |text: &'static str| Object::from_iter([("a", Json::text(text))]);
        assert_eq!(written(&one("é b"), Charset::Utf8).as_deref(), Some("a=%C3%A9%20b"));
        assert_eq!(written(&one("é"), Charset::Latin1).as_deref(), Some("a=%E9"));
        assert_eq!(written(&one("€"), Charset::Latin1), None);
        assert_eq!(written(&one("é"), Charset::Ascii), None);
        assert_eq!(written(&one("e"), Charset::Ascii).as_deref(), Some("a=e"));
    }
}
