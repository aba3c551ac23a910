//! The front doors of AWS: their trigger events become requests.
//!
//! HTTP APIs (payload 2.0 and 1.0), REST APIs and Function URLs all take the same answer, so which
//! one it was need not be kept.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;
use serde_json::Value;

/// A request, as far as the function looks at it.
pub struct Request<'a> {
    /// As it was sent.
    pub method: Cow<'a, str>,
    /// Without the front door's stage.
    pub path: Cow<'a, str>,
    /// The header `Content-Type`.
    pub content_type: Option<String>,
    /// The header `Content-Encoding`.
    pub content_encoding: Option<String>,
    /// As it was sent.
    pub body: Cow<'a, [u8]>,
}

impl fmt::Debug for Request<'_> {
    /// Sizes only: a request is payload.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Request").field("body_bytes", &self.body.len()).finish_non_exhaustive()
    }
}

/// The event is of no front door that the function knows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnknownFrontDoor {
    /// It is no JSON of the right shape; says where, never what.
    Malformed {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
    /// It says that its body is base64, and the body is not.
    BodyIsNotBase64,
    /// It has no method or no path.
    NoneFits,
}

impl fmt::Display for UnknownFrontDoor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { line, column } => {
                write!(f, "the event has an unexpected shape at line {line} column {column}")?;
            }
            Self::BodyIsNotBase64 => f.write_str("the event's body is not the base64 it claims")?,
            Self::NoneFits => f.write_str("the event has no method and path")?,
        }
        f.write_str(
            "; accepted are events of an HTTP API (payload 2.0 or 1.0), a REST API or a Function URL",
        )
    }
}

impl std::error::Error for UnknownFrontDoor {}

/// A trigger event; every field may be missing.
#[derive(Deserialize)]
struct Event<'a> {
    #[serde(borrow, default)]
    version: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "requestContext")]
    context: Option<Context<'a>>,
    #[serde(borrow, default, rename = "httpMethod")]
    method: Option<Cow<'a, str>>,
    #[serde(borrow, default, rename = "rawPath")]
    raw_path: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    path: Option<Cow<'a, str>>,
    #[serde(default)]
    headers: Option<BTreeMap<String, Value>>,
    #[serde(borrow, default)]
    body: Option<Cow<'a, str>>,
    #[serde(default, rename = "isBase64Encoded")]
    is_base64: Option<bool>,
}

#[derive(Default, Deserialize)]
struct Context<'a> {
    #[serde(borrow, default)]
    stage: Option<Cow<'a, str>>,
    #[serde(borrow, default)]
    http: Option<Http<'a>>,
}

#[derive(Deserialize)]
struct Http<'a> {
    #[serde(borrow, default)]
    method: Option<Cow<'a, str>>,
}

/// Reads a trigger event.
pub fn read(event: &[u8]) -> Result<Request<'_>, UnknownFrontDoor> {
    let event: Event<'_> = serde_json::from_slice(event).map_err(|error| {
        UnknownFrontDoor::Malformed { line: error.line(), column: error.column() }
    })?;
    let Event { version, context, method, raw_path, path, headers, body, is_base64 } = event;
    let Context { stage, http } = context.unwrap_or_default();
    let method = http.and_then(|http| http.method).or(method);
    let (Some(method), Some(path)) = (method, raw_path.or(path)) else {
        return Err(UnknownFrontDoor::NoneFits);
    };
    let body = match body.unwrap_or_default() {
        text if is_base64 == Some(true) => {
            let bytes = base64_simd::STANDARD.decode_to_vec(text.as_bytes());
            Cow::Owned(bytes.map_err(|_| UnknownFrontDoor::BodyIsNotBase64)?)
        }
        Cow::Borrowed(text) => Cow::Borrowed(text.as_bytes()),
        Cow::Owned(text) => Cow::Owned(text.into_bytes()),
    };
    // REST APIs, whose events have no version, leave the stage out of the path.
    let stage = stage.filter(|stage| version.is_some() && stage != "$default");
    let headers = headers.unwrap_or_default();
    Ok(Request {
        method,
        path: without_stage(path, stage.as_deref()),
        content_type: header(&headers, "content-type"),
        content_encoding: header(&headers, "content-encoding"),
        body,
    })
}

fn without_stage<'a>(path: Cow<'a, str>, stage: Option<&str>) -> Cow<'a, str> {
    let rest = stage.and_then(|stage| path.strip_prefix('/')?.strip_prefix(stage));
    match rest.filter(|rest| rest.starts_with('/')) {
        Some(rest) => Cow::Owned(rest.to_owned()),
        None => path,
    }
}

fn header(headers: &BTreeMap<String, Value>, name: &str) -> Option<String> {
    let (_, value) = headers.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    value.as_str().map(|text| text.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_front_door_gives_the_same_request() {
        for event in [
            r#"{"version":"2.0","rawPath":"/usage_data","headers":{"content-type":"application/json"},
                "requestContext":{"stage":"$default","http":{"method":"POST"}},"body":"{}"}"#,
            r#"{"version":"2.0","rawPath":"/prod/usage_data","headers":{"Content-Type":" application/json"},
                "requestContext":{"stage":"prod","http":{"method":"POST"}},"body":"e30=","isBase64Encoded":true}"#,
            r#"{"version":"1.0","path":"/prod/usage_data","httpMethod":"POST","headers":
                {"CONTENT-TYPE":"application/json","x":null},"requestContext":{"stage":"prod"},"body":"{}"}"#,
            r#"{"path":"/usage_data","httpMethod":"POST","headers":{"Content-type":"application/json"},
                "requestContext":{"stage":"usage_data"},"body":"{}","isBase64Encoded":false}"#,
        ] {
            let request = read(event.as_bytes()).unwrap();
            assert_eq!((&*request.method, &*request.path), ("POST", "/usage_data"));
            assert_eq!(
                (request.content_type.as_deref(), &*request.body),
                (Some("application/json"), &b"{}"[..])
            );
            assert_eq!(request.content_encoding, None);
        }
    }

    #[test]
    fn what_is_no_request_is_said_without_its_content() {
        for (event, expected) in [
            (r#"{"records":["secret"]}"#, UnknownFrontDoor::NoneFits),
            (r#"{"httpMethod":"POST"}"#, UnknownFrontDoor::NoneFits),
            ("\"secret\"", UnknownFrontDoor::Malformed { line: 1, column: 8 }),
            (
                r#"{"httpMethod":"POST","path":"/","body":"%","isBase64Encoded":true}"#,
                UnknownFrontDoor::BodyIsNotBase64,
            ),
        ] {
            let error = read(event.as_bytes()).unwrap_err();
            assert!(!error.to_string().contains("secret"));
            assert_eq!(error, expected, "{event}");
        }
    }
}
