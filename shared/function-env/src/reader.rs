//! Reads settings from variables and collects every problem, so that one start shows them all.

use std::fmt;
use std::time::Duration;

use crate::Variables;

/// One variable that cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The variable's name.
    pub variable: String,
    /// What was found, in a form that may be logged.
    pub found: String,
    /// What is accepted.
    pub accepted: String,
}

/// Every problem of a configuration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigError {
    /// At least one problem.
    pub problems: Vec<Problem>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the configuration has {} problem(s)", self.problems.len())?;
        for Problem { variable, found, accepted } in &self.problems {
            write!(f, "; {variable}: found {found}, accepted is {accepted}")?;
        }
        Ok(())
    }
}

impl std::error::Error for ConfigError {}

/// Reads variables one by one and remembers what was wrong.
#[derive(Debug)]
pub struct Reader<'a> {
    variables: &'a Variables,
    problems: Vec<Problem>,
}

/// Longest part of a found value that a problem shows.
const FOUND_CHARS_MAX: usize = 60;

impl<'a> Reader<'a> {
    /// A reader over a snapshot.
    pub fn new(variables: &'a Variables) -> Self {
        Self { variables, problems: Vec::new() }
    }

    /// A text that must be there.
    pub fn required(&mut self, name: &str, accepted: &str) -> String {
        if let Some(value) = self.variables.get(name) {
            return value.to_owned();
        }
        self.problem(name, "nothing".into(), accepted);
        String::new()
    }

    /// A text that may be there.
    pub fn optional(&self, name: &str) -> Option<String> {
        self.variables.get(name).map(str::to_owned)
    }

    /// Whether the variable is there, even if it is empty.
    pub fn is_set(&self, name: &str) -> bool {
        self.variables.contains(name)
    }

    /// A text, or the default.
    pub fn text(&self, name: &str, default: &str) -> String {
        self.variables.get(name).unwrap_or(default).to_owned()
    }

    /// A value of any kind; the parser says whether the text is one.
    pub fn parsed<T>(
        &mut self,
        name: &str,
        default: T,
        accepted: &str,
        parse: impl FnOnce(&str) -> Option<T>,
    ) -> T {
        let Some(text) = self.variables.get(name) else { return default };
        if let Some(value) = parse(text.trim()) {
            return value;
        }
        self.problem(name, quoted(text), accepted);
        default
    }

    /// `true` or `false`.
    pub fn boolean(&mut self, name: &str, default: bool) -> bool {
        self.parsed(name, default, "true or false", |text| match text {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        })
    }

    /// A whole number within bounds.
    pub fn number(&mut self, name: &str, default: u64, bounds: (u64, u64)) -> u64 {
        let (low, high) = bounds;
        let accepted = format!("a whole number from {low} to {high}");
        self.parsed(name, default, &accepted, |text| {
            text.parse().ok().filter(|number| (low..=high).contains(number))
        })
    }

    /// A number of bytes or items within bounds.
    pub fn size(&mut self, name: &str, default: usize, bounds: (usize, usize)) -> usize {
        let (low, high) = bounds;
        let accepted = format!("a whole number from {low} to {high}");
        self.parsed(name, default, &accepted, |text| {
            text.parse().ok().filter(|number| (low..=high).contains(number))
        })
    }

    /// A duration such as `365 days`, `60 minutes`, `10s` or `250ms`; a bare number is milliseconds.
    pub fn duration(&mut self, name: &str, default: Duration) -> Duration {
        self.parsed(
            name,
            default,
            "a duration such as 365 days, 60 minutes, 10s or 250ms",
            parse_duration,
        )
    }

    /// Texts separated by commas; spaces around them do not count.
    pub fn list(&self, name: &str) -> Vec<String> {
        let Some(text) = self.variables.get(name) else { return Vec::new() };
        text.split(',').map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
    }

