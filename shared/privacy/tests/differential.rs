//! The fast rewriter against the slow one: the same rows in, the same rows and the same defects out.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::format_push_string,
    reason = "helpers of tests may fail as loudly as the tests"
)]

mod rows;

use std::cell::RefCell;

use enriched_event::Column;
use privacy::{Defect, Keyed, Pseudonyms, Rewriter, Tally, explain};
use proptest::prelude::*;
use proptest::test_runner::TestError;

use rows::choices::Choices;
use rows::value::Style;
use rows::{Cell, GITLAB, HOSTILE, Row, STRICT, Subject, key};

/// Rows for each policy.
const CASES: u32 = 1_000;
/// Bytes to choose a row by.
const CHOICES: usize = 1_500;

/// One rewriter for many rows, as what it remembers of one row must not change the next one.
struct Pair<'p, P> {
    subject: &'p Subject,
    fast: RefCell<Rewriter<'p, P>>,
    slow: RefCell<P>,
}

impl<'p, P: Pseudonyms> Pair<'p, P> {
    fn new(subject: &'p Subject, make: impl Fn() -> P) -> Self {
        let fast = Rewriter::new(&subject.policy, make(), "k1");
        Self { subject, fast: RefCell::new(fast), slow: RefCell::new(make()) }
    }

    /// Whether both treat the line alike; else the first column that differs.
    fn compare(&self, line: &[u8]) -> Result<(), String> {
        let mut fast = String::from("before");
        let done = self.fast.borrow_mut().row(line, &mut fast);
        let slow = explain::row(&self.subject.policy, &mut *self.slow.borrow_mut(), "k1", line);
        let fast = fast.strip_prefix("before").ok_or("what stood before is gone")?;
        match (done, slow) {
            (Ok(()), Ok(slow)) if fast == slow.treated => Ok(()),
            (Ok(()), Ok(slow)) => {
                let mut pairs = fast.split('\t').zip(slow.treated.split('\t'));
                let differ = pairs.find(|(fast, slow)| fast != slow);
                Err(format!("fast and slow differ: {differ:#?}"))
            }
            (Err(fast), Err(slow)) if is_like(fast, slow) => Ok(()),
            (fast, slow) => Err(format!("fast: {fast:?}, slow: {:?}", slow.map(|_| ()))),
        }
    }
}

impl<P: Pseudonyms> Pair<'_, P> {
    /// The same, twice in a row: what is remembered of the first time gives the same row, and counts
    /// the same.
    fn compare_again(&self, line: &[u8]) -> Result<(), String> {
        let counts = || {
            let fast = self.fast.borrow();
            let tally = fast.tally();
            let Tally { kept, reduced, pseudonymized, dropped, .. } = *tally;
            [kept, reduced, pseudonymized, dropped, tally.violations()]
        };
        let before = counts();
        self.compare(line)?;
        let between = counts();
        self.compare(line)?;
        let grown = |from: [u64; 5], to: [u64; 5]| std::array::from_fn(|at| to[at] - from[at]);
        let (first, second): ([u64; 5], [u64; 5]) =
            (grown(before, between), grown(between, counts()));
        if first == second { Ok(()) } else { Err(format!("counted {first:?}, then {second:?}")) }
    }
}

/// Who goes over a text once may see one defect before it comes to another one.
fn is_like(fast: Defect, slow: Defect) -> bool {
    match (fast, slow) {
        (Defect::Shape(fast), Defect::Json(slow)) => fast == slow,
        (Defect::Shape(_) | Defect::Json(_), Defect::ColumnCount) => true,
        _ => fast == slow,
    }
}

fn shown(line: &[u8]) -> String {
    String::from_utf8_lossy(line).escape_debug().to_string()
}

fn line(subject: &Subject, bytes: &[u8]) -> Vec<u8> {
    let mut choices = Choices::new(bytes);
    let row = Row::chosen(&subject.words, &mut choices);
    let mut line = row.written(&mut Style::Chosen(&mut choices)).into_bytes();
    match choices.below(64) {
        63 => line.push(b'\t'),
        62 => line.truncate(line.len() / 2),
        61 => line.push(0xff),
        60 => line.clear(),
        _ => {}
    }
    line
}

