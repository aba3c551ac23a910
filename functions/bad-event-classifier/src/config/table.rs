//! The variables that the classifier reads, one row each.

use function_env::Kind::{Duration, List, Text};
use function_env::{Variable, row};

/// Every variable of the classifier. None replaces a key of Snowplow's.
pub const VARIABLES: &[Variable] = &[
    row("STREAM_OUT", Text, "output.streamName", "(required)", "bad-event-class"),
    row("RULES", Text, "rules", "(the built-in rules)", "/opt/rules.json"),
    row("IGLU_DIRS", List, "schemas", "(the embedded schemas)", "/opt/iglu"),
    row("BACKOFF_MIN", Duration, "output.backoffPolicy.minBackoff", "50ms", "100ms"),
    row("BACKOFF_MAX", Duration, "output.backoffPolicy.maxBackoff", "1s", "5s"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_has_the_same_table() {
        let readme = include_str!("../../README.md");
        let is_row = |line: &&str| line.starts_with("| `") && line.split(" | ").count() == 5;
        let shown = readme.lines().filter(is_row);
        let rows: Vec<_> = VARIABLES.iter().map(Variable::readme_row).collect();
        assert_eq!(shown.collect::<Vec<_>>(), rows);
    }
}
