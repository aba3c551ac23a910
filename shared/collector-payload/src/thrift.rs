//! The wire form: a bare struct in Thrift's binary protocol, fields in ascending id.

use std::borrow::Cow;
use std::fmt;

use crate::CollectorPayload;

const STOP: u8 = 0x00;
const BOOL: u8 = 0x02;
const BYTE: u8 = 0x03;
const DOUBLE: u8 = 0x04;
const I16: u8 = 0x06;
const I32: u8 = 0x08;
const I64: u8 = 0x0a;
const STRING: u8 = 0x0b;
const STRUCT: u8 = 0x0c;
const MAP: u8 = 0x0d;
const SET: u8 = 0x0e;
const LIST: u8 = 0x0f;
const UUID: u8 = 0x10;

/// Deepest nesting of unknown fields that a decoder follows.
const DEPTH_MAX: usize = 32;

/// Why bytes are no payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DecodeError {
    /// The bytes end inside a field.
    Truncated {
        /// Where more bytes were wanted.
        offset: usize,
    },
    /// A type code that Thrift does not have, or one that a known field cannot have.
    UnexpectedType {
        /// The code.
        code: u8,
        /// Where it stands.
        offset: usize,
    },
    /// A length below zero or beyond the end.
    BadLength {
        /// Where it stands.
        offset: usize,
    },
    /// Unknown fields nested too deeply.
    TooDeep,
}

impl fmt::Display for DecodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated { offset } => write!(f, "the bytes end at {offset} inside a field"),
            Self::UnexpectedType { code, offset } => {
                write!(f, "unexpected type code {code} at byte {offset}")
            }
            Self::BadLength { offset } => write!(f, "impossible length at byte {offset}"),
            Self::TooDeep => write!(f, "fields nested deeper than {DEPTH_MAX}"),
        }
    }
}

impl std::error::Error for DecodeError {}

impl<'a> CollectorPayload<'a> {
    /// The bytes as they stand in the raw stream.
    pub fn encode(&self) -> Vec<u8> {
        let mut out = Vec::with_capacity(self.encoded_bytes());
        put_text(&mut out, 100, self.ip_address.as_deref());
        put_field(&mut out, I64, 200);
        out.extend_from_slice(&self.timestamp.to_be_bytes());
        put_text(&mut out, 210, self.encoding.as_deref());
        put_text(&mut out, 220, self.collector.as_deref());
        put_text(&mut out, 300, self.user_agent.as_deref());
        put_text(&mut out, 310, self.referer_uri.as_deref());
        put_text(&mut out, 320, self.path.as_deref());
        put_text(&mut out, 330, self.querystring.as_deref());
        put_bytes(&mut out, 340, self.body.as_deref());
        if let Some(headers) = &self.headers {
            put_field(&mut out, LIST, 350);
            out.push(STRING);
            put_length(&mut out, headers.len());
            for header in headers {
                put_length(&mut out, header.len());
                out.extend_from_slice(header.as_bytes());
            }
        }
        put_text(&mut out, 360, self.content_type.as_deref());
        put_text(&mut out, 400, self.hostname.as_deref());
        put_text(&mut out, 410, self.network_user_id.as_deref());
        put_text(&mut out, 31337, self.schema.as_deref());
        out.push(STOP);
        out
    }

    /// The number of bytes that [`Self::encode`] gives, without encoding.
    pub fn encoded_bytes(&self) -> usize {
        let field = |length: Option<usize>| length.map_or(0, |length| 7 + length);
        let texts = [
            &self.ip_address,
            &self.encoding,
            &self.collector,
            &self.user_agent,
            &self.referer_uri,
            &self.path,
            &self.querystring,
            &self.content_type,
            &self.hostname,
            &self.network_user_id,
            &self.schema,
        ];
        let texts: usize = texts.iter().map(|text| field(text.as_ref().map(|t| t.len()))).sum();
        let headers = self
            .headers
            .as_ref()
            .map_or(0, |headers| 8 + headers.iter().map(|header| 4 + header.len()).sum::<usize>());
        texts + field(self.body.as_ref().map(|body| body.len())) + headers + 11 + 1
    }

    /// Reads a payload; unknown fields are passed over, text that is not UTF-8 is repaired.
    pub fn decode(bytes: &'a [u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader { bytes, at: 0 };
        let mut payload = Self::default();
        loop {
            let offset = reader.at;
            let code = reader.byte()?;
            if code == STOP {
                return Ok(payload);
            }
            let id = i16::from_be_bytes(reader.array()?);
            match (id, code) {
                (200, I64) => payload.timestamp = i64::from_be_bytes(reader.array()?),
                (340, STRING) => payload.body = Some(Cow::Borrowed(reader.string()?)),
                (350, LIST) => payload.headers = Some(reader.texts()?),
                (200 | 340 | 350, _) => return Err(DecodeError::UnexpectedType { code, offset }),
                _ => match (payload.text_field(id), code) {
                    (Some(field), STRING) => *field = Some(reader.text()?),
                    (Some(_), _) => return Err(DecodeError::UnexpectedType { code, offset }),
                    (None, _) => reader.skip(code, DEPTH_MAX)?,
                },
            }
        }
    }

