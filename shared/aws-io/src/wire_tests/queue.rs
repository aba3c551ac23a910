//! The queue behind the stream: what goes there, what it looks like on the wire, what stays failed.

use std::time::Duration;

use record_sink::{Record, RecordSink, WriteError};
use serde_json::{Value, json};
use tokio::time::Instant as Clock;

use super::fake::*;
use crate::SinkSettings;

const QUEUE_URL: &str = "https://sqs.eu-west-1.amazonaws.com/123456789012/raw-good-buffer";

fn settings() -> SinkSettings {
    SinkSettings { sqs_buffer: Some(QUEUE_URL.to_owned()), ..SinkSettings::new("raw-good") }
}

fn sent(request: &Request) -> &Vec<Value> {
    request.body["Entries"].as_array().unwrap()
}

/// The answer to `SendMessageBatch` that fails the places for which the function gives a code.
fn send_batch(request: &Request, fail: impl Fn(usize) -> Option<(&'static str, bool)>) -> Answer {
    let (mut successful, mut failed) = (Vec::new(), Vec::new());
    for (place, entry) in sent(request).iter().enumerate() {
        let id = &entry["Id"];
        match fail(place) {
            None => successful.push(json!({"Id": id, "MessageId": "m", "MD5OfMessageBody": "x"})),
            Some((code, fault)) => {
                failed.push(json!({"Id": id, "Code": code, "SenderFault": fault, "Message": "m"}));
            }
        }
    }
    // SQS promises no order.
    successful.reverse();
    Answer::Json(200, json!({"Successful": successful, "Failed": failed}))
}

/// The stream answers nothing but errors, the queue as the test says.
fn stream_down(queue: impl Fn(&Request) -> Answer + Send + Sync + 'static) -> FakeAws {
    FakeAws::new(move |_, request| match request.operation.as_str() {
        "PutRecords" => error(500, "InternalFailure"),
        "SendMessageBatch" => queue(request),
        "GetQueueUrl" => Answer::Json(200, json!({"QueueUrl": QUEUE_URL})),
        _ => error(400, "UnknownOperation"),
    })
}

#[tokio::test(start_paused = true)]
async fn n04_what_the_stream_does_not_take_goes_to_the_queue() {
    let aws = stream_down(|request| send_batch(request, |_| None));
    let start = Clock::now();
    let record = Record { partition_key: "key-1".to_owned(), data: vec![0x0b, 0, 0x64, 0xff] };
    let report = aws.sink(&settings()).write(vec![record], within(Duration::from_secs(10))).await;
    assert_eq!((report.is_complete(), report.by_fallback), (true, 1));
    assert_eq!(report.calls, aws.requests().len());
    assert!(start.elapsed() <= Duration::from_millis(6_005), "60 % of the time for the stream");
    let last = aws.requests().pop().unwrap();
    assert_eq!(last.operation, "SendMessageBatch");
    assert_eq!(last.body["QueueUrl"], QUEUE_URL);
    let attributes = json!({"kinesisKey": {"DataType": "String", "StringValue": "key-1"}});
    let entry = json!({"Id": "0", "MessageBody": "CwBk/w==", "MessageAttributes": attributes});
    assert_eq!(sent(&last), &vec![entry]);
}

#[tokio::test(start_paused = true)]
async fn n05_a_record_too_large_for_the_queue_stays_failed() {
    let aws = stream_down(|request| send_batch(request, |_| None));
    let sized = |size: usize| Record { partition_key: "k".to_owned(), data: vec![0; size] };
    let records = vec![sized(192_001), sized(192_000)];
    let report = aws.sink(&settings()).write(records, within(Duration::from_secs(10))).await;
    assert_eq!((report.acknowledged(), report.by_fallback), (1, 1));
    let reason = report.results[0].clone().unwrap_err().to_string();
    assert!(reason.contains("InternalFailure") && reason.contains("192001"), "{reason}");
    let batches = aws.requests().into_iter().filter(|it| it.operation == "SendMessageBatch");
    assert_eq!(batches.map(|it| sent(&it).len()).collect::<Vec<_>>(), [1]);
}

#[tokio::test(start_paused = true)]
async fn what_the_stream_took_never_goes_to_the_queue() {
    let aws = FakeAws::new(|_, request| match request.operation.as_str() {
        "PutRecords" => put_records(request, |key| (key == "k2").then_some("InternalFailure")),
        _ => send_batch(request, |_| None),
    });
    let report = aws.sink(&settings()).write(records(4), within(Duration::from_secs(5))).await;
    assert_eq!((report.acknowledged(), report.by_fallback), (4, 1));
    let last = aws.requests().pop().unwrap();
    let keys: Vec<_> = sent(&last)
        .iter()
        .map(|entry| entry["MessageAttributes"]["kinesisKey"]["StringValue"].clone())
        .collect();
    assert_eq!(keys, ["k2"]);
}

#[tokio::test(start_paused = true)]
async fn a_working_stream_never_needs_the_queue() {
    let aws = FakeAws::new(|_, request| put_records(request, |_| None));
    let report = aws.sink(&settings()).write(records(3), within(MINUTE)).await;
    assert_eq!((report.is_complete(), report.by_fallback, report.calls), (true, 0, 1));
    assert_eq!(aws.operations(), ["PutRecords"]);
}

#[tokio::test(start_paused = true)]
async fn messages_are_cut_by_count_and_by_bytes_and_retried_one_by_one() {
    let first = std::sync::atomic::AtomicBool::new(true);
    let aws = stream_down(move |request| {
        let first = first.swap(false, std::sync::atomic::Ordering::Relaxed);
        send_batch(request, |place| match place {
            3 if first => Some(("InternalError", false)),
            4 if first => Some(("InvalidMessageContents", true)),
            _ => None,
        })
    });
    let report = aws.sink(&settings()).write(records(11), within(Duration::from_secs(10))).await;
    assert_eq!((report.acknowledged(), report.by_fallback), (10, 10));
    let reason = report.results[4].clone().unwrap_err().to_string();
    assert!(reason.contains("InvalidMessageContents"), "{reason}");
    let lengths = |aws: &FakeAws| -> Vec<usize> {
        let requests = aws.requests().into_iter();
        requests.filter(|it| it.operation == "SendMessageBatch").map(|it| sent(&it).len()).collect()
    };
    assert_eq!(lengths(&aws), [10, 1, 1]);
    let aws = stream_down(|request| send_batch(request, |_| None));
    let settings = SinkSettings { sqs_bytes_max: 44, ..settings() };
    let report = aws.sink(&settings).write(records(4), within(Duration::from_secs(10))).await;
    assert!(report.is_complete());
    assert_eq!(lengths(&aws), [2, 2]);
}

#[tokio::test(start_paused = true)]
async fn a_message_of_which_the_queue_says_nothing_is_not_safe() {
    let aws = stream_down(|_| Answer::Json(200, json!({"Successful": [], "Failed": []})));
    let report = aws.sink(&settings()).write(records(2), within(Duration::from_secs(5))).await;
    assert_eq!((report.acknowledged(), report.by_fallback), (0, 0));
    let reason = report.first_error().unwrap().to_string();
    assert!(reason.contains("MissingResult"), "{reason}");
}

#[tokio::test(start_paused = true)]
async fn a_queue_given_by_name_is_looked_up_once() {
    let aws = stream_down(|request| send_batch(request, |_| None));
    let settings = SinkSettings { sqs_buffer: Some("raw-good-buffer".to_owned()), ..settings() };
    let sink = aws.sink(&settings);
    for _ in 0..2 {
        let report = sink.write(records(1), within(Duration::from_secs(5))).await;
        assert_eq!(report.by_fallback, 1);
    }
    let requests = aws.requests();
    let look_ups: Vec<_> = requests.iter().filter(|it| it.operation == "GetQueueUrl").collect();
    assert_eq!(look_ups.len(), 1);
    assert_eq!(look_ups[0].body["QueueName"], "raw-good-buffer");
}

#[tokio::test(start_paused = true)]
async fn both_hanging_end_at_the_deadline() {
    let aws = FakeAws::new(|_, _| Answer::Hang);
    let start = Clock::now();
    let report = aws.sink(&settings()).write(records(2), within(Duration::from_secs(4))).await;
    assert_eq!(report.results, vec![Err(WriteError::DeadlineReached); 2]);
    assert!(start.elapsed() <= Duration::from_millis(4_010));
    assert!(aws.operations().contains(&"SendMessageBatch".to_owned()), "the queue had its turn");
}

#[tokio::test(start_paused = true)]
async fn a_sink_is_healthy_while_either_of_the_two_is() {
    let aws = stream_down(|_| Answer::Hang);
    assert!(aws.sink(&settings()).is_healthy(within(MINUTE)).await);
    assert_eq!(aws.operations(), ["DescribeStreamSummary", "GetQueueUrl"]);
    let aws = FakeAws::new(|_, _| error(400, "AccessDenied"));
    assert!(!aws.sink(&settings()).is_healthy(within(MINUTE)).await);
}
