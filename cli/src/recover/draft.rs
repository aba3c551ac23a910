//! A payload on its way from a bad row back to the raw stream.

use std::borrow::Cow;

use collector_payload::{CollectorPayload, SCHEMA};
use json_tree::{Json, Object};
use tracker_protocol::Charset;
use tracker_protocol::convert::{Timestamp, uuid};

use super::fate::Reason;
use super::request::Request;

/// What becomes a payload. It holds personal data, so it has no `Debug`.
#[derive(Clone)]
pub(super) struct Draft {
    pub(super) ip_address: Option<String>,
    pub(super) epoch_millis: i64,
    pub(super) encoding: Option<String>,
    pub(super) collector: Option<String>,
    pub(super) user_agent: Option<String>,
    pub(super) referer: Option<String>,
    pub(super) headers: Option<Vec<String>>,
    pub(super) hostname: Option<String>,
    pub(super) network_user_id: Option<String>,
    pub(super) schema: Option<String>,
    pub(super) content: Content,
}

/// What the tracker said.
#[derive(Clone)]
pub(super) enum Content {
    /// The parameters of a single event; those without a value are null.
    Event(Object<'static>),
    /// A request as a whole.
    Request(Request),
}

/// Under which keys the two kinds of payload hold the same.
struct Keys {
    collector: &'static str,
    network_user_id: &'static str,
}

impl Draft {
    /// From `payload.raw` of a bad row with one event. The event keeps the id that the bad row
    /// shows, so that recovering it in two ways makes no second one.
    pub(super) fn of_event(raw: &Json<'_>, event_id: Option<&str>) -> Result<Self, Reason> {
        let mut parameters = pairs(raw.get("parameters")).ok_or(Reason::Malformed)?;
        if let Some(id) = event_id.filter(|id| uuid(id).is_ok())
            && !parameters.contains_key("eid")
        {
            parameters.insert("eid", Json::text(id.to_owned()));
        }
        let keys = Keys { collector: "loaderName", network_user_id: "userId" };
        Self::of(raw, &keys, Content::Event(parameters))
    }

    /// From `payload` of a bad row with a whole request.
    pub(super) fn of_request(payload: &Json<'_>) -> Result<Self, Reason> {
        let part = |key: &str| text(payload, key).ok_or(Reason::Malformed);
        let path = Some(format!("/{}/{}", part("vendor")?, part("version")?));
        let query = match payload.get("querystring") {
            None | Some(Json::Null) => Object::new(),
            query => pairs(query).ok_or(Reason::Malformed)?,
        };
        let charset = charset(text(payload, "encoding").as_deref());
        let query = super::query::written(&query, charset).ok_or(Reason::Encoding)?;
        let request = Request {
            path,
            query: Some(query).filter(|it| !it.is_empty()),
            body: text(payload, "body").map(String::into_bytes),
            content_type: text(payload, "contentType"),
        };
        let keys = Keys { collector: "collector", network_user_id: "networkUserId" };
        Self::of(payload, &keys, Content::Request(request))
    }

    /// From a record of the raw stream.
    pub(super) fn of_record(record: &[u8]) -> Result<Self, Reason> {
        let payload = CollectorPayload::decode(record).map_err(|_| Reason::Undecodable)?;
        // Bytes of something else may happen to be a request without anything in it.
        if payload == CollectorPayload::default() {
            return Err(Reason::Undecodable);
        }
        let own = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
        Ok(Self {
            ip_address: own(payload.ip_address),
            epoch_millis: payload.timestamp,
            encoding: own(payload.encoding),
            collector: own(payload.collector),
            user_agent: own(payload.user_agent),
            referer: own(payload.referer_uri),
            headers: payload.headers.map(|all| all.into_iter().map(Cow::into_owned).collect()),
            hostname: own(payload.hostname),
            network_user_id: own(payload.network_user_id),
            schema: own(payload.schema),
            content: Content::Request(Request {
                path: own(payload.path),
                query: own(payload.querystring),
                body: payload.body.map(Cow::into_owned),
                content_type: own(payload.content_type),
            }),
        })
    }

