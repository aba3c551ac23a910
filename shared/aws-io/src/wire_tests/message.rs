//! Messages for others: what a queue and a topic get, where the calls are cut, what fails one by one.

use std::time::Duration;

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use record_sink::{Record, RecordSink, WriteError};
use serde_json::{Value, json};

use super::fake::*;
use crate::{MessageSink, SinkSettings, TopicSink};

const QUEUE: &str = "https://sqs.eu-west-1.amazonaws.com/123456789012/pipe";
const TOPIC: &str = "arn:aws:sns:us-east-2:123456789012:pipe";

fn texts(sizes: &[usize]) -> Vec<Record> {
    let text = |size: &usize| Record { partition_key: String::new(), data: vec![b'x'; *size] };
    sizes.iter().map(text).collect()
}

fn queue(aws: &FakeAws) -> MessageSink {
    let settings = aws_settings([]);
    aws.clients(&settings).message_sink(&settings.message_target(QUEUE).unwrap())
}

fn topic(aws: &FakeAws) -> TopicSink {
    TopicSink::new(&aws_settings([]), (TOPIC, "us-east-2"), &SinkSettings::new(""))
        .with_connector(SharedHttpConnector::new(aws.clone()))
}

fn all_sent(request: &Request) -> Answer {
    let ids = request.body["Entries"].as_array().unwrap().iter().map(|entry| &entry["Id"]);
    let successful: Vec<_> = ids.map(|id| json!({"Id": id, "MessageId": "m"})).collect();
    Answer::Json(200, json!({"Successful": successful, "Failed": []}))
}

/// The fields of a form.
fn field<'f>(form: &'f Value, name: &str) -> Option<&'f str> {
    let fields = form.as_str().unwrap().split('&');
    fields.filter_map(|field| field.split_once('=')).find(|it| it.0 == name).map(|it| it.1)
}

fn count(form: &Value) -> usize {
    form.as_str().unwrap().matches(".Message=").count()
}

