//! HTTP/1.1 as trackers speak it: header names keep their case, targets may hold what no URI may.
//!
//! The common server libraries refuse such targets and forget the case, and both reach the payload.

use std::borrow::Cow;

use collector::request::{Header, Method, Request};
use collector::response::{Body, Response};

use super::answer::Answer;

/// Longest request line.
pub(super) const REQUEST_LINE_BYTES_MAX: usize = 20_480;
/// Longest header block.
pub(super) const HEADERS_BYTES_MAX: usize = 40_960;
/// Most header lines.
const HEADER_LINES_MAX: usize = 512;
/// Largest body, as API Gateway takes it.
pub(super) const BODY_BYTES_MAX: usize = 10 * 1024 * 1024;

/// A request that is answered without being understood; the connection is closed after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: u16,
    pub(super) reason: &'static str,
}

pub(super) const BAD_REQUEST: Refusal = Refusal { status: 400, reason: "Bad Request" };
pub(super) const TIMEOUT: Refusal = Refusal { status: 408, reason: "Request Timeout" };
pub(super) const TOO_LARGE: Refusal = Refusal { status: 413, reason: "Content Too Large" };

/// How a request's body is delimited.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Framing {
    Length(usize),
    Chunked,
}

/// A request line and its headers.
pub(super) struct Head {
    method: String,
    target: String,
    pub(super) headers: Vec<(String, String)>,
    pub(super) framing: Framing,
    pub(super) keep_alive: bool,
    pub(super) expects_continue: bool,
    /// Whether the client knows chunks.
    pub(super) takes_chunks: bool,
}

/// Where the head ends in these bytes, if it does.
pub(super) fn head_end(bytes: &[u8]) -> Option<usize> {
    bytes.windows(4).position(|window| window == b"\r\n\r\n").map(|at| at + 4)
}

impl Head {
    /// Reads a whole head.
    pub(super) fn parse(bytes: &[u8]) -> Result<Self, Refusal> {
        let line_end = bytes.windows(2).position(|window| window == b"\r\n").ok_or(BAD_REQUEST)?;
        let (line, rest) = bytes.split_at_checked(line_end).ok_or(BAD_REQUEST)?;
        let header_bytes = rest.get(2..).ok_or(BAD_REQUEST)?;
        if line.len() > REQUEST_LINE_BYTES_MAX || header_bytes.len() > HEADERS_BYTES_MAX {
            return Err(BAD_REQUEST);
        }
        let (method, target, minor_version) = request_line(line)?;
        let mut slots = [httparse::EMPTY_HEADER; HEADER_LINES_MAX];
        let (_, found) = match httparse::parse_headers(header_bytes, &mut slots) {
            Ok(httparse::Status::Complete(parsed)) => parsed,
            Ok(httparse::Status::Partial) | Err(_) => return Err(BAD_REQUEST),
        };
        let headers: Vec<(String, String)> = found
            .iter()
            .map(|header| {
                (header.name.to_owned(), String::from_utf8_lossy(header.value).into_owned())
            })
            .collect();
        let values = |name: &'static str| {
            headers
                .iter()
                .filter(move |(found, _)| found.eq_ignore_ascii_case(name))
                .map(|(_, value)| value.as_str())
        };
        let connection = values("Connection").next().unwrap_or_default().to_ascii_lowercase();
        let keep_alive = if minor_version == 0 {
            connection.contains("keep-alive")
        } else {
            !connection.contains("close")
        };
        let expects_continue =
            values("Expect").any(|value| value.eq_ignore_ascii_case("100-continue"));
        let framing = framing(values("Content-Length"), values("Transfer-Encoding"))?;
        let takes_chunks = minor_version > 0;
        Ok(Self { method, target, headers, framing, keep_alive, expects_continue, takes_chunks })
    }

    /// The request as the collector takes it.
    pub(super) fn request<'a>(&'a self, body: &'a [u8], peer: &'a str) -> Request<'a> {
        let (path, query) = match self.target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (self.target.as_str(), None),
        };
        let headers = self
            .headers
            .iter()
            .map(|(name, value)| -> Header<'a> { (Cow::Borrowed(name), Cow::Borrowed(value)) });
        Request {
            method: Method::parse(&self.method),
            path: Cow::Borrowed(path),
            query: query.map(Cow::Borrowed),
            headers: headers.collect(),
            body: Cow::Borrowed(body),
            peer: Some(Cow::Borrowed(peer)),
        }
    }

    pub(super) fn is_head(&self) -> bool {
        self.method == "HEAD"
    }
}

