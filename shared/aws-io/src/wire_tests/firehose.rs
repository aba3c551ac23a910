//! `PutRecordBatch` and `DescribeDeliveryStream` on the wire: partial failures, limits, retries, health.

use std::time::Duration;

use record_sink::{Record, RecordSink, WriteError};
use serde_json::json;
use tokio::time::Instant as Clock;

use super::fake::*;
use crate::{FirehoseSink, SinkSettings};

const THROTTLED: &str = "ServiceUnavailableException";

fn sink(aws: &FakeAws, settings: &SinkSettings) -> FirehoseSink {
    aws.clients(&aws_settings([])).firehose_sink(settings)
}

fn settings() -> SinkSettings {
    SinkSettings::new("enriched-good")
}

/// Records `r0`, `r1` and so on; their keys do not matter.
fn records(count: usize) -> Vec<Record> {
    let record = |n| Record { partition_key: "key".to_owned(), data: format!("r{n}").into() };
    (0..count).map(record).collect()
}

/// The records of a call.
fn sent(request: &Request) -> Vec<String> {
    let records = request.body["Records"].as_array().unwrap();
    let decoded = records.iter().map(|record| {
        base64_simd::STANDARD.decode_to_vec(record["Data"].as_str().unwrap()).unwrap()
    });
    decoded.map(|data| String::from_utf8(data).unwrap()).collect()
}

/// The answer that fails the records for which the function gives a code.
fn put(request: &Request, code: impl Fn(&str) -> Option<&'static str>) -> Answer {
    let result = |record: &String| match code(record) {
        Some(code) => json!({"ErrorCode": code, "ErrorMessage": "slow down, visitor 1.2.3.4"}),
        None => json!({"RecordId": "4959"}),
    };
    let results: Vec<_> = sent(request).iter().map(result).collect();
    let failed = results.iter().filter(|result| result.get("ErrorCode").is_some()).count();
    Answer::Json(200, json!({"FailedPutCount": failed, "RequestResponses": results}))
}

fn call_failed(code: &str) -> Result<(), WriteError> {
    Err(WriteError::CallFailed(code.to_owned()))
}

#[tokio::test(start_paused = true)]
async fn only_the_failed_records_are_sent_again() {
    let aws = FakeAws::new(|number, request| {
        put(request, |record| (number == 0 && ["r1", "r3"].contains(&record)).then_some(THROTTLED))
    });
    let report = sink(&aws, &settings()).write(records(5), within(MINUTE)).await;
    assert!(report.is_complete());
    assert_eq!((report.results.len(), report.calls, report.by_fallback), (5, 2, 0));
    let requests = aws.requests();
    assert_eq!(sent(&requests[0]), ["r0", "r1", "r2", "r3", "r4"]);
    assert_eq!(sent(&requests[1]), ["r1", "r3"]);
    assert_eq!(requests[0].operation, "PutRecordBatch");
    assert_eq!(requests[0].uri, "https://firehose.eu-west-1.amazonaws.com/");
    assert_eq!(requests[0].body["DeliveryStreamName"], "enriched-good");
    assert_eq!(requests[0].body["Records"][0], json!({"Data": "cjA="}), "no partition key");
}

#[tokio::test(start_paused = true)]
async fn failing_calls_are_made_again() {
    let aws = FakeAws::new(|number, request| match number {
        0 => error(500, THROTTLED),
        1 => error(400, "ThrottlingException"),
        2 => Answer::ConnectionRefused,
        _ => put(request, |_| None),
    });
    let start = Clock::now();
    let report = sink(&aws, &settings()).write(records(2), within(MINUTE)).await;
    assert!(report.is_complete());
    assert_eq!(report.calls, 4);
    let pauses = Duration::from_millis(1500)..=Duration::from_millis(4510);
    assert!(pauses.contains(&start.elapsed()), "three pauses of 500 to 1500 ms each");
}

