//! Any bytes as the body of an oversized POST: every record keeps its limit, every event its bytes.
#![no_main]

use std::sync::LazyLock;

use collector::request::{Method, Request};
use collector::{Config, Moment, collect};
use collector_payload::CollectorPayload;
use function_env::Variables;
use libfuzzer_sys::fuzz_target;

const RECORD_BYTES_MAX: usize = 500;

static CONFIG: LazyLock<Config> = LazyLock::new(|| {
    let variables = Variables::from([
        ("STREAM_GOOD", "good"),
        ("STREAM_BAD", "bad"),
        ("STREAM_GOOD_RECORD_BYTES_MAX", "500"),
    ]);
    Config::from_variables(&variables).expect("a configuration of ours")
});

fuzz_target!(|bytes: &[u8]| {
    let request = Request {
        method: Method::Post,
        path: "/com.acme/v1".into(),
        query: None,
        headers: Vec::new(),
        body: bytes.into(),
        peer: None,
    };
    let moment = Moment { epoch_micros: 1, visitor_entropy: [7; 16], partition_entropy: [9; 16] };
    let collected = collect(&CONFIG, &request, &moment);
    let (good, bad) = (collected.outcome.good, collected.outcome.bad);
    assert!(!good.is_empty() || !bad.is_empty(), "something came of it");
    for record in &good {
        assert!(record.len() <= RECORD_BYTES_MAX + 1);
        let payload = CollectorPayload::decode(record).expect("a good record is a payload");
        let body = payload.body.expect("a POST has a body");
        if good.len() > 1 || !bad.is_empty() {
            serde_json::from_slice::<&serde_json::value::RawValue>(&body)
                .expect("a split body is JSON");
        }
    }
});
