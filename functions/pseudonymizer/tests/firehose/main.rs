//! Whole batches through a Firehose: nothing lost, nothing twice, nothing in clear.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout,
    reason = "helpers of a test may fail as loudly as the test"
)]

mod faults;
mod overflow;
mod simulator;

use std::cell::RefCell;
use std::future::Ready;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use enriched_event::{Column, EnrichedEvent};
use function_env::{Log, Variables};
use futures_util::FutureExt as _;
use privacy::QUARANTINE_SCHEMA;
use proptest::prelude::*;
use pseudonymizer::keys::Secret;
use pseudonymizer::{Config, Edges, Fault, Keys, Origin, Origins, Pseudonymizer};
use record_sink::{Record, WriteError, WriteReport};
use serde_json::{Value, json};
use simulator::{Delivered, batch, deliver};

pub(crate) const KEY: &str = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";

thread_local! {
    static METRICS: RefCell<Vec<Value>> = const { RefCell::new(Vec::new()) };
}

fn emit(line: &str) {
    METRICS.with_borrow_mut(|lines| lines.push(serde_json::from_str(line).unwrap()));
}

/// The lines of metrics so far.
pub(crate) fn metrics() -> Vec<Value> {
    METRICS.take()
}

/// The streams that records go back to.
#[derive(Default)]
pub(crate) struct Back {
    pub(crate) refuses: bool,
    pub(crate) taken: Mutex<Vec<(String, Record)>>,
}

