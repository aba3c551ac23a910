//! The answer to a request, before a front door's format is put around it.

use std::borrow::Cow;

/// The transparent pixel, as bytes and ready-made in base64 for front doors that want text.
#[derive(Debug, PartialEq, Eq)]
pub struct Pixel {
    /// 43 bytes of GIF.
    pub bytes: &'static [u8],
    /// The same in base64.
    pub base64: &'static str,
}

/// The pixel of 3.x.
pub static PIXEL: Pixel = Pixel {
    bytes: b"GIF89a\x01\x00\x01\x00\xf0\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x05\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;",
    base64: "R0lGODlhAQABAPAAAP///wAAACH5BAUAAAAALAAAAAABAAEAAAICRAEAOw==",
};

/// The pixel of 2.x, which differs in one byte.
pub static PIXEL_2X: Pixel = Pixel {
    bytes: b"GIF89a\x01\x00\x01\x00\xf0\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;",
    base64: "R0lGODlhAQABAPAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==",
};

/// What follows the headers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    /// Nothing.
    Empty,
    /// Text.
    Text(Cow<'static, str>),
    /// The pixel.
    Pixel(&'static Pixel),
}

impl Body {
    /// The bytes as a client sees them.
    pub fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Empty => b"",
            Self::Text(text) => text.as_bytes(),
            Self::Pixel(pixel) => pixel.bytes,
        }
    }
}

/// The answer to a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Response {
    /// The HTTP status.
    pub status: u16,
    /// Header lines in their order; `Set-Cookie` may stand there more than once.
    pub headers: Vec<(Cow<'static, str>, Cow<'static, str>)>,
    /// What follows.
    pub body: Body,
}

impl Response {
    /// An answer without headers.
    pub fn new(status: u16, body: Body) -> Self {
        Self { status, headers: Vec::new(), body }
    }

    /// A short text such as `ok`.
    pub fn text(status: u16, text: &'static str) -> Self {
        let mut response = Self::new(status, Body::Text(Cow::Borrowed(text)));
        response.add("Content-Type", "text/plain; charset=UTF-8");
        response
    }

    /// Adds a header line.
    pub fn add(&mut self, name: &'static str, value: impl Into<Cow<'static, str>>) {
        self.headers.push((Cow::Borrowed(name), value.into()));
    }

    /// Takes a header's lines away.
    pub fn remove(&mut self, name: &str) {
        self.headers.retain(|(found, _)| !found.eq_ignore_ascii_case(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pixel_is_the_same_in_both_forms() {
        for pixel in [&PIXEL, &PIXEL_2X] {
            assert_eq!(pixel.bytes.len(), 43);
            assert_eq!(base64_simd::STANDARD.encode_to_string(pixel.bytes), pixel.base64);
        }
        let different: Vec<_> = (0..43).filter(|&i| PIXEL.bytes[i] != PIXEL_2X.bytes[i]).collect();
        assert_eq!(different, [22]);
    }
}
