//! What a script costs: its start, and each event, on one core.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a bench prints its figures and may fail loudly"
)]

use std::hint::black_box;

use base64_simd::STANDARD;
use collector_payload::{CollectorPayload, SCHEMA};
use enricher::enrichments::{Assets, ConfigFile, Plan};
use enricher::schemas::Loader as _;
use enricher::{Batch, Enrichments, LocalStore, Outcome, Registry, Settings, outcomes};
use futures_util::FutureExt as _;
use iglu::Resolver;
use rustix::time::{ClockId, clock_gettime};

const ROUNDS: usize = 15;
const EVENTS: usize = 500;

/// As in Snowplow's documentation: look at some columns, change one, sometimes give an entity.
const TYPICAL: &str = "
    const internal = /(^|\\.)acme\\.com$/;
    function process(event, params) {
        const host = event.getPage_urlhost();
        if (host !== null && internal.test(host)) event.setApp_id(params.prefix + event.getApp_id());
        const agent = event.getUseragent();
        if (agent !== null && agent.indexOf('Googlebot') >= 0) throw 'a bot';
        if (event.getPlatform() === 'srv') return [{schema: 'iglu:com.acme/a/jsonschema/1-0-0', data: {a: 1}}];
    }";
const EMPTY: &str = "function process() {}";
const ENTITIES: &str = "function process(event) { for (const entity of JSON.parse(event.getContexts()).data) if (entity.data.id === 'x') event.setUser_id('y') }";

fn main() {
    let without = nanos_an_event(&Enrichments::default());
    println!("{:<28} {:>12}", "script", "an event");
    for (name, source) in
        [("none at all", ""), ("empty", EMPTY), ("typical", TYPICAL), ("reads entities", ENTITIES)]
    {
        let cost =
            if source.is_empty() { 0.0 } else { nanos_an_event(&enrichments(source)) - without };
        println!("{name:<28} {:>9.2} us", cost / 1e3);
    }
    println!("{:<28} {:>9.2} us", "the event without a script", without / 1e3);
    let start = (0..ROUNDS)
        .map(|_| nanos(|| black_box(enrichments(TYPICAL))))
        .fold(f64::INFINITY, f64::min);
    println!("{:<28} {:>9.2} us", "start of a script", start / 1e3);
}

fn enrichments(source: &str) -> Enrichments {
    let text = serde_json::json!({
        "schema": "iglu:com.snowplowanalytics.snowplow/javascript_script_config/jsonschema/1-0-1",
        "data": {
            "vendor": "com.snowplowanalytics.snowplow",
            "name": "javascript_script_config",
            "enabled": true,
            "parameters": {"script": STANDARD.encode_to_string(source), "config": {"prefix": "a-"}},
        },
    });
    let file = ConfigFile { name: "script.json".to_owned(), text: text.to_string() };
    Plan::read(&[file]).unwrap().build(&Assets::new()).unwrap()
}

#[allow(clippy::cast_precision_loss, reason = "counts are far below what a float loses")]
fn nanos_an_event(enrichments: &Enrichments) -> f64 {
    let registry = Registry::new(Resolver::default(), LocalStore);
    registry.begin(0);
    let settings = Settings::default();
    let batch = Batch { settings: &settings, schemas: &registry, enrichments, epoch_micros: 1 };
    let payload = payload();
    load(&batch, &registry, &payload);
    let run = || {
        for _ in 0..EVENTS {
            let progress = outcomes(&batch, black_box(&payload), 0, usize::MAX);
            assert!(matches!(progress.outcomes[0], Outcome::Good(_)));
        }
    };
    (0..ROUNDS).map(|_| nanos(run)).fold(f64::INFINITY, f64::min) / EVENTS as f64
}

fn load(batch: &Batch<'_, Registry<LocalStore>>, registry: &Registry<LocalStore>, payload: &[u8]) {
    while let enricher::Rest::NeedsSchemas(_) = outcomes(batch, payload, 0, usize::MAX).rest {
        registry.load(std::time::Instant::now()).now_or_never().unwrap().unwrap();
    }
}

fn payload() -> Vec<u8> {
    let contexts = r#"{"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0","data":[{"schema":"iglu:com.snowplowanalytics.snowplow/web_page/jsonschema/1-0-0","data":{"id":"b05b31c3-81ac-4af5-92d1-113139689655"}}]}"#;
    let contexts = base64_simd::URL_SAFE_NO_PAD.encode_to_string(contexts);
    let query = format!(
        "e=pv&p=web&aid=shop&tv=js-4.6.9&eid=0b9f6f0e-7d0a-4c7e-9a0c-000000000001&url=https%3A%2F%2Fwww.acme.com%2Fcart&page=Cart&duid=6f2d6c0e&vid=3&cx={contexts}"
    );
    let payload = CollectorPayload {
        timestamp: 1_767_323_045_200,
        encoding: Some("UTF-8".into()),
        collector: Some("whiteout-0.1.0-kinesis".into()),
        user_agent: Some("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0.0.0 Safari/537.36".into()),
        path: Some("/i".into()),
        querystring: Some(query.into()),
        headers: Some((0..15).map(|number| format!("X-Header-{number}: some value").into()).collect()),
        schema: Some(SCHEMA.into()),
        ..CollectorPayload::default()
    };
    payload.encode()
}

/// The CPU time of one run, in nanoseconds.
#[allow(clippy::cast_precision_loss, reason = "times are far below what a float loses")]
fn nanos<T>(mut run: impl FnMut() -> T) -> f64 {
    let clock = || {
        let at = clock_gettime(ClockId::ThreadCPUTime);
        at.tv_sec as f64 * 1e9 + at.tv_nsec as f64
    };
    let start = clock();
    run();
    clock() - start
}
