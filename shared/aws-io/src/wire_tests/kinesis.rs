//! `PutRecords` and `DescribeStreamSummary` on the wire: partial failures, limits, retries, health.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use proptest::prelude::*;
use record_sink::{Record, RecordSink, WriteError};
use serde_json::json;
use tokio::time::Instant as Clock;

use super::fake::*;
use crate::SinkSettings;

const THROTTLED: &str = "ProvisionedThroughputExceededException";

fn settings() -> SinkSettings {
    SinkSettings::new("raw-good")
}

fn call_failed(code: &str) -> Result<(), WriteError> {
    Err(WriteError::CallFailed(code.to_owned()))
}

#[tokio::test(start_paused = true)]
async fn n01_only_the_throttled_records_are_sent_again() {
    let aws = FakeAws::new(|number, request| {
        put_records(request, |key| {
            (number == 0 && ["k1", "k3"].contains(&key)).then_some(THROTTLED)
        })
    });
    let report = aws.sink(&settings()).write(records(5), within(MINUTE)).await;
    assert!(report.is_complete());
    assert_eq!((report.results.len(), report.calls, report.by_fallback), (5, 2, 0));
    let requests = aws.requests();
    assert_eq!(requests[0].keys(), ["k0", "k1", "k2", "k3", "k4"]);
    assert_eq!(requests[1].keys(), ["k1", "k3"]);
    assert_eq!(requests[0].operation, "PutRecords");
    assert_eq!(requests[0].uri, "https://kinesis.eu-west-1.amazonaws.com/");
    assert_eq!(requests[0].body["StreamName"], "raw-good");
    assert_eq!(requests[0].body["Records"][0]["Data"], "eHh4eHh4eHh4eHh4eHh4eHh4eHg=");
}

#[tokio::test(start_paused = true)]
async fn n02_three_failing_calls_then_delivered() {
    let aws = FakeAws::new(|number, request| match number {
        0 => error(500, "InternalFailure"),
        1 => error(400, THROTTLED),
        2 => Answer::ConnectionRefused,
        _ => put_records(request, |_| None),
    });
    let start = Clock::now();
    let report = aws.sink(&settings()).write(records(2), within(MINUTE)).await;
    assert!(report.is_complete());
    assert_eq!(report.calls, 4);
    let pauses = Duration::from_millis(1500)..=Duration::from_millis(4510);
    assert!(pauses.contains(&start.elapsed()), "three pauses of 500 to 1500 ms each");
}

