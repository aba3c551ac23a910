//! What two bad events with the same cause share: a hash of names, never of values.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use sha2::{Digest as _, Sha256};

/// How the hash is made. Another way gets another number, so that old and new are not mixed up.
const VERSION: &str = "b1";
/// How much of the hash is shown.
const BYTES: usize = 8;

/// What stands for one failure: its schema, pointer, keyword and what was expected.
pub(crate) type Mark = (String, String, String, String);

/// The fingerprint of a family and stage with these failures; their order does not matter.
pub(crate) fn of(family: &str, stage: &str, marks: &BTreeSet<Mark>) -> String {
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        // The length first, so that no two lists of texts read the same.
        hash.update(u64::try_from(text.len()).unwrap_or(u64::MAX).to_be_bytes());
        hash.update(text);
    };
    add(family);
    add(stage);
    for (schema, pointer, keyword, expected) in marks {
        for part in [schema, pointer, keyword, expected] {
            add(part);
        }
    }
    let mut text = format!("{VERSION}:");
    for byte in hash.finalize().iter().take(BYTES) {
        // Writing to a text cannot fail.
        write!(text, "{byte:02x}").ok();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn mark(text: &str) -> Mark {
        (text.to_owned(), String::new(), String::new(), String::new())
    }

    #[test]
    fn texts_are_told_apart() {
        let print = |family: &str, marks: &[&str]| {
            of(family, "enrich", &marks.iter().copied().map(mark).collect())
        };
        assert_eq!(print("a", &["b", "c"]), print("a", &["c", "b", "b"]));
        assert_ne!(print("a", &["b"]), print("ab", &[""]));
        assert_eq!(print("a", &[]).len(), 3 + 2 * BYTES);
    }
}
