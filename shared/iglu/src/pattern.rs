//! Regular expressions of schemas: found anywhere in a text, in time that is bounded.

use std::fmt;

use crate::java_regex;

/// Longest expression that a schema may have.
pub const PATTERN_BYTES_MAX: usize = 4_096;
/// Most memory that one compiled expression may take.
const COMPILED_BYTES_MAX: usize = 2 << 20;
/// Most steps that an expression with look-around or back-references may take on one text.
const BACKTRACKING_STEPS_MAX: usize = 100_000;

/// A compiled expression.
pub struct Pattern {
    source: Box<str>,
    engine: Engine,
}

enum Engine {
    /// Linear in the text.
    Automaton(regex::Regex),
    /// For what an automaton cannot do.
    Backtracking(Box<fancy_regex::Regex>),
}

impl Pattern {
    /// Compiles an expression of Java's dialect.
    pub fn new(source: &str) -> Result<Self, String> {
        if source.len() > PATTERN_BYTES_MAX {
            return Err(format!("is longer than {PATTERN_BYTES_MAX} bytes"));
        }
        let rewritten = java_regex::rewrite(source);
        let engine = if rewritten.needs_backtracking {
            fancy_regex::RegexBuilder::new(&rewritten.pattern)
                .backtrack_limit(BACKTRACKING_STEPS_MAX)
                .delegate_size_limit(COMPILED_BYTES_MAX)
                .build()
                .map(|regex| Engine::Backtracking(Box::new(regex)))
                .map_err(drop)
        } else {
            regex::RegexBuilder::new(&rewritten.pattern)
                .size_limit(COMPILED_BYTES_MAX)
                .build()
                .map(Engine::Automaton)
                .map_err(drop)
        };
        let engine =
            engine.map_err(|()| "is no regular expression within the limits".to_owned())?;
        Ok(Self { source: source.into(), engine })
    }

    /// Compiles an expression that is to fit a whole text.
    pub fn whole(source: &str) -> Result<Self, String> {
        // By itself first: parentheses that do not match could match those around them.
        Self::new(source)?;
        Self::new(&format!("^(?:{source})$"))
    }

    /// The expression as the schema has it.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Whether it occurs in the text; one that takes too many steps does not.
    pub fn occurs_in(&self, text: &str) -> bool {
        match &self.engine {
            Engine::Automaton(regex) => regex.is_match(text),
            Engine::Backtracking(regex) => regex.is_match(text).unwrap_or(false),
        }
    }
}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Pattern({})", self.source)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn occurs(pattern: &str, text: &str) -> bool {
        Pattern::new(pattern).expect(pattern).occurs_in(text)
    }

    #[test]
    fn a_whole_text_is_more_than_a_part() {
        let fits = |pattern: &str, text| Pattern::whole(pattern).is_ok_and(|p| p.occurs_in(text));
        assert!(fits("a|bc", "bc") && fits(".*", "") && fits("(?i)accept", "Accept"));
        assert!(!fits("a|bc", "abc") && !fits("b", "abc"));
        assert!(Pattern::whole("a)(b").is_err() && Pattern::whole("(").is_err());
    }

    #[test]
    fn the_dialect_is_that_of_java() {
        for (pattern, text) in [
            ("b", "abc"),
            (r"^\d+\.\d+$", "12.5"),
            (r"^[a-zA-Z0-9-_.]+$", "a-b_c.d"),
            (r"^[\w-]+$", "a-b"),
            (r"^[\w-_.]+$", "a-_."),
            (r"^[^\d\s]+$", "ab"),
            (r"^\p{XDigit}{2}$", "fF"),
            (r"^\p{L}+$", "äö"),
            (r"^\p{IsAlphabetic}+$", "äö"),
            (r"^\Qa.b\E$", "a.b"),
            (r"^é😀$", "\u{e9}\u{1f600}"),
            (r"^(?!x).*$", "abc"),
            (r"^(a)\1$", "aa"),
            (r"^a++b$", "aab"),
            (r"^\d{4}\:\d{2}\-\_\/$", "2020:01-_/"),
            (r"^[]a]+$", "]a"),
            (r"(?s)^a.b$", "a\nb"),
            (r"^(?<year>\d{4})$", "2020"),
            (r"^[a&&[^b]]$", "a"),
        ] {
            assert!(occurs(pattern, text), "{pattern} {text}");
        }
        for (pattern, text) in [
            (r"^\d+$", "\u{663}"),
            (r"^\w+$", "ä"),
            (r"^a.b$", "a\rb"),
            (r"^(?!x).*$", "xbc"),
            (r"^(a)\1$", "ab"),
            (r"^abc$", "abc\n"),
            (r"^\p{Alpha}+$", "ä"),
        ] {
            assert!(!occurs(pattern, text), "{pattern} {text}");
        }
    }

    #[test]
    fn hostile_expressions_end() {
        assert!(!occurs(r"^(a+)+$", &format!("{}b", "a".repeat(50_000))));
        assert!(!occurs(r"^(?!x)(a+)+\1$", &format!("{}b", "a".repeat(5_000))));
        assert!(Pattern::new("((a{1000}){1000}){1000}").is_err());
        assert!(Pattern::new(&"a".repeat(PATTERN_BYTES_MAX)).is_ok());
        assert!(Pattern::new(&"a".repeat(PATTERN_BYTES_MAX + 1)).is_err());
        assert!(Pattern::new("(").is_err());
    }

    proptest! {
        #[test]
        fn any_expression_compiles_or_not(
            pattern in r"([\[\]()\\^$.*+?{}|a-z0-9,<>=!:\-&~]|\\[A-Za-z0-9]|\\u[0-9a-f]{4}|\\p\{[A-Za-z]{1,9}\}){0,12}",
            text in ".{0,12}",
        ) {
            if let Ok(pattern) = Pattern::new(&pattern) {
                let _ = pattern.occurs_in(&text);
            }
        }
    }
}
