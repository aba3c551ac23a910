//! What a policy does not show has no influence: with the same pseudonym for everything, rows that
//! differ only in hidden values and keys come out the same, byte by byte.
//!
//! What may show: how many keys and items there are, and where nothing stands (null or no text).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::format_push_string,
    reason = "helpers of tests may fail as loudly as the tests"
)]

mod rows;

use std::collections::BTreeMap;

use privacy::{Constant, Rewriter, explain};
use proptest::prelude::*;
use proptest::test_runner::{TestError, TestRunner};

use rows::choices::Choices;
use rows::places::Slot;
use rows::value::Value;
use rows::{GITLAB, HOSTILE, Row, STRICT, Subject};

/// Rows for each policy.
const CASES: u32 = 700;
/// Variants of each row of the enricher.
const VARIANTS: u8 = 8;
/// More than any class accepts.
const TOO_LONG: usize = 1_100;

/// How a place is hidden.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Hidden {
    /// Whatever stands there.
    Always,
    /// Because the rule does not understand it.
    Violated,
    /// With all that it holds.
    Dropped,
}

/// The hidden places of a row; none if the row is quarantined.
fn hidden(subject: &Subject, line: &str) -> Option<BTreeMap<String, Option<Hidden>>> {
    let explained = explain::row(&subject.policy, &mut Constant, "k1", line.as_bytes()).ok()?;
    let mut places = BTreeMap::new();
    for leaf in explained.leaves {
        let how = match leaf.treatment.as_str() {
            _ if leaf.violated => Some(Hidden::Violated),
            "drop" => Some(Hidden::Dropped),
            it if it.starts_with("pseudonymize") => Some(Hidden::Always),
            _ => None,
        };
        // Strange keys can make two places look alike; then both must be hidden in one way.
        let known = places.entry(leaf.place).or_insert(how);
        *known = known.filter(|known| Some(*known) == how);
    }
    Some(places)
}

/// Another text, different for each number.
fn other_text(choices: &mut Choices<'_>, number: usize, is_long: bool) -> String {
    let letters = choices.word(&["\u{448}", "\u{1f511}", "\u{e9}\u{7f}", "Q7"]);
    let count = if is_long { TOO_LONG } else { 1 + choices.below(40) };
    format!("\u{448}{number} {}", letters.repeat(count))
}

fn other_value(choices: &mut Choices<'_>, number: usize, how: Hidden) -> Value {
    let is_long = how == Hidden::Violated;
    match choices.below(if is_long { 2 } else { 4 }) {
        0 => Value::Text(other_text(choices, number, is_long)),
        1 => Value::Number("7".repeat(if is_long { TOO_LONG } else { 1 + choices.below(30) })),
        2 => Value::Number(format!("-{number}.5e{}", choices.below(99))),
        _ => Value::Bool(choices.one_in(2)),
    }
}

/// Changes most of what is hidden; says how many places it changed.
fn change(
    row: &mut Row,
    hidden: &BTreeMap<String, Option<Hidden>>,
    choices: &mut Choices<'_>,
) -> usize {
    let mut changed = 0;
    row.visit(&mut |place, slot| {
        let Some(Some(how)) = hidden.get(place) else { return };
        if choices.one_in(8) {
            return;
        }
        changed += 1;
        let is_long = *how == Hidden::Violated;
        match slot {
            Slot::Column(text) => *text = other_text(choices, changed, is_long),
            Slot::Key(key) => *key = other_text(choices, changed, true),
            Slot::Schema(uri) => *uri = other_text(choices, changed, true),
            Slot::Value(value) => {
                // A place can be there twice, as a dropped value and as an object that is not.
                if has_structure(value) {
                    changed -= 1;
                } else {
                    *value = other_value(choices, changed, *how);
                }
            }
        }
    });
    changed
}

/// Whether a value holds others; how it does stays visible.
fn has_structure(value: &Value) -> bool {
    match value {
        Value::Array(_) | Value::Object(_) => true,
        Value::Raw(text) => text.starts_with(['[', '{']),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) => false,
    }
}

fn treated(subject: &Subject, line: &str) -> String {
    let mut out = String::new();
    let mut rewriter = Rewriter::new(&subject.policy, Constant, "k1");
    let done = rewriter.row(line.as_bytes(), &mut out);
    done.map_or_else(|defect| format!("{defect}"), |()| out)
}

/// Changes the row; says how many places it changed, or the first column that differs then.
fn check(subject: &Subject, row: &Row, choices: &mut Choices<'_>) -> Result<usize, String> {
    let line = row.compact();
    let Some(hidden) = hidden(subject, &line) else { return Ok(0) };
    let mut other = row.clone();
    let changed = change(&mut other, &hidden, choices);
    let (before, after) = (treated(subject, &line), treated(subject, &other.compact()));
    if before == after {
        return Ok(changed);
    }
    let differ = before.split('\t').zip(after.split('\t')).find(|(before, after)| before != after);
    Err(format!("{differ:#?}\n{line:?}\n{:?}", other.compact()))
}

fn check_generated(text: &str) {
    let subject = Subject::new(text);
    let config = ProptestConfig { cases: CASES, failure_persistence: None, ..Default::default() };
    let changed = std::cell::Cell::new(0);
    let choices = proptest::collection::vec(any::<u8>(), 400..2_000);
    let done = TestRunner::new(config).run(&choices, |bytes| {
        let mut choices = Choices::new(&bytes);
        let row = Row::chosen(&subject.words, &mut choices);
        let here = check(&subject, &row, &mut choices).map_err(TestCaseError::fail)?;
        changed.set(changed.get() + here);
        Ok(())
    });
    match done {
        Err(TestError::Fail(difference, _)) => panic!("{difference}"),
        done => done.unwrap(),
    }
    let cases = usize::try_from(CASES).unwrap();
    assert!(changed.get() > 20 * cases, "only {} places were changed", changed.get());
}

#[test]
fn nothing_hidden_matters_by_the_gitlab_policy() {
    check_generated(GITLAB);
}

#[test]
fn nothing_hidden_matters_by_the_strict_policy() {
    check_generated(STRICT);
}

#[test]
fn nothing_hidden_matters_by_a_hostile_policy() {
    check_generated(HOSTILE);
}

/// The rows that the enricher makes of tests/cases/enricher and of known payloads.
#[test]
fn nothing_hidden_matters_in_rows_of_the_enricher() {
    let mut changed = 0;
    for text in [GITLAB, STRICT, HOSTILE] {
        let subject = Subject::new(text);
        for (place, line) in include_str!("cases/rows.tsv").lines().enumerate() {
            let row = Row::read(line);
            for variant in 0..VARIANTS {
                let bytes: Vec<u8> =
                    (0..=255_u8).map(|it| it.wrapping_mul(variant * 2 + 1) ^ variant).collect();
                let done = check(&subject, &row, &mut Choices::new(&bytes));
                changed += done.unwrap_or_else(|it| panic!("row {place}, {variant}: {it}"));
            }
        }
    }
    assert!(changed > 5_000, "only {changed} places were changed");
}
