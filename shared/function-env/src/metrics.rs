//! One line of CloudWatch's embedded metric format for each invocation.

use std::io::Write as _;

use serde_json::{Map, Value, json};

use crate::Log;
use crate::clock::epoch_millis;

/// The CloudWatch namespace of every metric of the suite.
const NAMESPACE: &str = "Whiteout";

/// Takes a finished line.
pub type Emit = fn(&str);

/// Writes a line to standard output, where CloudWatch picks it up.
pub fn to_stdout(line: &str) {
    // A line that cannot be written has nowhere to complain.
    writeln!(std::io::stdout().lock(), "{line}").ok();
}

/// What a metric counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Things.
    Count,
    /// Bytes.
    Bytes,
    /// Milliseconds.
    Milliseconds,
}

impl Unit {
    fn name(self) -> &'static str {
        match self {
            Self::Count => "Count",
            Self::Bytes => "Bytes",
            Self::Milliseconds => "Milliseconds",
        }
    }
}

/// The metrics of one invocation, all under the dimension `function` and perhaps more.
#[derive(Debug)]
pub struct Metrics {
    function: &'static str,
    more: Vec<(&'static str, String)>,
    values: Vec<(&'static str, Unit, u64)>,
}

impl Metrics {
    /// No metric yet.
    pub fn new(function: &'static str) -> Self {
        Self { function, more: Vec::new(), values: Vec::new() }
    }

    /// The same under one more dimension, whose values are few: each costs a metric.
    #[must_use]
    pub fn by(mut self, dimension: &'static str, value: &str) -> Self {
        self.more.push((dimension, value.to_owned()));
        self
    }

    /// Adds a metric; its name is chosen by the program, so the number of names is bounded.
    pub fn add(&mut self, name: &'static str, unit: Unit, value: usize) -> &mut Self {
        self.values.push((name, unit, u64::try_from(value).unwrap_or(u64::MAX)));
        self
    }

    /// Writes the line to standard output, where CloudWatch picks it up.
    pub fn write(&self, log: &Log, request_id: &str) {
        if !self.values.is_empty() {
            log.print(&self.line(epoch_millis(), request_id));
        }
    }

    /// The line itself.
    pub fn line(&self, now_millis: i64, request_id: &str) -> String {
        let mut dimensions = vec!["function"];
        dimensions.extend(self.more.iter().map(|(dimension, _)| *dimension));
        let definitions: Vec<_> = self
            .values
            .iter()
            .map(|(name, unit, _)| json!({"Name": name, "Unit": unit.name()}))
            .collect();
        let mut object = Map::new();
        object.insert(
            "_aws".into(),
            json!({
                "Timestamp": now_millis,
                "CloudWatchMetrics": [
                    {"Namespace": NAMESPACE, "Dimensions": [dimensions], "Metrics": definitions}
                ],
            }),
        );
        object.insert("function".into(), self.function.into());
        for (dimension, value) in &self.more {
            object.insert((*dimension).to_owned(), value.as_str().into());
        }
        object.insert("requestId".into(), request_id.into());
        for (name, _, value) in &self.values {
            object.insert((*name).to_owned(), (*value).into());
        }
        Value::Object(object).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_declares_each_metric_that_it_carries() {
        let mut metrics = Metrics::new("collector");
        metrics.add("good", Unit::Count, 2).add("goodBytes", Unit::Bytes, 900);
        let line: Value = serde_json::from_str(&metrics.line(5, "r-1")).unwrap();
        assert_eq!(
            line,
            json!({
                "_aws": {"Timestamp": 5, "CloudWatchMetrics": [{
                    "Namespace": "Whiteout", "Dimensions": [["function"]],
                    "Metrics": [{"Name": "good", "Unit": "Count"}, {"Name": "goodBytes", "Unit": "Bytes"}],
                }]},
                "function": "collector", "requestId": "r-1", "good": 2, "goodBytes": 900,
            })
        );
    }

    #[test]
    fn a_line_can_have_one_more_dimension() {
        let mut metrics = Metrics::new("pseudonymizer").by("stream", "raw-bad");
        let line: Value =
            serde_json::from_str(&metrics.add("records", Unit::Count, 2).line(5, "r-1")).unwrap();
        assert_eq!(
            line["_aws"]["CloudWatchMetrics"][0]["Dimensions"],
            json!([["function", "stream"]])
        );
        assert_eq!(line["stream"], "raw-bad");
    }
}
