//! Whole batches through the handler: no event lost, nothing repeated that was done with.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of a test may fail as loudly as the test"
)]

use std::sync::Mutex;
use std::time::{Duration, Instant};

use base64_simd::STANDARD;
use collector_payload::{CollectorPayload, SCHEMA};
use enricher::registry::{Place, SchemaStore};
use enricher::{Config, Enricher, LocalStore, Registry, Sinks};
use function_env::{Log, Variables};
use futures_util::FutureExt as _;
use iglu::{RegistryError, Resolver};
use json_tree::Json;
use proptest::prelude::*;
use record_sink::{Record, RecordSink, WriteError, WriteReport};
use serde_json::{Value, json};

/// A stream that refuses the records of some calls, by the number of the record that it ever saw.
#[derive(Default)]
struct Scripted {
    refuses: Vec<bool>,
    state: Mutex<(usize, Vec<Record>)>,
}

impl Scripted {
    fn rows(&self) -> Vec<String> {
        let state = self.state.lock().unwrap();
        state.1.iter().map(|record| String::from_utf8(record.data.clone()).unwrap()).collect()
    }
}

impl RecordSink for &Scripted {
    async fn write(&self, records: Vec<Record>, _deadline: Instant) -> WriteReport {
        let mut state = self.state.lock().unwrap();
        let mut report = WriteReport::default();
        for record in records {
            let refused = self.refuses.get(state.0).copied().unwrap_or(false);
            state.0 += 1;
            report.results.push(if refused {
                Err(WriteError::Refused("Throttled".to_owned()))
            } else {
                state.1.push(record);
                Ok(())
            });
        }
        report
    }

    async fn is_healthy(&self, _deadline: Instant) -> bool {
        true
    }
}

fn resolver(repositories: &Value) -> Resolver {
    let config = json!({
        "schema": "iglu:com.snowplowanalytics.iglu/resolver-config/jsonschema/1-0-1",
        "data": {"cacheSize": 100, "repositories": repositories},
    })
    .to_string();
    Resolver::parse(&Json::parse(&config, 10).unwrap()).unwrap()
}

fn enricher<'s, St: SchemaStore>(
    good: &'s Scripted,
    bad: &'s Scripted,
    registry: Registry<St>,
) -> Enricher<&'s Scripted, Registry<St>> {
    let variables = Variables::from([("STREAM_GOOD", "good"), ("STREAM_BAD", "bad")]);
    let config = Config::from_variables(&variables).unwrap();
    Enricher::new(config, Log::silent("enricher"), registry, Sinks { good, bad, failed: None })
}

fn embedded() -> Registry<LocalStore> {
    Registry::new(resolver(&json!([])), LocalStore)
}

fn payload(query: &str, body: Option<&str>) -> Vec<u8> {
    let path = if body.is_some() { "/com.snowplowanalytics.snowplow/tp2" } else { "/i" };
    CollectorPayload {
        timestamp: 1_767_323_045_000,
        encoding: Some("UTF-8".into()),
        collector: Some("whiteout-0.1.0-kinesis".into()),
        path: Some(path.into()),
        querystring: Some(query.to_owned().into()),
        body: body.map(|body| body.as_bytes().to_vec().into()),
        content_type: body.map(|_| "application/json".into()),
        schema: Some(SCHEMA.into()),
        ..CollectorPayload::default()
    }
    .encode()
}

fn event(records: &[Vec<u8>]) -> Vec<u8> {
    let records: Vec<Value> = records
        .iter()
        .enumerate()
        .map(|(place, data)| {
            json!({"kinesis": {"sequenceNumber": place.to_string(), "data": STANDARD.encode_to_string(data)}})
        })
        .collect();
    serde_json::to_vec(&json!({"Records": records})).unwrap()
}

/// The place of the record that must come again, if one must.
fn handle<St: SchemaStore>(
    enricher: &Enricher<&Scripted, Registry<St>>,
    records: &[Vec<u8>],
) -> Option<usize> {
    let deadline = Instant::now() + Duration::from_mins(1);
    let response =
        enricher.handle(&event(records), "r-1", deadline).now_or_never().unwrap().unwrap();
    let response = serde_json::to_value(response).unwrap();
    let failures = response["batchItemFailures"].as_array().unwrap();
    assert!(failures.len() <= 1, "one is enough, everything behind it comes again");
    failures.first().map(|failure| failure["itemIdentifier"].as_str().unwrap().parse().unwrap())
}

#[test]
fn good_and_bad_go_to_their_streams_in_order() {
    let (good, bad) = (Scripted::default(), Scripted::default());
    let enricher = enricher(&good, &bad, embedded());
    let body = r#"{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[{"e":"pv","p":"web","tv":"t","aid":"b"},{"e":"pv","p":"nowhere","tv":"t"}]}"#;
    let records =
        [payload("e=pv&p=web&tv=t&aid=a", None), b"nonsense".to_vec(), payload("", Some(body))];
    assert_eq!(handle(&enricher, &records), None);
    let apps: Vec<String> =
        good.rows().iter().map(|row| row.split('\t').next().unwrap().to_owned()).collect();
    assert_eq!(apps, ["a", "b"]);
    assert!(good.rows().iter().all(|row| row.split('\t').count() == 131));
    let kinds: Vec<bool> = bad.rows().iter().map(|row| row.contains("format_violation")).collect();
    assert_eq!(kinds, [true, false]);
}

#[test]
fn the_same_record_gives_the_same_ids_again() {
    let records = [payload("e=pv&p=web&tv=t", None)];
    let ids: Vec<String> = (0..2)
        .map(|_| {
            let (good, bad) = (Scripted::default(), Scripted::default());
            handle(&enricher(&good, &bad, embedded()), &records);
            good.rows()[0].split('\t').nth(6).unwrap().to_owned()
        })
        .collect();
    assert_eq!(ids[0], ids[1]);
}

