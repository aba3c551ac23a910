//! Events a second of the enricher's core on one core, beside what cannot be avoided.
//!
//! The floor parses every JSON text once, runs the compiled schemas once and copies the rows once.
//! Both are measured in turn and the smallest time counts, so that a busy machine does not decide.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a bench prints its figures and may fail loudly"
)]

use std::hint::black_box;

use collector_payload::{CollectorPayload, SCHEMA};
use enricher::enrichments::{Assets, ConfigFile, Plan};
use enricher::schemas::{Judgement, Loader as _, Schemas as _};
use enricher::{Batch, Enrichments, LocalStore, Outcome, Registry, Rest, Settings, outcomes};
use futures_util::FutureExt as _;
use iglu::{Resolver, SchemaKey, SelfDescribing};
use json_tree::Json;
use rustix::time::{ClockId, clock_gettime};

const ROUNDS: usize = 15;
const EVENTS_PER_PAYLOAD: usize = 10;

fn main() {
    let registry = Registry::new(resolver(), LocalStore);
    registry.begin(0);
    println!(
        "{:<26} {:>10} {:>10} {:>7} {:>14}",
        "payloads of 10 events", "an event", "floor", "ratio", "events a second"
    );
    for payloads in [1, 10, 100] {
        let records: Vec<Vec<u8>> = (0..payloads).map(payload).collect();
        line(&registry, &records);
    }
    let records: Vec<Vec<u8>> = (0..10).map(payload).collect();
    let few = nanos(|| black_box(enrich_all(&registry, black_box(&records))));
    let loaded = load_all(&registry);
    let many = nanos(|| black_box(enrich_all(&registry, black_box(&records))));
    println!("with {loaded} schemas in the cache rather than 5: {:.2} times as long", many / few);
    with_enrichments(&registry);
}

/// Each enrichment alone, then all of them, beside none.
fn with_enrichments(registry: &Registry<LocalStore>) {
    let records: Vec<Vec<u8>> = (0..100).map(payload).collect();
    #[allow(clippy::cast_precision_loss, reason = "a count")]
    let events = (records.len() * EVENTS_PER_PAYLOAD) as f64;
    let configs = configurations();
    let all: Vec<ConfigFile> = configs.iter().map(|(_, file)| file.clone()).collect();
    let measured = |files: &[ConfigFile]| {
        let plan = Plan::read(files).unwrap();
        let mut assets = Assets::new();
        for asset in plan.assets() {
            assets.insert(asset.uri, REFERRERS.as_bytes());
        }
        let enrichments = plan.build(&assets).unwrap();
        nanos(|| black_box(enrich_with(registry, black_box(&records), &enrichments))) / events
    };
    let none = measured(&[]);
    println!("{:<26} {:>10} {:>10} {:>7}", "enrichments", "an event", "more", "ratio");
    let line = |name: &str, files: &[ConfigFile]| {
        let ours = measured(files);
        let (each, more) = (ours / 1e3, (ours - none) / 1e3);
        println!("{name:<26} {each:>7.2} us {more:>7.2} us {:>7.2}", ours / none);
    };
    for (name, file) in &configs {
        line(name, std::slice::from_ref(file));
    }
    line("all", &all);
}

const REFERRERS: &str = r#"{"search":{"Google":{"domains":["google.com","google.de","google.co.uk"],"parameters":["q","query"]},"Bing":{"domains":["bing.com"],"parameters":["q"]},"DuckDuckGo":{"domains":["duckduckgo.com"],"parameters":["q"]}},"social":{"Twitter":{"domains":["t.co","twitter.com"]},"Reddit":{"domains":["reddit.com"]}},"email":{"Gmail":{"domains":["mail.google.com"]}}}"#;

