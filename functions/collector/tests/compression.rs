//! Compressed records: what goes in comes out again, and what does not fit is refused as a whole.

use collector::request::{Method, Request};
use collector::{Collected, Config, Moment, collect};
use collector_payload::CollectorPayload;
use collector_payload::compressed::{is_compressed, unpack};
use function_env::Variables;

#[allow(clippy::unwrap_used, reason = "a helper of a test may fail as loudly as the test")]
fn post(settings: &[(&str, &str)], body: &[u8]) -> Collected {
    let mut variables = Variables::from([
        ("STREAM_GOOD", "good"),
        ("STREAM_BAD", "bad"),
        ("COMPRESSION_ENABLED", "true"),
    ]);
    for (name, value) in settings {
        variables.set(*name, *value);
    }
    let request = Request {
        method: Method::Post,
        path: "/com.acme/v1".into(),
        query: None,
        headers: Vec::new(),
        body: body.into(),
        peer: None,
    };
    let moment =
        Moment { epoch_micros: 7_000, visitor_entropy: [1; 16], partition_entropy: [2; 16] };
    collect(&Config::from_variables(&variables).unwrap(), &request, &moment)
}

#[test]
fn a_record_holds_the_payload_in_either_format() {
    for (kind, magic) in [("zstd", &b"\x28\xb5\x2f\xfd"[..]), ("gzip", b"\x1f\x8b")] {
        let collected = post(&[("COMPRESSION_TYPE", kind)], &b"abc".repeat(1000));
        let [record] = collected.outcome.good.as_slice() else { panic!("one record") };
        assert!(record.starts_with(magic) && is_compressed(record) && record.len() < 1000);
        let payloads = unpack(record).unwrap();
        assert_eq!(payloads.len(), 1);
        let payload = CollectorPayload::decode(&payloads[0]).unwrap();
        assert_eq!(payload.body.as_deref(), Some(&b"abc".repeat(1000)[..]));
    }
}

#[test]
fn a_large_payload_that_compresses_well_stays_whole() {
    let limit = [("STREAM_GOOD_RECORD_BYTES_MAX", "2000")];
    let collected = post(&limit, &b"x".repeat(100_000));
    assert_eq!((collected.outcome.good.len(), collected.outcome.bad.len()), (1, 0));
}

#[test]
fn a_payload_that_does_not_fit_is_one_bad_event() {
    // A linear congruential generator's bytes, which no compression makes smaller.
    let noise = std::iter::successors(Some(1_u32), |n| {
        Some(n.wrapping_mul(1_664_525).wrapping_add(1_013_904_223))
    });
    let body: Vec<u8> = noise.map(|n| n.to_be_bytes()[0]).take(5_000).collect();
    let collected = post(&[("STREAM_GOOD_RECORD_BYTES_MAX", "2000")], &body);
    assert!(collected.outcome.good.is_empty());
    let [bad] = collected.outcome.bad.as_slice() else { panic!("one bad event") };
    let bad: serde_json::Value = serde_json::from_slice(bad).unwrap();
    let failure = &bad["data"]["failure"];
    let expectation = failure["expectation"].as_str().unwrap();
    assert!(
        expectation.ends_with("exceeded max allowed size 2000 after compression"),
        "{expectation}"
    );
    assert!(failure["actualSizeBytes"].as_u64().unwrap() > 5_000);
}
