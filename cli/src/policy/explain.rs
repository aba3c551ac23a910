//! `whiteout policy explain`: what a policy does to each value of the events on standard input.

use std::io::{BufWriter, Write};

use json_tree::Json;
use privacy::explain::{ExplainedLeaf, Explanation, row};
use privacy::{Key, Keyed, Policy, Rewriter, Stream};
use serde_json::json;

use crate::config::{ExplainOptions, Format};
use crate::policies::{PrivacyError, keys, policy, throw_away_key, unusable};
use crate::pseudonymize::next_line;

/// How much of a value a table shows.
const SHOWN_CHARS_MAX: usize = 64;
/// Depth of a bad event.
const DEPTH_MAX: usize = 128;

/// Explains every line of standard input.
pub(crate) fn run(options: &ExplainOptions) -> Result<(), PrivacyError> {
    let policy = policy(&options.policy)?;
    let key = match &options.key_file {
        Some(file) => {
            let current = keys(file)?.current().cloned();
            current.ok_or_else(|| unusable(file, "holds no current key"))?
        }
        None => throw_away_key()?,
    };
    let mut out = BufWriter::new(std::io::stdout().lock());
    let (mut input, mut line) = (std::io::stdin().lock(), Vec::new());
    let (mut number, mut bad) = (0, 0);
    while next_line(&mut input, number + 1, &mut line)? {
        number += 1;
        if line.iter().all(u8::is_ascii_whitespace) {
            continue;
        }
        let is_json = line.starts_with(b"{");
        let stream = if is_json { Stream::EnrichedBad } else { Stream::EnrichedGood };
        let explained = explained(&policy, &key, (stream, &line)).map(|it| it.leaves);
        bad += usize::from(explained.is_err());
        match options.format {
            Format::Text | Format::Sarif => table(number, &explained, &mut out)?,
            Format::Json => object(number, &explained, &mut out)?,
        }
    }
    out.flush()?;
    if bad == 0 {
        return Ok(());
    }
    Err(PrivacyError::Findings(format!("{bad} lines are no events, and would be quarantined")))
}

/// What happens to each value of a stream's line; the error is the word for what is wrong with the line.
pub(crate) fn explained(
    policy: &Policy,
    key: &Key,
    (stream, line): (Stream, &[u8]),
) -> Result<Explanation, String> {
    let mut pseudonyms = Keyed::new(policy, key);
    if stream == Stream::EnrichedGood {
        let explained = row(policy, &mut pseudonyms, key.id(), line);
        return explained.map_err(|defect| defect.to_string());
    }
    let mut treated = String::new();
    let mut rewriter = Rewriter::new(policy, pseudonyms, key.id());
    let done = rewriter.line(stream, line, &[], &mut treated);
    done.map_err(|defect| defect.to_string())?;
    let before = str::from_utf8(line).ok().and_then(|text| Json::parse(text, DEPTH_MAX).ok());
    let after = Json::parse(&treated, DEPTH_MAX).ok();
    let mut leaves = Vec::new();
    bad_event((before.as_ref(), after.as_ref()), "bad event", &mut leaves);
    Ok(Explanation { leaves, treated })
}

/// A bad event is shaped anew, so its values are told beside what stands at the same place after.
fn bad_event(
    (before, after): (Option<&Json<'_>>, Option<&Json<'_>>),
    place: &str,
    leaves: &mut Vec<ExplainedLeaf>,
) {
    match (before, after) {
        (Some(Json::Object(old)), after) => {
            for (key, value) in old.iter() {
                let after = after.and_then(|after| after.get(key));
                bad_event((Some(value), after), &format!("{place} {key}"), leaves);
            }
        }
        (Some(Json::Array(old)), after) => {
            let new = after.and_then(Json::as_array).unwrap_or_default();
            for (index, value) in old.iter().enumerate() {
                bad_event((Some(value), new.get(index)), &format!("{place}[{index}]"), leaves);
            }
        }
        (Some(old), after) => {
            let text =
                |json: &Json<'_>| json.as_str().map_or_else(|| json.to_text(), str::to_owned);
            let (before, after) = (text(old), after.map(text));
            let treatment = match &after {
                Some(after) if *after == before => "kept",
                Some(_) => "replaced",
                None => "left out",
            };
            leaves.push(ExplainedLeaf {
                place: place.to_owned(),
                rule: "bad event".to_owned(),
                line: 0,
                treatment: treatment.to_owned(),
                before,
                after,
                violated: false,
            });
        }
        (None, _) => {}
    }
}

type Explained = Result<Vec<ExplainedLeaf>, String>;

fn table(number: usize, explained: &Explained, out: &mut impl Write) -> std::io::Result<()> {
    let leaves = match explained {
        Ok(leaves) => leaves,
        Err(defect) => return writeln!(out, "line {number}: {defect}: quarantined as a whole"),
    };
    writeln!(out, "line {number}")?;
    let width = |of: fn(&ExplainedLeaf) -> usize, most: usize| {
        leaves.iter().map(of).max().unwrap_or(0).min(most)
    };
    let places = width(|leaf| leaf.place.chars().count(), 44);
    let treatments = width(|leaf| leaf.treatment.chars().count(), 24);
    for leaf in leaves {
        let after = leaf.after.as_deref().map_or("(left out)".to_owned(), shortened);
        let violated = if leaf.violated { ", outside of its class" } else { "" };
        let line = if leaf.line > 0 { format!("line {}", leaf.line) } else { leaf.rule.clone() };
        writeln!(
            out,
            "  {:places$}  {:treatments$}  {line}{violated}: {} -> {after}",
            leaf.place.escape_debug().to_string(),
            leaf.treatment,
            shortened(&leaf.before),
        )?;
    }
    Ok(())
}

/// A value as a terminal can show it.
fn shortened(text: &str) -> String {
    let mut shown: String =
        text.chars().take(SHOWN_CHARS_MAX).flat_map(char::escape_debug).collect();
    if text.chars().count() > SHOWN_CHARS_MAX {
        shown.push('…');
    }
    shown
}

fn object(number: usize, explained: &Explained, out: &mut impl Write) -> std::io::Result<()> {
    let object = match explained {
        Err(defect) => json!({ "line": number, "defect": defect }),
        Ok(leaves) => {
            let leaf = |leaf: &ExplainedLeaf| {
                json!({
                    "place": leaf.place,
                    "rule": leaf.rule,
                    "policyLine": leaf.line,
                    "treatment": leaf.treatment,
                    "before": leaf.before,
                    "after": leaf.after,
                    "outsideOfClass": leaf.violated,
                })
            };
            json!({ "line": number, "values": leaves.iter().map(leaf).collect::<Vec<_>>() })
        }
    };
    writeln!(out, "{object}")
}
