//! The variables that the object notifier reads, one row each.

use function_env::Kind::{List, Text};
use function_env::{Variable, row};

/// Every variable of the object notifier. None replaces a key of Snowplow's.
pub const VARIABLES: &[Variable] = &[
    row(
        "ROUTES",
        Text,
        "routes",
        "(required)",
        r#"{"output/":["arn:aws:sns:eu-west-1:123456789012:good-pipe"],"bad_event/":[]}"#,
    ),
    row("LOADABLE_SUFFIXES", List, "loadableSuffixes", ".gz", ".gz, .parquet"),
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
