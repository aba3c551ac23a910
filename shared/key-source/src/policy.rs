//! The policies that come with the suite, and those that an operator brings along.

use function_env::text_file;
use privacy::policy::POLICY_BYTES_MAX;
use privacy::{Policy, shipped};

/// A policy by its name, or the path of a file; an error says all that is wrong with it.
pub fn load_policy(name: &str) -> Result<Policy, String> {
    match shipped(name) {
        Some(text) => parse(text),
        None => parse(&text_file(name, POLICY_BYTES_MAX)?),
    }
}

fn parse(text: &str) -> Result<Policy, String> {
    Policy::parse(text).map_err(|error| error.to_string().replace('\n', "; "))
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
