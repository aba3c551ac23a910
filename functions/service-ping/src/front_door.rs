//! The front doors of AWS: what of a request the function looks at, whichever it came through.

use std::borrow::Cow;
use std::fmt;

pub use ::front_door::{Door, UnknownFrontDoor};

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

/// Reads a trigger event.
pub fn read(event: &[u8]) -> Result<(Request<'_>, Door), UnknownFrontDoor> {
    let (arrived, door) = ::front_door::read(event, "")?;
    let header = |name: &str| {
        let mut lines =
            arrived.headers.iter().filter(|(found, _)| found.eq_ignore_ascii_case(name));
        lines.next().map(|(_, value)| value.trim().to_owned())
    };
    let [content_type, content_encoding] = ["content-type", "content-encoding"].map(header);
    let (method, path, body) = (arrived.method, arrived.path, arrived.body);
    Ok((Request { method, path, content_type, content_encoding, body }, door))
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
            r#"{"path":"/usage_data","httpMethod":"POST","headers":{"content-type":"application/json"},
                "requestContext":{"elb":{"targetGroupArn":"arn"}},"body":"{}"}"#,
            r#"{"path":"/usage_data","httpMethod":"POST","requestContext":{"elb":{}},"body":"{}",
                "multiValueHeaders":{"content-type":["application/json"]}}"#,
        ] {
            let (request, _) = read(event.as_bytes()).unwrap();
            assert_eq!((&*request.method, &*request.path), ("POST", "/usage_data"));
            assert_eq!(
                (request.content_type.as_deref(), &*request.body),
                (Some("application/json"), &b"{}"[..])
            );
            assert_eq!(request.content_encoding, None);
        }
    }
}
