//! What was done, counted: names of rules and numbers, never values.

use crate::policy::{Policy, RuleId};

/// What became of the values of a batch.
#[derive(Clone, Debug, Default)]
pub struct Tally {
    /// Values that stayed as they were.
    pub kept: u64,
    /// Values of which a part stayed.
    pub reduced: u64,
    /// Values and keys that became pseudonyms.
    pub pseudonymized: u64,
    /// Values that were left out.
    pub dropped: u64,
    /// By rule: values that it did not understand and that became pseudonyms therefore.
    violations: Vec<u32>,
}

impl Tally {
    pub(crate) fn for_policy(policy: &Policy) -> Self {
        Self { violations: vec![0; policy.rules().count()], ..Self::default() }
    }

    pub(crate) fn violation(&mut self, rule: RuleId) {
        self.pseudonymized += 1;
        if let Some(count) = self.violations.get_mut(usize::from(rule.0)) {
            *count = count.saturating_add(1);
        }
    }

    /// How many values their rules did not understand.
    pub fn violations(&self) -> u64 {
        self.violations.iter().copied().map(u64::from).sum()
    }

    /// The rules that did not understand values, the worst first.
    pub fn violated<'p>(&self, policy: &'p Policy) -> Vec<(&'p str, u32)> {
        let named = policy.rules().zip(&self.violations).filter(|(_, count)| **count > 0);
        let mut worst: Vec<_> =
            named.map(|((_, rule), count)| (rule.subject.as_str(), *count)).collect();
        worst.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(b.0)));
        worst
    }
}
