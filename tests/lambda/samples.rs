//! The sample events: what each of them must be answered, and what must arrive of it.

use std::io::Read as _;

use collector_payload::CollectorPayload;
use serde_json::Value;

use crate::house_rules::{read, tracked};

/// Far above every sample, so that a broken decoder cannot fill the memory.
const BODY_BYTES_MAX: u64 = 1_000_000;

/// An event of events/collector/.
pub(super) struct Sample {
    name: String,
    pub(super) event: Value,
}

pub(super) fn text(name: &str) -> String {
    read(&format!("events/collector/{name}"))
}

pub(super) fn all() -> Vec<Sample> {
    let samples: Vec<_> = tracked()
        .iter()
        .filter_map(|path| path.strip_prefix("events/collector/"))
        .map(|name| Sample {
            name: name.to_owned(),
            event: serde_json::from_str(&text(name)).unwrap(),
        })
        .collect();
    assert!(samples.len() >= 10, "the samples are there");
    samples
}

impl Sample {
    fn field(&self, pointer: &str) -> Option<&str> {
        self.event.pointer(pointer).and_then(Value::as_str)
    }

    fn method(&self) -> &str {
        self.field("/requestContext/http/method").or(self.field("/httpMethod")).unwrap()
    }

    fn path(&self) -> &str {
        self.field("/rawPath").or(self.field("/path")).unwrap()
    }

    fn is_load_balancer(&self) -> bool {
        self.event.pointer("/requestContext/elb").is_some()
    }

    /// A header of the request, the first of that name.
    fn header(&self, name: &str) -> Option<String> {
        let all = ["multiValueHeaders", "headers"].map(|field| self.event[field].as_object());
        let (_, value) = all
            .into_iter()
            .flatten()
            .flatten()
            .find(|(found, _)| found.eq_ignore_ascii_case(name))?;
        value.as_str().or(value[0].as_str()).map(str::to_owned)
    }

    pub(super) fn is_tracking(&self) -> bool {
        let path = self.path();
        let is_tracking_path = path == "/i" || path.matches('/').count() == 2;
        ["GET", "HEAD", "POST"].contains(&self.method()) && is_tracking_path
    }

    /// The answer has the status and the format that the front door wants.
    pub(super) fn check_answer(&self, answer: &Value) {
        let name = &self.name;
        let is_known = self.is_tracking() || self.path() == "/health" || self.method() == "OPTIONS";
        let status = if is_known { 200 } else { 404 };
        assert_eq!(answer["statusCode"], status, "{name}: {answer}");
        assert!(answer["isBase64Encoded"].is_boolean(), "{name}: {answer}");
        let body = answer["body"].as_str().unwrap_or_else(|| panic!("{name}: {answer}"));
        if answer["isBase64Encoded"] == true {
            let gif = base64_simd::STANDARD.decode_to_vec(body).unwrap();
            assert!(gif.starts_with(b"GIF89a"), "{name}: {answer}");
        }
        let mut fields: Vec<_> = answer.as_object().unwrap().keys().map(String::as_str).collect();
        fields.retain(|field| !["statusCode", "body", "isBase64Encoded"].contains(field));
        let has_multi = !self.event["multiValueHeaders"].is_null();
        let expected: &[&str] = match (self.field("/version"), self.is_load_balancer(), has_multi) {
            (Some("2.0"), _, _) => &["cookies", "headers"],
            (_, false, _) => &["multiValueHeaders"],
            (_, true, true) => &["multiValueHeaders", "statusDescription"],
            (_, true, false) => &["headers", "statusDescription"],
        };
        fields.sort_unstable();
        assert_eq!(fields, expected, "{name}: {answer}");
        self.check_header_lines(answer);
    }

