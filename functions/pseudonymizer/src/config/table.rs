//! The variables that the pseudonymizer reads, one row each.

use function_env::Kind::{Duration, List, Text};
use function_env::{Variable, row};

/// Every variable of the pseudonymizer. None replaces a key of Snowplow's.
pub const VARIABLES: &[Variable] = &[
    row("ENRICHED_GOOD_STREAMS", List, "streams.enrichedGood", "(none)", "enriched-good"),
    row("ENRICHED_BAD_STREAMS", List, "streams.enrichedBad", "(none)", "enriched-bad"),
    row("RAW_BAD_STREAMS", List, "streams.rawBad", "(none)", "raw-bad"),
    row("POLICY", Text, "policy", "strict", "/opt/policy.yaml"),
    row("KEY_SOURCE", Text, "key.source", "(required)", "secretsmanager:pseudonym-key"),
    row("KEY_TTL", Duration, "key.ttl", "5m", "1h"),
    row(
        "SEAL_RECIPIENTS",
        List,
        "sealRecipients",
        "(none)",
        "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
    ),
    row("OUTPUT", Text, "output", "tsv", "json"),
    row("PARTITION_KEYS", List, "partitionKeys", "(none)", "app_id, event_name"),
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
