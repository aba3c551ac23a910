//! A case as it stands in its folder: configuration, requests, expectations.

use std::io::Write;
use std::path::Path;

use collector::request::{Method, Request};
use flate2::Compression;
use flate2::write::{GzEncoder, ZlibEncoder};
use serde_json::Value;

pub(crate) struct Case {
    pub(crate) config: Value,
    pub(crate) requests: Vec<CaseRequest>,
    pub(crate) expected: Value,
}

impl Case {
    pub(crate) fn read(folder: &Path) -> Self {
        let json = |name: &str| -> Value {
            let text = std::fs::read(folder.join(name)).unwrap();
            serde_json::from_slice(&text)
                .unwrap_or_else(|e| panic!("{}/{name}: {e}", folder.display()))
        };
        let input = json("input.json");
        Self {
            config: input["config"].clone(),
            requests: input["requests"].as_array().unwrap().iter().map(CaseRequest::read).collect(),
            expected: json("expected.json"),
        }
    }
}

pub(crate) struct CaseRequest {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Vec<u8>,
    peer: String,
}

impl CaseRequest {
    fn read(request: &Value) -> Self {
        let text = |key: &str| request[key].as_str().map(str::to_owned);
        let headers = match request.get("headers") {
            None => vec![("Host".to_owned(), "c.acme.com".to_owned())],
            Some(headers) => serde_json::from_value(headers.clone()).unwrap(),
        };
        Self {
            method: text("method").unwrap(),
            target: text("target").unwrap_or_else(|| generated(&request["target_generate"])),
            headers,
            body: body(request),
            peer: text("peer").unwrap_or_else(|| "192.0.2.2".to_owned()),
        }
    }

    pub(crate) fn as_request(&self) -> Request<'_> {
        let (path, query) = match self.target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (self.target.as_str(), None),
        };
        Request {
            method: Method::parse(&self.method),
            path: path.into(),
            query: query.map(Into::into),
            headers: self.headers.iter().map(|(name, value)| (name.into(), value.into())).collect(),
            body: self.body.as_slice().into(),
            peer: Some(self.peer.as_str().into()),
        }
    }
}

fn body(request: &Value) -> Vec<u8> {
    let text = |key: &str| request[key].as_str();
    if let Some(text) = text("body") {
        return text.as_bytes().to_vec();
    }
    if let Some(base64) = text("body_base64") {
        return base64_simd::STANDARD.decode_to_vec(base64).unwrap();
    }
    if let Some(content) = text("body_gzip_of") {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
        encoder.write_all(content.as_bytes()).unwrap();
        return encoder.finish().unwrap();
    }
    if let Some(content) = text("body_deflate_of") {
        let mut encoder = ZlibEncoder::new(Vec::new(), Compression::new(6));
        encoder.write_all(content.as_bytes()).unwrap();
        return encoder.finish().unwrap();
    }
    match request.get("body_generate") {
        Some(recipe) => generated(recipe).into_bytes(),
        None => Vec::new(),
    }
}

/// Prefix, a text so many times, suffix; or several of these one after the other.
fn generated(recipe: &Value) -> String {
    if let Some(parts) = recipe.as_array() {
        return parts.iter().map(generated).collect();
    }
    let text = |key: &str| recipe[key].as_str().unwrap_or_default();
    let times = usize::try_from(recipe["times"].as_u64().unwrap_or(0)).unwrap();
    format!("{}{}{}", text("prefix"), text("repeat").repeat(times), text("suffix"))
}