/// The parts of a request line; a target may hold spaces, as careless clients send them.
fn request_line(line: &[u8]) -> Result<(String, String, u8), Refusal> {
    let text = String::from_utf8_lossy(line);
    let (method, rest) = text.split_once(' ').ok_or(BAD_REQUEST)?;
    let (target, version) = rest.rsplit_once(' ').ok_or(BAD_REQUEST)?;
    let minor_version = match version {
        "HTTP/1.1" => 1,
        "HTTP/1.0" => 0,
        _ => return Err(BAD_REQUEST),
    };
    let is_method = !method.is_empty() && method.bytes().all(|byte| byte.is_ascii_uppercase());
    // A proxy's form names the server too.
    let origin_form = match target.split_once("://") {
        Some(("http" | "https", rest)) => {
            rest.find(['/', '?']).and_then(|at| rest.get(at..)).unwrap_or("/")
        }
        _ => target,
    };
    let is_target = origin_form.starts_with('/') || (method == "OPTIONS" && origin_form == "*");
    if is_method && is_target {
        Ok((method.to_owned(), origin_form.to_owned(), minor_version))
    } else {
        Err(BAD_REQUEST)
    }
}

/// How the body is delimited; two answers to that are how requests are smuggled.
fn framing<'a>(
    lengths: impl Iterator<Item = &'a str>,
    encodings: impl Iterator<Item = &'a str>,
) -> Result<Framing, Refusal> {
    let lengths: Vec<&str> = lengths.map(str::trim).collect();
    let encodings: Vec<&str> = encodings.map(str::trim).collect();
    match (lengths.as_slice(), encodings.as_slice()) {
        ([], []) => Ok(Framing::Length(0)),
        ([], [encoding]) if encoding.eq_ignore_ascii_case("chunked") => Ok(Framing::Chunked),
        ([length], []) if !length.is_empty() && length.bytes().all(|b| b.is_ascii_digit()) => {
            match length.parse() {
                Ok(length) if length <= BODY_BYTES_MAX => Ok(Framing::Length(length)),
                _ => Err(TOO_LARGE),
            }
        }
        _ => Err(BAD_REQUEST),
    }
}

/// The length of a chunk, from its line.
pub(super) fn chunk_length(line: &[u8]) -> Result<usize, Refusal> {
    let text = std::str::from_utf8(line).map_err(|_| BAD_REQUEST)?;
    let digits = text.split(';').next().unwrap_or_default().trim();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(BAD_REQUEST);
    }
    usize::from_str_radix(digits, 16).map_err(|_| TOO_LARGE)
}

/// How the end of an answer's content is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Length {
    /// By its length.
    Known(usize),
    /// By a last chunk.
    Chunks,
    /// By the end of the connection.
    Connection,
    /// There is none.
    Nothing,
}

/// The head of an answer.
pub(super) fn answer_head(answer: &Answer, keep_alive: bool, length: Length) -> Vec<u8> {
    let mut out = format!("HTTP/1.1 {} {}\r\n", answer.status, reason(answer.status));
    for (name, value) in &answer.headers {
        out.push_str(name);
        out.push_str(": ");
        out.push_str(value);
        out.push_str("\r\n");
    }
    match length {
        Length::Known(bytes) => {
            out.push_str("Content-Length: ");
            out.push_str(&bytes.to_string());
            out.push_str("\r\n");
        }
        Length::Chunks => out.push_str("Transfer-Encoding: chunked\r\n"),
        Length::Connection | Length::Nothing => {}
    }
    out.push_str(if keep_alive { "\r\n" } else { "Connection: close\r\n\r\n" });
    out.into_bytes()
}