#[test]
fn a_registry_that_is_down_hands_the_batch_back_and_turns_no_event_bad() {
    struct Down;
    impl SchemaStore for Down {
        async fn fetch(
            &self,
            places: Vec<Place>,
            _: Instant,
        ) -> Vec<Result<String, RegistryError>> {
            let answer = |place: &Place| match enricher::store::local(&place.location) {
                Err(_) => Err(RegistryError::RepoFailure("503".to_owned())),
                found => found,
            };
            places.iter().map(answer).collect()
        }
    }
    let repository = json!([{"name": "far", "priority": 0, "vendorPrefixes": [],
        "connection": {"http": {"uri": "https://iglu.example"}}}]);
    let (good, bad) = (Scripted::default(), Scripted::default());
    let registry = Registry::new(resolver(&repository), Down);
    let unknown = r"e=ue&p=web&tv=t&ue_pr=%7B%22schema%22%3A%22iglu%3Acom.snowplowanalytics.snowplow%2Funstruct_event%2Fjsonschema%2F1-0-0%22%2C%22data%22%3A%7B%22schema%22%3A%22iglu%3Acom.acme%2Fx%2Fjsonschema%2F1-0-0%22%2C%22data%22%3A%7B%7D%7D%7D";
    let records = [payload("e=pv&p=web&tv=t", None), payload(unknown, None)];
    assert_eq!(handle(&enricher(&good, &bad, registry), &records), Some(1));
    assert_eq!((good.rows().len(), bad.rows().len()), (1, 0));
}

#[test]
fn a_cold_function_loads_wrappers_and_what_is_inside_in_one_go() {
    let (good, bad) = (Scripted::default(), Scripted::default());
    let enricher = enricher(&good, &bad, embedded());
    let link = r#"{"schema":"iglu:com.snowplowanalytics.snowplow/link_click/jsonschema/1-0-1","data":{"targetUrl":"https://acme.com/"}}"#;
    let page = r#"{"schema":"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0","data":{"id":"b05b31c3-81ac-4af5-92d1-113139689655"}}"#;
    let wrapper = "iglu:com.snowplowanalytics.snowplow";
    let event = json!({
        "e": "ue", "p": "web", "tv": "t",
        "ue_pr": format!(r#"{{"schema":"{wrapper}/unstruct_event/jsonschema/1-0-0","data":{link}}}"#),
        "co": format!(r#"{{"schema":"{wrapper}/contexts/jsonschema/1-0-0","data":[{page}]}}"#),
    });
    let body =
        json!({"schema": format!("{wrapper}/payload_data/jsonschema/1-0-4"), "data": [event]});
    assert_eq!(handle(&enricher, &[payload("", Some(&body.to_string()))]), None);
    assert_eq!((good.rows().len(), bad.rows().len()), (1, 0));
}

#[test]
fn too_little_time_hands_everything_back() {
    let (good, bad) = (Scripted::default(), Scripted::default());
    let enricher = enricher(&good, &bad, embedded());
    let event = event(&[payload("e=pv&p=web&tv=t", None)]);
    let response = enricher.handle(&event, "r-1", Instant::now()).now_or_never().unwrap().unwrap();
    let response = serde_json::to_string(&response).unwrap();
    assert_eq!(response, r#"{"batchItemFailures":[{"itemIdentifier":"0"}]}"#);
    assert!(good.rows().is_empty());
}

#[test]
fn a_request_with_very_many_events_is_written_piece_by_piece() {
    let (good, bad) = (Scripted::default(), Scripted::default());
    let enricher = enricher(&good, &bad, embedded());
    let events = vec![r#"{"e":"pv","p":"web","tv":"t"}"#; 20_000].join(",");
    let body = format!(
        r#"{{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[{events}]}}"#
    );
    assert_eq!(handle(&enricher, &[payload("", Some(&body))]), None);
    let mut ids: Vec<String> =
        good.rows().iter().map(|row| row.split('\t').nth(6).unwrap().to_owned()).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 20_000, "every event once, each with an id of its own");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_comes_before_the_first_failure_is_done_with_and_nothing_is_lost(
        kinds in prop::collection::vec(any::<bool>(), 1..12),
        refuses_good in prop::collection::vec(prop::bool::weighted(0.15), 12),
        refuses_bad in prop::collection::vec(prop::bool::weighted(0.15), 12),
    ) {
        let good = Scripted { refuses: refuses_good, ..Scripted::default() };
        let bad = Scripted { refuses: refuses_bad, ..Scripted::default() };
        let enricher = enricher(&good, &bad, embedded());
        let records: Vec<Vec<u8>> = kinds
            .iter()
            .enumerate()
            .map(|(place, good)| {
                let platform = if *good { "web" } else { "nowhere" };
                payload(&format!("e=pv&p={platform}&tv=t&aid=app-{place}"), None)
            })
            .collect();
        let mut start = 0;
        for _ in 0..40 {
            let Some(again) = handle(&enricher, &records[start..]) else { start = records.len(); break };
            start += again;
        }
        prop_assert_eq!(start, records.len(), "the streams refuse only so often");
        for (place, is_good) in kinds.iter().enumerate() {
            let rows = if *is_good { good.rows() } else { bad.rows() };
            let name = format!("app-{place}");
            let is_mine = |row: &&String| row.starts_with(&format!("{name}\t")) || row.contains(&format!("\"{name}\""));
            prop_assert!(rows.iter().any(|row| is_mine(&row)), "{} is there", name);
        }
    }
}
