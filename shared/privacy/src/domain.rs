//! Names of places that no rule names: whatever keys an event has, they stay short.

use sha2::{Digest as _, Sha256};

/// The longest name in bytes. A longer one goes on as its digest: it would be kept and hashed for
/// every value below it, and its length is up to whoever sends the event.
const NAME_BYTES_MAX: usize = 256;

/// Adds a step to a name. If that makes it too long, what it was before comes back.
pub(crate) fn add_step(name: &mut String, separator: &str, step: &str) -> Option<String> {
    if name.len() + separator.len() + step.len() <= NAME_BYTES_MAX {
        name.push_str(separator);
        name.push_str(step);
        return None;
    }
    let digest = Sha256::new_with_prefix(&*name).chain_update(separator).chain_update(step);
    // No other name starts like this.
    let mut short = "#".to_owned();
    for byte in digest.finalize() {
        short.extend(
            [byte >> 4, byte & 15]
                .map(|digit| char::from_digit(digit.into(), 16))
                .into_iter()
                .flatten(),
        );
    }
    Some(std::mem::replace(name, short))
}

/// The name of a place with a step more.
pub(crate) fn below(name: &str, separator: &str, step: &str) -> String {
    let mut name = name.to_owned();
    add_step(&mut name, separator, step);
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of `@a/x/b/` and 250 times `k`, by another program.
    const LONG: &str = "#8172d35ec0dbc1037288477d57ac4d13070bb49119eb130ec6fb281d55744c01";

    #[test]
    fn names_stay_short_and_differ() {
        let mut name = "@a/x".to_owned();
        assert_eq!(add_step(&mut name, "/", "b"), None);
        assert_eq!(name, "@a/x/b");
        let fitting = "k".repeat(NAME_BYTES_MAX - name.len() - 1);
        assert_eq!(below(&name, "/", &fitting), format!("@a/x/b/{fitting}"));
        let long = below(&name, "/", &(fitting.clone() + "k"));
        assert_eq!(long, LONG);
        assert_ne!(long, below(&name, "/", &(fitting + "l")));
        assert_eq!(below(&long, "[]", ""), format!("{long}[]"));
        let before = add_step(&mut name, "/", &"k".repeat(NAME_BYTES_MAX));
        assert_eq!(before.as_deref(), Some("@a/x/b"));
    }
}
