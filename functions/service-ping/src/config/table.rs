//! The variables that the function reads, one row each.

use function_env::Kind::{Duration, Text};
use function_env::{Variable, row};

/// Every variable of the function. None replaces a key of Snowplow's.
pub const VARIABLES: &[Variable] = &[
    row("STREAM_USAGE_DATA", Text, "streams.usageData", "(required)", "service-ping-usage-data"),
    row("STREAM_METADATA", Text, "streams.metadata", "(required)", "service-ping-metadata"),
    row("STREAM_ERRORS", Text, "streams.errors", "(required)", "service-ping-errors"),
    row("POLICY", Text, "policy", "service-ping", "/opt/policy.yaml"),
    row("KEY_SOURCE", Text, "key.source", "(required)", "secretsmanager:pseudonym-key"),
    row("KEY_TTL", Duration, "key.ttl", "5m", "1h"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_has_the_same_table() {
        let readme = include_str!("../../README.md");
        let shown = readme.lines().filter(|line| line.starts_with("| `") && line.contains("` | `"));
        let rows: Vec<_> = VARIABLES.iter().map(Variable::readme_row).collect();
        assert_eq!(shown.collect::<Vec<_>>(), rows);
    }
}