    fn of(payload: &Json<'_>, keys: &Keys, content: Content) -> Result<Self, Reason> {
        let moment = text(payload, "timestamp").ok_or(Reason::Malformed)?;
        let headers = payload.get("headers").and_then(Json::as_array).unwrap_or_default();
        let headers: Vec<_> = headers.iter().filter_map(Json::as_str).map(str::to_owned).collect();
        Ok(Self {
            ip_address: text(payload, "ipAddress"),
            epoch_millis: epoch_millis(&moment).ok_or(Reason::Malformed)?,
            encoding: text(payload, "encoding").filter(|it| !it.is_empty()),
            collector: text(payload, keys.collector).filter(|it| !it.is_empty()),
            user_agent: text(payload, "useragent"),
            referer: text(payload, "refererUri"),
            headers: (!headers.is_empty()).then_some(headers),
            hostname: text(payload, "hostname"),
            network_user_id: text(payload, keys.network_user_id),
            schema: Some(SCHEMA.to_owned()),
            content,
        })
    }

    /// The encoding of its query string.
    pub(super) fn charset(&self) -> Charset {
        charset(self.encoding.as_deref())
    }

    /// The same with a request in place of a single event.
    pub(super) fn into_request(mut self) -> Result<Self, Reason> {
        if let Content::Event(parameters) = &self.content {
            let request = Request::of_event(parameters, self.charset());
            self.content = Content::Request(request.ok_or(Reason::Encoding)?);
        }
        Ok(self)
    }

    /// The bytes of a record, and what they say.
    pub(super) fn to_payload(&self) -> Result<CollectorPayload<'_>, Reason> {
        let request = match &self.content {
            Content::Request(request) => Cow::Borrowed(request),
            Content::Event(parameters) => {
                let request = Request::of_event(parameters, self.charset());
                Cow::Owned(request.ok_or(Reason::Encoding)?)
            }
        };
        let Request { path, query, body, content_type } = request.into_owned();
        let borrowed = |text: &'_ Option<String>| text.clone().map(Cow::Owned);
        let headers = self.headers.as_ref();
        Ok(CollectorPayload {
            ip_address: borrowed(&self.ip_address),
            timestamp: self.epoch_millis,
            encoding: borrowed(&self.encoding),
            collector: borrowed(&self.collector),
            user_agent: borrowed(&self.user_agent),
            referer_uri: borrowed(&self.referer),
            path: path.map(Cow::Owned),
            querystring: query.map(Cow::Owned),
            body: body.map(Cow::Owned),
            headers: headers.map(|all| all.iter().map(|it| Cow::Borrowed(&**it)).collect()),
            content_type: content_type.map(Cow::Owned),
            hostname: borrowed(&self.hostname),
            network_user_id: borrowed(&self.network_user_id),
            schema: borrowed(&self.schema),
        })
    }
}

fn charset(name: Option<&str>) -> Charset {
    name.and_then(Charset::by_name).unwrap_or(Charset::Utf8)
}

fn text(json: &Json<'_>, key: &str) -> Option<String> {
    json.get(key).and_then(Json::as_str).map(str::to_owned)
}

/// Parameters as a list of names and values, or, in rows of old, as an object.
fn pairs(json: Option<&Json<'_>>) -> Option<Object<'static>> {
    match json? {
        Json::Array(items) => items
            .iter()
            .map(|item| {
                let value = item.get("value").cloned().unwrap_or(Json::Null).into_owned();
                let is_value = value.is_null() || value.as_str().is_some();
                Some((item.get("name")?.as_str().filter(|_| is_value)?.to_owned(), value))
            })
            .collect(),
        Json::Object(object) => Some(object.clone().into_owned()),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) => None,
    }
}

/// `2026-01-02T03:04:05.678Z`, with a fraction of up to nine digits or none.
fn epoch_millis(moment: &str) -> Option<i64> {
    let (day, clock) = moment.strip_suffix('Z')?.split_once('T')?;
    let (seconds, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    if fraction.len() > 9 || !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let millis: String = fraction.chars().chain("000".chars()).take(3).collect();
    let at = Timestamp::from_column(&format!("{day} {seconds}.{millis}"))?;
    Some(at.epoch_millis)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read() {
        for (text, millis) in [
            ("1970-01-01T00:00:01.250Z", Some(1_250)),
            ("1970-01-01T00:00:01Z", Some(1_000)),
            ("1970-01-01T00:00:01.5Z", Some(1_500)),
            ("1970-01-01T00:00:01.123456Z", Some(1_123)),
            ("1970-01-01T00:00:01.1234567890Z", None),
            ("1970-01-01T00:00:01.x00Z", None),
            ("1970-01-01 00:00:01.000", None),
            ("1970-13-01T00:00:01Z", None),
            ("", None),
        ] {
            assert_eq!(epoch_millis(text), millis, "{text}");
        }
    }
}