/// The configurations that need nothing but an event, as somebody could have them.
fn configurations() -> Vec<(&'static str, ConfigFile)> {
    let snowplow = "com.snowplowanalytics.snowplow";
    let own = "com.snowplowanalytics.snowplow.enrichments";
    let fields = serde_json::json!({"mktMedium": ["utm_medium"], "mktSource": ["utm_source"],
        "mktTerm": ["utm_term"], "mktContent": ["utm_content"], "mktCampaign": ["utm_campaign"]});
    let standard = serde_json::json!({"field": "contexts",
        "schemaCriterion": "iglu:com.gitlab/gitlab_standard/jsonschema/1-*-*", "jsonPath": "$.user_id"});
    let pii = |fields: serde_json::Value| {
        serde_json::json!({"pii": fields, "strategy":
            {"pseudonymize": {"hashFunction": "SHA-256", "salt": "pepper123"}}})
    };
    [
        (snowplow, "ua_parser_config", "1-0-0", serde_json::json!({})),
        (
            snowplow,
            "referer_parser",
            "2-0-0",
            serde_json::json!({
            "internalDomains": ["gitlab.com"], "database": "r.json", "uri": "https://a.example"}),
        ),
        (snowplow, "campaign_attribution", "1-0-1", serde_json::json!({"fields": fields})),
        (own, "cross_navigation_config", "1-0-0", serde_json::Value::Null),
        (
            snowplow,
            "event_fingerprint_config",
            "1-0-1",
            serde_json::json!({
            "hashAlgorithm": "MD5", "excludeParameters": ["cv", "eid", "nuid", "stm"]}),
        ),
        (snowplow, "cookie_extractor_config", "1-0-0", serde_json::json!({"cookies": ["sp"]})),
        (
            own,
            "http_header_extractor_config",
            "1-0-0",
            serde_json::json!({"headersPattern": "Accept-Language"}),
        ),
        (snowplow, "anon_ip", "1-0-1", serde_json::json!({"anonOctets": 1, "anonSegments": 4})),
        (
            own,
            "pii_enrichment_config",
            "2-0-0",
            pii(serde_json::json!([
            {"pojo": {"field": "user_ipaddress"}}, {"pojo": {"field": "domain_userid"}},
            {"pojo": {"field": "network_userid"}}, {"json": standard}])),
        ),
    ]
    .into_iter()
    .map(|(vendor, name, version, parameters)| {
        let mut data = serde_json::json!({"vendor": vendor, "name": name, "enabled": true});
        if !parameters.is_null() {
            data["parameters"] = parameters;
        }
        if name.starts_with("pii") {
            data["emitEvent"] = false.into();
        }
        let schema = format!("iglu:{vendor}/{name}/jsonschema/{version}");
        let text = serde_json::json!({"schema": schema, "data": data}).to_string();
        (name, ConfigFile { name: format!("{name}.json"), text })
    })
    .collect()
}

/// One of a few hundred browsers, the common ones often.
fn user_agent(number: usize) -> String {
    let systems = [
        "Windows NT 10.0; Win64; x64",
        "Macintosh; Intel Mac OS X 10_15_7",
        "X11; Linux x86_64",
        "Linux; Android 10; K",
        "Linux; Android 14; Pixel 8",
    ];
    let draw = number.wrapping_mul(2_654_435_761) % 1_000;
    let rank = draw * draw / 1_000 * draw / 1_000 * 250 / 1_000;
    let (system, version) = (systems[rank % systems.len()], 142 - rank / systems.len());
    format!(
        "Mozilla/5.0 ({system}) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/{version}.0.0.0 Safari/537.36"
    )
}

/// Half of the visitors come from another page, the others from elsewhere.
fn referrer(number: usize) -> String {
    match number.wrapping_mul(2_654_435_761) % 10 {
        0..5 => format!("https://gitlab.com/group-{}/project", number % 100),
        5 | 6 => format!("https://www.google.com/search?q=merge+request+{}", number % 50),
        7 => "https://www.bing.com/search?q=gitlab&form=QBLH".to_owned(),
        8 => "https://t.co/abcdefghij".to_owned(),
        _ => format!("https://blog-{}.example/posts/{number}", number % 300),
    }
}

/// Puts every embedded schema into the cache.
fn load_all(registry: &Registry<LocalStore>) -> usize {
    let keys = embedded_schemas::paths().into_iter().map(|path| format!("iglu:{path}"));
    let keys: Vec<_> = keys.filter_map(|uri| SchemaKey::parse(&uri).ok()).collect();
    for key in &keys {
        registry.judge(key, &Json::Null);
        let deadline = std::time::Instant::now();
        registry.load(deadline).now_or_never().expect("local").expect("found");
        assert_ne!(registry.judge(key, &Json::Null), Judgement::NotLoaded, "{key}");
    }
    keys.len()
}

#[allow(clippy::cast_precision_loss, reason = "counts are far below what a float loses")]
fn line(registry: &Registry<LocalStore>, records: &[Vec<u8>]) {
    let events = (records.len() * EVENTS_PER_PAYLOAD) as f64;
    let (rows, bytes) = enrich_all(registry, records);
    assert_eq!(rows, records.len() * EVENTS_PER_PAYLOAD, "every event is good");
    let ours = nanos(|| black_box(enrich_all(registry, black_box(records)))) / events;
    let floor = nanos(|| black_box(floor(registry, black_box(records), bytes))) / events;
    println!(
        "{:<26} {:>10} {:>10} {:>7.2} {:>14.0}",
        format!(
            "{} ({:.0} bytes an event)",
            records.len(),
            records.iter().map(Vec::len).sum::<usize>() as f64 / events
        ),
        format!("{:.2} us", ours / 1e3),
        format!("{:.2} us", floor / 1e3),
        ours / floor,
        1e9 / ours
    );
}

