//! Whole batches through the handler: every record has its line, and nothing is lost.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "tests may fail loudly")]

use std::sync::Mutex;
use std::time::{Duration, Instant};

use bad_event_classifier::{Classifier, Edges, Function, Rules, Schemas};
use base64_simd::STANDARD;
use function_env::Log;
use futures_util::FutureExt as _;
use proptest::prelude::*;
use record_sink::{Record, RecordSink, WriteError, WriteReport};
use serde_json::{Value, json};

/// A delivery stream that refuses some records, by their number.
#[derive(Default)]
struct Scripted {
    refuses: Vec<bool>,
    state: Mutex<(usize, Vec<String>)>,
}

impl RecordSink for &Scripted {
    async fn write(&self, records: Vec<Record>, _deadline: Instant) -> WriteReport {
        let mut state = self.state.lock().unwrap();
        let mut report = WriteReport::default();
        for record in records {
            let refused = self.refuses.get(state.0).copied().unwrap_or(false);
            state.0 += 1;
            report.results.push(if refused {
                Err(WriteError::Refused("Throttled".to_owned()))
            } else {
                let text = String::from_utf8(record.data).unwrap();
                assert!(text.ends_with('\n'));
                state.1.extend(text.lines().map(str::to_owned));
                Ok(())
            });
        }
        report
    }

    async fn is_healthy(&self, _deadline: Instant) -> bool {
        true
    }
}

fn event(lines: &[Vec<u8>]) -> Vec<u8> {
    let record = |(number, line): (usize, &Vec<u8>)| {
        let data = STANDARD.encode_to_string(line);
        json!({"kinesis": {"sequenceNumber": number.to_string(), "partitionKey": "k", "data": data}})
    };
    json!({"Records": lines.iter().enumerate().map(record).collect::<Vec<_>>()}).to_string().into()
}

/// The answer's first record, and the lines that arrived.
fn handled(lines: &[Vec<u8>], refuses: &[bool]) -> (Option<usize>, Vec<String>) {
    let sink = Scripted { refuses: refuses.to_vec(), ..Scripted::default() };
    let edges = Edges { sink: &sink, log: Log::silent("bad-event-classifier"), emit: |_| {} };
    let classifier = Classifier::new(Rules::built_in(), Schemas::default());
    let function = Function::new(classifier, edges);
    let until = Instant::now() + Duration::from_mins(1);
    let answer = function.handle(&event(lines), "r-1", until).now_or_never().unwrap().unwrap();
    let answer = serde_json::to_value(answer).unwrap();
    let first = answer["batchItemFailures"][0]["itemIdentifier"].as_str();
    let first = first.map(|it| it.parse().unwrap());
    let lines = std::mem::take(&mut sink.state.lock().unwrap().1);
    (first, lines)
}

#[test]
fn every_record_has_its_line_in_order() {
    let lines = [b"x".to_vec(), Vec::new(), b"{}".to_vec(), vec![0xff], b"{}\n{}\n".to_vec()];
    let (first, told) = handled(&lines, &[]);
    assert_eq!(first, None);
    let words: Vec<_> = told
        .iter()
        .map(|line| serde_json::from_str::<Value>(line).unwrap()["keyword"].clone())
        .collect();
    assert_eq!(words, ["NotJson", "Empty", "Shape", "NotUtf8", "Shape", "Shape"]);
}

#[test]
fn broken_base64_is_told_like_an_empty_record() {
    let sink = Scripted::default();
    let edges = Edges { sink: &sink, log: Log::silent("bad-event-classifier"), emit: |_| {} };
    let function = Function::new(Classifier::new(Rules::built_in(), Schemas::default()), edges);
    let event = json!({"Records": [{"kinesis": {"sequenceNumber": "1", "data": "%"}}]}).to_string();
    let until = Instant::now() + Duration::from_mins(1);
    function.handle(event.as_bytes(), "r", until).now_or_never().unwrap().unwrap();
    assert_eq!(sink.state.lock().unwrap().1.len(), 1);
    assert!(function.handle(b"{}", "r", until).now_or_never().unwrap().is_err());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn records_before_the_first_that_comes_again_are_done_with(
        count in 0usize..300,
        refuses in proptest::collection::vec(any::<bool>(), 0..12),
    ) {
        let lines = vec![b"x".to_vec(); count];
        let (first, told) = handled(&lines, &refuses);
        let done = first.unwrap_or(count);
        prop_assert!(done <= told.len() && told.len() <= count);
        if !refuses.contains(&true) {
            prop_assert_eq!((first, told.len()), (None, count));
        }
    }
}
