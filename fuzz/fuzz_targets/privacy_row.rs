//! Any bytes as a row, or as the choices of which a row is made: never a panic, the same from the
//! fast and from the slow treatment, now and again, and a token put anywhere never comes out.
#![no_main]

#[path = "../../shared/privacy/tests/rows/mod.rs"]
mod rows;

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use privacy::{Constant, Defect, Keyed, Pseudonyms, Rewriter, explain};

use rows::choices::Choices;
use rows::value::Style;
use rows::{GITLAB, Row, Subject, key};

/// No class accepts a text with such a character, so no text with the token can be kept.
const TOKEN: &str = "\u{1f511}Zq7CanaryXw9Kp\u{1f511}";
/// The part to look for, in lower case.
const SOUGHT: &str = "canaryxw9kp";

static SUBJECT: LazyLock<Subject> = LazyLock::new(|| Subject::new(GITLAB));

fn check(make: impl Fn() -> Box<dyn Pseudonyms>, line: &[u8]) -> String {
    let mut fast = String::new();
    let mut rewriter = Rewriter::new(&SUBJECT.policy, Shared(make()), "k1");
    let done = rewriter.row(line, &mut fast);
    // What is remembered changes nothing.
    let mut again = String::new();
    assert_eq!(rewriter.row(line, &mut again), done);
    assert_eq!(again, fast);
    let slow = explain::row(&SUBJECT.policy, &mut Shared(make()), "k1", line);
    match (done, slow) {
        (Ok(()), Ok(slow)) => assert_eq!(fast, slow.treated),
        (Err(Defect::Shape(fast)), Err(Defect::Json(slow))) => assert_eq!(fast, slow),
        (Err(Defect::Shape(_) | Defect::Json(_)), Err(Defect::ColumnCount)) => {}
        (fast, slow) => assert_eq!(fast.err(), slow.err()),
    }
    fast
}

/// Pseudonyms of one kind or the other.
struct Shared(Box<dyn Pseudonyms>);

impl Pseudonyms for Shared {
    fn write(&mut self, domain: privacy::policy::DomainId, value: &[u8], out: &mut String) {
        self.0.write(domain, value, out);
    }

    fn write_unlisted(&mut self, path: &str, value: &[u8], out: &mut String) {
        self.0.write_unlisted(path, value, out);
    }

    fn needs_paths(&self) -> bool {
        self.0.needs_paths()
    }
}

fuzz_target!(|input: (bool, u16, &[u8])| {
    let (is_chosen, place, bytes) = input;
    let line = if is_chosen {
        let mut choices = Choices::new(bytes);
        let row = Row::chosen(&SUBJECT.words, &mut choices);
        row.written(&mut Style::Chosen(&mut choices)).into_bytes()
    } else {
        bytes.to_vec()
    };
    check(|| Box::new(Constant), &line);
    check(|| Box::new(Keyed::new(&SUBJECT.policy, &key())), &line);
    let Ok(mut text) = String::from_utf8(line) else { return };
    let mut place = usize::from(place) % (text.len() + 1);
    while !text.is_char_boundary(place) {
        place -= 1;
    }
    text.insert_str(place, TOKEN);
    let treated = check(|| Box::new(Constant), text.as_bytes());
    assert!(!treated.to_lowercase().contains(SOUGHT), "the token came out");
});
