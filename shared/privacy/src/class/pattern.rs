//! Regular expressions as classes: anchored, bounded, and without an automaton where a table will do.

use regex::Regex;
use regex_syntax::hir::{Class as HirClass, Hir, HirKind};

/// The longest text that a pattern may accept, in bytes.
pub(crate) const LENGTH_MAX: usize = 1_024;
/// The largest automaton of one pattern, in bytes.
const AUTOMATON_BYTES_MAX: usize = 1 << 20;

/// A pattern that a whole text must match.
#[derive(Clone, Debug)]
pub(crate) struct Pattern {
    text: Box<str>,
    matcher: Matcher,
    length_max: usize,
    capacity_bits: f64,
}

#[derive(Clone, Debug)]
enum Matcher {
    /// Runs of characters one after the other, as in `project[0-9]{1,9}`, of which each character
    /// can only belong to one.
    Runs(Box<[Run]>),
    Automaton(Box<Regex>),
}

/// So many characters out of one set, as in `[a-z0-9_]{1,64}`.
#[derive(Clone, Debug)]
struct Run {
    set: [u64; 4],
    min: usize,
    max: usize,
}

impl Pattern {
    /// Compiles a pattern; what is wrong with it is the rest of a sentence.
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        let hir = regex_syntax::parse(text).map_err(|error| {
            format!("is no regular expression: {}", one_line(&error.to_string()))
        })?;
        let Some(length_max) = hir.properties().maximum_len().filter(|max| *max <= LENGTH_MAX)
        else {
            return Err(format!(
                "accepts texts of more than {LENGTH_MAX} bytes: bound it, as in [a-z]{{1,64}}"
            ));
        };
        let matcher = match runs(&hir).filter(|runs| is_definite(runs)) {
            Some(runs) => Matcher::Runs(runs.into()),
            None => Matcher::Automaton(Box::new(automaton(text)?)),
        };
        Ok(Self { text: text.into(), matcher, length_max, capacity_bits: bits(&hir) })
    }

    /// As the policy writes it.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    #[inline]
    pub(crate) fn accepts(&self, text: &str) -> bool {
        if text.len() > self.length_max {
            return false;
        }
        match &self.matcher {
            Matcher::Runs(runs) => take(runs, text.as_bytes()),
            Matcher::Automaton(regex) => regex.is_match(text),
        }
    }

    /// Whether a look at each character is enough.
    pub(crate) fn is_quick(&self) -> bool {
        matches!(self.matcher, Matcher::Runs(_))
    }

    pub(crate) fn capacity_bits(&self) -> f64 {
        self.capacity_bits
    }
}

fn automaton(text: &str) -> Result<Regex, String> {
    regex::RegexBuilder::new(&format!("^(?:{text})$"))
        .size_limit(AUTOMATON_BYTES_MAX)
        .build()
        .map_err(|error| format!("cannot be compiled: {}", one_line(&error.to_string())))
}

/// The last line says what is wrong; those before it draw a picture.
fn one_line(message: &str) -> String {
    let last = message.lines().rev().find(|line| !line.trim().is_empty()).unwrap_or(message);
    last.trim().trim_start_matches("error: ").to_owned()
}

#[inline]
fn holds(set: &[u64; 4], byte: u8) -> bool {
    let word = set.get(usize::from(byte / 64)).copied().unwrap_or(0);
    word >> (byte % 64) & 1 == 1
}

/// Whether the runs take the text, the whole of it.
#[inline]
fn take(runs: &[Run], bytes: &[u8]) -> bool {
    let mut bytes = bytes.iter();
    for run in runs {
        let mut taken = 0;
        while taken < run.max && bytes.as_slice().first().is_some_and(|byte| holds(&run.set, *byte))
        {
            bytes.next();
            taken += 1;
        }
        if taken < run.min {
            return false;
        }
    }
    bytes.as_slice().is_empty()
}

/// Whether a run that takes all it can never takes what a later one needs.
fn is_definite(runs: &[Run]) -> bool {
    runs.iter().enumerate().all(|(place, run)| {
        let later = runs.iter().skip(place + 1);
        let ends = later.clone().position(|later| later.min > 0).map_or(runs.len(), |at| at + 1);
        run.min == run.max || later.take(ends).all(|later| is_disjoint(&run.set, &later.set))
    })
}

fn is_disjoint(a: &[u64; 4], b: &[u64; 4]) -> bool {
    a.iter().zip(b).all(|(a, b)| a & b == 0)
}

/// The pattern as runs of ASCII characters, if it is such.
fn runs(hir: &Hir) -> Option<Vec<Run>> {
    match hir.kind() {
        HirKind::Concat(parts) => {
            let parts: Option<Vec<_>> = parts.iter().map(runs).collect();
            parts.map(|parts| parts.into_iter().flatten().collect())
        }
        HirKind::Literal(literal) => literal
            .0
            .iter()
            .map(|byte| set(&[(*byte, *byte)]).map(|set| Run { set, min: 1, max: 1 }))
            .collect(),
        HirKind::Class(class) => Some(vec![Run { set: class_set(class)?, min: 1, max: 1 }]),
        HirKind::Repetition(repetition) => {
            let HirKind::Class(class) = repetition.sub.kind() else { return None };
            let (min, max) = (repetition.min.try_into().ok()?, repetition.max?.try_into().ok()?);
            Some(vec![Run { set: class_set(class)?, min, max }])
        }
        HirKind::Capture(capture) => runs(&capture.sub),
        HirKind::Empty => Some(Vec::new()),
        HirKind::Look(_) | HirKind::Alternation(_) => None,
    }
}

