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
    /// Changes with every one of them.
    violated: u64,
}

/// What a tally says at one time, or how much it grew.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Counts {
    kept: u64,
    reduced: u64,
    pseudonymized: u64,
    dropped: u64,
    violated: u64,
}

impl Tally {
    /// What it says now.
    pub(crate) fn counts(&self) -> Counts {
        let Self { kept, reduced, pseudonymized, dropped, violated, .. } = *self;
        Counts { kept, reduced, pseudonymized, dropped, violated }
    }

    /// How much it grew; none if rules did not understand something, which is told by rule.
    pub(crate) fn since(&self, before: Counts) -> Option<Counts> {
        (self.violated == before.violated).then(|| Counts {
            kept: self.kept - before.kept,
            reduced: self.reduced - before.reduced,
            pseudonymized: self.pseudonymized - before.pseudonymized,
            dropped: self.dropped - before.dropped,
            violated: 0,
        })
    }

    /// The same once more.
    pub(crate) fn again(&mut self, more: Counts) {
        self.kept += more.kept;
        self.reduced += more.reduced;
        self.pseudonymized += more.pseudonymized;
        self.dropped += more.dropped;
    }

    pub(crate) fn for_policy(policy: &Policy) -> Self {
        Self { violations: vec![0; policy.rules().count()], ..Self::default() }
    }

    pub(crate) fn violation(&mut self, rule: RuleId) {
        self.pseudonymized += 1;
        self.violated += 1;
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