    fn text_field(&mut self, id: i16) -> Option<&mut Option<Cow<'a, str>>> {
        Some(match id {
            100 => &mut self.ip_address,
            210 => &mut self.encoding,
            220 => &mut self.collector,
            300 => &mut self.user_agent,
            310 => &mut self.referer_uri,
            320 => &mut self.path,
            330 => &mut self.querystring,
            360 => &mut self.content_type,
            400 => &mut self.hostname,
            410 => &mut self.network_user_id,
            31337 => &mut self.schema,
            _ => return None,
        })
    }
}

fn put_field(out: &mut Vec<u8>, code: u8, id: i16) {
    out.push(code);
    out.extend_from_slice(&id.to_be_bytes());
}

fn put_length(out: &mut Vec<u8>, length: usize) {
    // Records are megabytes at most, far below what the format can say.
    out.extend_from_slice(&i32::try_from(length).unwrap_or(i32::MAX).to_be_bytes());
}

fn put_bytes(out: &mut Vec<u8>, id: i16, value: Option<&[u8]>) {
    if let Some(value) = value {
        put_field(out, STRING, id);
        put_length(out, value.len());
        out.extend_from_slice(value);
    }
}

fn put_text(out: &mut Vec<u8>, id: i16, value: Option<&str>) {
    put_bytes(out, id, value.map(str::as_bytes));
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Result<&'a [u8], DecodeError> {
        let end = self.at.checked_add(count).ok_or(DecodeError::BadLength { offset: self.at })?;
        let taken = self
            .bytes
            .get(self.at..end)
            .ok_or(DecodeError::Truncated { offset: self.bytes.len() })?;
        self.at = end;
        Ok(taken)
    }

    fn byte(&mut self) -> Result<u8, DecodeError> {
        let [byte] = self.array()?;
        Ok(byte)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], DecodeError> {
        let offset = self.at;
        self.take(N)?.try_into().map_err(|_| DecodeError::Truncated { offset })
    }

    fn length(&mut self) -> Result<usize, DecodeError> {
        let offset = self.at;
        usize::try_from(i32::from_be_bytes(self.array()?))
            .map_err(|_| DecodeError::BadLength { offset })
    }

    fn string(&mut self) -> Result<&'a [u8], DecodeError> {
        let length = self.length()?;
        self.take(length)
    }

    fn text(&mut self) -> Result<Cow<'a, str>, DecodeError> {
        Ok(String::from_utf8_lossy(self.string()?))
    }

    fn texts(&mut self) -> Result<Vec<Cow<'a, str>>, DecodeError> {
        let offset = self.at;
        let code = self.byte()?;
        let count = self.length()?;
        if code != STRING && count > 0 {
            return Err(DecodeError::UnexpectedType { code, offset });
        }
        // Each element takes four bytes at least, so a count beyond that is a lie.
        if count > (self.bytes.len() - self.at) / 4 {
            return Err(DecodeError::BadLength { offset });
        }
        (0..count).map(|_| self.text()).collect()
    }

    fn skip(&mut self, code: u8, depth_left: usize) -> Result<(), DecodeError> {
        let offset = self.at;
        let deeper = depth_left.checked_sub(1).ok_or(DecodeError::TooDeep)?;
        match code {
            BOOL | BYTE => self.take(1).map(drop),
            I16 => self.take(2).map(drop),
            I32 => self.take(4).map(drop),
            DOUBLE | I64 => self.take(8).map(drop),
            UUID => self.take(16).map(drop),
            STRING => self.string().map(drop),
            STRUCT => loop {
                let code = self.byte()?;
                if code == STOP {
                    return Ok(());
                }
                self.take(2)?;
                self.skip(code, deeper)?;
            },
            MAP => {
                let (key, value) = (self.byte()?, self.byte()?);
                self.skip_items(&[key, value], deeper)
            }
            SET | LIST => {
                let element = self.byte()?;
                self.skip_items(&[element], deeper)
            }
            _ => Err(DecodeError::UnexpectedType { code, offset }),
        }
    }

    fn skip_items(&mut self, codes: &[u8], depth_left: usize) -> Result<(), DecodeError> {
        let offset = self.at;
        let count = self.length()?;
        // Every element takes a byte at least, so a count beyond the rest is a lie.
        if count > self.bytes.len() - self.at {
            return Err(DecodeError::BadLength { offset });
        }
        for _ in 0..count {
            for code in codes {
                self.skip(*code, depth_left)?;
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