/// An answer that fails the places for which the function gives a code.
fn published(request: &Request, fail: impl Fn(usize) -> Option<(&'static str, bool)>) -> Answer {
    let (mut successful, mut failed) = (String::new(), String::new());
    for place in 0..count(&request.body) {
        let (list, what) = match fail(place) {
            None => (&mut successful, "<MessageId>m</MessageId>".to_owned()),
            Some((code, fault)) => {
                (&mut failed, format!("<Code>{code}</Code><SenderFault>{fault}</SenderFault>"))
            }
        };
        // SNS promises no order.
        list.insert_str(0, &format!("<member><Id>{place}</Id>{what}</member>"));
    }
    let list = |name: &str, members: &str| match members {
        "" => format!("<{name}/>"),
        _ => format!("<{name}>{members}</{name}>"),
    };
    let (successful, failed) = (list("Successful", &successful), list("Failed", &failed));
    Answer::Xml(
        200,
        format!(
            "<PublishBatchResponse xmlns=\"http://sns.amazonaws.com/doc/2010-03-31/\">\
         <PublishBatchResult>{failed}{successful}</PublishBatchResult></PublishBatchResponse>"
        ),
    )
}

#[tokio::test(start_paused = true)]
async fn a_queue_gets_the_text_itself() {
    let aws = FakeAws::new(|_, request| all_sent(request));
    let record = Record { partition_key: String::new(), data: b"{\"a\":\"\xc3\xa9\"}".to_vec() };
    let report = queue(&aws).write(vec![record], within(MINUTE)).await;
    assert!(report.is_complete(), "{report:?}");
    let request = aws.requests().pop().unwrap();
    assert_eq!(request.operation, "SendMessageBatch");
    let entries = json!([{"Id": "0", "MessageBody": "{\"a\":\"\u{e9}\"}"}]);
    assert_eq!(request.body, json!({"QueueUrl": QUEUE, "Entries": entries}));
}

#[tokio::test(start_paused = true)]
async fn a_queues_calls_are_cut_by_count_and_by_bytes() {
    for (sizes, calls) in [
        (vec![1; 10], vec![10]),
        (vec![1; 11], vec![10, 1]),
        (vec![524_288, 524_288], vec![2]),
        (vec![524_288, 524_289], vec![1, 1]),
        (vec![1_048_576], vec![1]),
    ] {
        let aws = FakeAws::new(|_, request| all_sent(request));
        let report = queue(&aws).write(texts(&sizes), within(MINUTE)).await;
        assert!(report.is_complete(), "{report:?}");
        let length = |it: Request| it.body["Entries"].as_array().unwrap().len();
        assert_eq!(aws.requests().into_iter().map(length).collect::<Vec<_>>(), calls);
    }
    let aws = FakeAws::new(|_, request| all_sent(request));
    let report = queue(&aws).write(texts(&[1_048_577, 0, 1]), within(MINUTE)).await;
    let too_large = WriteError::TooLarge { size_bytes: 1_048_577, bytes_max: 1_048_576 };
    let no_text = WriteError::Refused("NoText".to_owned());
    assert_eq!(report.results, [Err(too_large), Err(no_text), Ok(())]);
}

#[tokio::test(start_paused = true)]
async fn a_topic_gets_a_signed_form() {
    let aws = FakeAws::new(|_, request| published(request, |_| None));
    let record = Record { partition_key: String::new(), data: b"{\"a\":\"b c\"}".to_vec() };
    let report = topic(&aws).write(vec![record], within(MINUTE)).await;
    assert_eq!((report.is_complete(), report.calls), (true, 1), "{report:?}");
    let Request { operation, uri, body } = aws.requests().pop().unwrap();
    assert_eq!((&*operation, &*uri), ("PublishBatch", "https://sns.us-east-2.amazonaws.com/"));
    assert_eq!(field(&body, "Version"), Some("2010-03-31"));
    assert_eq!(field(&body, "TopicArn"), Some("arn%3Aaws%3Asns%3Aus-east-2%3A123456789012%3Apipe"));
    assert_eq!(field(&body, "PublishBatchRequestEntries.member.1.Id"), Some("0"));
    let message = field(&body, "PublishBatchRequestEntries.member.1.Message");
    assert_eq!(message, Some("%7B%22a%22%3A%22b%20c%22%7D"));
}

#[tokio::test(start_paused = true)]
async fn a_topics_calls_are_cut_and_its_messages_fail_one_by_one() {
    let aws = FakeAws::new(|number, request| {
        published(request, |place| match place {
            3 if number == 0 => Some(("InternalError", false)),
            4 if number == 0 => Some(("InvalidParameter", true)),
            _ => None,
        })
    });
    let report = topic(&aws).write(texts(&[1; 11]), within(MINUTE)).await;
    assert_eq!(report.acknowledged(), 10, "{report:?}");
    assert_eq!(report.results[4], Err(WriteError::Refused("InvalidParameter".to_owned())));
    let counts: Vec<_> = aws.requests().iter().map(|it| count(&it.body)).collect();
    assert_eq!(counts, [10, 1, 1]);
    let report = topic(&aws).write(texts(&[262_144, 262_145]), within(MINUTE)).await;
    assert!(report.results[0].is_ok() && report.results[1].is_err());
}

#[tokio::test(start_paused = true)]
async fn a_topic_that_fails_is_asked_again_if_that_can_help() {
    let error = |code: &str| {
        format!(
            "<ErrorResponse><Error><Type>Sender</Type><Code>{code}</Code>\
                 <Message>visitor 1.2.3.4</Message></Error></ErrorResponse>"
        )
    };
    for (status, code, calls_min, found) in [
        (403, "AuthorizationError", 1, "AuthorizationError"),
        (400, "Throttling", 2, "Throttling"),
        (503, "ServiceUnavailable", 2, "ServiceUnavailable"),
    ] {
        let aws = FakeAws::new(move |_, _| Answer::Xml(status, error(code)));
        let report = topic(&aws).write(texts(&[1]), within(Duration::from_secs(5))).await;
        assert_eq!(report.results, [Err(WriteError::CallFailed(found.to_owned()))]);
        assert!((calls_min == 1) == (report.calls == 1), "{code}: {report:?}");
        assert!(!topic(&aws).is_healthy(within(MINUTE)).await);
    }
    let aws = FakeAws::new(|_, _| Answer::Text(200, "<ok/>"));
    assert!(topic(&aws).is_healthy(within(MINUTE)).await);
    assert_eq!(aws.operations(), ["GetTopicAttributes"]);
    let report = topic(&aws).write(texts(&[1]), within(Duration::from_secs(2))).await;
    assert_eq!(report.results, [Err(WriteError::Refused("MissingResult".to_owned()))]);
}
