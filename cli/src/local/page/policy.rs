//! The policy that the pipeline uses, and the key of its pseudonyms.

use std::path::Path;

use privacy::explain::ExplainedLeaf;
use privacy::{Key, Policy};
use serde::Serialize;
use serde_json::json;

use super::api::Problem;
use crate::local::answer::Answer;
use crate::policies;

/// The policy in use.
#[derive(Debug)]
pub(in crate::local) struct InUse {
    /// Its name, if it comes with the command, or its file.
    source: String,
    text: String,
    pub(super) policy: Policy,
}

impl InUse {
    /// Reads what was named at start.
    pub(in crate::local) fn read(source: &str) -> Result<Self, String> {
        let file = Path::new(source);
        let policy = policies::policy(file).map_err(|error| error.to_string())?;
        let text = policies::text(file).map_err(|error| error.to_string())?;
        Ok(Self { source: source.to_owned(), text, policy })
    }
}

/// The text of the policy in use.
pub(super) fn answer(in_use: &InUse) -> Answer {
    Answer::json(
        200,
        &json!({
            "name": in_use.policy.name,
            "source": in_use.source,
            "yaml": in_use.text,
        }),
    )
}

/// The key that pseudonyms are made with now.
pub(super) fn key(file: &Path) -> Result<Key, Problem> {
    let keys = policies::keys(file).map_err(Problem::inside)?;
    keys.current().cloned().ok_or_else(|| Problem::inside("the key file holds no current key"))
}

/// How much of a value can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Fate {
    /// It is left out.
    Dropped,
    /// Something stands for it.
    Pseudonymized,
    /// Something of it can be seen.
    Reduced,
    /// All of it.
    Kept,
}

/// What became of a value.
pub(super) fn fate(leaf: &ExplainedLeaf) -> Fate {
    let hides =
        leaf.violated || leaf.treatment.starts_with("pseudonymize") || leaf.treatment == "replaced";
    match &leaf.after {
        None => Fate::Dropped,
        Some(after) if *after == leaf.before => Fate::Kept,
        Some(_) if hides => Fate::Pseudonymized,
        Some(_) => Fate::Reduced,
    }
}

/// A value with what the policy did to it.
#[derive(Debug, Serialize)]
pub(super) struct Value<'a> {
    place: &'a str,
    before: &'a str,
    after: Option<&'a str>,
    fate: Fate,
    treatment: &'a str,
    rule: &'a str,
    /// The policy's line; 0 for what no rule names.
    line: usize,
    /// The rule did not understand the value, so that it became a pseudonym.
    outside_of_class: bool,
}

impl<'a> From<&'a ExplainedLeaf> for Value<'a> {
    fn from(leaf: &'a ExplainedLeaf) -> Self {
        Self {
            place: &leaf.place,
            before: &leaf.before,
            after: leaf.after.as_deref(),
            fate: fate(leaf),
            treatment: &leaf.treatment,
            rule: &leaf.rule,
            line: leaf.line,
            outside_of_class: leaf.violated,
        }
    }
}
