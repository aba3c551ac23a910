//! Samples of events, treated: whether something stayed that should not, and what rules did not
//! understand. No value of a sample is ever printed.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::BufReader;
use std::path::{Path, PathBuf};

use json_tree::Json;
use privacy::policy::DomainId;
use privacy::{Policy, Pseudonyms, Rewriter, Stream, explain};

use super::look_alike::Detectors;
use super::{Finding, Level};
use crate::policies::{PrivacyError, unusable};
use crate::pseudonymize::next_line;

/// Above this share of values outside of a class, the class is wrong rather than a value.
const SHARE_MAX: f64 = 0.1;
/// Depth of a treated bad event.
const DEPTH_MAX: usize = 128;
/// What audits call the key, of which there is none.
const KEY_ID: &str = "k0";

/// Everything that the samples tell.
pub(super) fn check(policy: &Policy, files: &[PathBuf]) -> Result<Vec<Finding>, PrivacyError> {
    let detectors = Detectors::new().map_err(std::io::Error::other)?;
    let mut samples = Samples { policy, detectors, seen: BTreeMap::new(), rules: BTreeMap::new() };
    let mut findings = Vec::new();
    for file in files {
        let unused = samples.file(file)?;
        if unused > 0 {
            let message = format!(
                "{}: {unused} lines could not be treated and are quarantined as a whole",
                file.display()
            );
            findings.push(Finding::new("unusable-sample", Level::Note, 0, message));
        }
    }
    findings.extend(samples.look_alikes());
    findings.extend(samples.violations());
    Ok(findings)
}

/// Words that are all different and look like nothing.
struct Words(u64);

impl Words {
    fn push(&mut self, out: &mut String) {
        self.0 += 1;
        out.push_str("PSEUDONYM");
        out.push_str(&self.0.to_string());
    }
}

impl Pseudonyms for Words {
    fn write(&mut self, _: DomainId, _: &[u8], out: &mut String) {
        self.push(out);
    }

    fn write_unlisted(&mut self, _: &str, _: &[u8], out: &mut String) {
        self.push(out);
    }

    fn needs_paths(&self) -> bool {
        false
    }
}

struct Samples<'p> {
    policy: &'p Policy,
    detectors: Detectors,
    /// By line of the policy, what the rule is about, and what the values look like.
    seen: BTreeMap<(usize, String, &'static str), usize>,
    /// By line and what the rule is about: values, and those that it did not understand.
    rules: BTreeMap<(usize, String), (usize, usize)>,
}

impl Samples<'_> {
    /// Treats every line; returns how many could not be.
    fn file(&mut self, path: &Path) -> Result<usize, PrivacyError> {
        let file = File::open(path).map_err(|error| unusable(path, error))?;
        let (mut input, mut line) = (BufReader::new(file), Vec::new());
        let (mut number, mut unused) = (0, 0);
        while next_line(&mut input, number + 1, &mut line).map_err(|it| unusable(path, it))? {
            number += 1;
            if line.iter().all(u8::is_ascii_whitespace) {
                continue;
            }
            let done = if line.starts_with(b"{") { self.bad_event(&line) } else { self.row(&line) };
            unused += usize::from(done.is_none());
        }
        Ok(unused)
    }

    fn row(&mut self, line: &[u8]) -> Option<()> {
        let explained = explain::row(self.policy, &mut Words(0), KEY_ID, line).ok()?;
        for leaf in explained.leaves {
            let rule = (leaf.line, leaf.rule);
            if let Some(after) = &leaf.after {
                self.look(&rule, after);
            }
            if leaf.line > 0 {
                let (values, violated) = self.rules.entry(rule).or_default();
                *values += 1;
                *violated += usize::from(leaf.violated);
            }
        }
        Some(())
    }

    fn bad_event(&mut self, line: &[u8]) -> Option<()> {
        let mut treated = String::new();
        let mut rewriter = Rewriter::new(self.policy, Words(0), KEY_ID);
        rewriter.line(Stream::EnrichedBad, line, &[], &mut treated).ok()?;
        let json = Json::parse(&treated, DEPTH_MAX).ok()?;
        self.walk(&json, "bad event");
        Some(())
    }

    fn walk(&mut self, json: &Json<'_>, place: &str) {
        let rule = (0, place.to_owned());
        match json {
            Json::Text(text) => self.look(&rule, text),
            Json::Number(number) => self.look(&rule, number),
            Json::Array(items) => items.iter().for_each(|item| self.walk(item, place)),
            Json::Object(object) => {
                for (key, value) in object.iter() {
                    self.look(&rule, key);
                    // A key that came from the event may be a value itself.
                    let is_word =
                        key.bytes().all(|byte| byte.is_ascii_alphabetic() || byte == b'_');
                    let is_shown = is_word && !key.starts_with("PSEUDONYM");
                    let inner = if is_shown { format!("{place} {key}") } else { place.to_owned() };
                    self.walk(value, &inner);
                }
            }
            Json::Null | Json::Bool(_) => {}
        }
    }

    fn look(&mut self, (line, rule): &(usize, String), text: &str) {
        for kind in self.detectors.kinds(text) {
            *self.seen.entry((*line, rule.clone(), kind)).or_default() += 1;
        }
    }

    fn look_alikes(&self) -> Vec<Finding> {
        let finding = |((line, rule, kind), count): (&(usize, String, &str), &usize)| {
            let message =
                format!("{rule}: what stayed looks like {} {kind}, {count} times", article(kind));
            Finding::new("look-alike", Level::Error, *line, message)
        };
        self.seen.iter().map(finding).collect()
    }

    fn violations(&self) -> Vec<Finding> {
        let mut findings = Vec::new();
        for ((line, rule), (values, violated)) in &self.rules {
            if *violated == 0 {
                continue;
            }
            #[allow(clippy::cast_precision_loss, reason = "a figure for people")]
            let share = *violated as f64 / *values as f64;
            let level = if share > SHARE_MAX { Level::Warning } else { Level::Note };
            let message = format!(
                "{rule}: {violated} of {values} values ({:.1} %) are outside of what the rule \
                 understands, and became pseudonyms",
                share * 100.0
            );
            findings.push(Finding::new("violations", level, *line, message));
        }
        findings
    }
}

fn article(word: &str) -> &'static str {
    if word.starts_with(['e', 'I']) { "an" } else { "a" }
}