/// The number of rows and of their bytes.
fn enrich_all(registry: &Registry<LocalStore>, records: &[Vec<u8>]) -> (usize, usize) {
    enrich_with(registry, records, &Enrichments::default())
}

fn enrich_with(
    registry: &Registry<LocalStore>,
    records: &[Vec<u8>],
    enrichments: &Enrichments,
) -> (usize, usize) {
    let settings = Settings::default();
    let batch = Batch {
        settings: &settings,
        schemas: registry,
        enrichments,
        epoch_micros: 1_767_323_045_678_000,
    };
    let (mut rows, mut bytes) = (0, 0);
    for record in records {
        let mut from = 0;
        loop {
            let progress = outcomes(&batch, record, from, usize::MAX);
            for outcome in &progress.outcomes {
                match outcome {
                    Outcome::Good(row) => {
                        rows += 1;
                        bytes += row.tsv.len();
                    }
                    Outcome::Bad { bad_event, .. } => {
                        panic!("{}", String::from_utf8_lossy(bad_event))
                    }
                    Outcome::Dropped => panic!("nothing here drops events"),
                }
            }
            match progress.rest {
                Rest::Done => break,
                Rest::From(next) => from = next,
                Rest::NeedsSchemas(next) => {
                    from = next;
                    let deadline = std::time::Instant::now();
                    registry.load(deadline).now_or_never().expect("local").expect("found");
                }
            }
        }
    }
    (rows, bytes)
}

/// Parses every JSON text once, judges every entity once, copies as many bytes as rows have once.
fn floor(registry: &Registry<LocalStore>, records: &[Vec<u8>], row_bytes: usize) -> usize {
    let mut checked = 0;
    for record in records {
        let payload = CollectorPayload::decode(record).unwrap();
        let body: serde_json::Value =
            serde_json::from_slice(payload.body.as_deref().unwrap()).unwrap();
        for event in body["data"].as_array().unwrap() {
            for name in ["co", "ue_pr"] {
                let Some(text) = event[name].as_str() else { continue };
                black_box(serde_json::from_str::<serde_json::Value>(text).unwrap());
            }
        }
    }
    for (key, data) in entities() {
        for _ in 0..records.len() * EVENTS_PER_PAYLOAD / 3 {
            let judgement = registry.judge(key, data);
            assert!(matches!(judgement, Judgement::Fits { .. }));
            checked += 1;
        }
    }
    let rows = vec![7_u8; row_bytes];
    black_box(rows.clone());
    checked
}