fn agree_on_many(text: &str) {
    let subject = Subject::new(text);
    let config = ProptestConfig {
        cases: CASES,
        failure_persistence: None,
        max_shrink_iters: 4_000,
        ..ProptestConfig::default()
    };
    let mut runner = proptest::test_runner::TestRunner::new(config);
    let constant = Pair::new(&subject, || privacy::Constant);
    let keyed = Pair::new(&subject, || Keyed::new(&subject.policy, &key()));
    let agree = |bytes: Vec<u8>| {
        let line = line(&subject, &bytes);
        constant
            .compare_again(&line)
            .and_then(|()| keyed.compare_again(&line))
            .map_err(|difference| TestCaseError::fail(format!("{difference}\nin {}", shown(&line))))
    };
    let choices = proptest::collection::vec(any::<u8>(), 0..CHOICES);
    match runner.run(&choices, agree) {
        Err(TestError::Fail(difference, _)) => panic!("{difference}"),
        done => done.unwrap(),
    }
}

#[test]
fn agree_by_the_gitlab_policy() {
    agree_on_many(GITLAB);
}

#[test]
fn agree_by_the_strict_policy() {
    agree_on_many(STRICT);
}

#[test]
fn agree_by_a_hostile_policy() {
    agree_on_many(HOSTILE);
}

#[test]
fn agree_with_domains_everywhere() {
    agree_on_many(&HOSTILE.replace("scheme: hmac-sha256-hex", "scheme: v1"));
    agree_on_many(&GITLAB.replace("scheme: hmac-sha256-hex", "scheme: v1"));
}

/// What the properties above found once, and what must come of it.
#[test]
fn agree_on_what_went_wrong_before() {
    const OPEN: &str =
        r#"{"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0","data":["#;
    let subject = Subject::new(&HOSTILE.replace("audit: etl_tags", "audit: derived_contexts"));
    let pair = Pair::new(&subject, || privacy::Constant);
    let treated = |column: Column, text: &str| {
        let mut row = Row::empty();
        row.cells[column.index()] = Cell::Text(text.to_owned());
        let line = row.compact();
        pair.compare(line.as_bytes()).unwrap();
        explain::row(&subject.policy, &mut privacy::Constant, "k1", line.as_bytes())
    };
    // The schema of a list twice: nobody knows which one is meant.
    let twice = format!("{OPEN}],\"schema\":\"x\"}}");
    let shape = Err(Defect::Shape(Some(Column::Contexts)));
    assert_eq!(treated(Column::Contexts, &twice), shape);
    // How deep JSON may be does not depend on whether the schema comes first.
    let schema_first = |steps: usize| format!("{OPEN}{{\"a\":{}]}}", nested(steps, "}"));
    let data_first = |steps: usize| {
        let schema = OPEN.strip_prefix('{').unwrap().strip_suffix(",\"data\":[").unwrap();
        format!("{{\"data\":[{{\"a\":{}],{schema}}}", nested(steps, "}"))
    };
    let json = Err(Defect::Json(Some(Column::Contexts)));
    for text in [schema_first(61), data_first(61)] {
        assert!(treated(Column::Contexts, &text).is_ok(), "{text}");
    }
    for text in [schema_first(62), data_first(62)] {
        assert_eq!(treated(Column::Contexts, &text), json, "{text}");
    }
    // Whether a dropped column held something is not told by what is added to an empty one.
    let full = format!("{OPEN}]}}");
    let outputs = ["", &full].map(|text| treated(Column::DerivedContexts, text).unwrap().treated);
    assert_eq!(outputs[0], outputs[1]);
    assert!(outputs[0].contains(privacy::AUDIT_SCHEMA));
}

/// Names of places stay short, whatever keys an event has, and both treatments shorten them alike.
#[test]
fn agree_on_long_keys() {
    let subject = Subject::new(&HOSTILE.replace("scheme: hmac-sha256-hex", "scheme: v1"));
    let pair = Pair::new(&subject, || Keyed::new(&subject.policy, &key()));
    for bytes in [1, 100, 200, 230, 256, 1_000, 300_000] {
        let long = "k".repeat(bytes);
        let leaves: Vec<_> = (0..2_000).map(|place| format!("\"{place}\":[{{\"a\":1}}]")).collect();
        let data = format!("{{\"{long}\":{{{}}},\"b\":2}}", leaves.join(","));
        let mut row = Row::empty();
        row.cells[Column::Contexts.index()] = Cell::Text(format!(
            r#"{{"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-0","data":[{{"schema":"iglu:com.acme/unknown/jsonschema/1-0-0","data":{data}}}]}}"#
        ));
        pair.compare(row.compact().as_bytes()).unwrap();
    }
}

/// A value so many steps deep, and what stands behind it.
fn nested(steps: usize, behind: &str) -> String {
    format!("{}1{}{behind}", "[".repeat(steps), "]".repeat(steps))
}
