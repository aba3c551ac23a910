//! `whiteout policy lint`: what a policy forgets, and what it shows too much of.

mod catalogue;
mod classes;
mod fields;
mod look_alike;
mod print;
mod report;
mod sample;
mod sarif;
mod schemas;
mod types;

use privacy::{Policy, Problem};

use crate::config::{Format, LintOptions};
use crate::policies::{self, PrivacyError};

use catalogue::Catalogue;
use report::Report;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Level {
    /// Values are shown that should not be, or the policy cannot be used.
    Error,
    /// Somebody should decide on it.
    Warning,
    /// Worth knowing.
    Note,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// Something that was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Finding {
    pub(crate) rule: &'static str,
    pub(crate) level: Level,
    /// The policy's line; 0 if it is about the whole.
    pub(crate) line: usize,
    pub(crate) message: String,
}

impl Finding {
    fn new(rule: &'static str, level: Level, line: usize, message: impl Into<String>) -> Self {
        Self { rule, level, line, message: message.into() }
    }
}

/// The rules, each with what it finds.
const RULES: [(&str, &str); 15] = [
    ("invalid-policy", "The policy cannot be read."),
    ("kept-unbounded", "A kept value has room for a whole text, and no reason says why."),
    ("kept-wide", "A kept value has room for an identifier."),
    ("kept-address", "More of an address stays than a region, and no reason says why."),
    ("unreviewed-field", "A field of a schema is not listed."),
    ("unknown-field", "A path is in no version of its schema."),
    ("unknown-schema", "A schema is in no registry."),
    ("unreviewed-schema", "A registry has schemas without rules."),
    ("dead-rule", "A definition is used nowhere, or joins nothing."),
    ("shadowed-rule", "A rule is never looked at, because an earlier one takes its values."),
    ("derived-looser-than-source", "A value is kept that was concluded from a hidden one."),
    ("type-break", "What takes a value's place does not fit the type or the width."),
    (
        "look-alike",
        "A value of the samples that stayed looks like an address, a number or a secret.",
    ),
    ("violations", "Values of the samples are outside of what their rule understands."),
    ("unusable-sample", "A line of a sample could not be treated and tells nothing."),
];

/// Everything that was found out.
struct Lint {
    findings: Vec<Finding>,
    /// None if the policy cannot be read.
    report: Option<Report>,
}

/// Looks at the policy, prints what was found, and fails if there is more than notes.
pub(crate) fn run(options: &LintOptions) -> Result<(), PrivacyError> {
    let text = policies::text(&options.policy)?;
    let lint = match Policy::parse(&text) {
        Err(error) => Lint { findings: error.problems.iter().map(invalid).collect(), report: None },
        Ok(policy) => Lint::of(&policy, options)?,
    };
    let file = options.policy.to_string_lossy();
    let printed = match options.format {
        Format::Text => print::text(&lint, &file),
        Format::Json => print::json(&lint, &file),
        Format::Sarif => sarif::sarif(&lint.findings, &sarif_uri(&file)),
    };
    // Whoever closed the pipe has read enough.
    std::io::Write::write_all(&mut std::io::stdout(), printed.as_bytes()).ok();
    let count = lint.findings.iter().filter(|finding| finding.level < Level::Note).count();
    if count == 0 {
        return Ok(());
    }
    let plural = if count == 1 { "" } else { "s" };
    Err(PrivacyError::Findings(format!("{count} finding{plural}")))
}

/// A policy that comes with the command is a file of the repository.
fn sarif_uri(file: &str) -> String {
    match privacy::shipped(file) {
        Some(_) => format!("policies/{file}.yaml"),
        None => file.to_owned(),
    }
}

fn invalid(problem: &Problem) -> Finding {
    let is_shadow = problem.message.starts_with("is never looked at");
    let rule = if is_shadow { "shadowed-rule" } else { "invalid-policy" };
    let subject = if problem.subject.is_empty() { "the policy" } else { &problem.subject };
    Finding::new(rule, Level::Error, problem.line, format!("{subject} {}", problem.message))
}

impl Lint {
    fn of(policy: &Policy, options: &LintOptions) -> Result<Self, PrivacyError> {
        let catalogue = Catalogue::of(&options.iglu)?;
        let mut findings = classes::check(policy);
        findings.extend(types::columns(policy));
        findings.extend(schemas::check(policy, &catalogue));
        findings.extend(sample::check(policy, &options.samples)?);
        findings.sort_by(|a, b| (a.level, a.line, a.rule).cmp(&(b.level, b.line, b.rule)));
        Ok(Self { findings, report: Some(Report::of(policy)) })
    }
}

/// The first of many names, and how many more there are.
fn some_of(names: &[String]) -> String {
    const SHOWN_MAX: usize = 12;
    let shown: Vec<_> = names.iter().take(SHOWN_MAX).map(String::as_str).collect();
    match names.len().saturating_sub(SHOWN_MAX) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}
