//! Any request through every enrichment that needs nothing but an event: never a panic, and what comes
//! out is a row of 131 columns or a bad event in JSON.
#![no_main]

use std::sync::LazyLock;

use collector_payload::{CollectorPayload, SCHEMA};
use enricher::enrichments::{Assets, ConfigFile, Plan};
use enricher::{Batch, Enrichments, Rest, Settings, outcomes};
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use whiteout_fuzz::{AcceptAll, assert_whole};

const REFERRERS: &[u8] = br#"{"search":{"Google":{"domains":["google.com"],"parameters":["q"]}},"email":{"Mail":{"domains":["mail.example"]}}}"#;

static SETTINGS: LazyLock<Settings> = LazyLock::new(Settings::default);

static ENRICHMENTS: LazyLock<Enrichments> = LazyLock::new(|| {
    let snowplow = "com.snowplowanalytics.snowplow";
    let own = "com.snowplowanalytics.snowplow.enrichments";
    let place = |field: &str, path: &str| {
        json!({"json": {"field": field, "schemaCriterion": "iglu:a/b/jsonschema/1-*-*", "jsonPath": path}})
    };
    let files = [
        (snowplow, "ua_parser_config", "1-0-0", json!({})),
        (snowplow, "referer_parser", "2-0-0", json!({"internalDomains": ["a.example"], "database": "r.json", "uri": "https://a.example"})),
        (snowplow, "campaign_attribution", "1-0-1", json!({"mapping": "static", "fields": {
            "mktMedium": ["utm_medium", "m"], "mktSource": ["s"], "mktTerm": [], "mktContent": [], "mktCampaign": ["c"]}})),
        (own, "cross_navigation_config", "1-0-0", json!(null)),
        (snowplow, "event_fingerprint_config", "1-0-1", json!({"hashAlgorithm": "SHA1", "excludeParameters": ["cv"]})),
        (snowplow, "cookie_extractor_config", "1-0-0", json!({"cookies": ["a", "", "b"]})),
        (own, "http_header_extractor_config", "1-0-0", json!({"headersPattern": ".*"})),
        (snowplow, "anon_ip", "1-0-1", json!({"anonOctets": 2, "anonSegments": 3})),
        (own, "pii_enrichment_config", "2-0-0", json!({
            "pii": [{"pojo": {"field": "user_id"}}, {"pojo": {"field": "user_ipaddress"}},
                place("contexts", "$.a"), place("contexts", "$..b"), place("unstruct_event", "$.*[-1,0]"),
                place("contexts", "$['a','b'][1:]"), place("derived_contexts", "$.name")],
            "strategy": {"pseudonymize": {"hashFunction": "SHA-1", "salt": "pepper"}}})),
    ];
    let files: Vec<ConfigFile> = files
        .into_iter()
        .map(|(vendor, name, version, parameters)| {
            let mut data = json!({"vendor": vendor, "name": name, "enabled": true});
            if !parameters.is_null() {
                data["parameters"] = parameters;
            }
            if name.starts_with("pii") {
                data["emitEvent"] = false.into();
            }
            let schema = format!("iglu:{vendor}/{name}/jsonschema/{version}");
            let text = json!({"schema": schema, "data": data}).to_string();
            ConfigFile { name: format!("{name}.json"), text }
        })
        .collect();
    let plan = Plan::read(&files).expect("configurations");
    let mut assets = Assets::new();
    for asset in plan.assets() {
        assets.insert(asset.uri, REFERRERS);
    }
    plan.build(&assets).expect("enrichments")
});

fuzz_target!(|input: (&str, Vec<&str>, [Option<&str>; 4], &str, bool)| {
    let (user_agent, headers, [address, page, referrer, user], entity, is_context) = input;
    let mut event = json!({"e": "ue", "p": "web", "tv": "t"});
    for (name, value) in [("ip", address), ("url", page), ("refr", referrer), ("uid", user)] {
        if let Some(value) = value {
            event[name] = value.into();
        }
    }
    let (column, wrapper) = if is_context { ("co", "contexts") } else { ("ue_pr", "unstruct_event") };
    let data = format!(r#"{{"schema":"iglu:a/b/jsonschema/1-0-0","data":{entity}}}"#);
    let data = if is_context { format!("[{data}]") } else { data };
    event[column] = format!(
        r#"{{"schema":"iglu:com.snowplowanalytics.snowplow/{wrapper}/jsonschema/1-0-0","data":{data}}}"#
    )
    .into();
    let body = json!({"schema": "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4", "data": [&event, &event]});
    let payload = CollectorPayload {
        timestamp: 1_767_323_045_678,
        collector: Some("fuzz".into()),
        path: Some("/com.snowplowanalytics.snowplow/tp2".into()),
        content_type: Some("application/json".into()),
        user_agent: Some(user_agent.into()),
        headers: Some(headers.into_iter().map(Into::into).collect()),
        body: Some(body.to_string().into_bytes().into()),
        schema: Some(SCHEMA.into()),
        ..CollectorPayload::default()
    };
    let record = payload.encode();
    let batch =
        Batch { settings: &SETTINGS, schemas: &AcceptAll, enrichments: &ENRICHMENTS, epoch_micros: 1 };
    let progress = outcomes(&batch, &record, 0, usize::MAX);
    assert_eq!(progress.rest, Rest::Done);
    assert_whole(&progress.outcomes);
});
