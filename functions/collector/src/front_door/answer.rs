//! Answers in the format of the front door that the request came through.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::ser::{Serialize, SerializeMap, Serializer};

use super::Door;
use crate::response::{Body, Response};

/// An answer in a front door's format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    door: Door,
    response: Response,
}

impl Answer {
    /// Puts a response into a front door's format.
    pub fn new(door: Door, response: Response) -> Self {
        Self { door, response }
    }

    /// The header lines that are no cookies.
    fn plain(&self) -> impl Iterator<Item = (&str, &str)> {
        self.lines().filter(|(name, _)| !is_cookie(name))
    }

    fn cookies(&self) -> Vec<&str> {
        self.lines().filter(|(name, _)| is_cookie(name)).map(|(_, value)| value).collect()
    }

    fn lines(&self) -> impl Iterator<Item = (&str, &str)> {
        self.response.headers.iter().map(|(name, value)| (name.as_ref(), value.as_ref()))
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

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        map.serialize_entry("statusCode", &self.response.status)?;
        match self.door {
            Door::PayloadV2 => {
                map.serialize_entry("headers", &self.plain().collect::<BTreeMap<_, _>>())?;
                map.serialize_entry("cookies", &self.cookies())?;
            }
            Door::PayloadV1 => map.serialize_entry("multiValueHeaders", &self.multi())?,
            Door::AlbMultiValue => {
                map.serialize_entry("statusDescription", &description(self.response.status))?;
                map.serialize_entry("multiValueHeaders", &self.multi())?;
            }
            Door::AlbSingleValue => {
                map.serialize_entry("statusDescription", &description(self.response.status))?;
                map.serialize_entry("headers", &self.single())?;
            }
        }
        let (body, is_base64): (Cow<'_, str>, bool) = match &self.response.body {
            Body::Empty => (Cow::Borrowed(""), false),
            Body::Text(text) => (Cow::Borrowed(text), false),
            Body::Pixel(pixel) => (Cow::Borrowed(pixel.base64), true),
        };
        map.serialize_entry("body", &body)?;
        map.serialize_entry("isBase64Encoded", &is_base64)?;
        map.end()
    }
}

/// The status line's text, which a load balancer wants.
fn description(status: u16) -> String {
    let reason = match status {
        200 => "OK",
        301 => "Moved Permanently",
        302 => "Found",
        303 => "See Other",
        307 => "Temporary Redirect",
        308 => "Permanent Redirect",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        500 => "Internal Server Error",
        503 => "Service Unavailable",
        _ => "Unknown",
    };
    format!("{status} {reason}")
}
