//! The events of a record as their tracker sent them, for whoever shows them beside what became of them.

use std::fmt;
use std::ops::ControlFlow::{self, Continue};

use collector_payload::{CollectorPayload, compressed};
use iglu::SchemaKey;
use json_tree::Json;
use tracker_protocol::path::{Route, route};
use tracker_protocol::{Charset, Parameters, address, convert, query};

use crate::adapters::{self, Adapted, Request};
use crate::payloads::{body_text, decoded, relayed};
use crate::schemas::{Judgement, Schemas};

/// One event before it was enriched.
pub struct RawEvent<'a> {
    /// The payload that it came in.
    pub payload: &'a CollectorPayload<'a>,
    /// The protocol that the payload speaks.
    pub route: Route<'a>,
    /// The client's address, from the headers or as the collector saw it.
    pub client_address: Option<&'a str>,
    /// What the tracker says of the event.
    pub parameters: &'a Parameters<'a>,
}

/// Shows the events of a record in their order, until it is told to stop.
///
/// They are those that [`crate::outcomes`] judges one by one: a payload that is refused as a whole
/// has none.
pub fn raw_events(record: &[u8], mut see: impl FnMut(&RawEvent<'_>) -> ControlFlow<()>) {
    for record in kinesis_event::user_records(record) {
        let seen = if compressed::is_compressed(record) {
            let payloads = compressed::unpack(record).unwrap_or_default();
            payloads.iter().try_for_each(|payload| payload_events(payload, &mut see))
        } else {
            payload_events(record, &mut see)
        };
        if seen.is_break() {
            return;
        }
    }
}

fn payload_events(
    record: &[u8],
    see: &mut impl FnMut(&RawEvent<'_>) -> ControlFlow<()>,
) -> ControlFlow<()> {
    let Ok(payload) = decoded(record) else { return Continue(()) };
    let Some(route) = route(payload.path.as_deref().unwrap_or_default()) else {
        return Continue(());
    };
    if payload.network_user_id.as_deref().is_some_and(|id| convert::uuid(id).is_err()) {
        return Continue(());
    }
    let charset = payload.encoding.as_deref().and_then(Charset::by_name).unwrap_or(Charset::Utf8);
    let text = payload.querystring.as_deref().unwrap_or_default();
    let Ok(pairs) = query::parse(text, charset) else { return Continue(()) };
    let headers = payload.headers.as_deref().unwrap_or_default();
    let client_address = address::client_address(headers, payload.ip_address.as_deref());
    let body = payload.body.as_deref().map(body_text);
    let request = Request {
        route,
        query: Parameters::new(pairs),
        body: body.as_deref(),
        content_type: payload.content_type.as_deref(),
    };
    let client_address = client_address.as_deref();
    let mut show = |parameters: Parameters<'_>| {
        see(&RawEvent { payload: &payload, route, client_address, parameters: &parameters })
    };
    match adapters::adapt(request, &AsAccepted) {
        Adapted::One(parameters) => show(parameters),
        Adapted::Many(many) => many.events().try_for_each(show),
        Adapted::Relayed(parameters, origin) => {
            let payload = &relayed(&payload, &origin);
            let client = origin.client.as_ref();
            let client_address = match client {
                Some(client) => client.address.as_deref(),
                None => client_address,
            };
            see(&RawEvent { payload, route, client_address, parameters: &parameters })
        }
        Adapted::Refused(_) | Adapted::NotLoaded => Continue(()),
    }
}

/// The schemas were asked when the events were made; a payload that did not fit them made none.
struct AsAccepted;

impl Schemas for AsAccepted {
    fn judge(&self, _key: &SchemaKey, _data: &Json<'_>) -> Judgement {
        Judgement::Fits { by: None }
    }
}

impl fmt::Debug for RawEvent<'_> {
    /// How many parameters, never what.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("RawEvent")
            .field("parameters", &self.parameters.len())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::ops::ControlFlow::Break;

    use super::*;

    fn record(path: &str, query: &str, body: &str) -> Vec<u8> {
        let payload = CollectorPayload {
            path: Some(Cow::Borrowed(path)),
            querystring: Some(Cow::Borrowed(query)),
            body: Some(Cow::Borrowed(body.as_bytes())),
            content_type: Some("application/json".into()),
            headers: Some(vec!["X-Forwarded-For: 192.0.2.7".into()]),
            schema: Some(collector_payload::SCHEMA.into()),
            ..CollectorPayload::default()
        };
        payload.encode()
    }

    fn events(record: &[u8], most: usize) -> Vec<String> {
        let mut seen = Vec::new();
        raw_events(record, |event| {
            let pairs = event.parameters.in_sent_order();
            let pairs: Vec<_> =
                pairs.map(|(name, value)| format!("{name}={}", value.unwrap_or("-"))).collect();
            assert_eq!(event.client_address, Some("192.0.2.7"));
            seen.push(format!("{} {}", event.route.version, pairs.join("&")));
            if seen.len() < most { Continue(()) } else { Break(()) }
        });
        seen
    }

    const TWO: &str = r#"{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[{"e":"pv"},{"e":"se"}]}"#;

    #[test]
    fn events_are_shown_in_order_until_told_to_stop() {
        let tp2 = "/com.snowplowanalytics.snowplow/tp2";
        assert_eq!(events(&record("/i", "e=pv&aid=a+b&flag", ""), 9), ["tp1 e=pv&aid=a b&flag=-"]);
        assert_eq!(events(&record(tp2, "", TWO), 9), ["tp2 e=pv", "tp2 e=se"]);
        assert_eq!(events(&record(tp2, "", TWO), 1), ["tp2 e=pv"]);
    }

    #[test]
    fn what_is_refused_as_a_whole_has_none() {
        for record in [
            record("/wp-login.php", "", ""),
            record("/i", "e=pv&x={", ""),
            record("/com.snowplowanalytics.snowplow/tp2", "", "{}"),
            b"no payload".to_vec(),
        ] {
            assert_eq!(events(&record, 9), [""; 0]);
        }
    }
}
