//! The table that somebody on call wants: what is wrong, how often, whose it is, what to do.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use bad_event_classifier::{Classification, Severity};

/// The most groups that are told apart; a million lines have a few hundred.
const GROUPS_MAX: usize = 10_000;
/// The most applications of a group that are named.
const APPS_MAX: usize = 3;
/// The most groups whose remedy is told.
const REMEDIES_MAX: usize = 10;
const HEAD: [&str; 9] =
    ["COUNT", "SEV", "FAMILY", "CLASS", "WHERE", "APP", "OWNER", "RECOVER", "FINGERPRINT"];

/// Classifications in groups of the same fingerprint.
#[derive(Debug, Default)]
pub(super) struct Summary {
    lines: usize,
    groups: BTreeMap<String, Group>,
    /// How many lines are in no group, because there were too many.
    ungrouped: usize,
    noise: BTreeMap<String, usize>,
}

#[derive(Debug)]
struct Group {
    count: usize,
    first: Classification,
    apps: BTreeSet<String>,
}

impl Summary {
    pub(super) fn add(&mut self, found: Classification) {
        self.lines += 1;
        if let Some((rule, _)) = &found.noise {
            *self.noise.entry(rule.clone()).or_default() += 1;
            return;
        }
        let is_full = self.groups.len() == GROUPS_MAX;
        if is_full && !self.groups.contains_key(&found.fingerprint) {
            self.ungrouped += 1;
            return;
        }
        let app = found.app_id.clone();
        let group = self.groups.entry(found.fingerprint.clone()).or_insert_with(|| Group {
            count: 0,
            first: found,
            apps: BTreeSet::new(),
        });
        group.count += 1;
        if group.apps.len() <= APPS_MAX {
            group.apps.extend(app);
        }
    }

    /// The worst and most first.
    pub(super) fn to_text(&self) -> String {
        let mut groups: Vec<_> = self.groups.values().collect();
        groups.sort_by(|a, b| a.rank().cmp(&b.rank()));
        let rows: Vec<_> = groups.iter().map(|group| group.row()).collect();
        let mut text = if rows.is_empty() { String::new() } else { table(&rows) };
        let remedies: Vec<_> = groups.iter().take(REMEDIES_MAX).collect();
        if !remedies.is_empty() {
            text.push_str("\nWhat to do:\n");
        }
        for Group { first, .. } in remedies {
            let Classification { fingerprint, likely_cause, remedy, .. } = first;
            // Writing to a text cannot fail.
            writeln!(text, "  {fingerprint}  {likely_cause} {remedy}").ok();
        }
        let noise: usize = self.noise.values().sum();
        let bad = self.lines - noise;
        if !text.is_empty() {
            text.push('\n');
        }
        write!(text, "lines {}, bad events {bad}, groups {}", self.lines, groups.len()).ok();
        if self.ungrouped > 0 {
            write!(text, " ({} lines in none, beyond {GROUPS_MAX})", self.ungrouped).ok();
        }
        write!(text, ", noise {noise}").ok();
        let rules: Vec<_> =
            self.noise.iter().map(|(rule, count)| format!("{rule} {count}")).collect();
        let rules =
            if rules.is_empty() { String::new() } else { format!(" ({})", rules.join(", ")) };
        writeln!(text, "{rules}").ok();
        text
    }
}

impl Group {
    fn rank(&self) -> (Severity, std::cmp::Reverse<usize>, &str) {
        (self.first.severity, std::cmp::Reverse(self.count), &self.first.fingerprint)
    }

    fn row(&self) -> [String; HEAD.len()] {
        let Classification { schema, pointer, keyword, .. } = &self.first;
        let schema = schema
            .as_deref()
            .map(|uri| uri.trim_start_matches("iglu:").replace("/jsonschema/", " "));
        let parts = [schema.as_deref(), pointer.as_deref(), keyword.as_deref()];
        let place: Vec<_> = parts.into_iter().flatten().collect();
        let mut apps: Vec<_> = self.apps.iter().take(APPS_MAX).map(String::as_str).collect();
        if self.apps.len() > APPS_MAX {
            apps.push("…");
        }
        let or_dash = |text: String| if text.is_empty() { "-".to_owned() } else { text };
        [
            self.count.to_string(),
            self.first.severity.name().to_owned(),
            self.first.family.name().to_owned(),
            self.first.class.clone(),
            or_dash(place.join(" ")),
            or_dash(apps.join(",")),
            self.first.owner.clone(),
            self.first.recoverable.to_owned(),
            self.first.fingerprint.clone(),
        ]
    }
}

/// Columns as wide as what is in them, the count to the right.
fn table(rows: &[[String; HEAD.len()]]) -> String {
    let mut widths = HEAD.map(|name| name.chars().count());
    for row in rows {
        for (width, cell) in widths.iter_mut().zip(row) {
            *width = cell.chars().count().max(*width);
        }
    }
    let head = HEAD.map(str::to_owned);
    let mut text = String::new();
    for row in std::iter::once(&head).chain(rows) {
        let mut line = String::new();
        for (column, (cell, width)) in row.iter().zip(widths).enumerate() {
            if column == 0 {
                write!(line, "{cell:>width$}").ok();
            } else {
                write!(line, "  {cell:width$}").ok();
            }
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use bad_event_classifier::{Classifier, Rules, Schemas};

    use super::*;

    fn found(line: &str) -> Classification {
        Classifier::new(Rules::built_in(), Schemas::default()).classify(line.as_bytes())
    }

    #[test]
    fn the_worst_and_most_come_first() {
        let mut summary = Summary::default();
        for line in ["x", "x", "{\"lambdaArn\":\"a\",\"rawData\":\"b\"}", "{}"] {
            summary.add(found(line));
        }
        let text = summary.to_text();
        let lines: Vec<_> = text.lines().collect();
        assert!(lines[1].contains("P0") && lines[1].contains("delivery-failed"), "{text}");
        assert!(lines[2].trim_start().starts_with("2  P2"), "{text}");
        assert!(lines[3].trim_start().starts_with("1  P2"), "{text}");
        assert!(text.ends_with("lines 4, bad events 4, groups 3, noise 0\n"), "{text}");
    }

    #[test]
    fn groups_end_at_the_limit() {
        let mut summary = Summary::default();
        let mut one = found("x");
        for number in 0..=GROUPS_MAX {
            one.fingerprint = number.to_string();
            summary.add(one.clone());
        }
        assert_eq!((summary.groups.len(), summary.ungrouped), (GROUPS_MAX, 1));
        summary.add(Classification { fingerprint: "0".to_owned(), ..one });
        assert_eq!(summary.ungrouped, 1);
    }

    #[test]
    fn applications_are_named_up_to_the_limit() {
        let mut summary = Summary::default();
        for number in 0..=APPS_MAX + 1 {
            summary.add(Classification { app_id: Some(format!("a{number}")), ..found("x") });
        }
        assert!(summary.to_text().contains("a0,a1,a2,…"));
    }

    #[test]
    fn nothing_is_one_line() {
        let text = Summary::default().to_text();
        assert_eq!(text, "lines 0, bad events 0, groups 0, noise 0\n");
    }

    #[test]
    fn remedies_end_at_the_limit() {
        let mut summary = Summary::default();
        for number in 0..=REMEDIES_MAX {
            summary.add(Classification { fingerprint: format!("f{number:02}"), ..found("x") });
        }
        let text = summary.to_text();
        let remedies = text.lines().filter(|line| line.starts_with("  f")).count();
        assert_eq!(remedies, REMEDIES_MAX);
    }
}
