//! Reads strict JSON.

use std::borrow::Cow;

use crate::error::{ErrorKind, ParseError};
use crate::{Json, Object};

/// Deepest nesting that can be asked for: every level takes stack.
pub const DEPTH_MAX: usize = 256;

/// Room for pairs in a new object, so that most grow once at most.
const PAIRS_EXPECTED: usize = 8;
/// Room for values in a new array.
const VALUES_EXPECTED: usize = 4;

impl<'a> Json<'a> {
    /// Reads a text whose arrays and objects nest at most `depth_max` deep
    /// (and never more than [`DEPTH_MAX`]).
    pub fn parse(text: &'a str, depth_max: usize) -> Result<Self, ParseError> {
        let mut parser = Parser { text, bytes: text.as_bytes(), at: 0 };
        parser
            .document(depth_max.min(DEPTH_MAX))
            .map_err(|fault| ParseError::new(fault.kind, text, fault.offset))
    }
}

/// Gives back room that is mostly unused: a body may hold a million tiny values.
fn give_back<T>(list: &mut Vec<T>) {
    if list.len() <= list.capacity() / 2 {
        list.shrink_to_fit();
    }
}

/// What is wrong at which byte.
pub(crate) struct Fault {
    kind: ErrorKind,
    offset: usize,
}

pub(crate) struct Parser<'a> {
    pub(crate) text: &'a str,
    pub(crate) bytes: &'a [u8],
    pub(crate) at: usize,
}

impl<'a> Parser<'a> {
    #[inline]
    pub(crate) fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    pub(crate) fn slice(&self, start: usize, end: usize) -> &'a str {
        // Both ends stand beside ASCII, so this is always a text.
        self.text.get(start..end).unwrap_or_default()
    }

    #[cold]
    pub(crate) fn fault(&self, kind: ErrorKind) -> Fault {
        Fault { kind, offset: self.at }
    }

    /// Something else was expected here, or anything at all.
    #[cold]
    fn unexpected(&self, kind: ErrorKind) -> Fault {
        self.fault(if self.at < self.bytes.len() { kind } else { ErrorKind::Exhausted })
    }

    /// The next byte that is not whitespace.
    #[inline]
    fn next_significant(&mut self) -> Option<u8> {
        loop {
            match self.peek() {
                Some(b' ' | b'\n' | b'\t' | b'\r') => self.at += 1,
                other => return other,
            }
        }
    }

    fn document(&mut self, depth_max: usize) -> Result<Json<'a>, Fault> {
        let json = self.value(depth_max)?;
        match self.next_significant() {
            None => Ok(json),
            Some(_) => Err(self.fault(ErrorKind::End)),
        }
    }

    fn value(&mut self, depth_left: usize) -> Result<Json<'a>, Fault> {
        match self.next_significant() {
            Some(b'"') => {
                self.at += 1;
                self.text().map(Json::Text)
            }
            Some(b'{') => self.object(depth_left),
            Some(b'[') => self.array(depth_left),
            Some(b'-' | b'0'..=b'9') => self.number().map(|text| Json::Number(Cow::Borrowed(text))),
            Some(b't') => self.literal("true", Json::Bool(true)),
            Some(b'f') => self.literal("false", Json::Bool(false)),
            Some(b'n') => self.literal("null", Json::Null),
            _ => Err(self.unexpected(ErrorKind::Value)),
        }
    }

    fn object(&mut self, depth_left: usize) -> Result<Json<'a>, Fault> {
        let deeper = depth_left.checked_sub(1).ok_or_else(|| self.fault(ErrorKind::TooDeep))?;
        self.at += 1;
        if self.next_significant() == Some(b'}') {
            self.at += 1;
            return Ok(Json::Object(Object::new()));
        }
        let mut pairs = Vec::with_capacity(PAIRS_EXPECTED);
        let mut seen = 0u64;
        let mut distinct = true;
        loop {
            if self.next_significant() != Some(b'"') {
                return Err(self.unexpected(ErrorKind::Quote));
            }
            self.at += 1;
            let key = self.text()?;
            let mark = key_mark(&key);
            distinct &= seen & mark == 0;
            seen |= mark;
            if self.next_significant() != Some(b':') {
                return Err(self.unexpected(ErrorKind::Colon));
            }
            self.at += 1;
            let value = self.value(deeper)?;
            pairs.push((key, value));
            match self.next_significant() {
                Some(b',') => self.at += 1,
                Some(b'}') => break,
                _ => return Err(self.unexpected(ErrorKind::ObjectEnd)),
            }
        }
        self.at += 1;
        give_back(&mut pairs);
        let build = if distinct { Object::from_distinct } else { Object::from_pairs };
        Ok(Json::Object(build(pairs)))
    }

    fn array(&mut self, depth_left: usize) -> Result<Json<'a>, Fault> {
        let deeper = depth_left.checked_sub(1).ok_or_else(|| self.fault(ErrorKind::TooDeep))?;
        self.at += 1;
        if self.next_significant() == Some(b']') {
            self.at += 1;
            return Ok(Json::Array(Vec::new()));
        }
        let mut values = Vec::with_capacity(VALUES_EXPECTED);
        loop {
            values.push(self.value(deeper)?);
            match self.next_significant() {
                Some(b',') => self.at += 1,
                Some(b']') => break,
                _ => return Err(self.unexpected(ErrorKind::ArrayEnd)),
            }
        }
        self.at += 1;
        give_back(&mut values);
        Ok(Json::Array(values))
    }

    fn literal(&mut self, word: &'static str, json: Json<'a>) -> Result<Json<'a>, Fault> {
        let mut rest = self.bytes.get(self.at..).unwrap_or_default().iter();
        for expected in word.bytes() {
            match rest.next() {
                Some(byte) if *byte == expected => {}
                Some(_) => return Err(self.fault(ErrorKind::Literal(word))),
                None => return Err(self.fault(ErrorKind::Exhausted)),
            }
        }
        self.at += word.len();
        Ok(json)
    }

    fn number(&mut self) -> Result<&'a str, Fault> {
        let start = self.at;
        if self.peek() == Some(b'-') {
            self.at += 1;
        }
        if self.peek() == Some(b'0') {
            self.at += 1;
        } else {
            self.digits(start)?;
        }
        if self.peek() == Some(b'.') {
            self.at += 1;
            self.digits(start)?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.at += 1;
            if let Some(b'+' | b'-') = self.peek() {
                self.at += 1;
            }
            self.digits(start)?;
        }
        Ok(self.slice(start, self.at))
    }

    /// One digit at least, or the number is none.
    fn digits(&mut self, number_start: usize) -> Result<(), Fault> {
        let start = self.at;
        while let Some(b'0'..=b'9') = self.peek() {
            self.at += 1;
        }
        if self.at > start {
            return Ok(());
        }
        let fault = self.unexpected(ErrorKind::Digit);
        Err(Fault { offset: number_start, ..fault })
    }
}

/// One of 64 bits; keys that are the same have the same one.
fn key_mark(key: &str) -> u64 {
    let bytes = key.as_bytes();
    let first = bytes.first().copied().unwrap_or_default();
    let last = bytes.last().copied().unwrap_or_default();
    let hash = bytes.len().wrapping_mul(7) ^ usize::from(first).wrapping_mul(3) ^ usize::from(last);
    1 << (hash % 64)
}

#[cfg(test)]
mod tests;
