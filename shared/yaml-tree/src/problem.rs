//! What is wrong with a document, and where.

use std::fmt;

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The line of the document, from 1; 0 if it is about the whole.
    pub line: usize,
    /// What it is about: `columns.user_id`.
    pub subject: String,
    /// What is wrong with that, as the rest of a sentence.
    pub message: String,
}

impl Problem {
    /// A problem at a line.
    pub fn at(line: usize, subject: &str, message: impl Into<String>) -> Self {
        Self { line, subject: subject.to_owned(), message: message.into() }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.line > 0 {
            write!(f, "line {}: ", self.line)?;
        }
        write!(f, "{} {}", self.subject, self.message)
    }
}

/// Collects problems, so that all of them are told at once.
#[derive(Debug)]
pub struct Problems {
    /// What the whole is called: `the policy`.
    document: &'static str,
    list: Vec<Problem>,
}

impl Problems {
    /// None so far, with a document of this name.
    pub fn of(document: &'static str) -> Self {
        Self { document, list: Vec::new() }
    }

    /// Adds one; without a subject it is about the whole.
    pub fn add(&mut self, line: usize, subject: &str, message: impl Into<String>) {
        let subject = if subject.is_empty() { self.document } else { subject };
        self.list.push(Problem::at(line, subject, message));
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// The value, if nothing was wrong; else all problems, in the order of the lines.
    pub fn finish<T>(mut self, value: T) -> Result<T, Vec<Problem>> {
        if self.list.is_empty() {
            return Ok(value);
        }
        self.list.sort_by_key(|problem| problem.line);
        Err(self.list)
    }
}