    /// Texts under plain headers, lists of texts under multi-value ones, a cookie where one belongs.
    fn check_header_lines(&self, answer: &Value) {
        let name = &self.name;
        for value in answer["headers"].as_object().into_iter().flatten().map(|(_, value)| value) {
            assert!(value.is_string(), "{name}: {answer}");
        }
        let lists = answer["multiValueHeaders"].as_object().into_iter().flatten();
        for (_, values) in lists {
            assert!(values.as_array().unwrap().iter().all(Value::is_string), "{name}: {answer}");
        }
        if answer["statusDescription"].is_string() {
            let status = answer["statusCode"].as_u64().unwrap();
            let description = answer["statusDescription"].as_str().unwrap();
            assert!(description.starts_with(&format!("{status} ")), "{name}: {answer}");
        }
        if self.is_tracking() {
            let cookie = [
                &answer["cookies"][0],
                &answer["multiValueHeaders"]["Set-Cookie"][0],
                &answer["headers"]["Set-Cookie"],
            ];
            let cookie = cookie.into_iter().find_map(Value::as_str);
            let visitor = self.visitor();
            let is_right = cookie.is_some_and(|cookie| match &visitor {
                Some(id) => cookie.starts_with(&format!("sp={id};")),
                None => cookie.starts_with("sp="),
            });
            assert!(is_right, "{name}: {cookie:?}, {visitor:?}");
        }
    }

    /// The visitor's id in the request's cookie.
    fn visitor(&self) -> Option<String> {
        let listed = self.field("/cookies/0").map(str::to_owned);
        let cookie = listed.or(self.header("cookie"))?;
        let value = cookie.split("; ").find_map(|cookie| cookie.strip_prefix("sp="));
        value.map(str::to_owned)
    }

    /// The payload carries what the request carried, byte for byte where the event has the bytes.
    pub(super) fn check_payload(&self, payload: &CollectorPayload<'_>) {
        let name = &self.name;
        assert_eq!(payload.path.as_deref(), Some(self.path()), "{name}");
        assert_eq!(payload.user_agent.as_deref(), self.header("user-agent").as_deref(), "{name}");
        assert_eq!(payload.referer_uri.as_deref(), self.header("referer").as_deref(), "{name}");
        assert_eq!(payload.hostname.as_deref(), self.header("host").as_deref(), "{name}");
        let forwarded = self.header("x-forwarded-for").expect("samples say where they come from");
        assert_eq!(payload.ip_address.as_deref(), forwarded.split(", ").next(), "{name}");
        if let Some(visitor) = self.visitor() {
            assert_eq!(payload.network_user_id.as_deref(), Some(visitor.as_str()), "{name}");
        }
        self.check_query(payload.querystring.as_deref().unwrap_or(""));
        let body = payload.body.as_deref().unwrap_or(b"");
        if self.method() == "POST" {
            assert!(body == self.body(), "{name}: {}", String::from_utf8_lossy(body));
        } else {
            assert_eq!(body, b"", "{name}");
        }
    }

    fn check_query(&self, query: &str) {
        let name = &self.name;
        if let Some(raw) = self.field("/rawQueryString") {
            assert_eq!(query, raw, "{name}");
            return;
        }
        // The other front doors give pairs; a load balancer's are still encoded.
        let is_encoded = self.is_load_balancer();
        let decode = |text: &str| if is_encoded { text.to_owned() } else { decoded(text) };
        let mut found: Vec<_> = query
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(key, value)| (decode(key), decode(value)))
            .collect();
        found.sort();
        assert_eq!(found, self.pairs(), "{name}");
    }

    /// The query's pairs as the event has them, sorted.
    fn pairs(&self) -> Vec<(String, String)> {
        let all = ["multiValueQueryStringParameters", "queryStringParameters"]
            .map(|field| self.event[field].as_object());
        let mut pairs = Vec::new();
        for (key, value) in all.into_iter().flatten().next().into_iter().flatten() {
            let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
            let values = values.iter().map(|value| value.as_str().unwrap().to_owned());
            pairs.extend(values.map(|value| (key.clone(), value)));
        }
        pairs.sort();
        pairs
    }

    /// The request's body as the tracker meant it.
    fn body(&self) -> Vec<u8> {
        let text = self.field("/body").unwrap_or("");
        let bytes = if self.event["isBase64Encoded"] == true {
            base64_simd::STANDARD.decode_to_vec(text).unwrap()
        } else {
            text.as_bytes().to_vec()
        };
        if self.header("content-encoding").as_deref() != Some("gzip") {
            return bytes;
        }
        let mut body = Vec::new();
        let mut decoder = flate2::read::GzDecoder::new(bytes.as_slice()).take(BODY_BYTES_MAX);
        std::io::copy(&mut decoder, &mut body).unwrap();
        body
    }
}

/// A text without its percent escapes.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next().unwrap(), rest.next().unwrap()];
            let digits = std::str::from_utf8(&digits).unwrap().to_owned();
            bytes.push(u8::from_str_radix(&digits, 16).unwrap());
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).unwrap()
}
