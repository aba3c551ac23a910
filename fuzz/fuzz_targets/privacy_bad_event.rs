//! Any bytes as a bad event: never a panic, and what comes out is one line of JSON.
#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use privacy::{Constant, Key, Keyed, Policy, Pseudonyms, Rewriter, Stream};

static POLICIES: LazyLock<Vec<Policy>> = LazyLock::new(|| {
    [
        include_str!("../../policies/gitlab.yaml"),
        include_str!("../../policies/strict.yaml"),
        include_str!("../../shared/privacy/tests/cases/hostile.yaml"),
    ]
    .map(|text| Policy::parse(text).expect("a policy of ours"))
    .into()
});

fn check(policy: &Policy, pseudonyms: impl Pseudonyms, line: &[u8]) {
    let mut rewriter = Rewriter::new(policy, pseudonyms, "k1");
    for stream in [Stream::RawBad, Stream::EnrichedBad] {
        let mut out = String::from("before");
        rewriter.line(stream, line, &[], &mut out).ok();
        let out = out.strip_prefix("before").expect("what stood before is still there");
        assert!(!out.contains('\n'), "one line");
        serde_json::from_str::<&serde_json::value::RawValue>(out).expect("JSON");
    }
}

fuzz_target!(|line: &[u8]| {
    for policy in POLICIES.iter() {
        check(policy, Constant, line);
        let key = Key::new("k1", b"0123456789abcdef0123456789abcdef".to_vec()).expect("a key");
        check(policy, Keyed::new(policy, &key), line);
    }
});