/// The bytes of a refusal.
pub(super) fn refusal_bytes(refusal: Refusal) -> Vec<u8> {
    let answer = Answer::from(Response::new(refusal.status, Body::Empty));
    answer_head(&answer, false, Length::Known(0))
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        201 => "Created",
        302 => "Found",
        400 => "Bad Request",
        404 => "Not Found",
        405 => "Method Not Allowed",
        408 => TIMEOUT.reason,
        413 => TOO_LARGE.reason,
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(head: &str, expected: Result<(&str, Framing, bool), u16>) {
        let found = Head::parse(head.as_bytes());
        let found = match &found {
            Ok(head) => Ok((head.target.as_str(), head.framing, head.keep_alive)),
            Err(refusal) => Err(refusal.status),
        };
        assert_eq!(found, expected, "{}", head.escape_debug());
    }

    #[test]
    fn reads_heads_that_trackers_send() {
        check(
            "GET /i?a={\"b c\"} HTTP/1.1\r\n\r\n",
            Ok(("/i?a={\"b c\"}", Framing::Length(0), true)),
        );
        check("GET http://h:80/i?a=1 HTTP/1.0\r\n\r\n", Ok(("/i?a=1", Framing::Length(0), false)));
        check(
            "OPTIONS * HTTP/1.1\r\nConnection: close\r\n\r\n",
            Ok(("*", Framing::Length(0), false)),
        );
        check(
            "POST /a/b HTTP/1.1\r\nContent-Length: 7\r\n\r\n",
            Ok(("/a/b", Framing::Length(7), true)),
        );
        check(
            "POST /a/b HTTP/1.1\r\ntransfer-encoding: Chunked\r\n\r\n",
            Ok(("/a/b", Framing::Chunked, true)),
        );
    }

    #[test]
    fn refuses_what_is_no_request() {
        for head in [
            "\r\n\r\n",
            "GET /i\r\n\r\n",
            "GET /i HTTP/2\r\n\r\n",
            "get /i HTTP/1.1\r\n\r\n",
            "GET i HTTP/1.1\r\n\r\n",
            "GET /i HTTP/1.1\r\nno colon\r\n\r\n",
            "POST /i HTTP/1.1\r\nContent-Length: +7\r\n\r\n",
            "POST /i HTTP/1.1\r\nContent-Length: 7\r\nContent-Length: 7\r\n\r\n",
            "POST /i HTTP/1.1\r\nContent-Length: 7\r\nTransfer-Encoding: chunked\r\n\r\n",
            "POST /i HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n",
        ] {
            check(head, Err(400));
        }
    }

    #[test]
    fn limits_hold_at_the_limit_and_one_past_it() {
        let line = |bytes: usize| {
            let rest = "GET /i? HTTP/1.1".len();
            format!("GET /i?{} HTTP/1.1\r\n\r\n", "x".repeat(bytes - rest))
        };
        assert!(Head::parse(line(REQUEST_LINE_BYTES_MAX).as_bytes()).is_ok());
        check(&line(REQUEST_LINE_BYTES_MAX + 1), Err(400));
        let headers = |bytes: usize| {
            format!("GET /i HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(bytes - "X: \r\n\r\n".len()))
        };
        assert!(Head::parse(headers(HEADERS_BYTES_MAX).as_bytes()).is_ok());
        check(&headers(HEADERS_BYTES_MAX + 1), Err(400));
        let lines = |count: usize| format!("GET /i HTTP/1.1\r\n{}\r\n", "X: y\r\n".repeat(count));
        assert!(Head::parse(lines(HEADER_LINES_MAX).as_bytes()).is_ok());
        check(&lines(HEADER_LINES_MAX + 1), Err(400));
        let body = |bytes: usize| format!("POST /a/b HTTP/1.1\r\nContent-Length: {bytes}\r\n\r\n");
        assert!(Head::parse(body(BODY_BYTES_MAX).as_bytes()).is_ok());
        check(&body(BODY_BYTES_MAX + 1), Err(413));
    }

    #[test]
    fn chunk_lengths_are_hexadecimal() {
        assert_eq!(chunk_length(b"1A;x=y"), Ok(26));
        assert_eq!(chunk_length(b""), Err(BAD_REQUEST));
        assert_eq!(chunk_length(b"-1"), Err(BAD_REQUEST));
        assert_eq!(chunk_length(b"fffffffffffffffff"), Err(TOO_LARGE));
    }
}