#[tokio::test(start_paused = true)]
async fn a_throttled_stream_is_tried_until_the_deadline() {
    let seconds = Duration::from_secs(5);
    let start = Clock::now();
    let aws = FakeAws::new(|_, request| put(request, |_| Some(THROTTLED)));
    let report = sink(&aws, &settings()).write(records(2), within(seconds)).await;
    assert_eq!(report.results, vec![Err(WriteError::Refused(THROTTLED.to_owned())); 2]);
    assert!(report.calls >= 3 && start.elapsed() <= Duration::from_millis(5_005));
    assert!(!format!("{report:?}").contains("visitor"), "messages can quote payload");
    let aws = FakeAws::new(|_, _| error(400, THROTTLED));
    let report = sink(&aws, &settings()).write(records(2), within(seconds)).await;
    assert_eq!(report.results, vec![call_failed(THROTTLED); 2]);
    assert!(report.calls >= 3);
}

#[tokio::test(start_paused = true)]
async fn what_stays_is_reported_at_once() {
    for (status, code) in [
        (400, "AccessDeniedException"),
        (400, "ResourceNotFoundException"),
        (400, "InvalidArgumentException"),
        (400, "InvalidKMSResourceException"),
        (413, "RequestEntityTooLarge"),
    ] {
        let aws = FakeAws::new(move |_, _| error(status, code));
        let report = sink(&aws, &settings()).write(records(2), within(MINUTE)).await;
        assert_eq!(report.results, vec![call_failed(code); 2]);
        assert_eq!(report.calls, 1, "{code}");
    }
}

#[tokio::test(start_paused = true)]
async fn a_hanging_endpoint_does_not_outlast_the_deadline() {
    let aws = FakeAws::new(|_, _| Answer::Hang);
    let start = Clock::now();
    let sink = sink(&aws, &settings());
    let report = sink.write(records(2), within(Duration::from_secs(2))).await;
    assert_eq!(report.results, vec![Err(WriteError::DeadlineReached); 2]);
    assert!(start.elapsed() <= Duration::from_millis(2_005));
    let opened = sink.open(within(Duration::from_secs(1))).await;
    assert_eq!(opened, Err(WriteError::DeadlineReached));
}

#[tokio::test(start_paused = true)]
async fn a_record_at_the_limit_goes_and_one_past_it_does_not() {
    let aws = FakeAws::new(|_, request| put(request, |_| None));
    // The key does not count.
    let sized = |size| Record { partition_key: "key".to_owned(), data: vec![b'x'; size] };
    let records = vec![sized(1_024_001), sized(1_024_000)];
    let report = sink(&aws, &settings()).write(records, within(MINUTE)).await;
    let too_large = WriteError::TooLarge { size_bytes: 1_024_001, bytes_max: 1_024_000 };
    assert_eq!(report.results, [Err(too_large), Ok(())]);
    assert_eq!(report.calls, 1);
    let report = sink(&aws, &settings()).write(vec![sized(1_024_001)], within(MINUTE)).await;
    assert_eq!(report.calls, 0);
}

#[tokio::test(start_paused = true)]
async fn calls_are_cut_by_count_and_by_bytes() {
    let ok = || FakeAws::new(|_, request| put(request, |_| None));
    for (count, calls) in [(500, 1), (501, 2)] {
        let aws = ok();
        let report = sink(&aws, &settings()).write(records(count), within(MINUTE)).await;
        assert!(report.is_complete());
        assert_eq!((report.calls, aws.requests().len()), (calls, calls), "{count} records");
        assert_eq!(aws.requests().iter().flat_map(sent).count(), count);
    }
    // Five are less than 5 MiB, the settings' limit, but more than the 4 MiB of Firehose.
    let large = |key: &str| {
        let data = vec![b'x'; 1_000_000 - key.len()];
        Record { partition_key: key.to_owned(), data }
    };
    let aws = ok();
    let records: Vec<_> = ["a", "b", "c", "d", "e"].into_iter().map(large).collect();
    let report = sink(&aws, &settings()).write(records, within(MINUTE)).await;
    assert!(report.is_complete());
    let counts: Vec<_> = aws.requests().iter().map(|request| sent(request).len()).collect();
    assert_eq!(counts, [4, 1]);
}