    /// Pairs as a JSON object of texts, sorted by name.
    pub fn pairs(&mut self, name: &str) -> Vec<(String, String)> {
        self.parsed(
            name,
            Vec::new(),
            r#"a JSON object of texts such as {"name":"value"}"#,
            |text| {
                let object: serde_json::Map<String, serde_json::Value> =
                    serde_json::from_str(text).ok()?;
                object
                    .into_iter()
                    .map(|(key, value)| Some((key, value.as_str()?.to_owned())))
                    .collect()
            },
        )
    }

    /// Notes a problem that the caller found out by itself.
    pub fn problem(&mut self, name: &str, found: String, accepted: &str) {
        self.problems.push(Problem { variable: name.to_owned(), found, accepted: accepted.into() });
    }

    /// The value if nothing was wrong, else everything that was.
    pub fn finish<T>(self, value: T) -> Result<T, ConfigError> {
        if self.problems.is_empty() {
            Ok(value)
        } else {
            Err(ConfigError { problems: self.problems })
        }
    }
}

/// A value as a problem shows it: in quotes, control characters escaped, cut to a readable length.
fn quoted(text: &str) -> String {
    let cut: String = text.chars().take(FOUND_CHARS_MAX).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    format!("\"{}{more}\"", cut.escape_debug())
}

/// The duration that a text such as `365 days`, `10s` or `250ms` names.
pub fn parse_duration(text: &str) -> Option<Duration> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    let (number, unit) = text.split_at_checked(digits)?;
    let number: u64 = number.parse().ok()?;
    let millis_each: u64 = match unit.trim() {
        "" | "ms" | "milli" | "millis" | "millisecond" | "milliseconds" => 1,
        "s" | "second" | "seconds" => 1_000,
        "m" | "minute" | "minutes" => 60_000,
        "h" | "hour" | "hours" => 3_600_000,
        "d" | "day" | "days" => 86_400_000,
        _ => return None,
    };
    Some(Duration::from_millis(number.checked_mul(millis_each)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_every_problem_at_once() {
        let variables =
            Variables::from([("A", "maybe"), ("B", "11"), ("D", "3 weeks"), ("E", "x\n")]);
        let mut reader = Reader::new(&variables);
        assert!(reader.boolean("A", true));
        assert_eq!(reader.number("B", 5, (1, 10)), 5);
        assert_eq!(reader.required("C", "a stream name"), "");
        reader.duration("D", Duration::ZERO);
        reader.pairs("E");
        let error = reader.finish(()).unwrap_err();
        let names: Vec<_> = error.problems.iter().map(|p| p.variable.as_str()).collect();
        assert_eq!(names, ["A", "B", "C", "D", "E"]);
        assert_eq!(error.problems[4].found, r#""x\n""#);
        assert!(
            error.to_string().contains("B: found \"11\", accepted is a whole number from 1 to 10")
        );
    }

    #[test]
    fn reads_what_is_right() {
        let variables =
            Variables::from([("L", " a, ,b"), ("P", r#"{"/x/y":"/r/tp2"}"#), ("E", "")]);
        let mut reader = Reader::new(&variables);
        assert_eq!(reader.list("L"), ["a", "b"]);
        assert_eq!(reader.pairs("P"), [("/x/y".to_owned(), "/r/tp2".to_owned())]);
        assert_eq!(reader.text("E", "default"), "default");
        assert_eq!(reader.size("S", 7, (0, 9)), 7);
        reader.finish(()).unwrap();
    }

    #[test]
    fn knows_the_units_of_time() {
        for (text, millis) in [
            ("250ms", 250),
            ("7", 7),
            ("10 s", 10_000),
            ("60 minutes", 3_600_000),
            ("1d", 86_400_000),
        ] {
            assert_eq!(parse_duration(text), Some(Duration::from_millis(millis)), "{text}");
        }
        for text in ["", "d", "-1s", "1 fortnight", "99999999999999999999", "18446744073709551615d"]
        {
            assert_eq!(parse_duration(text), None, "{text}");
        }
    }
}
