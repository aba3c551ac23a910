//! Walks over JSON text without building anything; every token is checked on the way.

use std::borrow::Cow;

use crate::scan::plain_bytes_to_read;

/// The text is no JSON, or nested too deeply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed;

/// A string of JSON, as it is written.
#[derive(Clone, Copy, Debug)]
pub struct Quoted<'a> {
    /// Between the quotes.
    pub raw: &'a str,
    /// Whether what it stands for differs from how it is written.
    pub has_escapes: bool,
}

impl<'a> Quoted<'a> {
    /// What it stands for.
    #[inline]
    pub fn text(self) -> Result<Cow<'a, str>, Malformed> {
        if self.has_escapes {
            unescape(self.raw).map(Cow::Owned)
        } else {
            Ok(Cow::Borrowed(self.raw))
        }
    }
}

/// A value that holds no others.
#[derive(Clone, Copy, Debug)]
pub enum Scalar<'a> {
    /// A string.
    Text(Quoted<'a>),
    /// A number, as it is written.
    Number(&'a str),
    /// `true` or `false`
    Bool(&'a str),
    /// `null`
    Null,
}

/// A place in a text.
#[derive(Clone, Copy, Debug)]
pub struct Scanner<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Scanner<'a> {
    /// Before the first byte.
    pub fn new(text: &'a str) -> Self {
        Self { text, at: 0 }
    }

    /// How many bytes were taken.
    #[inline]
    pub fn position(&self) -> usize {
        self.at
    }

    /// The text from here to a later place.
    #[inline]
    pub fn until(&self, later: &Self) -> &'a str {
        self.text.get(self.at..later.at).unwrap_or_default()
    }

    /// The next byte that is no white space.
    #[inline]
    pub fn peek(&mut self) -> Result<u8, Malformed> {
        loop {
            match self.text.as_bytes().get(self.at) {
                Some(b' ' | b'\n' | b'\r' | b'\t') => self.at += 1,
                Some(byte) => return Ok(*byte),
                None => return Err(Malformed),
            }
        }
    }

    /// Takes this byte, after any white space.
    #[inline]
    pub fn take(&mut self, byte: u8) -> Result<(), Malformed> {
        if self.peek()? == byte {
            self.at += 1;
            return Ok(());
        }
        Err(Malformed)
    }

    /// Takes this byte if it comes next.
    #[inline]
    pub fn takes(&mut self, byte: u8) -> Result<bool, Malformed> {
        let takes = self.peek()? == byte;
        self.at += usize::from(takes);
        Ok(takes)
    }

    /// Whether another member follows: takes its comma, or the closing byte.
    #[inline]
    pub fn more(&mut self, is_first: bool, close: u8) -> Result<bool, Malformed> {
        if self.takes(close)? {
            return Ok(false);
        }
        if !is_first {
            self.take(b',')?;
        }
        Ok(true)
    }

    /// Takes this text if it comes next, as it is written here.
    #[inline]
    pub fn takes_text(&mut self, text: &str) -> bool {
        let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
        let takes = rest.starts_with(text.as_bytes());
        self.at += if takes { text.len() } else { 0 };
        takes
    }

    /// Nothing but white space may be left.
    pub fn end(&mut self) -> Result<(), Malformed> {
        if self.peek().is_ok() { Err(Malformed) } else { Ok(()) }
    }

    /// Takes a string.
    #[inline]
    pub fn string(&mut self) -> Result<Quoted<'a>, Malformed> {
        self.take(b'"')?;
        let start = self.at;
        let mut has_escapes = false;
        loop {
            let rest = self.text.as_bytes().get(self.at..).ok_or(Malformed)?;
            let place = plain_bytes_to_read(rest);
            match rest.get(place) {
                Some(b'"') => {
                    let raw = self.text.get(start..self.at + place).ok_or(Malformed)?;
                    self.at += place + 1;
                    return Ok(Quoted { raw, has_escapes });
                }
                Some(b'\\') => {}
                // A control character, or the end of the text.
                _ => return Err(Malformed),
            }
            has_escapes = true;
            self.at += place + 2;
        }
    }

    /// The value that comes next, which is no object and no array.
    #[inline]
    pub fn scalar(&mut self) -> Result<Scalar<'a>, Malformed> {
        match self.peek()? {
            b'"' => self.string().map(Scalar::Text),
            b't' => self.word("true").map(Scalar::Bool),
            b'f' => self.word("false").map(Scalar::Bool),
            b'n' => self.word("null").map(|_| Scalar::Null),
            _ => self.number().map(Scalar::Number),
        }
    }

    fn word(&mut self, word: &'static str) -> Result<&'static str, Malformed> {
        let end = self.at + word.len();
        if self.text.get(self.at..end) != Some(word) {
            return Err(Malformed);
        }
        self.at = end;
        Ok(word)
    }

    fn number(&mut self) -> Result<&'a str, Malformed> {
        let rest = self.text.get(self.at..).ok_or(Malformed)?;
        let length = rest
            .bytes()
            .position(|b| !b.is_ascii_digit() && !b"+-.eE".contains(&b))
            .unwrap_or(rest.len());
        let token = rest.get(..length).filter(|token| is_number(token)).ok_or(Malformed)?;
        self.at += length;
        Ok(token)
    }

    /// Passes over the next value, whatever it is, if no more levels begin with it.
    pub fn skip(&mut self, levels_left: usize) -> Result<(), Malformed> {
        let deeper = levels_left.checked_sub(1).ok_or(Malformed)?;
        match self.peek()? {
            b'{' => {
                self.at += 1;
                let mut is_first = true;
                while self.more(is_first, b'}')? {
                    is_first = false;
                    self.string()?.text()?;
                    self.take(b':')?;
                    self.skip(deeper)?;
                }
                Ok(())
            }
            b'[' => {
                self.at += 1;
                let mut is_first = true;
                while self.more(is_first, b']')? {
                    is_first = false;
                    self.skip(deeper)?;
                }
                Ok(())
            }
            _ => match self.scalar()? {
                Scalar::Text(text) => text.text().map(|_| ()),
                Scalar::Number(_) | Scalar::Bool(_) | Scalar::Null => Ok(()),
            },
        }
    }
}

