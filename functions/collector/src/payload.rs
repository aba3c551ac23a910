//! A request becomes the payload that the enricher reads.

use std::borrow::Cow;
use std::net::IpAddr;

use collector_payload::{CollectorPayload, SCHEMA};

use crate::address;
use crate::body::decoded_body;
use crate::config::{Config, Dialect};
use crate::headers::{content_type, payload_headers};
use crate::request::{Method, Request};

/// What the collector found out about a request before it wrote the payload.
pub(crate) struct Findings<'a> {
    /// The path after mapping.
    pub path: &'a str,
    /// The query string, legal now.
    pub query: Cow<'a, str>,
    /// The client's address, if it is known and wanted.
    pub client: Option<IpAddr>,
    /// The visitor's id.
    pub network_user_id: &'a str,
    /// When the request came, in milliseconds since 1970.
    pub epoch_millis: i64,
}

/// The payload of a request.
pub(crate) fn payload<'a>(
    config: &'a Config,
    request: &'a Request<'_>,
    findings: Findings<'a>,
) -> CollectorPayload<'a> {
    let is_post = request.method == Method::Post;
    let body = is_post.then(|| decoded_body(request, config.limits.decoded_body_bytes_max));
    let outdated = body.as_ref().filter(|body| body.was_packed).map(|_| "Content-Encoding");
    let mut headers = payload_headers(&config.address, request, findings.client, outdated);
    let content_type = request.header("Content-Type").filter(|_| is_post).and_then(content_type);
    // Snowplow's collector appends it once more, bare, and readers have got used to it.
    headers.extend(content_type.clone().map(Cow::Owned));
    let has_query = config.dialect == Dialect::V3 || !findings.query.is_empty();
    CollectorPayload {
        ip_address: Some(address::as_text(findings.client)),
        timestamp: findings.epoch_millis,
        encoding: Some(Cow::Borrowed("UTF-8")),
        collector: Some(Cow::Borrowed(&config.collector_name)),
        user_agent: request.header("User-Agent").map(Cow::Borrowed),
        referer_uri: request.header("Referer").map(Cow::Borrowed),
        path: Some(Cow::Borrowed(findings.path)),
        querystring: has_query.then_some(findings.query),
        body: body.map(|body| body.bytes),
        headers: Some(headers),
        content_type: content_type.map(Cow::Owned),
        hostname: hostname(request).map(Cow::Borrowed),
        network_user_id: Some(Cow::Borrowed(findings.network_user_id)),
        schema: Some(Cow::Borrowed(SCHEMA)),
    }
}

/// The host that was asked, without its port.
fn hostname<'a>(request: &'a Request<'_>) -> Option<&'a str> {
    let host = request.header("Host")?.trim();
    let end = match host.find(']') {
        Some(bracket) if host.starts_with('[') => bracket + 1,
        _ => host.find(':').unwrap_or(host.len()),
    };
    host.get(..end).filter(|host| !host.is_empty())
}
