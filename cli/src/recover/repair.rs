//! A line and a recipe in, the line's fate out.

use bad_event_classifier::{Classifier, Schemas};

use super::draft::Draft;
use super::fate::{Fate, Reason, Recovered};
use super::recipe::{Recipe, Rule, Step};
use super::source::Access;

/// The largest payload, in bytes: what the collector writes into the raw stream at most.
pub(super) const PAYLOAD_BYTES_MAX: usize = 1_000_000;

/// Follows a recipe.
pub(crate) struct Repair {
    pub(crate) recipe: Recipe,
    pub(crate) classifier: Classifier<Schemas>,
    pub(crate) access: Access,
}

impl Repair {
    /// The fate of a line, and the places of the rules that are for it.
    pub(super) fn line(&self, line: &[u8]) -> (Fate, Vec<usize>) {
        let source = match self.access.source(line) {
            Ok(source) => source,
            Err(reason) => return (Fate::Lost(reason), Vec::new()),
        };
        let (class, places) = self.classifier.classify_with_places(&source.line);
        let rules = self.recipe.rules.iter().enumerate();
        let rules: Vec<_> = rules.filter(|(_, rule)| rule.when.holds(&class, &places)).collect();
        let numbers = rules.iter().map(|(place, _)| *place).collect();
        if rules.is_empty() {
            return (Fate::Unmatched, numbers);
        }
        let drops = |rule: &Rule| rule.steps.iter().any(|step| matches!(step, Step::Drop));
        if let Some((place, _)) = rules.iter().find(|(_, rule)| drops(rule)) {
            return (Fate::Dropped(*place), numbers);
        }
        let rules = rules.into_iter().map(|(_, rule)| rule);
        let fate = match changed(&source.draft, rules) {
            Ok(Some(after)) => Fate::Recovered(Box::new(Recovered {
                before: source.draft,
                after,
                has_pseudonyms: source.has_pseudonyms,
            })),
            Ok(None) => Fate::Unchanged,
            Err(reason) => Fate::Lost(reason),
        };
        (fate, numbers)
    }
}

/// What the rules make of a payload; nothing if they leave it as it was and none says so.
fn changed<'r>(
    before: &Draft,
    rules: impl Iterator<Item = &'r Rule>,
) -> Result<Option<Draft>, Reason> {
    let mut after = before.clone();
    let mut is_wanted = false;
    for rule in rules {
        is_wanted |= rule.steps.is_empty();
        for step in &rule.steps {
            is_wanted |= after.follow(step)?;
        }
    }
    if !is_wanted {
        return Ok(None);
    }
    if after.to_payload()?.encoded_bytes() > PAYLOAD_BYTES_MAX {
        return Err(Reason::TooLarge);
    }
    Ok(Some(after))
}