#[tokio::test(start_paused = true)]
async fn what_passes_is_tried_until_the_deadline() {
    type Make = fn() -> Answer;
    let cases: [(Make, &str); 7] = [
        (|| error(400, THROTTLED), THROTTLED),
        (|| error(400, "KMSThrottlingException"), "KMSThrottlingException"),
        (|| error(503, "ServiceUnavailable"), "ServiceUnavailable"),
        (|| Answer::Text(502, "<html>bad gateway</html>"), "UnreadableResponse502"),
        (|| Answer::Text(200, "not json"), "UnreadableResponse200"),
        (|| Answer::ConnectionRefused, "ConnectionFailed"),
        (|| error(429, "com.amazonaws.kinesis#Odd"), "Odd"),
    ];
    for (answer, code) in cases {
        let aws = FakeAws::new(move |_, _| answer());
        let start = Clock::now();
        let report = aws.sink(&settings()).write(records(2), within(Duration::from_secs(5))).await;
        assert_eq!(report.results, vec![call_failed(code); 2]);
        assert!(report.calls >= 3, "{code}: {} calls", report.calls);
        assert!(start.elapsed() <= Duration::from_millis(5_005), "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn what_stays_is_reported_at_once() {
    for (status, code) in [
        (400, "AccessDeniedException"),
        (400, "ResourceNotFoundException"),
        (400, "ValidationException"),
        (400, "InvalidArgumentException"),
        (400, "ExpiredTokenException"),
        (403, "UnrecognizedClientException"),
        (400, "KMSAccessDeniedException"),
    ] {
        let aws = FakeAws::new(move |_, _| error(status, code));
        let report = aws.sink(&settings()).write(records(2), within(MINUTE)).await;
        assert_eq!(report.results, vec![call_failed(code); 2]);
        assert_eq!(report.calls, 1, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn refused_records_are_reported_by_their_code() {
    let aws = FakeAws::new(|_, request| put_records(request, |_| Some(THROTTLED)));
    let report = aws.sink(&settings()).write(records(2), within(Duration::from_secs(3))).await;
    assert_eq!(report.results, vec![Err(WriteError::Refused(THROTTLED.to_owned())); 2]);
    assert!(!format!("{report:?}").contains("visitor"), "messages can quote payload");
}

#[tokio::test(start_paused = true)]
async fn a_hanging_endpoint_does_not_outlast_the_deadline() {
    let aws = FakeAws::new(|_, _| Answer::Hang);
    let start = Clock::now();
    let report = aws.sink(&settings()).write(records(2), within(Duration::from_secs(2))).await;
    assert_eq!(report.results, vec![Err(WriteError::DeadlineReached); 2]);
    assert!(start.elapsed() <= Duration::from_millis(2_005));
}

#[tokio::test(start_paused = true)]
async fn calls_are_cut_by_count_and_by_bytes() {
    for (count, bytes_max, calls) in
        [(500, usize::MAX, 1), (501, usize::MAX, 2), (4, 44, 2), (4, 43, 4)]
    {
        let aws = FakeAws::new(|_, request| put_records(request, |_| None));
        let settings = SinkSettings { request_bytes_max: bytes_max, ..settings() };
        let report = aws.sink(&settings).write(records(count), within(MINUTE)).await;
        assert!(report.is_complete());
        assert_eq!((report.calls, aws.requests().len()), (calls, calls), "{count} records");
        let keys: Vec<_> = aws.requests().iter().flat_map(Request::keys).collect();
        assert_eq!(keys.len(), count);
    }
}

#[tokio::test(start_paused = true)]
async fn a_record_at_the_limit_goes_and_one_past_it_does_not() {
    let aws = FakeAws::new(|_, request| put_records(request, |_| None));
    let sized = |size: usize| Record { partition_key: "key".to_owned(), data: vec![0; size - 3] };
    let records = vec![sized(1_048_577), sized(1_048_576)];
    let report = aws.sink(&settings()).write(records, within(MINUTE)).await;
    let too_large = WriteError::TooLarge { size_bytes: 1_048_577, bytes_max: 1_048_576 };
    assert_eq!(report.results, [Err(too_large), Ok(())]);
    assert_eq!(report.calls, 1);
    let report = aws.sink(&settings()).write(vec![sized(1_048_577)], within(MINUTE)).await;
    assert_eq!(report.calls, 0);
}

#[tokio::test(start_paused = true)]
async fn a_key_that_would_fail_the_whole_call_is_kept_out() {
    let aws = FakeAws::new(|_, request| put_records(request, |_| None));
    let keyed = |key: String| Record { partition_key: key, data: vec![0] };
    let records = vec![keyed(String::new()), keyed("é".repeat(256)), keyed("é".repeat(257))];
    let report = aws.sink(&settings()).write(records, within(MINUTE)).await;
    let refused = Err(WriteError::Refused("PartitionKeyLength".to_owned()));
    assert_eq!(report.results, [refused.clone(), Ok(()), refused]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_a_result_is_no_acknowledgement() {
    let one = json!({"SequenceNumber": "1", "ShardId": "s"});
    let aws = FakeAws::new(move |number, request| match number {
        0 => Answer::Json(200, json!({"FailedRecordCount": 0, "Records": [one]})),
        1 => Answer::Json(200, json!({"FailedRecordCount": 0, "Records": [{}, {}]})),
        _ => put_records(request, |_| None),
    });
    let report = aws.sink(&settings()).write(records(3), within(MINUTE)).await;
    assert!(report.is_complete());
    assert_eq!(aws.requests()[1].keys(), ["k1", "k2"]);
    assert_eq!(aws.requests()[2].keys(), ["k1", "k2"]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_can_be_given_by_its_arn() {
    let arn = "arn:aws:kinesis:eu-west-1:123456789012:stream/raw-good";
    let aws = FakeAws::new(|_, request| put_records(request, |_| None));
    let report = aws.sink(&SinkSettings::new(arn)).write(records(1), within(MINUTE)).await;
    assert!(report.is_complete());
    assert_eq!(aws.requests()[0].body["StreamARN"], arn);
    assert_eq!(aws.requests()[0].body.get("StreamName"), None);
}

fn summary(status: &str) -> Answer {
    let summary = json!({
        "StreamName": "raw-good", "StreamARN": "arn:aws:kinesis:eu-west-1:1:stream/raw-good",
        "StreamStatus": status, "RetentionPeriodHours": 24, "StreamCreationTimestamp": 1.0,
        "EnhancedMonitoring": [], "OpenShardCount": 1,
    });
    Answer::Json(200, json!({"StreamDescriptionSummary": summary}))
}

#[tokio::test(start_paused = true)]
async fn health_is_asked_of_the_stream_and_remembered() {
    for (status, healthy) in [("ACTIVE", true), ("UPDATING", true), ("CREATING", false)] {
        let aws = FakeAws::new(move |_, _| summary(status));
        let sink = aws.sink(&settings());
        assert_eq!(sink.primary.open(within(MINUTE)).await.is_ok(), healthy);
        assert_eq!(sink.is_healthy(within(MINUTE)).await, healthy);
        assert_eq!(aws.operations(), ["DescribeStreamSummary"]);
        tokio::time::advance(Duration::from_secs(6)).await;
        assert_eq!(sink.is_healthy(within(MINUTE)).await, healthy);
        assert_eq!(aws.requests().len(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn opening_never_takes_longer_than_it_may() {
    let aws = FakeAws::new(|_, _| Answer::Hang);
    let opened = aws.sink(&settings()).primary.open(within(Duration::from_secs(1))).await;
    assert_eq!(opened, Err(WriteError::DeadlineReached));
    let aws = FakeAws::new(|_, _| error(400, "ResourceNotFoundException"));
    assert_eq!(
        aws.sink(&settings()).primary.open(within(MINUTE)).await,
        call_failed("ResourceNotFoundException")
    );
    assert!(!aws.sink(&settings()).is_healthy(within(MINUTE)).await);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn every_record_is_acknowledged_once_or_reported(
        outcomes in prop::collection::vec(0u8..10, 1..60),
        count in 0usize..30,
        seconds in 0u64..8,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        let acknowledged = std::sync::Arc::new(Mutex::new(BTreeMap::<String, usize>::new()));
        let seen = acknowledged.clone();
        // Two failing records in three while the list lasts, by its numbers; then everything works.
        let aws = FakeAws::new(move |number, request| {
            let outcome = |n: usize| outcomes.get(number * 7 + n).copied();
            match outcome(0) {
                Some(0) => return error(500, "InternalFailure"),
                Some(1) => return Answer::Hang,
                _ => {}
            }
            put_records(request, |key| {
                let n: usize = key.trim_start_matches('k').parse().unwrap();
                if outcome(n % 7).is_some_and(|outcome| outcome < 6) {
                    return Some(THROTTLED);
                }
                *seen.lock().unwrap().entry(key.to_owned()).or_default() += 1;
                None
            })
        });
        let settings = SinkSettings { request_bytes_max: 200, ..settings() };
        let sink = aws.sink(&settings);
        runtime.block_on(async {
            let report = sink.write(records(count), within(Duration::from_secs(seconds))).await;
            prop_assert_eq!(report.results.len(), count);
            prop_assert_eq!(report.calls, aws.requests().len());
            let acknowledged = acknowledged.lock().unwrap();
            for (record, result) in records(count).iter().zip(&report.results) {
                let times = acknowledged.get(&record.partition_key).copied().unwrap_or_default();
                prop_assert_eq!(times, usize::from(result.is_ok()), "{}", record.partition_key);
            }
            Ok(())
        })?;
    }
}
