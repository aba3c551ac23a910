//! Any bytes as a compressed record: never a panic, never more memory than the limits allow.
#![no_main]

use collector_payload::compressed::{Codec, is_compressed, pack, unpack};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(payloads) = unpack(bytes) {
        let again = pack(payloads.iter().map(Vec::as_slice), Codec::Gzip(1)).expect("packs");
        assert!(is_compressed(&again));
        assert_eq!(unpack(&again).expect("unpacks"), payloads);
    }
});
