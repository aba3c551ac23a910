//! Any bytes as a Thrift payload: never a panic, and what decodes survives its own round trip.
#![no_main]

use collector_payload::CollectorPayload;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(payload) = CollectorPayload::decode(bytes) {
        let encoded = payload.encode();
        assert_eq!(encoded.len(), payload.encoded_bytes());
        assert_eq!(CollectorPayload::decode(&encoded).as_ref(), Ok(&payload));
        assert!(payload.as_text(50).chars().count() <= 50);
    }
});
