//! Any bytes as a trigger event, under several configurations: never a panic, and every payload
//! that comes out is one.
#![no_main]

use std::sync::LazyLock;

use collector::{Config, Moment, collect, front_door};
use collector_payload::CollectorPayload;
use function_env::Variables;
use libfuzzer_sys::fuzz_target;

static CONFIGS: LazyLock<Vec<Config>> = LazyLock::new(|| {
    let everything_on = [
        ("REDIRECT_ENABLED", "true"),
        ("BOUNCE_ENABLED", "true"),
        ("DO_NOT_TRACK_ENABLED", "true"),
        ("DO_NOT_TRACK_NAME", "dnt"),
        ("DO_NOT_TRACK_VALUE", "yes|no"),
        ("COOKIE_DOMAINS", "acme.com"),
        ("COOKIE_CLIENT_NAME", "sp_client"),
        ("CORS_ALLOWED_ORIGINS", "https://acme.com"),
        ("IP_SOURCE", "right-1"),
        ("IP_ANONYMIZE_OCTETS", "1"),
        ("STREAM_GOOD_RECORD_BYTES_MAX", "500"),
    ];
    let older =
        [("DIALECT", "2.x"), ("REDIRECT_MACRO_ENABLED", "true"), ("REDIRECT_ENABLED", "true")];
    [&[][..], &everything_on[..], &older[..]].into_iter().map(config).collect()
});

fn config(settings: &[(&str, &str)]) -> Config {
    let mut variables = Variables::from([("STREAM_GOOD", "good"), ("STREAM_BAD", "bad")]);
    for (name, value) in settings {
        variables.set(*name, *value);
    }
    Config::from_variables(&variables).expect("a configuration of ours")
}

fuzz_target!(|bytes: &[u8]| {
    let Ok((request, door)) = front_door::read(bytes, "/base") else { return };
    let moment = Moment { epoch_micros: 1, visitor_entropy: [7; 16], partition_entropy: [9; 16] };
    for config in CONFIGS.iter() {
        let collected = collect(config, &request, &moment);
        for record in &collected.outcome.good {
            CollectorPayload::decode(record).expect("a good record is a payload");
        }
        for record in &collected.outcome.bad {
            serde_json::from_slice::<serde_json::Value>(record).expect("a bad event is JSON");
        }
        for (name, value) in &collected.response.headers {
            assert!(!name.contains(['\r', '\n']) && !value.contains(['\r', '\n', '\0']), "{name}");
        }
        let answer = front_door::Answer::new(door, collected.response);
        serde_json::to_vec(&answer).expect("an answer is JSON");
    }
});
