//! The cases of `tests/cases/enrichments`: configurations, assets and an event in, the event's columns out.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of a test may fail as loudly as the test"
)]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use collector_payload::{CollectorPayload, SCHEMA};
use enriched_event::EnrichedEvent;
use enricher::enrichments::{Asset, AssetStore, Assets, ConfigFile, Live, Plan, Refresh};
use enricher::schemas::Loader as _;
use enricher::{Batch, Enrichments, LocalStore, Outcome, Registry, Rest, Settings, outcomes};
use futures_util::FutureExt as _;
use iglu::Resolver;
use serde_json::{Map, Value, json};

/// The address at which a case's assets are.
const PLACE: &str = "https://assets.example/";

#[test]
fn every_case_comes_out_as_expected() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/enrichments");
    let mut cases: Vec<PathBuf> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    cases.sort();
    assert!(cases.len() > 25, "{}", cases.len());
    let wrong: Vec<String> = cases.iter().filter_map(|case| difference(case)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// How a case comes out, if not as expected.
fn difference(case: &Path) -> Option<String> {
    let read = |name: &str| -> Value {
        serde_json::from_str(&std::fs::read_to_string(case.join(name)).unwrap())
            .unwrap_or_else(|error| panic!("{}: {error}", case.display()))
    };
    let (input, expected) = (read("input.json"), read("expected.json"));
    let found = match built(&input) {
        Ok(enrichments) => enriched(&enrichments, &input["payload"], &expected),
        Err(problems) => json!({ "refused": problems }),
    };
    let name = case.file_name().unwrap().to_string_lossy().into_owned();
    (found != expected).then(|| format!("{name}\n  found    {found}\n  expected {expected}"))
}

/// The enrichments of a case, or what is wrong with them.
fn built(input: &Value) -> Result<Enrichments, Vec<String>> {
    let files: Vec<ConfigFile> = input["enrichments"]
        .as_object()
        .unwrap()
        .iter()
        .map(|(name, config)| ConfigFile {
            name: name.clone(),
            text: config.as_str().map_or_else(|| config.to_string(), str::to_owned),
        })
        .collect();
    let lines = |error: enricher::enrichments::ConfigProblems| -> Vec<String> {
        error.to_string().lines().skip(1).map(|line| line.trim().to_owned()).collect()
    };
    let plan = Plan::read(&files).map_err(lines)?;
    let store = Given(input["assets"].as_object().cloned().unwrap_or_default());
    let wanted = plan.assets();
    let mut assets = Assets::new();
    let fetched = store.fetch(&wanted, Instant::now()).now_or_never().unwrap();
    for (asset, bytes) in wanted.iter().zip(fetched) {
        assets.insert(asset.uri.clone(), bytes.map_err(|problem| vec![problem])?);
    }
    let built = plan.build(&assets).map_err(lines)?;
    Ok(built)
}

/// The assets of a case, and of a test that changes them.
struct Given(Map<String, Value>);

impl AssetStore for Given {
    async fn fetch(&self, assets: &[Asset], _deadline: Instant) -> Vec<Result<Vec<u8>, String>> {
        let text = |asset: &Asset| {
            let text = self.0.get(asset.uri.strip_prefix(PLACE)?)?;
            Some(text.as_str().map_or_else(|| text.to_string(), str::to_owned).into_bytes())
        };
        assets.iter().map(|asset| text(asset).ok_or_else(|| format!("no {}", asset.uri))).collect()
    }

    async fn list(&self, folder: &str, _deadline: Instant) -> Result<Vec<String>, String> {
        Ok(self.0.keys().map(|name| format!("{folder}{name}")).collect())
    }
}

/// What becomes of an event: the columns that the case names, or why it is bad.
fn enriched(enrichments: &Enrichments, payload: &Value, expected: &Value) -> Value {
    let registry = Registry::new(Resolver::default(), LocalStore);
    registry.begin(0);
    let settings = Settings::default();
    let epoch_micros = 1_767_323_045_999_000;
    let batch = Batch { settings: &settings, schemas: &registry, enrichments, epoch_micros };
    let record = record(payload);
    let outcome = loop {
        let mut progress = outcomes(&batch, &record, 0, usize::MAX);
        match progress.rest {
            Rest::Done => break progress.outcomes.remove(0),
            Rest::From(_) => panic!("one event"),
            Rest::NeedsSchemas(_) => {
                registry.load(Instant::now()).now_or_never().unwrap().unwrap();
                let rates = Given(payload["rates"].as_object().cloned().unwrap_or_default());
                enrichments.load(&rates, Instant::now()).now_or_never().unwrap().unwrap();
            }
        }
    };
    match outcome {
        Outcome::Good(row) => {
            let event = EnrichedEvent::parse_tsv(str::from_utf8(&row.tsv).unwrap()).unwrap();
            columns(&event, expected)
        }
        Outcome::Bad { bad_event, .. } => {
            let bad: Value = serde_json::from_slice(&bad_event).unwrap();
            let kind = bad["schema"].as_str().unwrap().split('/').nth(1).unwrap();
            json!({ "bad": kind, "messages": bad["data"]["failure"]["messages"] })
        }
        Outcome::Dropped => json!({ "dropped": true }),
    }
}

fn columns(event: &EnrichedEvent<'_>, expected: &Value) -> Value {
    let wanted = expected["columns"].as_object().cloned().unwrap_or_default();
    let mut found = Map::new();
    for (column, text) in event.iter() {
        let name = column.name();
        if wanted.contains_key(name) {
            let value = match serde_json::from_str::<Value>(text) {
                // JSON is compared as it is meant, entities without their wrapper.
                Ok(json) if json.is_object() => json["data"].clone(),
                _ if text.is_empty() => Value::Null,
                _ => Value::from(text),
            };
            found.insert(name.to_owned(), value);
        }
    }
    json!({ "columns": found })
}

fn record(payload: &Value) -> Vec<u8> {
    let text = |name: &str| payload[name].as_str().map(|text| text.to_owned().into());
    let event = payload["event"].as_object().unwrap().iter();
    let pairs: Vec<String> = event
        .map(|(name, value)| {
            let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
            format!("{name}={}", encoded(&text))
        })
        .collect();
    let headers = payload["headers"]
        .as_array()
        .map(|lines| lines.iter().map(|line| line.as_str().unwrap().to_owned().into()).collect());
    CollectorPayload {
        timestamp: 1_767_323_045_678,
        encoding: Some("UTF-8".into()),
        collector: Some("c".into()),
        user_agent: text("userAgent"),
        path: Some("/i".into()),
        querystring: Some(pairs.join("&").into()),
        headers,
        schema: Some(SCHEMA.into()),
        ..CollectorPayload::default()
    }
    .encode()
}

fn encoded(text: &str) -> String {
    let mut encoded = String::new();
    for byte in text.bytes() {
        write!(encoded, "%{byte:02X}").unwrap();
    }
    encoded
}

const STEM: &str = "iglu:com.snowplowanalytics.snowplow";

fn referer_config() -> String {
    json!({"schema": format!("{STEM}/referer_parser/jsonschema/2-0-0"), "data": {
        "vendor": "com.snowplowanalytics.snowplow", "name": "referer_parser", "enabled": true,
        "parameters": {"internalDomains": [], "database": "r.json", "uri": PLACE}}})
    .to_string()
}

/// A store whose database changes, as a mirror's does.
#[derive(Debug)]
struct Changing(std::sync::Mutex<Result<&'static str, &'static str>>);

impl AssetStore for &Changing {
    async fn fetch(&self, assets: &[Asset], _deadline: Instant) -> Vec<Result<Vec<u8>, String>> {
        let now = *self.0.lock().unwrap();
        let give = |asset: &Asset| {
            if asset.uri.ends_with("r.json") {
                now.map(|text| text.as_bytes().to_vec()).map_err(str::to_owned)
            } else {
                Ok(referer_config().into_bytes())
            }
        };
        assets.iter().map(give).collect()
    }

    async fn list(&self, folder: &str, _deadline: Instant) -> Result<Vec<String>, String> {
        Ok(vec![format!("{folder}/config.json"), format!("{folder}/readme.txt")])
    }
}

#[test]
fn assets_are_renewed_when_it_is_time_and_kept_when_they_are_broken() {
    const FIRST: &str = r#"{"social":{"One":{"domains":["a.example"]}}}"#;
    const SECOND: &str = r#"{"social":{"Two":{"domains":["a.example"]}}}"#;
    let store = Changing(Ok(FIRST).into());
    let period = std::time::Duration::from_mins(1);
    let folder = enricher::enrichments::Folder { path: Some("f".into()), period: Some(period) };
    let live = Live::start(&folder, &store).now_or_never().unwrap().unwrap();
    let refresh = |millis: i64| live.refresh(millis, Instant::now()).now_or_never().unwrap();
    let source = || {
        let payload = json!({"event": {"e": "pv", "p": "web", "refr": "https://a.example/"}});
        let expected = json!({"columns": {"refr_source": 0}});
        enriched(&live.current(), &payload, &expected)["columns"]["refr_source"].clone()
    };
    assert_eq!((refresh(0), refresh(59_999)), (Refresh::NotDue, Refresh::NotDue));
    assert_eq!(refresh(60_000), Refresh::Unchanged);
    let mut now = 120_000;
    for broken in [Err("gone"), Ok("{"), Ok("{}")] {
        *store.0.lock().unwrap() = broken;
        assert!(matches!(refresh(now), Refresh::Failed(_)), "{broken:?}");
        assert_eq!(refresh(now + 60_000), Refresh::NotDue, "it is tried again later");
        assert_eq!(source(), "One");
        *store.0.lock().unwrap() = Ok(FIRST);
        assert_eq!(refresh(now + 600_000), Refresh::Unchanged);
        now += 660_000;
    }
    *store.0.lock().unwrap() = Ok(SECOND);
    assert_eq!((refresh(now), source()), (Refresh::Renewed, "Two".into()));
}

#[test]
fn a_broken_asset_stops_the_start() {
    for broken in [Err("gone"), Ok(""), Ok("{\"search\":7}")] {
        let store = Changing(broken.into());
        let folder = enricher::enrichments::Folder { path: Some("f".into()), period: None };
        let error = Live::start(&folder, &store).now_or_never().unwrap().unwrap_err();
        assert!(error.to_string().contains("r.json"), "{error}");
    }
}

#[test]
fn a_user_agent_of_a_megabyte_ends() {
    let config = json!({"schema": format!("{STEM}/ua_parser_config/jsonschema/1-0-0"), "data": {
        "vendor": "com.snowplowanalytics.snowplow", "name": "ua_parser_config", "enabled": true}});
    let enrichments = built(&json!({ "enrichments": { "ua.json": config } })).unwrap();
    let agent = "Mozilla/5.0 (Linux; Android 9; ".to_owned() + &"SM-G9 Build/é;".repeat(70_000);
    let payload = json!({"event": {"e": "pv", "p": "web"}, "userAgent": agent});
    let found = enriched(&enrichments, &payload, &Value::Null);
    assert_eq!(found["bad"], "size_violation", "what shows it is too large for a stream");
}
