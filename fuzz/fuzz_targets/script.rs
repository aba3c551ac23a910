//! Any script over an event: it is refused at start, or every event has its outcome within the limits.
#![no_main]

use std::sync::LazyLock;

use base64_simd::URL_SAFE_NO_PAD;
use collector_payload::{CollectorPayload, SCHEMA};
use enricher::enrichments::{Assets, ConfigFile, Plan};
use enricher::{Batch, Rest, Settings, outcomes};
use libfuzzer_sys::fuzz_target;
use serde_json::json;
use whiteout_fuzz::{AcceptAll, assert_whole};

static SETTINGS: LazyLock<Settings> = LazyLock::new(Settings::default);

fuzz_target!(|input: (&str, bool)| {
    let (text, is_whole) = input;
    // Few texts are scripts; what most of them can be is the inside of one.
    let script = if is_whole {
        text.to_owned()
    } else {
        format!("function process(event, params, headers) {{ {text} }}")
    };
    let config = json!({
        "schema": "iglu:com.snowplowanalytics.snowplow/javascript_script_config/jsonschema/1-0-0",
        "data": {"vendor": "com.snowplowanalytics.snowplow", "name": "javascript_script_config",
            "enabled": true, "parameters": {"script": URL_SAFE_NO_PAD.encode_to_string(&script)}}});
    let file = ConfigFile { name: "script.json".to_owned(), text: config.to_string() };
    let plan = Plan::read(&[file]).expect("a configuration");
    let Ok(enrichments) = plan.build(&Assets::new()) else { return };
    let payload = CollectorPayload {
        timestamp: 1_767_323_045_678,
        collector: Some("fuzz".into()),
        path: Some("/i".into()),
        querystring: Some("e=pv&p=web&url=https%3A%2F%2Fa.example%2F".into()),
        headers: Some(vec!["Host: a.example".into()]),
        schema: Some(SCHEMA.into()),
        ..CollectorPayload::default()
    };
    let record = payload.encode();
    let batch = Batch {
        settings: &SETTINGS,
        schemas: &AcceptAll,
        enrichments: &enrichments,
        epoch_micros: 1_767_323_045_678_000,
    };
    let progress = outcomes(&batch, &record, 0, usize::MAX);
    assert_eq!(progress.rest, Rest::Done);
    assert_whole(&progress.outcomes);
});
