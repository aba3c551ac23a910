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
    matcher: Matcher,
    length_max: usize,
    capacity_bits: f64,
}

#[derive(Clone, Debug)]
enum Matcher {
    /// So many characters out of one set, as in `[a-z0-9_]{1,64}`.
    Run {
        set: [u64; 4],
        min: usize,
        max: usize,
    },
    Automaton(Box<Regex>),
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
        let matcher = match run(&hir) {
            Some(run) => run,
            None => Matcher::Automaton(Box::new(automaton(text)?)),
        };
        Ok(Self { matcher, length_max, capacity_bits: bits(&hir) })
    }

    #[inline]
    pub(crate) fn accepts(&self, text: &str) -> bool {
        if text.len() > self.length_max {
            return false;
        }
        match &self.matcher {
            Matcher::Run { set, min, max } => {
                (*min..=*max).contains(&text.len()) && text.bytes().all(|byte| holds(set, byte))
            }
            Matcher::Automaton(regex) => regex.is_match(text),
        }
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

/// One repeated set of ASCII characters.
fn run(hir: &Hir) -> Option<Matcher> {
    let (class, min, max) = match hir.kind() {
        HirKind::Repetition(repetition) => {
            let HirKind::Class(class) = repetition.sub.kind() else { return None };
            (class, repetition.min, repetition.max?)
        }
        HirKind::Class(class) => (class, 1, 1),
        _ => return None,
    };
    let mut set = [0_u64; 4];
    let mut add = |from: u32, to: u32| -> Option<()> {
        for byte in from..=to {
            let byte = u8::try_from(byte).ok().filter(u8::is_ascii)?;
            *set.get_mut(usize::from(byte / 64))? |= 1 << (byte % 64);
        }
        Some(())
    };
    match class {
        HirClass::Unicode(unicode) => {
            for range in unicode.ranges() {
                add(range.start().into(), range.end().into())?;
            }
        }
        HirClass::Bytes(bytes) => {
            for range in bytes.ranges() {
                add(range.start().into(), range.end().into())?;
            }
        }
    }
    Some(Matcher::Run { set, min: usize::try_from(min).ok()?, max: usize::try_from(max).ok()? })
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
