//! How many lines had which fate.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use super::fate::{Fate, Reason};
use super::recipe::Recipe;

/// How many lines of a kind are named.
const LINES_SHOWN_MAX: usize = 10;

/// The counts of a run. Each line is in exactly one of them.
#[derive(Default)]
pub(super) struct Tally {
    recovered: usize,
    with_pseudonyms: usize,
    dropped: usize,
    unmatched: Numbers,
    unchanged: Numbers,
    lost: BTreeMap<Reason, Numbers>,
    rules: BTreeMap<usize, usize>,
}

/// How many, and the numbers of the first of them.
#[derive(Default)]
struct Numbers {
    count: usize,
    first: Vec<usize>,
}

impl Tally {
    pub(super) fn add(&mut self, number: usize, fate: &Fate, rules: &[usize]) {
        match fate {
            Fate::Recovered(recovered) => {
                self.recovered += 1;
                self.with_pseudonyms += usize::from(recovered.has_pseudonyms);
            }
            Fate::Dropped(_) => self.dropped += 1,
            Fate::Unmatched => self.unmatched.add(number),
            Fate::Unchanged => self.unchanged.add(number),
            Fate::Lost(reason) => self.lost.entry(*reason).or_default().add(number),
        }
        for rule in rules {
            *self.rules.entry(*rule).or_default() += 1;
        }
    }

    /// How many could not be recovered.
    pub(super) fn lost(&self) -> usize {
        self.lost.values().map(|numbers| numbers.count).sum()
    }

    pub(super) fn lines(&self) -> usize {
        self.recovered + self.dropped + self.unmatched.count + self.unchanged.count + self.lost()
    }

    /// What is told at the end.
    pub(super) fn to_text(&self, recipe: &Recipe) -> String {
        let unchanged = self.unmatched.count + self.unchanged.count;
        let mut text = format!(
            "lines {}: recovered {}, dropped {}, unchanged {unchanged}, not recoverable {}\n",
            self.lines(),
            self.recovered,
            self.dropped,
            self.lost()
        );
        let reasons = [
            (&self.unmatched, ("no rule", "no rule is for it")),
            (&self.unchanged, ("no change", "rules are for it, and their steps change nothing")),
        ];
        let lost = self.lost.iter().map(|(reason, numbers)| (numbers, reason.told()));
        for (numbers, (name, meaning)) in reasons.into_iter().chain(lost) {
            if numbers.count > 0 {
                let lines = numbers.to_text();
                writeln!(text, "  {name} {}: {meaning} ({lines})", numbers.count).ok();
            }
        }
        if self.with_pseudonyms > 0 {
            let count = self.with_pseudonyms;
            writeln!(text, "  recovered with pseudonyms {count}: never mix them with originals")
                .ok();
        }
        for (place, rule) in recipe.rules.iter().enumerate() {
            let count = self.rules.get(&place).copied().unwrap_or_default();
            writeln!(text, "rule {:?}: {count}", rule.name).ok();
        }
        text
    }
}

impl Numbers {
    fn add(&mut self, number: usize) {
        self.count += 1;
        if self.first.len() < LINES_SHOWN_MAX {
            self.first.push(number);
        }
    }

    fn to_text(&self) -> String {
        let numbers: Vec<_> = self.first.iter().map(usize::to_string).collect();
        let more = self.count - self.first.len();
        let word = if self.count == 1 { "line" } else { "lines" };
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{word} {}{rest}", numbers.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_that_are_named_end_at_the_limit() {
        let mut numbers = Numbers::default();
        for number in 1..=LINES_SHOWN_MAX {
            numbers.add(number);
        }
        assert_eq!(numbers.to_text(), "lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10");
        numbers.add(11);
        assert_eq!(numbers.to_text(), "lines 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 and 1 more");
    }
}
