//! JSON log lines: a message that reads alone, and fields that can be queried.

use std::io::Write as _;

use serde_json::{Map, Value};
use timestamps::iso_millis;

use crate::Variables;
use crate::clock::epoch_millis;

/// How bad it is: `Warn` means that nothing was lost, `Error` that something was.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// For whoever debugs the function.
    Debug,
    /// A normal event in the function's life.
    Info,
    /// Something went wrong and nothing was lost.
    Warn,
    /// Something was lost or could not be done.
    Error,
}

impl Level {
    fn name(self) -> &'static str {
        match self {
            Self::Debug => "DEBUG",
            Self::Info => "INFO",
            Self::Warn => "WARN",
            Self::Error => "ERROR",
        }
    }

    fn parse(text: &str) -> Option<Self> {
        Some(match text.to_ascii_uppercase().as_str() {
            "TRACE" | "DEBUG" => Self::Debug,
            "INFO" => Self::Info,
            "WARN" => Self::Warn,
            "ERROR" | "FATAL" => Self::Error,
            _ => return None,
        })
    }
}

/// What a log line may carry beside its message: names of ours, numbers, and errors that hold no payload.
#[derive(Clone, Debug, PartialEq)]
pub enum Field {
    /// A name or text that the program or its configuration chose.
    Name(String),
    /// A count or a size.
    Number(u64),
}

impl From<&str> for Field {
    fn from(name: &str) -> Self {
        Self::Name(name.to_owned())
    }
}

impl From<String> for Field {
    fn from(name: String) -> Self {
        Self::Name(name)
    }
}

impl From<usize> for Field {
    fn from(number: usize) -> Self {
        Self::Number(u64::try_from(number).unwrap_or(u64::MAX))
    }
}

/// Writes log lines of one function.
#[derive(Clone, Debug)]
pub struct Log {
    function: &'static str,
    lowest: Level,
    silent: bool,
}

impl Log {
    /// A log that honours `AWS_LAMBDA_LOG_LEVEL`.
    pub fn new(function: &'static str, variables: &Variables) -> Self {
        let lowest = variables.get("AWS_LAMBDA_LOG_LEVEL").and_then(Level::parse);
        Self { function, lowest: lowest.unwrap_or(Level::Info), silent: false }
    }

    /// A log that writes nothing, for functions whose caller watches them itself.
    pub fn silent(function: &'static str) -> Self {
        Self { function, lowest: Level::Error, silent: true }
    }

    /// Writes one line to standard output, where Lambda collects it.
    pub fn write(&self, level: Level, request_id: &str, message: &str, fields: &[(&str, Field)]) {
        if level < self.lowest {
            return;
        }
        let line = self.line(&iso_millis(epoch_millis()), (level, request_id, message), fields);
        self.print(&line);
    }

    /// Writes a finished line.
    pub(crate) fn print(&self, line: &str) {
        if !self.silent {
            // A line that cannot be written has nowhere to complain.
            writeln!(std::io::stdout().lock(), "{line}").ok();
        }
    }

    fn line(
        &self,
        now: &str,
        (level, request_id, message): (Level, &str, &str),
        fields: &[(&str, Field)],
    ) -> String {
        let mut object = Map::new();
        object.insert("timestamp".into(), now.into());
        object.insert("level".into(), level.name().into());
        object.insert("function".into(), self.function.into());
        if !request_id.is_empty() {
            object.insert("requestId".into(), request_id.into());
        }
        object.insert("message".into(), message.into());
        for (name, field) in fields {
            let value = match field {
                Field::Name(text) => Value::from(text.as_str()),
                Field::Number(number) => Value::from(*number),
            };
            object.insert((*name).to_owned(), value);
        }
        Value::Object(object).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_json_with_the_request_id() {
        let log = Log::new("collector", &Variables::default());
        let fields = [("records", Field::from(3_usize)), ("stream", Field::from("raw-good"))];
        let line = log.line(
            "2026-01-02T03:04:05.678Z",
            (Level::Warn, "r-1", "a \"write\" failed"),
            &fields,
        );
        assert_eq!(
            serde_json::from_str::<Value>(&line).unwrap(),
            serde_json::json!({
                "timestamp": "2026-01-02T03:04:05.678Z", "level": "WARN", "function": "collector",
                "requestId": "r-1", "message": "a \"write\" failed", "records": 3, "stream": "raw-good",
            })
        );
        assert!(!line.contains('\n'));
    }
}
