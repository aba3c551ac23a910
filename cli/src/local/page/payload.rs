//! What a tracker sent, out of a raw record: the request, and the parameters of each event in it.

use std::borrow::Cow;
use std::collections::BTreeMap;

use collector_payload::{CollectorPayload, compressed};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use tracker_protocol::{Charset, query};

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
    /// The parameters of each event, as far as they are known without the enricher's adapters.
    #[serde(skip)]
    pub(super) events: Vec<Vec<Parameter>>,
}

/// One parameter of an event.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Parameter {
    pub(super) name: String,
    pub(super) value: Option<String>,
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
    let events = events(query, body.as_deref());
    let owned = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
    Some(Sent {
        query: Some(query.to_owned()).filter(|query| !query.is_empty()),
        body_bytes: payload.body.as_ref().map_or(0, |body| body.len()),
        body: body.as_deref().map(str::to_owned),
        events,
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

/// Those of a query string, or of each event of a body, which has those of the query string, too.
fn events(query: &str, body: Option<&str>) -> Vec<Vec<Parameter>> {
    #[derive(Deserialize)]
    struct Body<'a> {
        #[serde(borrow)]
        data: Vec<BTreeMap<String, &'a RawValue>>,
    }
    let mut shared = Vec::new();
    for (name, value) in query::pairs(query, Charset::Utf8) {
        shared.push(Parameter { name: name.into_owned(), value: value.map(Cow::into_owned) });
    }
    let Some(Ok(body)) = body.map(serde_json::from_str::<Body<'_>>) else {
        return vec![shared];
    };
    let event = |event: BTreeMap<String, &RawValue>| {
        let own = event.into_iter().map(|(name, value)| {
            let text = serde_json::from_str(value.get()).unwrap_or_else(|_| value.get().to_owned());
            Parameter { name, value: Some(text) }
        });
        let mut parameters: Vec<Parameter> = own.collect();
        for parameter in &shared {
            if !parameters.iter().any(|own| own.name == parameter.name) {
                parameters.push(parameter.clone());
            }
        }
        parameters
    };
    body.data.into_iter().map(event).collect()
}

/// The event of an ID among those of some requests. Without IDs it is known only if there is one.
pub(super) fn of_event(requests: &[Sent], event_id: Option<&str>) -> Option<Vec<Parameter>> {
    let events = || requests.iter().flat_map(|request| &request.events);
    let id = |event: &[Parameter]| {
        let eid = event.iter().find(|parameter| parameter.name == "eid");
        eid.and_then(|parameter| parameter.value.clone())
    };
    let by_id = events().find(|event| {
        id(event).is_some_and(|id| event_id.is_some_and(|own| own.eq_ignore_ascii_case(&id)))
    });
    let without_id = || {
        let mut without = events().filter(|event| id(event).is_none());
        without.next().filter(|_| without.next().is_none())
    };
    by_id.or_else(without_id).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(events: &[Vec<Parameter>]) -> Vec<String> {
        let text = |parameter: &Parameter| {
            format!("{}={}", parameter.name, parameter.value.as_deref().unwrap_or("-"))
        };
        events.iter().map(|event| event.iter().map(text).collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn events_are_those_of_the_body_with_what_the_query_adds() {
        assert_eq!(names(&events("e=pv&x&p=a%20b", None)), ["e=pv x=- p=a b"]);
        let body = r#"{"schema":"x","data":[{"e":"pv","aid":"own"},{"e":"pp","n":1}]}"#;
        assert_eq!(
            names(&events("aid=shared", Some(body))),
            ["aid=own e=pv", "e=pp n=1 aid=shared"]
        );
        assert_eq!(names(&events("e=pv", Some("nonsense"))), ["e=pv"]);
    }

    #[test]
    fn an_event_is_known_by_its_id_or_by_being_alone() {
        let sent = |body: &str| {
            let payload =
                CollectorPayload { body: Some(body.as_bytes().into()), ..Default::default() };
            requests(&payload.encode())
        };
        let two = sent(r#"{"data":[{"eid":"A"},{"eid":"b"}]}"#);
        assert_eq!(names(&[of_event(&two, Some("a")).unwrap()]), ["eid=A"]);
        assert_eq!(of_event(&two, Some("c")), None);
        let mixed = sent(r#"{"data":[{"eid":"A"},{"e":"pv"}]}"#);
        assert_eq!(names(&[of_event(&mixed, Some("c")).unwrap()]), ["e=pv"]);
        assert_eq!(of_event(&sent(r#"{"data":[{"e":"pv"},{"e":"pv"}]}"#), Some("c")), None);
    }
}
