//! The policies that come with the suite, and those that an operator brings along.

use std::fs::File;
use std::io::Read as _;

use privacy::policy::POLICY_BYTES_MAX;
use privacy::{Policy, shipped};

/// A policy by its name, or the path of a file; an error says all that is wrong with it.
pub fn load_policy(name: &str) -> Result<Policy, String> {
    match shipped(name) {
        Some(text) => parse(text),
        None => parse(&from_file(name)?),
    }
}

fn parse(text: &str) -> Result<Policy, String> {
    Policy::parse(text).map_err(|error| error.to_string().replace('\n', "; "))
}

fn from_file(path: &str) -> Result<String, String> {
    let mut text = String::new();
    let most = u64::try_from(POLICY_BYTES_MAX).unwrap_or(u64::MAX);
    let read = File::open(path).and_then(|file| {
        #[allow(clippy::disallowed_methods, reason = "the stream is cut at its limit")]
        file.take(most.saturating_add(1)).read_to_string(&mut text)
    });
    match read {
        Ok(bytes) if bytes > POLICY_BYTES_MAX => {
            Err(format!("larger than {POLICY_BYTES_MAX} bytes"))
        }
        Ok(_) => Ok(text),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_policies_of_the_suite_have_names() {
        for name in ["strict", "gitlab", "service-ping"] {
            assert_eq!(load_policy(name).unwrap().name, name);
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../policies/strict.yaml");
        assert_eq!(
            load_policy(path).unwrap().fingerprint,
            load_policy("strict").unwrap().fingerprint
        );
    }

    #[test]
    fn a_file_has_a_limit() {
        let path = std::env::temp_dir().join(format!("key-source-policy-{}", std::process::id()));
        let padded = |bytes: usize| {
            let text = shipped("strict").unwrap();
            let text = format!("{text}{}", " ".repeat(bytes - text.len()));
            std::fs::write(&path, text).unwrap();
            load_policy(path.to_str().unwrap())
        };
        assert!(padded(POLICY_BYTES_MAX).is_ok());
        assert!(padded(POLICY_BYTES_MAX + 1).unwrap_err().contains("larger"));
        std::fs::remove_file(&path).unwrap();
        assert!(load_policy("/nonexistent/policy.yaml").is_err());
    }
}
