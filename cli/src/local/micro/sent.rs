//! What a tracker sent, in the shapes that the API gives it: `rawEvent` and `collectorPayload`.

use std::borrow::Cow;

use collector_payload::CollectorPayload;
use enricher::RawEvent;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use tracker_protocol::path::Route;
use tracker_protocol::{Charset, address, path, query};

use super::super::refused::Parameter;

/// A request, or one event of it, as a bad event or the raw stream has it.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub(super) struct Sent {
    pub(super) vendor: String,
    pub(super) version: String,
    pub(super) parameters: Vec<Parameter>,
    querystring: Vec<Parameter>,
    content_type: Option<String>,
    body: Option<String>,
    #[serde(alias = "loaderName")]
    collector: Option<String>,
    encoding: Option<String>,
    hostname: Option<String>,
    timestamp: Option<String>,
    ip_address: Option<String>,
    useragent: Option<String>,
    referer_uri: Option<String>,
    headers: Vec<String>,
    #[serde(alias = "userId")]
    network_user_id: Option<String>,
}

impl Sent {
    /// What the raw stream says of an event, without its parameters.
    pub(super) fn around(event: &RawEvent<'_>) -> Self {
        Self::of(event.payload, event.route, event.client_address)
    }

    /// What a raw record says; nothing if it is none, or its path leads nowhere.
    pub(super) fn of_record(record: &[u8]) -> Option<Self> {
        let payload = CollectorPayload::decode(record).ok()?;
        let route = path::route(payload.path.as_deref()?)?;
        let headers = payload.headers.as_deref().unwrap_or_default();
        let client = address::client_address(headers, payload.ip_address.as_deref());
        let mut sent = Self::of(&payload, route, client.as_deref());
        sent.body = payload.body.as_deref().map(|body| String::from_utf8_lossy(body).into_owned());
        let text = payload.querystring.as_deref().unwrap_or_default();
        let pairs = query::pairs(text, Charset::Utf8).into_iter();
        sent.querystring =
            pairs.map(|(name, value)| Parameter::from((&*name, value.as_deref()))).collect();
        Some(sent)
    }

    fn of(payload: &CollectorPayload<'_>, route: Route<'_>, client: Option<&str>) -> Self {
        let own = |text: &Option<Cow<'_, str>>| text.as_deref().map(str::to_owned);
        let headers = payload.headers.as_deref().unwrap_or_default();
        Self {
            vendor: route.vendor.to_owned(),
            version: route.version.to_owned(),
            content_type: own(&payload.content_type),
            collector: own(&payload.collector),
            encoding: own(&payload.encoding),
            hostname: own(&payload.hostname),
            timestamp: Some(timestamps::iso_millis(payload.timestamp)),
            ip_address: client.map(str::to_owned),
            useragent: own(&payload.user_agent),
            referer_uri: own(&payload.referer_uri),
            headers: headers.iter().map(|line| line.clone().into_owned()).collect(),
            network_user_id: own(&payload.network_user_id),
            ..Self::default()
        }
    }

    /// As `rawEvent` has it, for parameters that are put in by whoever writes it.
    pub(super) fn frame(&self) -> impl Serialize {
        json!({
            "api": self.api(),
            "contentType": self.content_type,
            "source": self.source(),
            "context": self.context(),
        })
    }

    /// As `rawEvent` has it.
    pub(super) fn raw_event(&self) -> Value {
        let parameters: Map<String, Value> = self
            .parameters
            .iter()
            .map(|parameter| (parameter.name.clone(), json!(parameter.value)))
            .collect();
        json!({
            "api": self.api(),
            "parameters": parameters,
            "contentType": self.content_type,
            "source": self.source(),
            "context": self.context(),
        })
    }

    /// As `collectorPayload` has it.
    pub(super) fn collector_payload(&self) -> Value {
        let pair = |Parameter { name, value }: &Parameter| match value {
            Some(value) => format!("{name}={value}"),
            None => name.clone(),
        };
        json!({
            "api": self.api(),
            "querystring": self.querystring.iter().map(pair).collect::<Vec<_>>(),
            "contentType": self.content_type,
            "body": self.body,
            "source": self.source(),
            "context": self.context(),
        })
    }

    fn api(&self) -> Value {
        json!({"vendor": self.vendor, "version": self.version})
    }

    fn source(&self) -> Value {
        json!({"name": self.collector, "encoding": self.encoding, "hostname": self.hostname})
    }

    fn context(&self) -> Value {
        json!({
            "timestamp": self.timestamp,
            "ipAddress": self.ip_address,
            "useragent": self.useragent,
            "refererUri": self.referer_uri,
            "headers": self.headers,
            "userId": self.network_user_id,
        })
    }
}