/// The entities of one event of each kind, parsed once and for all.
fn entities() -> &'static [(SchemaKey, Json<'static>)] {
    static ENTITIES: std::sync::OnceLock<Vec<(SchemaKey, Json<'static>)>> =
        std::sync::OnceLock::new();
    ENTITIES.get_or_init(|| {
        let contexts = |list: &[&str]| wrapped("contexts", &format!("[{}]", list.join(",")));
        let (two, one) = (contexts(&[WEB_PAGE, STANDARD]), contexts(&[STANDARD]));
        let unstruct = wrapped("unstruct_event", LINK_CLICK);
        // What a page view, a structured and a self-describing event have to have judged.
        let texts = [
            &two, WEB_PAGE, STANDARD, &two, WEB_PAGE, STANDARD, &one, STANDARD, &unstruct,
            LINK_CLICK,
        ];
        let parsed = texts.iter().map(|text| {
            let json = Json::parse(text, 50).unwrap();
            let SelfDescribing { key, data } = SelfDescribing::of(&json).unwrap();
            (key, data.clone())
        });
        parsed.map(|(key, data)| (key, data.into_owned())).collect()
    })
}

const WEB_PAGE: &str = r#"{"schema":"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0","data":{"id":"b05b31c3-81ac-4af5-92d1-113139689655"}}"#;
const STANDARD: &str = r#"{"schema":"iglu:com.gitlab/gitlab_standard/jsonschema/1-1-7","data":{"environment":"production","source":"gitlab-rails","correlation_id":"01JCMB7Y6Q2T8N4V5X6Z7A8B9C","plan":"premium","extra":{},"user_id":"7c4a8d09ca3762af61e59520943dc26494f8941b","is_gitlab_team_member":null,"namespace_id":9970,"project_id":278964,"feature_enabled_by_namespace_ids":null,"context_generated_at":"2026-11-20T08:00:00.000Z","realm":"saas","instance_id":"ea8bf810-1d6f-4a6a-b4fd-93e8cbd8b57f","host_name":"gitlab.com","instance_version":"18.6.0"}}"#;
const LINK_CLICK: &str = r#"{"schema":"iglu:com.snowplowanalytics.snowplow/link_click/jsonschema/1-0-1","data":{"targetUrl":"https://gitlab.com/gitlab-org/gitlab/-/issues","elementId":"nav-issues","elementClasses":["shortcuts-issues","gl-link"],"elementTarget":"_self"}}"#;

/// Data in one of the two wrappers of tracker events.
fn wrapped(wrapper: &str, data: &str) -> String {
    format!(
        r#"{{"schema":"iglu:com.snowplowanalytics.snowplow/{wrapper}/jsonschema/1-0-0","data":{data}}}"#
    )
}

/// A third page views, a third structured events, a third self-describing ones, ten in a body.
fn payload(number: usize) -> Vec<u8> {
    let contexts = |list: &[&str]| wrapped("contexts", &format!("[{}]", list.join(",")));
    let events: Vec<serde_json::Value> = (0..EVENTS_PER_PAYLOAD)
        .map(|index| {
            let mut event = serde_json::json!({
                "eid": format!("0b9f6f0e-7d0a-4c7e-9a0c-{:012}", number * EVENTS_PER_PAYLOAD + index),
                "tv": "js-4.6.9", "tna": "gl", "aid": "gitlab", "p": "web", "cookie": "1", "cs": "UTF-8",
                "lang": "en-GB", "res": "1920x1080", "cd": "24", "tz": "Europe/Berlin", "dtm": "1767323045000",
                "vp": "1200x900", "ds": "1200x4000", "vid": "3", "sid": "2b2f6d0f-3d46-4d3f-9f3b-8a41c6bb6d45",
                "duid": "6f2d6c0e-93a4-4a7a-8f4c-0f3e8e1d9a11", "stm": "1767323045100",
                "url": "https://gitlab.com/gitlab-org/gitlab/-/merge_requests?scope=all&state=opened",
                "refr": referrer(number * EVENTS_PER_PAYLOAD + index), "page": "Merge requests · GitLab.org / GitLab",
            });
            let more = match index % 3 {
                0 => serde_json::json!({"e": "pv", "co": contexts(&[WEB_PAGE, STANDARD])}),
                1 => serde_json::json!({"e": "se", "se_ca": "merge_requests", "se_ac": "click_button",
                    "se_la": "create", "se_va": "1", "co": contexts(&[WEB_PAGE, STANDARD])}),
                _ => serde_json::json!({"e": "ue", "co": contexts(&[STANDARD]),
                    "ue_pr": wrapped("unstruct_event", LINK_CLICK)}),
            };
            event.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
            event
        })
        .collect();
    let body = serde_json::json!({
        "schema": "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4", "data": events,
    });
    let payload = CollectorPayload {
        ip_address: Some("203.0.113.7".into()),
        timestamp: 1_767_323_045_200,
        encoding: Some("UTF-8".into()),
        collector: Some("whiteout-0.1.0-kinesis".into()),
        user_agent: Some(user_agent(number).into()),
        path: Some("/com.snowplowanalytics.snowplow/tp2".into()),
        querystring: Some("".into()),
        body: Some(body.to_string().into_bytes().into()),
        headers: Some(vec![
            "Host: c.acme.com".into(),
            "X-Forwarded-For: 203.0.113.7".into(),
            "Accept-Language: en-GB,en;q=0.9".into(),
            "Cookie: theme=dark; sp=dfdb716e-ecf9-4d00-8b10-44edfbc8a108".into(),
        ]),
        content_type: Some("application/json; charset=utf-8".into()),
        network_user_id: Some("dfdb716e-ecf9-4d00-8b10-44edfbc8a108".into()),
        schema: Some(SCHEMA.into()),
        ..CollectorPayload::default()
    };
    payload.encode()
}

fn resolver() -> Resolver {
    let config = r#"{"schema":"iglu:com.snowplowanalytics.iglu/resolver-config/jsonschema/1-0-1","data":{"cacheSize":500,"repositories":[]}}"#;
    Resolver::parse(&Json::parse(config, 10).unwrap()).unwrap()
}

/// The smallest CPU time of one run, in nanoseconds.
fn nanos<T>(mut run: impl FnMut() -> T) -> f64 {
    (0..ROUNDS).map(|_| nanos_once(&mut run)).fold(f64::INFINITY, f64::min)
}

#[allow(clippy::cast_precision_loss, reason = "times are far below what a float loses")]
fn nanos_once<T>(run: &mut impl FnMut() -> T) -> f64 {
    let clock = || {
        let at = clock_gettime(ClockId::ThreadCPUTime);
        at.tv_sec as f64 * 1e9 + at.tv_nsec as f64
    };
    let start = clock();
    let mut runs = 0.0;
    while clock() - start < 20e6 {
        black_box(run());
        runs += 1.0;
    }
    (clock() - start) / runs
}