impl Back {
    pub(crate) fn take(&self) -> Vec<(String, Record)> {
        std::mem::take(&mut *self.taken.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

impl Origins for &Back {
    async fn put_back(
        &self,
        origin: Origin<'_>,
        records: Vec<Record>,
        _deadline: Instant,
    ) -> WriteReport {
        let count = records.len();
        if self.refuses {
            return WriteReport::all_failed(count, &WriteError::Refused("Throttled".to_owned()));
        }
        let arn = match origin {
            Origin::Kinesis(arn) | Origin::Firehose(arn) => arn,
        };
        let records = records.into_iter().map(|record| (arn.to_owned(), record));
        self.taken.lock().unwrap_or_else(PoisonError::into_inner).extend(records);
        WriteReport::all_acknowledged(count)
    }
}

type Fetch = fn(Instant) -> Ready<Result<Secret, String>>;

pub(crate) fn key(_: Instant) -> Ready<Result<Secret, String>> {
    std::future::ready(Ok(Secret::new(KEY.as_bytes().to_vec())))
}

pub(crate) fn no_key(_: Instant) -> Ready<Result<Secret, String>> {
    std::future::ready(Err("call failed: AccessDeniedException".to_owned()))
}

/// The streams `good`, `bad` and `raw` and whatever else is set.
pub(crate) fn config(set: &[(&str, &str)]) -> Config {
    let mut variables = Variables::from([
        ("ENRICHED_GOOD_STREAMS", "good, whiteout-enriched-good"),
        ("ENRICHED_BAD_STREAMS", "bad, whiteout-enriched-bad"),
        ("RAW_BAD_STREAMS", "raw, whiteout-raw-bad"),
        ("KEY_SOURCE", "ssm:/key"),
    ]);
    for (name, value) in set {
        variables.set(*name, *value);
    }
    Config::from_variables(&variables).unwrap()
}

pub(crate) fn pseudonymizer<'b>(
    set: &[(&str, &str)],
    fetch: Fetch,
    back: &'b Back,
) -> Pseudonymizer<Fetch, &'b Back> {
    let config = config(set);
    let keys = Keys::new(&config.key_source, config.key_ttl, fetch);
    let edges = Edges { log: Log::silent("pseudonymizer"), emit, origins: back };
    Pseudonymizer::new(config, keys, edges)
}

pub(crate) fn handle(
    pseudonymizer: &Pseudonymizer<Fetch, &Back>,
    event: &[u8],
) -> Result<String, Fault> {
    let deadline = Instant::now() + Duration::from_mins(1);
    pseudonymizer.handle(event, "r-1", deadline).now_or_never().unwrap()
}

/// A batch of the stream `good` with a key, and nothing that goes back.
fn delivered(set: &[(&str, &str)], event: &Value) -> Delivered {
    let back = Back::default();
    let pseudonymizer = pseudonymizer(set, key, &back);
    let delivered =
        deliver(event, |event| handle(&pseudonymizer, event).map_err(|fault| fault.to_string()));
    assert!(back.take().is_empty());
    delivered
}

/// A row of an enricher.
pub(crate) fn row(app: &str, user: &str, extra: &[(Column, &str)]) -> Vec<u8> {
    let mut event = EnrichedEvent::new();
    for (column, text) in [
        (Column::AppId, app),
        (Column::Platform, "web"),
        (Column::CollectorTstamp, "2026-01-02 03:04:05.678"),
        (Column::Event, "page_view"),
        (Column::EventId, "c6ef3124-b53a-4b13-a233-0088f79dcbcb"),
        (Column::UserId, user),
        (Column::VCollector, "whiteout-0.1.0-kinesis"),
        (Column::VEtl, "whiteout-enricher-0.1.0"),
        (Column::EventName, "page_view"),
    ] {
        event.set(column, text);
    }
    for (column, text) in extra {
        event.set(*column, *text);
    }
    let mut out = Vec::new();
    event.write_tsv(&mut out);
    out
}

pub(crate) fn is_quarantine(line: &str) -> bool {
    serde_json::from_str::<Value>(line).is_ok_and(|json| json["schema"] == QUARANTINE_SCHEMA)
}

fn column(row: &str, column: Column) -> &str {
    row.split('\t').nth(column.index()).unwrap()
}

#[test]
fn rows_are_treated_and_stay_rows() {
    let records = [
        row("gitlab", "Vg7Kq2", &[]),
        [row("gitlab", "a", &[]), b"\r\n".to_vec(), row("gitlab", "Vg7Kq2", &[]), b"\n".to_vec()]
            .concat(),
    ];
    let set = [("POLICY", "gitlab")];
    let found = delivered(&set, &batch("good", &records));
    assert_eq!((found.attempts, found.processing_failed.len(), found.dropped), (1, 0, 0));
    let lines = found.lines();
    assert_eq!(lines.len(), 3);
    for line in &lines {
        assert_eq!(line.split('\t').count(), 131);
        assert_eq!(column(line, Column::AppId), "gitlab");
        assert!(!line.contains("Vg7Kq2"));
    }
    let users: Vec<_> = lines.iter().map(|line| column(line, Column::UserId)).collect();
    assert!(users[0] == users[2] && users[0] != users[1]);
    let [metrics] = &metrics()[..] else { panic!("one line of metrics") };
    for (name, value) in [("records", 2), ("lines", 3), ("quarantined", 0), ("reingested", 0)] {
        assert_eq!(metrics[name], value, "{name}");
    }
    assert_eq!(metrics["stream"], "enriched");
    assert!(metrics["keptValues"].as_u64().unwrap() > 6);
    assert!(metrics["pseudonymizedValues"].as_u64().unwrap() > 2);
}

#[test]
fn what_is_no_row_is_quarantined_and_its_neighbours_are_not() {
    let mut truncated = row("gitlab", "Vg7Kq2", &[]);
    truncated.truncate(60);
    let broken = row("gitlab", "u", &[(Column::Contexts, "{\"Vg7Kq2\"")]);
    let records = [
        row("gitlab", "u", &[]),
        Vec::new(),
        b"\n".to_vec(),
        b"Vg7Kq2".to_vec(),
        b"\xff\xfeVg7Kq2".to_vec(),
        truncated,
        broken,
        [row("gitlab", "u", &[]), b"\nVg7Kq2\n".to_vec(), row("gitlab", "u", &[])].concat(),
    ];
    let mut event = batch("good", &records);
    let odd = json!([{"recordId": "x", "data": "%Vg7Kq2%"}, {"recordId": "y", "data": 7}, {"recordId": "z"}]);
    event["records"].as_array_mut().unwrap().extend(odd.as_array().unwrap().clone());
    let found = delivered(&[("PARTITION_KEYS", "app_id"), ("POLICY", "gitlab")], &event);
    assert_eq!((found.attempts, found.processing_failed.len(), found.dropped), (1, 0, 0));
    let lines = found.lines();
    let rows = lines.iter().filter(|line| line.split('\t').count() == 131).count();
    let quarantined = lines.iter().filter(|line| is_quarantine(line)).count();
    assert_eq!((rows, quarantined, lines.len()), (3, 10, 13));
    assert!(lines.iter().all(|line| !line.contains("Vg7Kq2")));
    assert_eq!(metrics()[0]["quarantined"], 10);
    let partitions: Vec<_> = found.objects.keys().map(String::as_str).collect();
    assert_eq!(partitions, ["app_id=gitlab", "app_id=unknown"]);
}

#[test]
fn a_key_for_partitioning_is_never_a_pseudonym() {
    let records = [row("gitlab", "u", &[]), row("made-up", "u", &[]), row("", "u", &[])];
    let set = [("PARTITION_KEYS", "app_id, event_name"), ("POLICY", "gitlab")];
    let found = delivered(&set, &batch("good", &records));
    let partitions: Vec<_> = found.objects.keys().map(String::as_str).collect();
    assert_eq!(
        partitions,
        ["app_id=gitlab/event_name=page_view", "app_id=unknown/event_name=page_view"]
    );
    assert!(found.processing_failed.is_empty());
}

#[test]
fn json_is_what_the_analytics_sdk_gives_with_the_treatment_in_it() {
    let records = [row("gitlab", "u", &[(Column::DomainSessionidx, "3")]), b"nonsense".to_vec()];
    let set = [("OUTPUT", "json"), ("POLICY", "gitlab")];
    let found = delivered(&set, &batch("good", &records));
    let lines = found.lines();
    let json: Value = serde_json::from_str(lines[0]).unwrap();
    assert_eq!(json["app_id"], "gitlab");
    assert_eq!(json["collector_tstamp"], "2026-01-02T03:04:05.678Z");
    assert_eq!(json["domain_sessionidx"], 3);
    assert_eq!(json["user_id"].as_str().unwrap().len(), 64);
    assert_eq!(json["contexts_io_whiteout_treatment_1"][0]["key"], "k1");
    assert!(is_quarantine(lines[1]));
    // Bad events are JSON already.
    let bad = delivered(&set, &batch("bad", &[b"{}".to_vec()]));
    assert_eq!(bad.lines().len(), 1);
}

#[test]
fn a_pseudonym_in_a_column_of_numbers_has_no_place_in_json() {
    let policy = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/firehose/nothing.yaml");
    let records = [row("gitlab", "u", &[(Column::TxnId, "7"), (Column::BrCookies, "1")])];
    let set = [("OUTPUT", "json"), ("POLICY", policy)];
    let found = delivered(&set, &batch("good", &records));
    let json: Value = serde_json::from_str(found.lines()[0]).unwrap();
    assert!(json["txn_id"].is_null() && json["user_id"].is_string());
    assert_eq!(metrics()[0]["leftOutColumns"], 2);
}

#[test]
fn records_of_an_aggregate_are_records() {
    let records = [row("gitlab", "a", &[]), row("gitlab", "b", &[])];
    let mut event = batch("good", &records);
    for place in 0..2 {
        let metadata = &mut event["records"][place]["kinesisRecordMetadata"];
        metadata["sequenceNumber"] =
            json!("49546266383850000000000000000000000000000000000000000001");
        metadata["subsequenceNumber"] = json!(place);
    }
    assert_eq!(delivered(&[], &event).lines().len(), 2);
}

#[test]
fn the_stream_is_told_by_its_source_where_the_arn_is_misspelt_or_unknown() {
    for (delivery, source) in
        [("deliverySteamArn", "whatever"), ("unknownArn", "good"), ("deliveryStreamArn", "raw")]
    {
        let mut event = batch("good", &[row("gitlab", "a", &[])]);
        let object = event.as_object_mut().unwrap();
        let arn = object.remove("deliveryStreamArn").unwrap();
        object.insert(delivery.to_owned(), arn);
        object.insert(
            "sourceKinesisStreamArn".into(),
            json!(format!("{}{source}", simulator::SOURCE)),
        );
        let found = delivered(&[], &event);
        assert_eq!(found.lines()[0].split('\t').count(), 131, "{delivery} {source}");
    }
}

#[test]
fn every_sample_is_answered() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/pseudonymizer");
    let mut count = 0;
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let event: Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
        let found = delivered(&[("POLICY", "gitlab")], &event);
        assert!(found.processing_failed.is_empty(), "{}", path.display());
        assert!(found.lines().len() >= event["records"].as_array().unwrap().len());
        count += 1;
    }
    assert!(count >= 6, "{count}");
}

#[test]
fn the_largest_batch_is_answered() {
    let row = row("gitlab", "someone", &[(Column::PageTitle, &"Überblick ".repeat(90))]);
    let bytes = |count: usize| batch("good", &vec![row.clone(); count]).to_string().len();
    let count = 6_280_000 / (bytes(2) - bytes(1));
    let event = batch("good", &vec![row.clone(); count]);
    let bytes = event.to_string().len();
    assert!((6_200_000..6_291_456).contains(&bytes), "{bytes}");
    let found = delivered(&[("POLICY", "gitlab")], &event);
    assert_eq!((found.lines().len(), found.processing_failed.len()), (count, 0));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn every_record_comes_back_once_whatever_it_holds(
        records in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..80), 0..12),
        stream in prop::sample::select(vec!["good", "bad", "raw"]),
        keys in prop::sample::select(vec!["", "app_id"]),
        output in prop::sample::select(vec!["tsv", "json"]),
    ) {
        let event = batch(stream, &records);
        let found = delivered(&[("PARTITION_KEYS", keys), ("OUTPUT", output)], &event);
        prop_assert!(found.processing_failed.is_empty());
        prop_assert_eq!(found.attempts, 1);
        prop_assert!(found.lines().len() >= records.len());
    }
}
