//! Text between quotes: found fast, copied only when something in it is escaped.

use std::borrow::Cow;

use crate::error::ErrorKind;
use crate::parse::{Fault, Parser};
use crate::scan;

impl<'a> Parser<'a> {
    /// Reads the rest of a text whose opening quote has been read.
    pub(crate) fn text(&mut self) -> Result<Cow<'a, str>, Fault> {
        let start = self.at;
        self.skip_plain();
        if self.peek() == Some(b'"') {
            let plain = self.slice(start, self.at);
            self.at += 1;
            return Ok(Cow::Borrowed(plain));
        }
        self.escaped_text(start)
    }

    fn escaped_text(&mut self, start: usize) -> Result<Cow<'a, str>, Fault> {
        let mut out = String::new();
        let mut plain_start = start;
        loop {
            out.push_str(self.slice(plain_start, self.at));
            match self.peek() {
                Some(b'"') => {
                    self.at += 1;
                    return Ok(Cow::Owned(out));
                }
                Some(b'\\') => out.push(self.escape()?),
                Some(control) => return Err(self.fault(ErrorKind::ControlCharacter(control))),
                None => return Err(self.fault(ErrorKind::Exhausted)),
            }
            plain_start = self.at;
            self.skip_plain();
        }
    }

    /// Goes to the next quote, backslash or control character.
    fn skip_plain(&mut self) {
        self.at += scan::plain_bytes_to_read(self.bytes.get(self.at..).unwrap_or_default());
    }

    fn escape(&mut self) -> Result<char, Fault> {
        let letter = self.bytes.get(self.at + 1).copied();
        let character = match letter {
            Some(b'u') => return self.unicode_escape(),
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(plain @ (b'"' | b'\\' | b'/')) => char::from(plain),
            Some(_) => {
                let rest = self.text.get(self.at + 1..).unwrap_or_default();
                let letter = rest.chars().next().unwrap_or(char::REPLACEMENT_CHARACTER);
                return Err(self.fault(ErrorKind::Escape(letter)));
            }
            None => return Err(self.fault(ErrorKind::Exhausted)),
        };
        self.at += 2;
        Ok(character)
    }

    fn unicode_escape(&mut self) -> Result<char, Fault> {
        let unit = self.utf16_unit()?;
        self.at += 6;
        if let 0xd800..=0xdbff = unit
            && self.bytes.get(self.at..).is_some_and(|rest| rest.starts_with(b"\\u"))
        {
            let low = self.utf16_unit()?;
            if let 0xdc00..=0xdfff = low {
                self.at += 6;
                let point = 0x1_0000 + ((unit - 0xd800) << 10) + (low - 0xdc00);
                return Ok(char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
        }
        Ok(char::from_u32(unit).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    /// The four digits of the escape that starts here.
    fn utf16_unit(&self) -> Result<u32, Fault> {
        let digits = self.bytes.get(self.at + 2..).unwrap_or_default();
        let mut unit = 0;
        for place in 0..4 {
            let byte = *digits.get(place).ok_or_else(|| self.fault(ErrorKind::Exhausted))?;
            let digit = char::from(byte).to_digit(16);
            unit = unit * 16 + digit.ok_or_else(|| self.fault(ErrorKind::UnicodeEscape))?;
        }
        Ok(unit)
    }
}