#[tokio::test(start_paused = true)]
async fn an_answer_without_a_result_is_no_acknowledgement() {
    let aws = FakeAws::new(|number, request| match number {
        0 => {
            Answer::Json(200, json!({"FailedPutCount": 0, "RequestResponses": [{"RecordId": "1"}]}))
        }
        1 => Answer::Json(200, json!({"FailedPutCount": 0, "RequestResponses": [{}, {}]})),
        _ => put(request, |_| None),
    });
    let report = sink(&aws, &settings()).write(records(3), within(MINUTE)).await;
    assert!(report.is_complete());
    assert_eq!(sent(&aws.requests()[1]), ["r1", "r2"]);
    assert_eq!(sent(&aws.requests()[2]), ["r1", "r2"]);
}

#[tokio::test(start_paused = true)]
async fn a_stream_can_be_given_by_its_arn() {
    let arn = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/enriched-good";
    let aws = FakeAws::new(|_, request| put(request, |_| None));
    let report = sink(&aws, &SinkSettings::new(arn)).write(records(1), within(MINUTE)).await;
    assert!(report.is_complete());
    assert_eq!(aws.requests()[0].body["DeliveryStreamName"], "enriched-good");
}

#[tokio::test(start_paused = true)]
async fn an_endpoint_is_chosen_like_the_others() {
    let own = [("AWS_ENDPOINT_URL_FIREHOSE", "http://127.0.0.1:4573")];
    let kinds = [("AWS_USE_FIPS_ENDPOINT", "true"), ("AWS_USE_DUALSTACK_ENDPOINT", "true")];
    for (settings, uri) in [
        (aws_settings(own), "http://127.0.0.1:4573/"),
        (aws_settings(kinds), "https://firehose-fips.eu-west-1.api.aws/"),
    ] {
        let aws = FakeAws::new(|_, request| put(request, |_| None));
        let sink = aws.clients(&settings).firehose_sink(&SinkSettings::new("s"));
        assert!(sink.write(records(1), within(MINUTE)).await.is_complete());
        assert_eq!(aws.requests()[0].uri, uri);
    }
}

fn description(status: &str) -> Answer {
    let description = json!({
        "DeliveryStreamName": "enriched-good", "DeliveryStreamStatus": status,
        "DeliveryStreamARN": "arn:aws:firehose:eu-west-1:1:deliverystream/enriched-good",
        "DeliveryStreamType": "DirectPut", "VersionId": "1", "HasMoreDestinations": false,
        "Destinations": [],
    });
    Answer::Json(200, json!({"DeliveryStreamDescription": description}))
}

#[tokio::test(start_paused = true)]
async fn health_is_asked_of_the_stream_and_remembered() {
    for (status, healthy) in [("ACTIVE", true), ("CREATING", false), ("DELETING", false)] {
        let aws = FakeAws::new(move |_, _| description(status));
        let sink = sink(&aws, &settings());
        assert_eq!(sink.open(within(MINUTE)).await.is_ok(), healthy);
        assert_eq!(sink.is_healthy(within(MINUTE)).await, healthy);
        assert_eq!(aws.operations(), ["DescribeDeliveryStream"]);
        tokio::time::advance(Duration::from_secs(6)).await;
        assert_eq!(sink.is_healthy(within(MINUTE)).await, healthy);
        assert_eq!(aws.requests().len(), 2);
    }
    let aws = FakeAws::new(|_, _| error(400, "ResourceNotFoundException"));
    let opened = sink(&aws, &settings()).open(within(MINUTE)).await;
    assert_eq!(opened, call_failed("ResourceNotFoundException"));
}
