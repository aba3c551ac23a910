//! `whiteout recover`: bad events on standard input, collector payloads on standard output.

mod cast;
mod described;
mod diff;
mod draft;
mod fate;
mod json;
mod query;
mod recipe;
mod repair;
mod request;
mod source;
mod steps;
mod tally;
#[cfg(test)]
mod tests;

use std::io::{BufWriter, Write};
use std::path::Path;

use bad_event_classifier::Classifier;
use base64_simd::STANDARD;
use sealed::Identity;
use zeroize::Zeroizing;

use crate::classify;
use crate::config::RecoverOptions;
use crate::enrich::payload_json;
use crate::policies::{PrivacyError, unusable};
use crate::pseudonymize::next_line;

use diff::diff;
use draft::Draft;
use fate::{Fate, Reason};
use recipe::Recipe;
use repair::Repair;
use source::Access;
use tally::Tally;

/// Recovers every line that a rule is for.
pub(crate) fn run(options: &RecoverOptions) -> Result<(), PrivacyError> {
    let repair = repair(options)?;
    let mut input = std::io::stdin().lock();
    let mut out = BufWriter::new(std::io::stdout().lock());
    let (mut line, mut number, mut tally) = (Vec::new(), 0, Tally::default());
    while next_line(&mut input, number + 1, &mut line)? {
        number += 1;
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let (mut fate, rules) = repair.line(&line);
        if let Fate::Recovered(recovered) = &fate {
            match written(&recovered.after, options.as_jsonl) {
                Ok(_) if options.is_dry => {}
                Ok(payload) => writeln!(out, "{payload}")?,
                Err(reason) => fate = Fate::Lost(reason),
            }
        }
        if options.is_dry {
            write!(out, "{}", told(number, &fate, &repair.recipe))?;
        }
        tally.add(number, &fate, &rules);
    }
    out.flush()?;
    write!(std::io::stderr(), "{}", tally.to_text(&repair.recipe))?;
    if tally.lost() == 0 {
        return Ok(());
    }
    let (lost, lines) = (tally.lost(), tally.lines());
    Err(PrivacyError::Findings(format!("{lost} of {lines} lines could not be recovered")))
}

/// Recipe, rules and identities; if several of them cannot be used, all are told.
fn repair(options: &RecoverOptions) -> Result<Repair, PrivacyError> {
    let mut problems = Vec::new();
    let recipe = told_or(recipe(&options.recipe), &mut problems)?;
    let classifier = told_or(classifier(options), &mut problems)?;
    let mut identities = Vec::new();
    for file in &options.identities {
        identities.extend(told_or(identity(file), &mut problems)?);
    }
    match (recipe, classifier) {
        (Some(recipe), Some(classifier)) if problems.is_empty() => {
            let access = Access { identities, takes_pseudonyms: options.takes_pseudonyms };
            Ok(Repair { recipe, classifier, access })
        }
        _ => Err(PrivacyError::Unusable(problems)),
    }
}

fn told_or<T>(
    result: Result<T, PrivacyError>,
    problems: &mut Vec<String>,
) -> Result<Option<T>, PrivacyError> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(PrivacyError::Unusable(more)) => {
            problems.extend(more);
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

fn recipe(file: &Path) -> Result<Recipe, PrivacyError> {
    let text = std::fs::read_to_string(file).map_err(|error| unusable(file, error))?;
    recipe::read(&text).map_err(|problems| {
        let lines = problems.iter().map(|problem| format!("{}: {problem}", file.display()));
        PrivacyError::Unusable(lines.collect())
    })
}

fn classifier(
    options: &RecoverOptions,
) -> Result<Classifier<bad_event_classifier::Schemas>, PrivacyError> {
    classify::classifier(options.rules.as_deref(), &options.iglu)
}

fn identity(file: &Path) -> Result<Identity, PrivacyError> {
    let text = std::fs::read_to_string(file).map_err(|error| unusable(file, error))?;
    Identity::from_file_text(&Zeroizing::new(text)).map_err(|error| unusable(file, error))
}

/// The line of a payload.
fn written(draft: &Draft, as_jsonl: bool) -> Result<String, Reason> {
    let payload = draft.to_payload()?;
    if as_jsonl {
        return payload_json(&payload).ok_or(Reason::BodyNoText);
    }
    Ok(STANDARD.encode_to_string(payload.encode()))
}

/// What would become of a line.
fn told(number: usize, fate: &Fate, recipe: &Recipe) -> String {
    match fate {
        Fate::Recovered(recovered) => {
            let changes = diff(&recovered.before, &recovered.after);
            let as_it_was = if changes.is_empty() { ", as it was" } else { "" };
            format!("line {number}: recovered{as_it_was}\n{changes}")
        }
        Fate::Dropped(place) => {
            let name = recipe.rules.get(*place).map_or("", |rule| &rule.name);
            format!("line {number}: dropped by {name:?}\n")
        }
        Fate::Unmatched => format!("line {number}: unchanged, no rule is for it\n"),
        Fate::Unchanged => format!("line {number}: unchanged by the steps\n"),
        Fate::Lost(reason) => {
            let (name, meaning) = reason.told();
            format!("line {number}: not recoverable, {name}: {meaning}\n")
        }
    }
}
