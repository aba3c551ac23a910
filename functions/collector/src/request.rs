//! A tracker's request, whichever front door it came through.

use std::borrow::Cow;
use std::fmt;

/// The methods that mean something to a collector.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// A pixel, or a page such as `/health`.
    Get,
    /// A pixel without its bytes.
    Head,
    /// Events in the body.
    Post,
    /// A browser asks what it may send.
    Options,
    /// Any other; nothing answers to it.
    Other,
}

impl Method {
    /// The method of a request line or of a trigger event.
    pub fn parse(text: &str) -> Self {
        match text {
            "GET" => Self::Get,
            "HEAD" => Self::Head,
            "POST" => Self::Post,
            "OPTIONS" => Self::Options,
            _ => Self::Other,
        }
    }
}

/// One header line.
pub type Header<'a> = (Cow<'a, str>, Cow<'a, str>);

/// A tracker's request. The texts are as the client sent them, as far as the front door tells.
pub struct Request<'a> {
    /// The method.
    pub method: Method,
    /// The path without stage and base path, still percent-encoded.
    pub path: Cow<'a, str>,
    /// The text after the question mark, if there was one.
    pub query: Option<Cow<'a, str>>,
    /// Header lines in their order, names in their case.
    pub headers: Vec<Header<'a>>,
    /// The body; empty when there was none.
    pub body: Cow<'a, [u8]>,
    /// The address of whoever opened the connection to the front door.
    pub peer: Option<Cow<'a, str>>,
}

impl Request<'_> {
    /// The first value of a header, by its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.header_values(name).next()
    }

    /// Every value of a header, by its name in any case.
    pub fn header_values(&self, name: &str) -> impl Iterator<Item = &str> {
        self.headers
            .iter()
            .filter(move |(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value.as_ref())
    }

    /// Whether the client asked not to be identified.
    pub fn is_anonymous(&self) -> bool {
        self.header("SP-Anonymous").is_some()
    }
}

impl fmt::Debug for Request<'_> {
    /// Sizes only: a request is personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request")
            .field("method", &self.method)
            .field("query_bytes", &self.query.as_ref().map(|query| query.len()))
            .field("headers", &self.headers.len())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}
