//! What is wrong with a policy, and where.

use std::fmt;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line of the policy, from 1; 0 if it is about the whole.
    pub line: usize,
    /// What it is about: `columns.user_id`.
    pub subject: String,
    /// What is wrong with that, as the rest of a sentence.
    pub message: String,
}

impl Problem {
    pub(crate) fn at(line: usize, subject: &str, message: impl Into<String>) -> Self {
        Self { line, subject: subject.to_owned(), message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        let subject = if self.subject.is_empty() { "the policy" } else { &self.subject };
        write!(f, "{subject} {}", self.message)
    }
}

/// Everything that is wrong with a policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PolicyError {
    /// In the order of the lines.
    pub problems: Vec<Problem>,
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, problem) in self.problems.iter().enumerate() {
            let line_break = if place == 0 { "" } else { "\n" };
            write!(f, "{line_break}{problem}")?;
        }
        Ok(())
    }
}

impl std::error::Error for PolicyError {}

/// Collects problems, so that all of them are told at once.
#[derive(Debug, Default)]
pub(crate) struct Problems(Vec<Problem>);

impl Problems {
    pub(crate) fn add(&mut self, line: usize, subject: &str, message: impl Into<String>) {
        self.0.push(Problem::at(line, subject, message));
    }

    /// The value, if nothing was wrong.
    pub(crate) fn finish<T>(mut self, value: T) -> Result<T, PolicyError> {
        if self.0.is_empty() {
            return Ok(value);
        }
        self.0.sort_by_key(|problem| problem.line);
        Err(PolicyError { problems: self.0 })
    }
}
