//! Findings and the report, for people and for programs.

use serde_json::json;

use super::report::{Group, Kept, Report};
use super::{Finding, Level, Lint};
use crate::policy::wrap::wrap;

/// Lines of a terminal.
pub(super) fn text(lint: &Lint, file: &str) -> String {
    let mut out = String::new();
    for finding in &lint.findings {
        let Finding { rule, level, line: place, message } = finding;
        let place = if *place > 0 { format!(":{place}") } else { String::new() };
        wrap(&format!("{file}{place}: {} {rule}: {message}", level.name()), 4, &mut out);
    }
    if let Some(report) = &lint.report {
        if !lint.findings.is_empty() {
            out.push('\n');
        }
        on(report, &mut out);
    }
    let count = |level| lint.findings.iter().filter(|it| it.level == level).count();
    let counts = [Level::Error, Level::Warning, Level::Note].map(|level| {
        let (count, name) = (count(level), level.name());
        format!("{count} {name}{}", if count == 1 { "" } else { "s" })
    });
    out.push_str(&counts.join(", "));
    out.push('\n');
    out
}

fn on(report: &Report, out: &mut String) {
    let Report { policy, fingerprint, scheme, columns, schemas, linkage, totals } = report;
    wrap(&format!("Policy {policy} ({fingerprint}), scheme {scheme}"), 4, out);
    out.push_str("\nWhat stays, and how many bits it can tell at most:\n");
    group(columns, "an event", out);
    for schema in schemas {
        group(schema, "an entity", out);
    }
    out.push_str("\nWhat can be joined, because equal values have equal pseudonyms:\n");
    for group in linkage {
        wrap(&format!("  {}: {}", group.domain, group.places.join(", ")), 6, out);
    }
    if linkage.is_empty() {
        out.push_str("  nothing\n");
    }
    let total = format!(
        "\n{} places stay or are made coarse, {} become pseudonyms, {} are dropped; {} schemas",
        totals.kept, totals.pseudonyms, totals.dropped, totals.schemas
    );
    wrap(&total, 4, out);
}

fn group(group: &Group, of_what: &str, out: &mut String) {
    let Group { name, bits, kept, pseudonyms, dropped } = group;
    let heading = format!(
        "  {name}: {bits:.0} bits {of_what}; {pseudonyms} pseudonyms, {dropped} dropped{}",
        if kept.is_empty() { "" } else { "; kept:" }
    );
    wrap(&heading, 6, out);
    if !kept.is_empty() {
        let shown = |it: &Kept| format!("{} {:.0}", it.place, it.bits);
        let shown: Vec<_> = kept.iter().map(shown).collect();
        wrap(&format!("      {}", shown.join(", ")), 6, out);
    }
}

/// One object.
pub(super) fn json(lint: &Lint, file: &str) -> String {
    let finding = |it: &Finding| {
        json!({
            "rule": it.rule,
            "level": it.level.name(),
            "line": it.line,
            "message": it.message,
        })
    };
    let findings: Vec<_> = lint.findings.iter().map(finding).collect();
    let all = json!({ "file": file, "findings": findings, "report": lint.report });
    format!("{all:#}\n")
}