fn class_set(class: &HirClass) -> Option<[u64; 4]> {
    let byte = |character: char| u8::try_from(character).ok();
    let ranges: Option<Vec<_>> = match class {
        HirClass::Unicode(class) => {
            class.ranges().iter().map(|it| byte(it.start()).zip(byte(it.end()))).collect()
        }
        HirClass::Bytes(class) => {
            class.ranges().iter().map(|it| Some((it.start(), it.end()))).collect()
        }
    };
    set(&ranges?)
}

/// A bit for each character; none if one takes more than a byte.
fn set(ranges: &[(u8, u8)]) -> Option<[u64; 4]> {
    let mut set = [0_u64; 4];
    for byte in ranges.iter().flat_map(|(start, end)| *start..=*end) {
        if !byte.is_ascii() {
            return None;
        }
        *set.get_mut(usize::from(byte / 64))? |= 1 << (byte % 64);
    }
    Some(set)
}

/// An upper bound of the texts that match, as bits.
#[allow(clippy::cast_precision_loss, reason = "a figure for people")]
fn bits(hir: &Hir) -> f64 {
    match hir.kind() {
        HirKind::Empty | HirKind::Literal(_) | HirKind::Look(_) => 0.0,
        HirKind::Class(HirClass::Unicode(class)) => class
            .ranges()
            .iter()
            .map(|range| f64::from(u32::from(range.end()) - u32::from(range.start()) + 1))
            .sum::<f64>()
            .log2(),
        HirKind::Class(HirClass::Bytes(class)) => class
            .ranges()
            .iter()
            .map(|range| f64::from(range.end() - range.start()) + 1.0)
            .sum::<f64>()
            .log2(),
        HirKind::Repetition(repetition) => {
            let max = repetition.max.unwrap_or(u32::MAX);
            // Every length down to the least adds its own texts; the longest ones dominate.
            let each = bits(&repetition.sub);
            let lengths = f64::from(max - repetition.min) + 1.0;
            if each == 0.0 { lengths.log2() } else { f64::from(max) * each + spread(each) }
        }
        HirKind::Capture(capture) => bits(&capture.sub),
        HirKind::Concat(parts) => parts.iter().map(bits).sum(),
        HirKind::Alternation(ways) => {
            let widest = ways.iter().map(bits).fold(0.0, f64::max);
            widest + ways.iter().map(|way| (bits(way) - widest).exp2()).sum::<f64>().log2()
        }
    }
}

/// What the shorter texts of a repetition add to its longest ones.
fn spread(each: f64) -> f64 {
    let base = each.exp2();
    if base > 1.0 { (base / (base - 1.0)).log2() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_anchored() {
        for text in ["[a-z0-9_]{1,4}", "(?:a|bc)[0-9]{2}", "x"] {
            let pattern = Pattern::new(text).unwrap();
            for accepted in ["ab_9", "bc12", "x"]
                .iter()
                .filter(|it| Regex::new(&format!("^(?:{text})$")).unwrap().is_match(it))
            {
                assert!(pattern.accepts(accepted), "{text} {accepted}");
                assert!(!pattern.accepts(&format!("{accepted}\n")), "{text}");
                assert!(!pattern.accepts(&format!(" {accepted}")), "{text}");
            }
        }
    }

    #[test]
    fn runs_take_what_the_automaton_takes() {
        let texts =
            ["", "a", "a1", "aa11", "project12", "project", "1-2", "1-", "ab-1", "a_b", "aab"];
        for (pattern, has_runs) in [
            ("project[0-9]{1,9}", true),
            ("[a-z]{1,3}[0-9]{0,2}", true),
            ("[0-9]{1,2}-[0-9]{1,2}", true),
            ("[a-z]?[0-9]{0,2}-?[0-9]", false),
            ("[a-z]{1,3}b", false),
            ("[a-z]{2}b", true),
            ("[a-z]{0,3}_?[a-z]{0,3}", false),
            ("a|1", true),
            ("a1|1-", false),
            ("(a)([0-9]{1,2})", true),
        ] {
            let found = Pattern::new(pattern).unwrap();
            assert_eq!(found.is_quick(), has_runs, "{pattern}");
            let automaton = automaton(pattern).unwrap();
            for text in texts {
                assert_eq!(found.accepts(text), automaton.is_match(text), "{pattern} {text}");
            }
        }
    }

    #[test]
    fn what_is_unbounded_or_wrong_is_refused() {
        for text in ["a+", "a*b", ".{0,2000}", "(", "[a-z]{1,64}(x|y+)", "(?<!a)b"] {
            assert!(Pattern::new(text).is_err(), "{text}");
        }
    }

    #[test]
    fn the_capacity_is_an_upper_bound() {
        for (text, least, most) in [
            ("[ab]{3}", 3.0, 4.1),
            ("[0-9]{1,2}", 6.7, 6.9),
            ("a|b|c|d", 2.0, 2.0),
            ("(?:x|y)[0-9]", 4.3, 4.4),
            ("abc", 0.0, 0.0),
            ("(?:a){1,4}", 2.0, 2.0),
        ] {
            let found = Pattern::new(text).unwrap().capacity_bits();
            assert!((least - 1e-6..=most + 1e-6).contains(&found), "{text}: {found}");
        }
    }
}
