//! The text encodings that a payload may name. Collectors write `UTF-8`; nothing else is common.

use std::borrow::Cow;

/// How bytes behind `%XX` become characters.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Charset {
    /// Broken sequences become U+FFFD.
    #[default]
    Utf8,
    /// Every byte is a character.
    Latin1,
    /// Bytes above 127 become U+FFFD.
    Ascii,
}

impl Charset {
    /// The encoding of that name in any case, or nothing if it is none of ours.
    pub fn by_name(name: &str) -> Option<Self> {
        const NAMES: [(&str, Charset); 8] = [
            ("utf-8", Charset::Utf8),
            ("utf8", Charset::Utf8),
            ("iso-8859-1", Charset::Latin1),
            ("iso8859_1", Charset::Latin1),
            ("latin1", Charset::Latin1),
            ("us-ascii", Charset::Ascii),
            ("ascii", Charset::Ascii),
            ("iso646-us", Charset::Ascii),
        ];
        NAMES.iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, found)| *found)
    }

    /// The name that messages carry.
    pub fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Latin1 => "ISO-8859-1",
            Self::Ascii => "US-ASCII",
        }
    }

    /// Reads bytes as text; never fails.
    pub fn decode(self, bytes: Vec<u8>) -> String {
        match self {
            Self::Utf8 => utf8(bytes),
            Self::Latin1 => bytes.into_iter().map(char::from).collect(),
            Self::Ascii => {
                bytes
                    .into_iter()
                    .map(|byte| {
                        if byte.is_ascii() { char::from(byte) } else { char::REPLACEMENT_CHARACTER }
                    })
                    .collect()
            }
        }
    }
}

/// UTF-8 with U+FFFD for what is broken; copies only then.
pub(crate) fn utf8(bytes: Vec<u8>) -> String {
    match String::from_utf8(bytes) {
        Ok(text) => text,
        Err(broken) => match String::from_utf8_lossy(broken.as_bytes()) {
            Cow::Owned(text) => text,
            Cow::Borrowed(text) => text.to_owned(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_encoding_reads_bytes_its_own_way() {
        let bytes = vec![b'a', 0xc3, 0xa9, 0xff];
        assert_eq!(Charset::Utf8.decode(bytes.clone()), "aé\u{fffd}");
        assert_eq!(Charset::Latin1.decode(bytes.clone()), "aÃ©ÿ");
        assert_eq!(Charset::Ascii.decode(bytes), "a\u{fffd}\u{fffd}\u{fffd}");
    }

    #[test]
    fn a_name_is_found_in_any_case() {
        assert_eq!(Charset::by_name("Utf-8"), Some(Charset::Utf8));
        assert_eq!(Charset::by_name("latin1").map(Charset::name), Some("ISO-8859-1"));
        assert_eq!(Charset::by_name("klingon"), None);
    }
}
