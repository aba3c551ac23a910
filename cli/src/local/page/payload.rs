//! What a tracker sent, out of a raw record: the request, and the parameters of each event in it.

use std::borrow::Cow;
use std::ops::ControlFlow::{Break, Continue};

use collector_payload::{CollectorPayload, compressed};
use enricher::raw_events;
use serde::Serialize;

use crate::local::refused::Parameter;

/// A request.
#[derive(Debug, Serialize)]
pub(super) struct Sent {
    path: Option<String>,
    query: Option<String>,
    body: Option<String>,
    body_bytes: usize,
    content_type: Option<String>,
    pub(super) ip: Option<String>,
    user_agent: Option<String>,
    referer: Option<String>,
    hostname: Option<String>,
    network_user_id: Option<String>,
    headers: Vec<String>,
    received_at: String,
    collector: Option<String>,
    encoding: Option<String>,
}

/// The requests of a raw record: one, or many if records are packed together.
pub(super) fn requests(record: &[u8]) -> Vec<Sent> {
    let mut requests = Vec::new();
    for record in kinesis_event::user_records(record) {
        if compressed::is_compressed(record) {
            // What cannot be unpacked is a bad event, which says so.
            let payloads = compressed::unpack(record).unwrap_or_default();
            requests.extend(payloads.iter().filter_map(|payload| request(payload)));
        } else {
            requests.extend(request(record));
        }
    }
    requests
}

fn request(bytes: &[u8]) -> Option<Sent> {
    let payload = CollectorPayload::decode(bytes).ok()?;
    let query = payload.querystring.as_deref().unwrap_or_default();
    let body = payload.body.as_deref().map(String::from_utf8_lossy);
    let owned = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
    Some(Sent {
        query: Some(query.to_owned()).filter(|query| !query.is_empty()),
        body_bytes: payload.body.as_ref().map_or(0, |body| body.len()),
        body: body.as_deref().map(str::to_owned),
        path: owned(payload.path),
        content_type: owned(payload.content_type),
        ip: owned(payload.ip_address),
        user_agent: owned(payload.user_agent),
        referer: owned(payload.referer_uri),
        hostname: owned(payload.hostname),
        network_user_id: owned(payload.network_user_id),
        headers: payload.headers.unwrap_or_default().into_iter().map(Into::into).collect(),
        received_at: timestamps::iso_millis(payload.timestamp),
        collector: owned(payload.collector),
        encoding: owned(payload.encoding),
    })
}

/// What a tracker sent of one event of a raw record: the one at a place, or if that is not known, the
/// one of an ID.
pub(super) fn parameters(
    record: &[u8],
    place: Option<usize>,
    event_id: Option<&str>,
) -> Option<Vec<Parameter>> {
    let (mut found, mut at) = (None, 0);
    raw_events(record, |event| {
        let is_meant = if let Some(place) = place {
            at == place
        } else {
            let id = event.parameters.get("eid");
            id.zip(event_id).is_some_and(|(sent, known)| sent.eq_ignore_ascii_case(known))
        };
        at += 1;
        if is_meant {
            found = Some(event.parameters.in_sent_order().map(Parameter::from).collect());
            return Break(());
        }
        Continue(())
    });
    found
}

#[cfg(test)]
mod tests {
    use collector_payload::SCHEMA;

    use super::*;

    fn record(path: &str, query: &str, body: &str) -> Vec<u8> {
        let payload = CollectorPayload {
            path: Some(Cow::Borrowed(path)),
            querystring: Some(Cow::Borrowed(query)),
            body: Some(Cow::Borrowed(body.as_bytes())).filter(|_| !body.is_empty()),
            content_type: Some("application/json".into()),
            schema: Some(SCHEMA.into()),
            ..CollectorPayload::default()
        };
        payload.encode()
    }

    fn shown(record: &[u8], place: Option<usize>, event_id: Option<&str>) -> Option<String> {
        let text = |parameter: &Parameter| {
            format!("{}={}", parameter.name, parameter.value.as_deref().unwrap_or("-"))
        };
        let parameters = parameters(record, place, event_id)?;
        Some(parameters.iter().map(text).collect::<Vec<_>>().join(" "))
    }

    #[test]
    fn an_event_is_known_by_its_place_or_else_by_its_id() {
        let body = r#"{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[{"e":"pv","eid":"A"},{"e":"pp","eid":"b"}]}"#;
        let two = record("/com.snowplowanalytics.snowplow/tp2", "aid=shop", body);
        assert_eq!(shown(&two, Some(1), None).unwrap(), "e=pp eid=b aid=shop");
        assert_eq!(shown(&two, None, Some("a")).unwrap(), "e=pv eid=A aid=shop");
        assert_eq!(shown(&two, Some(2), Some("a")), None);
        assert_eq!(shown(&two, None, Some("c")), None);
        assert_eq!(shown(&two, None, None), None);
    }

    #[test]
    fn webhooks_are_read_as_the_enricher_reads_them() {
        let hook = record("/com.iglucentral.a/v1", "", "");
        assert_eq!(shown(&hook, Some(0), None), None);
        let hook = record(
            "/com.snowplowanalytics.iglu/v1",
            "schema=iglu:com.acme/thing/jsonschema/1-0-0&aid=shop&size=3",
            "",
        );
        let shown = shown(&hook, Some(0), None).unwrap();
        assert!(shown.contains("aid=shop") && shown.contains("ue_pr={"), "{shown}");
    }

    #[test]
    fn a_request_is_shown_as_it_came() {
        let requests = requests(&record("/i", "e=pv", ""));
        let [request] = &requests[..] else { panic!("{requests:?}") };
        assert_eq!(request.query.as_deref(), Some("e=pv"));
        assert_eq!((request.body.as_deref(), request.body_bytes), (None, 0));
    }
}
