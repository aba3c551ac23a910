//! One line of CloudWatch's embedded metric format for each batch, by function and stream.

use std::io::Write as _;

use privacy::Stream;
use serde_json::{Map, Value, json};

/// The CloudWatch namespace of every metric of the suite.
const NAMESPACE: &str = "Whiteout";

/// Takes a finished line.
pub type Emit = fn(&str);

/// Writes a line to standard output, where CloudWatch picks it up.
pub fn to_stdout(line: &str) {
    // A line that cannot be written has nowhere to complain.
    writeln!(std::io::stdout().lock(), "{line}").ok();
}

/// The line for these metrics; bytes have `Bytes` at the end of their names.
pub(crate) fn line(
    stream: Stream,
    (epoch_millis, request_id): (i64, &str),
    values: &[(&str, u64)],
) -> String {
    let unit = |name: &str| if name.ends_with("Bytes") { "Bytes" } else { "Count" };
    let definitions: Vec<_> =
        values.iter().map(|(name, _)| json!({"Name": name, "Unit": unit(name)})).collect();
    let mut object = Map::new();
    let metrics = json!([
        {"Namespace": NAMESPACE, "Dimensions": [["function", "stream"]], "Metrics": definitions}
    ]);
    object.insert("_aws".into(), json!({"Timestamp": epoch_millis, "CloudWatchMetrics": metrics}));
    object.insert("function".into(), "pseudonymizer".into());
    object.insert("stream".into(), stream.name().into());
    object.insert("requestId".into(), request_id.into());
    for (name, value) in values {
        object.insert((*name).to_owned(), (*value).into());
    }
    Value::Object(object).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_declares_each_metric_that_it_carries() {
        let line = line(Stream::RawBad, (5, "r-1"), &[("records", 2), ("responseBytes", 900)]);
        assert_eq!(
            serde_json::from_str::<Value>(&line).unwrap(),
            json!({
                "_aws": {"Timestamp": 5, "CloudWatchMetrics": [{
                    "Namespace": "Whiteout", "Dimensions": [["function", "stream"]],
                    "Metrics": [{"Name": "records", "Unit": "Count"}, {"Name": "responseBytes", "Unit": "Bytes"}],
                }]},
                "function": "pseudonymizer", "stream": "raw-bad", "requestId": "r-1",
                "records": 2, "responseBytes": 900,
            })
        );
    }
}
