//! Which event of its record a row came of: rows and bad events leave the enricher on streams of their own.

use std::ops::ControlFlow::Continue;

use enricher::{RawEvent, raw_events};
use record_sink::Record;

use super::super::refused::{Parameter, Refused};

/// For each row of a raw record, in their order, which of the record's events it is, from 0; nothing
/// if that cannot be told.
pub(in crate::local) fn of_good(raw: &[u8], good: &[Record], bad: &[Record]) -> Vec<Option<usize>> {
    if bad.is_empty() {
        return (0..good.len()).map(Some).collect();
    }
    if good.is_empty() {
        return Vec::new();
    }
    // What is bad depends on the parameters alone, so the first event that has those of a bad one is
    // as bad, and those that are left are the good ones.
    let mut refused = bad.iter().filter_map(|record| parameters(&record.data)).peekable();
    let (mut index, mut places) = (0, Vec::new());
    raw_events(raw, |event| {
        if refused.next_if(|refused| *refused == of_event(event)).is_none() {
            places.push(Some(index));
        }
        index += 1;
        Continue(())
    });
    if places.len() == good.len() { places } else { vec![None; good.len()] }
}

/// The parameters that a bad event shows, sorted. What is about no single event shows none.
fn parameters(line: &[u8]) -> Option<Vec<Parameter>> {
    let mut parameters = Refused::of(line)?.parameters()?;
    parameters.sort();
    Some(parameters)
}

fn of_event(event: &RawEvent<'_>) -> Vec<Parameter> {
    let mut parameters: Vec<_> = event.parameters.in_sent_order().map(Parameter::from).collect();
    parameters.sort();
    parameters
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use collector_payload::{CollectorPayload, SCHEMA};

    use super::*;

    fn record(data: impl Into<Vec<u8>>) -> Record {
        Record { data: data.into(), partition_key: String::new() }
    }

    fn bad(parameters: &str) -> Record {
        record(format!(r#"{{"data":{{"payload":{{"raw":{{"parameters":[{parameters}]}}}}}}}}"#))
    }

    #[test]
    fn a_row_finds_its_event_between_bad_ones() {
        let body = r#"{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[{"e":"x"},{"e":"pv","p":"web"},{"e":"x"},{"e":"se"}]}"#;
        let payload = CollectorPayload {
            path: Some("/com.snowplowanalytics.snowplow/tp2".into()),
            body: Some(Cow::Borrowed(body.as_bytes())),
            content_type: Some("application/json".into()),
            schema: Some(SCHEMA.into()),
            ..CollectorPayload::default()
        };
        let raw = payload.encode();
        let row = || record("row");
        let x = || bad(r#"{"name":"e","value":"x"}"#);
        assert_eq!(of_good(&raw, &[row(), row()], &[]), [Some(0), Some(1)]);
        assert_eq!(of_good(&raw, &[row(), row()], &[x(), x()]), [Some(1), Some(3)]);
        assert_eq!(of_good(&raw, &[], &[x()]), []);
        let named = bad(r#"{"name":"p","value":"web"},{"name":"e","value":"pv"}"#);
        let rows = [row(), row(), row()];
        assert_eq!(of_good(&raw, &rows, &[named]), [Some(0), Some(2), Some(3)]);
        let too_large = record(r#"{"data":{"payload":"{\"app_id\""}}"#);
        assert_eq!(of_good(&raw, &rows, &[too_large]), [None; 3]);
    }
}
