//! One line of input -> the bytes of a collector payload.

use std::borrow::Cow;

use base64_simd::forgiving_decode_to_vec;
use collector_payload::{CollectorPayload, SCHEMA};
use json_tree::Json;
use serde::Deserialize;

/// A payload as people write it down; what is left out is not in the payload.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Written<'a> {
    path: Cow<'a, str>,
    querystring: Option<Cow<'a, str>>,
    body: Option<String>,
    content_type: Option<Cow<'a, str>>,
    headers: Option<Vec<Cow<'a, str>>>,
    ip_address: Option<Cow<'a, str>>,
    user_agent: Option<Cow<'a, str>>,
    referer_uri: Option<Cow<'a, str>>,
    hostname: Option<Cow<'a, str>>,
    network_user_id: Option<Cow<'a, str>>,
    #[serde(default)]
    timestamp: i64,
    collector: Option<Cow<'a, str>>,
    encoding: Option<Cow<'a, str>>,
    schema: Option<Cow<'a, str>>,
}

/// A payload as people write it down; nothing if its body is no text.
pub(crate) fn payload_json(payload: &CollectorPayload<'_>) -> Option<String> {
    let body = match payload.body.as_deref() {
        Some(body) => Some(str::from_utf8(body).ok()?),
        None => None,
    };
    let headers =
        payload.headers.as_ref().map(|all| Json::array(all.iter().map(|it| Json::text(&**it))));
    let text = |text: Option<&'_ str>| text.map(|text| Json::text(text.to_owned()));
    let pairs = [
        ("path", Some(Json::text(payload.path.as_deref().unwrap_or_default()))),
        ("querystring", text(payload.querystring.as_deref())),
        ("body", text(body)),
        ("contentType", text(payload.content_type.as_deref())),
        ("headers", headers),
        ("ipAddress", text(payload.ip_address.as_deref())),
        ("userAgent", text(payload.user_agent.as_deref())),
        ("refererUri", text(payload.referer_uri.as_deref())),
        ("hostname", text(payload.hostname.as_deref())),
        ("networkUserId", text(payload.network_user_id.as_deref())),
        ("timestamp", Some(Json::integer(payload.timestamp))),
        ("collector", text(payload.collector.as_deref())),
        ("encoding", text(payload.encoding.as_deref())),
        ("schema", text(payload.schema.as_deref().filter(|it| *it != SCHEMA))),
    ];
    let filled = pairs.into_iter().filter_map(|(key, value)| Some((key, value?)));
    Some(Json::object(filled).to_text())
}

/// The bytes of the payload; the error says what is wrong with the line, and where.
pub(crate) fn payload(line: &[u8], is_thrift: bool) -> Result<Vec<u8>, String> {
    if is_thrift {
        return forgiving_decode_to_vec(line).map_err(|_| "this is no base64".to_owned());
    }
    let written: Written<'_> = serde_json::from_slice(line).map_err(|error| error.to_string())?;
    let payload = CollectorPayload {
        ip_address: written.ip_address,
        timestamp: written.timestamp,
        encoding: written.encoding.or(Some(Cow::Borrowed("UTF-8"))),
        collector: written.collector,
        user_agent: written.user_agent,
        referer_uri: written.referer_uri,
        path: Some(written.path),
        querystring: written.querystring,
        body: written.body.map(|body| Cow::Owned(body.into_bytes())),
        headers: written.headers,
        content_type: written.content_type,
        hostname: written.hostname,
        network_user_id: written.network_user_id,
        schema: written.schema.or(Some(Cow::Borrowed(SCHEMA))),
    };
    Ok(payload.encode())
}
