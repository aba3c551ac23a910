//! Any text as a policy: never a panic, and what is a policy treats rows as it says it does.
#![no_main]

use libfuzzer_sys::fuzz_target;
use privacy::{Constant, Defect, Policy, Rewriter, explain};

const ROWS: &str = include_str!("../../shared/privacy/tests/cases/rows.tsv");
/// Rows to treat by each policy.
const ROWS_TREATED: usize = 4;

fuzz_target!(|text: &str| {
    let policy = match Policy::parse(text) {
        Ok(policy) => policy,
        Err(error) => return assert!(!error.to_string().is_empty()),
    };
    for line in ROWS.lines().take(ROWS_TREATED).map(str::as_bytes) {
        let mut fast = String::new();
        let done = Rewriter::new(&policy, Constant, "k1").row(line, &mut fast);
        let slow = explain::row(&policy, &mut Constant, "k1", line);
        match (done, slow) {
            (Ok(()), Ok(slow)) => assert_eq!(fast, slow.treated),
            (Err(Defect::Shape(fast)), Err(Defect::Json(slow))) => assert_eq!(fast, slow),
            (fast, slow) => assert_eq!(fast.err(), slow.err()),
        }
    }
});
