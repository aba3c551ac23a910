//! Answers in the format of the front door that the request came through.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeMap, Serializer};

/// The formats in which front doors want their answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Door {
    /// HTTP API with payload 2.0, Function URL.
    PayloadV2,
    /// HTTP API with payload 1.0, REST API.
    PayloadV1,
    /// Load balancer.
    AlbSingleValue,
    /// Load balancer with multi-value headers switched on.
    AlbMultiValue,
}

/// What is answered, whichever front door it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply<'a> {
    /// The HTTP status.
    pub status: u16,
    /// Header lines; `Set-Cookie` may stand there more than once.
    pub headers: Vec<(&'a str, &'a str)>,
    /// Text, or base64 of bytes.
    pub body: Cow<'a, str>,
    /// Whether the body is base64.
    pub is_base64: bool,
}

/// A reply in a front door's format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer<'a> {
    /// The front door.
    pub door: Door,
    /// The reply.
    pub reply: Reply<'a>,
}

impl Answer<'_> {
    /// The header lines that are no cookies.
    fn plain(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lines().filter(|(name, _)| !is_cookie(name))
    }

    fn cookies(&self) -> Vec<&str> {
        self.lines().filter(|(name, _)| is_cookie(name)).map(|(_, value)| value).collect()
    }

    fn lines(&self) -> impl Iterator<Item = (&str, &str)> {
        self.reply.headers.iter().copied()
    }

    fn multi(&self) -> BTreeMap<&str, Vec<&str>> {
        let mut lines: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
        for (name, value) in self.lines() {
            lines.entry(name).or_default().push(value);
        }
        lines
    }

    /// One line a name; a second cookie goes under the same name in another case, which the load
    /// balancer passes on as a line of its own.
    fn single(&self) -> BTreeMap<&str, &str> {
        let names = ["Set-Cookie", "set-cookie", "SET-COOKIE"];
        self.plain().chain(names.into_iter().zip(self.cookies())).collect()
    }
}

fn is_cookie(name: &str) -> bool {
    name.eq_ignore_ascii_case("Set-Cookie")
}

impl Serialize for Answer<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("statusCode", &self.reply.status)?;
        match self.door {
            Door::PayloadV2 => {
                map.serialize_entry("headers", &self.plain().collect::<BTreeMap<_, _>>())?;
                map.serialize_entry("cookies", &self.cookies())?;
            }
            Door::PayloadV1 => map.serialize_entry("multiValueHeaders", &self.multi())?,
            Door::AlbMultiValue => {
                map.serialize_entry("statusDescription", &description(self.reply.status))?;
                map.serialize_entry("multiValueHeaders", &self.multi())?;
            }
            Door::AlbSingleValue => {
                map.serialize_entry("statusDescription", &description(self.reply.status))?;
                map.serialize_entry("headers", &self.single())?;
            }
        }
        map.serialize_entry("body", &self.reply.body)?;
        map.serialize_entry("isBase64Encoded", &self.reply.is_base64)?;
        map.end()
    }
}

/// The status line's text, which a load balancer wants.
fn description(status: u16) -> String {
    let reason = match status {
        200 => "OK",
        201 => "Created",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        422 => "Unprocessable Content",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Unknown",
    };
    format!("{status} {reason}")
}
