//! `whiteout policy diff`: what a change to a policy newly shows, newly hides, and changes otherwise.

mod compare;

use std::io::Write as _;

use serde_json::json;

use crate::config::{DiffOptions, Format};
use crate::policies::{PrivacyError, policy};
use crate::policy::wrap::wrap;

pub(crate) use compare::{Change, Kind, compare};

/// Prints the changes, and fails if something is newly exposed.
pub(crate) fn run(options: &DiffOptions) -> Result<(), PrivacyError> {
    let (old, new) = (policy(&options.old)?, policy(&options.new)?);
    let changes = compare(&old, &new);
    let printed = match options.format {
        Format::Text | Format::Sarif => text(&changes),
        Format::Json => json(&changes),
    };
    // Whoever closed the pipe has read enough.
    std::io::stdout().write_all(printed.as_bytes()).ok();
    let exposed = changes.iter().filter(|change| change.kind == Kind::Exposed).count();
    if exposed == 0 {
        return Ok(());
    }
    let plural = if exposed == 1 { "place shows" } else { "places show" };
    Err(PrivacyError::Findings(format!("{exposed} {plural} more than before")))
}

fn text(changes: &[Change]) -> String {
    let mut out = String::new();
    for (kind, heading, mark) in [
        (Kind::Exposed, "Newly exposed", '!'),
        (Kind::Hidden, "Newly hidden", '-'),
        (Kind::Otherwise, "Changed otherwise", '~'),
    ] {
        let own: Vec<_> = changes.iter().filter(|change| change.kind == kind).collect();
        wrap(&format!("{heading}: {}", own.len()), 0, &mut out);
        for Change { place, before, after, what, line, .. } in own {
            let line = if *line > 0 { format!(", line {line}") } else { String::new() };
            let change = format!("{mark} {place}: {before} -> {after} ({what}{line})");
            wrap(&change, 4, &mut out);
        }
    }
    out
}

fn json(changes: &[Change]) -> String {
    let of = |kind| {
        let own = changes.iter().filter(move |change| change.kind == kind);
        let shown = own.map(|Change { place, before, after, what, line, .. }| {
            json!({ "place": place, "before": before, "after": after, "what": what, "line": line })
        });
        shown.collect::<Vec<_>>()
    };
    let all = json!({
        "exposed": of(Kind::Exposed),
        "hidden": of(Kind::Hidden),
        "otherwise": of(Kind::Otherwise),
    });
    format!("{all:#}\n")
}
