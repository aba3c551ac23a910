//! One tracker request as it stands in the raw stream.

use std::borrow::Cow;
use std::fmt::{self, Write};

/// The schema that every payload names.
pub const SCHEMA: &str = "iglu:com.snowplowanalytics.snowplow/CollectorPayload/thrift/1-0-0";

/// One tracker request. A field that is `None` is not on the wire.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CollectorPayload<'a> {
    /// The client's address, or `unknown`.
    pub ip_address: Option<Cow<'a, str>>,
    /// When the collector handled the request, in milliseconds since 1970.
    pub timestamp: i64,
    /// The text encoding, `UTF-8`.
    pub encoding: Option<Cow<'a, str>>,
    /// Which collector wrote this; becomes `v_collector`.
    pub collector: Option<Cow<'a, str>>,
    /// The first User-Agent header.
    pub user_agent: Option<Cow<'a, str>>,
    /// The first Referer header.
    pub referer_uri: Option<Cow<'a, str>>,
    /// The path after mapping, with its leading slash.
    pub path: Option<Cow<'a, str>>,
    /// The raw text after the question mark.
    pub querystring: Option<Cow<'a, str>>,
    /// The request's body, as received or as decompressed.
    pub body: Option<Cow<'a, [u8]>>,
    /// Header lines, `Name: value`.
    pub headers: Option<Vec<Cow<'a, str>>>,
    /// The parsed content type, in lower case.
    pub content_type: Option<Cow<'a, str>>,
    /// The host that was asked, without its port.
    pub hostname: Option<Cow<'a, str>>,
    /// The visitor's id.
    pub network_user_id: Option<Cow<'a, str>>,
    /// [`SCHEMA`], unless somebody else wrote the record.
    pub schema: Option<Cow<'a, str>>,
}

impl CollectorPayload<'_> {
    /// The readable form that a bad row carries, cut after so many characters.
    pub fn as_text(&self, chars_max: usize) -> String {
        let mut text = Cut { text: String::new(), chars_left: chars_max };
        // The only error is that the text is full, which is what is wanted.
        self.write_text(&mut text).ok();
        text.text
    }

    fn write_text(&self, out: &mut Cut) -> fmt::Result {
        out.write_str("CollectorPayload(")?;
        // Fields that the original declares as required are shown even when they are not there.
        required(out, "schema", self.schema.as_deref())?;
        out.write_str(", ")?;
        required(out, "ipAddress", self.ip_address.as_deref())?;
        write!(out, ", timestamp:{}, ", self.timestamp)?;
        required(out, "encoding", self.encoding.as_deref())?;
        out.write_str(", ")?;
        required(out, "collector", self.collector.as_deref())?;
        optional(out, "userAgent", self.user_agent.as_deref())?;
        optional(out, "refererUri", self.referer_uri.as_deref())?;
        optional(out, "path", self.path.as_deref())?;
        optional(out, "querystring", self.querystring.as_deref())?;
        if let Some(body) = &self.body {
            // Only what still fits is looked at: a body may be megabytes long.
            let shown =
                body.get(..body.len().min(out.chars_left.saturating_mul(4))).unwrap_or(body);
            optional(out, "body", Some(&String::from_utf8_lossy(shown)))?;
        }
        if let Some(headers) = &self.headers {
            out.write_str(", headers:[")?;
            for (index, header) in headers.iter().enumerate() {
                if index > 0 {
                    out.write_str(", ")?;
                }
                out.write_str(header)?;
            }
            out.write_str("]")?;
        }
        optional(out, "contentType", self.content_type.as_deref())?;
        optional(out, "hostname", self.hostname.as_deref())?;
        optional(out, "networkUserId", self.network_user_id.as_deref())?;
        out.write_str(")")
    }
}

fn required(out: &mut Cut, name: &str, value: Option<&str>) -> fmt::Result {
    write!(out, "{name}:{}", value.unwrap_or("null"))
}

fn optional(out: &mut Cut, name: &str, value: Option<&str>) -> fmt::Result {
    match value {
        Some(value) => write!(out, ", {name}:{value}"),
        None => Ok(()),
    }
}

/// A text that takes a limited number of characters and then refuses more.
struct Cut {
    text: String,
    chars_left: usize,
}

impl Write for Cut {
    fn write_str(&mut self, more: &str) -> fmt::Result {
        for character in more.chars() {
            if self.chars_left == 0 {
                return Err(fmt::Error);
            }
            self.text.push(character);
            self.chars_left -= 1;
        }
        Ok(())
    }
}

impl fmt::Debug for CollectorPayload<'_> {
    /// Sizes only: a payload is personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CollectorPayload")
            .field("timestamp", &self.timestamp)
            .field("querystring_bytes", &self.querystring.as_ref().map(|text| text.len()))
            .field("body_bytes", &self.body.as_ref().map(|body| body.len()))
            .field("headers", &self.headers.as_ref().map(Vec::len))
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_is_cut_where_the_limit_says() {
        let payload =
            CollectorPayload { body: Some(b"s".repeat(1010).into()), ..Default::default() };
        assert_eq!(payload.as_text(10), "CollectorP");
        let text = payload.as_text(100);
        assert_eq!(text.len(), 100);
        assert!(text.ends_with("body:sssss"), "{text}");
    }

    #[test]
    fn the_text_names_every_field_that_is_there() {
        let payload = CollectorPayload {
            ip_address: Some("192.0.2.1".into()),
            timestamp: 7,
            path: Some("/i".into()),
            headers: Some(vec!["A: b".into(), "C: d".into()]),
            schema: Some(SCHEMA.into()),
            ..Default::default()
        };
        assert_eq!(
            payload.as_text(usize::MAX),
            "CollectorPayload(schema:iglu:com.snowplowanalytics.snowplow/CollectorPayload/thrift/1-0-0, \
             ipAddress:192.0.2.1, timestamp:7, encoding:null, collector:null, path:/i, headers:[A: b, C: d])"
        );
    }

    #[test]
    fn debug_shows_no_content() {
        let payload = CollectorPayload {
            ip_address: Some("192.0.2.1".into()),
            querystring: Some("uid=alex".into()),
            ..Default::default()
        };
        let shown = format!("{payload:?}");
        assert!(!shown.contains("192.0.2.1") && !shown.contains("alex"), "{shown}");
    }
}