/// JSON's grammar of numbers.
fn is_number(token: &str) -> bool {
    let rest = token.strip_prefix('-').unwrap_or(token);
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    let whole = digits(rest);
    if whole == 0 || (whole > 1 && rest.starts_with('0')) {
        return false;
    }
    let mut rest = rest.get(whole..).unwrap_or_default();
    if let Some(fraction) = rest.strip_prefix('.') {
        let count = digits(fraction);
        if count == 0 {
            return false;
        }
        rest = fraction.get(count..).unwrap_or_default();
    }
    match rest.strip_prefix(['e', 'E']) {
        None => rest.is_empty(),
        Some(exponent) => {
            let exponent = exponent.strip_prefix(['+', '-']).unwrap_or(exponent);
            !exponent.is_empty() && digits(exponent) == exponent.len()
        }
    }
}

/// What a string with escapes stands for; half a surrogate pair becomes a replacement character.
fn unescape(raw: &str) -> Result<String, Malformed> {
    let mut text = String::with_capacity(raw.len());
    let mut characters = raw.chars();
    while let Some(character) = characters.next() {
        if character != '\\' {
            text.push(character);
            continue;
        }
        text.push(match characters.next().ok_or(Malformed)? {
            'n' => '\n',
            't' => '\t',
            'r' => '\r',
            'b' => '\u{8}',
            'f' => '\u{c}',
            plain @ ('"' | '\\' | '/') => plain,
            'u' => {
                let unit = unit(&mut characters)?;
                pair(unit, &mut characters)?
            }
            _ => return Err(Malformed),
        });
    }
    Ok(text)
}

fn unit(characters: &mut std::str::Chars<'_>) -> Result<u32, Malformed> {
    let mut unit = 0;
    for _ in 0..4 {
        let digit = characters.next().and_then(|it| it.to_digit(16)).ok_or(Malformed)?;
        unit = unit << 4 | digit;
    }
    Ok(unit)
}

fn pair(unit_1: u32, characters: &mut std::str::Chars<'_>) -> Result<char, Malformed> {
    if !(0xd800..0xdc00).contains(&unit_1) {
        return Ok(char::from_u32(unit_1).unwrap_or(char::REPLACEMENT_CHARACTER));
    }
    let mut ahead = characters.clone();
    if ahead.next() != Some('\\') || ahead.next() != Some('u') {
        return Ok(char::REPLACEMENT_CHARACTER);
    }
    let unit_2 = unit(&mut ahead)?;
    if !(0xdc00..0xe000).contains(&unit_2) {
        return Ok(char::REPLACEMENT_CHARACTER);
    }
    *characters = ahead;
    let code = 0x1_0000 + ((unit_1 - 0xd800) << 10) + (unit_2 - 0xdc00);
    Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LEVELS: usize = 65;

    fn is_json(text: &str) -> bool {
        let mut scanner = Scanner::new(text);
        scanner.skip(LEVELS).and_then(|()| scanner.end()).is_ok()
    }

    #[test]
    fn takes_what_json_is_and_nothing_else() {
        for text in [
            "{}",
            "[]",
            " [ 1 , -0.5e+3 ,\"a\\n\\u00e9\\ud83d\\ude00\" ] ",
            "null",
            "\"\"",
            r#"{"a":{"b":[true,false]}}"#,
            r#""\ud800""#,
        ] {
            assert!(is_json(text), "{text}");
        }
        for text in [
            "",
            "{",
            "}",
            "[1,]",
            "{\"a\"}",
            "{\"a\":1,}",
            "01",
            "1.",
            ".5",
            "1e",
            "+1",
            "nul",
            "\"\\x\"",
            "\"\\u12\"",
            "\"a",
            "\"\t\"",
            "1 2",
            "{a:1}",
            "tru",
            "-",
            "\"\\",
        ] {
            assert!(!is_json(text), "{text}");
        }
        let nested = |depth: usize| "[".repeat(depth) + &"]".repeat(depth);
        assert!(is_json(&nested(LEVELS)) && !is_json(&nested(LEVELS + 1)));
    }

    #[test]
    fn surrogates_pair_up_or_are_replaced() {
        for (raw, expected) in [
            (r"\ud83d\ude00", "😀"),
            (r"\ud83d", "\u{fffd}"),
            (r"\ud83dx", "\u{fffd}x"),
            (r"\ud83d\n", "\u{fffd}\n"),
            (r"\ud83d\ud83d\ude00", "\u{fffd}😀"),
            (r"\ude00", "\u{fffd}"),
        ] {
            assert_eq!(unescape(raw).as_deref(), Ok(expected), "{raw}");
        }
    }

    proptest! {
        #[test]
        fn agrees_with_another_reader(text in r#"[\[\]{}:,"\\0-9.eE+\-a-fltrnsu \t]{0,24}"#) {
            let other = serde_json::from_str::<serde_json::Value>(&text);
            let lone = text.contains("\\u");
            prop_assert!(is_json(&text) == other.is_ok() || lone || is_out_of_range(&text), "{text:?}");
        }
    }

    /// The other reader refuses numbers that no double holds.
    fn is_out_of_range(text: &str) -> bool {
        text.contains(['e', 'E'])
    }
}
