//! Whole invocations: the sample events, duplicates, failures one by one, and what always holds.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of a test may fail as loudly as the test"
)]

use std::sync::Mutex;
use std::time::Instant;

use function_env::{Log, Variables};
use futures_util::FutureExt as _;
use object_notifier::{Config, Handled, Notifier, Outcome};
use proptest::prelude::*;
use record_sink::{Record, RecordSink, WriteError, WriteReport};
use serde_json::{Value, json};

const ROUTES: &str = r#"{"output/":["good"],"output/app=web/":["good","web"],
    "enriched_bad_event/":["bad"],"bad_event/":[],"bad_event_class/":[]}"#;

/// A target in memory that refuses the messages in which a word stands.
#[derive(Default)]
struct Target {
    refused: &'static str,
    messages: Mutex<Vec<String>>,
}

impl RecordSink for &Target {
    async fn write(&self, records: Vec<Record>, _deadline: Instant) -> WriteReport {
        let one = |record: Record| {
            let text = String::from_utf8(record.data).unwrap();
            if !self.refused.is_empty() && text.contains(self.refused) {
                return Err(WriteError::Refused("InternalError".to_owned()));
            }
            self.messages.lock().unwrap().push(text);
            Ok(())
        };
        let results = records.into_iter().map(one).collect();
        WriteReport { results, by_fallback: 0, calls: 1 }
    }

    async fn is_healthy(&self, _deadline: Instant) -> bool {
        true
    }
}

/// What a notifier made of an event: the result, the answer, and the messages of good, web and bad.
struct Done {
    handled: Option<Handled>,
    answer: Result<String, String>,
    messages: [Vec<String>; 3],
}

fn invoke_refusing(event: &str, refused: [&'static str; 3]) -> Done {
    let config = Config::from_variables(&Variables::from([("ROUTES", ROUTES)])).unwrap();
    assert_eq!(config.routes.targets(), ["good", "web", "bad"]);
    let log = Log::silent("object-notifier");
    let run = |answers: bool| {
        let targets = refused.map(|refused| Target { refused, ..Target::default() });
        let notifier = Notifier::new(config.clone(), log.clone(), targets.iter().collect());
        let now = Instant::now();
        let (mut handled, mut answer) = (None, Err(String::new()));
        if answers {
            let result = notifier.handle(event, "r-1", now).now_or_never().unwrap();
            answer = result.map_err(|fault| fault.to_string());
        } else {
            handled = notifier.handled(event, now).now_or_never().unwrap().ok();
        }
        (handled, answer, targets.map(|target| target.messages.into_inner().unwrap()))
    };
    let (handled, _, messages) = run(false);
    let (_, answer, again) = run(true);
    assert_eq!(messages, again);
    Done { handled, answer, messages }
}

fn invoke(event: &str) -> Done {
    invoke_refusing(event, [""; 3])
}

fn sample(name: &str) -> String {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../events/object-notifier");
    std::fs::read_to_string(format!("{folder}/{name}.json")).unwrap()
}

fn failures(ids: &[&str]) -> String {
    let failures: Vec<_> = ids.iter().map(|id| json!({"itemIdentifier": id})).collect();
    json!({"batchItemFailures": failures}).to_string()
}

fn record(key: &str, sequencer: &str) -> String {
    format!(
        r#"{{"eventVersion":"2.6","eventSource":"aws:s3","eventName":"ObjectCreated:Put",  "s3":{{"bucket":{{"name":"b"}},"object":{{"key":"{key}","size":7,"sequencer":"{sequencer}"}}}}}}"#
    )
}

fn records(records: &[String]) -> String {
    format!("{{\"Records\":[{}]}}", records.join(","))
}

/// A batch of a queue; its messages are m0, m1 and so on.
fn queue(bodies: &[String]) -> String {
    let message = |(place, body): (usize, &String)| json!({"eventSource": "aws:sqs", "messageId": format!("m{place}"), "body": body});
    json!({"Records": bodies.iter().enumerate().map(message).collect::<Vec<_>>()}).to_string()
}

fn keys(messages: &[String]) -> Vec<String> {
    let key = |text: &String| {
        let message: Value = serde_json::from_str(text).unwrap();
        assert_eq!(message["Records"].as_array().unwrap().len(), 1);
        message["Records"][0]["s3"]["object"]["key"].as_str().unwrap().to_owned()
    };
    messages.iter().map(key).collect()
}

fn is_conserved(it: &Outcome) -> bool {
    it.objects == it.routed + it.ignored + it.unrouted + it.duplicates + it.failed
}

#[test]
fn each_form_of_trigger_is_read() {
    let counts = |messages, objects, routed, ignored| Outcome {
        messages,
        objects,
        routed,
        ignored,
        ..Outcome::default()
    };
    for (name, expected, sent, answer) in [
        ("s3-direct", counts(1, 2, 2, 0), [1, 0, 1], "null".to_owned()),
        ("sqs-s3", counts(3, 3, 2, 1), [1, 0, 1], failures(&[])),
        ("sqs-sns-s3", counts(2, 2, 2, 0), [2, 1, 0], failures(&[])),
        ("eventbridge", counts(1, 1, 1, 0), [1, 1, 0], "null".to_owned()),
        ("test-event", counts(1, 0, 0, 0), [0, 0, 0], "null".to_owned()),
    ] {
        let done = invoke(&sample(name));
        assert_eq!(done.handled.unwrap().outcome, expected, "{name}");
        assert_eq!(done.messages.each_ref().map(Vec::len), sent, "{name}");
        assert_eq!(done.answer, Ok(answer), "{name}");
    }
}

#[test]
fn a_mixed_batch_is_answered_message_by_message() {
    let done = invoke(&sample("mixed"));
    let handled = done.handled.unwrap();
    let expected = Outcome {
        messages: 9,
        malformed: 1,
        objects: 10,
        routed: 4,
        ignored: 4,
        unrouted: 1,
        duplicates: 1,
        failed: 0,
    };
    assert_eq!(handled.outcome, expected);
    assert_eq!(handled.unrouted, ["somewhere/else/1.gz"]);
    assert_eq!(done.messages.each_ref().map(Vec::len), [3, 2, 1]);
    assert_eq!(done.answer, Ok(failures(&["059f36b4-87a3-44ab-83d2-661975040008"])));
    // What came encoded goes as it came; what EventBridge gave as it is, is encoded as S3 does it.
    assert_eq!(
        keys(&done.messages[1]),
        [
            "output/app%3Dweb/2026/01/02/03/page+views+%2B+pings-1.gz",
            "output/app%3Dweb/2026/01/02/03/page+views+%2B+pings-2.gz",
        ]
    );
}

#[test]
fn the_bytes_of_a_record_are_forwarded() {
    let odd = record("output/\\u0061%C3%A9+.gz", "0A")
        .replace("\"size\":7", "\"size\": 7,\"new\":[1.50, {}]");
    let expected = vec![format!("{{\"Records\":[{odd}]}}")];
    assert_eq!(invoke(&records(std::slice::from_ref(&odd))).messages[0], expected);
    let body = records(std::slice::from_ref(&odd));
    assert_eq!(invoke(&queue(std::slice::from_ref(&body))).messages[0], expected);
    let wrapped = json!({"Type": "Notification", "Message": body}).to_string();
    assert_eq!(invoke(&queue(&[wrapped])).messages[0], expected);
}

#[test]
fn a_write_is_told_once() {
    let (first, same, next) =
        (record("output/a.gz", "0A"), record("output/%61.gz", "0a00"), record("output/a.gz", "0B"));
    let body = |of: &String| records(std::slice::from_ref(of));
    let event = queue(&[body(&first), body(&same), body(&next), body(&first)]);
    let done = invoke(&event);
    let outcome = done.handled.unwrap().outcome;
    assert_eq!((outcome.objects, outcome.routed, outcome.duplicates), (4, 2, 2));
    assert_eq!(done.answer, Ok(failures(&[])));
    // All messages of an object stand or fall with it.
    let done = invoke_refusing(&event, ["\"0A\"", "", ""]);
    assert_eq!(done.answer, Ok(failures(&["m0", "m1", "m3"])));
    let without = first.replace(",\"sequencer\":\"0A\"", "");
    for without in [without, record("output/a.gz", "")] {
        let outcome = invoke(&records(&[without.clone(), without])).handled.unwrap().outcome;
        assert_eq!((outcome.routed, outcome.duplicates), (2, 0));
    }
    let elsewhere = first.replace("\"b\"", "\"c\"");
    let outcome = invoke(&records(&[first, elsewhere])).handled.unwrap().outcome;
    assert_eq!((outcome.routed, outcome.duplicates), (2, 0));
}

#[test]
fn an_object_that_one_target_refuses_comes_again() {
    let body = |key: &str, sequencer: &str| records(&[record(key, sequencer)]);
    let event = queue(&[
        body("output/app%3Dweb/1.gz", "1"),
        body("output/app%3Dweb/2.gz", "2"),
        records(&[record("output/3.gz", "3"), record("output/app%3Dweb/2b.gz", "4")]),
        body("bad_event/x.gz", "5"),
    ]);
    let done = invoke_refusing(&event, ["", "web/2", ""]);
    let handled = done.handled.unwrap();
    assert_eq!((handled.outcome.routed, handled.outcome.failed), (2, 2));
    assert!(handled.reason.unwrap().contains("InternalError"));
    assert_eq!(done.messages.each_ref().map(Vec::len), [4, 1, 0]);
    assert_eq!(done.answer, Ok(failures(&["m1", "m2"])));
    // A trigger without messages fails as a whole.
    let event = records(&[record("output/1.gz", "1"), record("output/2.gz", "2")]);
    let fault = invoke_refusing(&event, ["output/2", "", ""]).answer.unwrap_err();
    assert!(fault.contains("1 objects") && fault.contains("InternalError"), "{fault}");
}

#[test]
fn what_cannot_be_read_fails_without_being_shown() {
    let good = record("output/1.gz", "1");
    let broken = record("output/secret.gz", "2").replace("\"2.6\"", "\"3.0\"");
    let bodies = [
        records(std::slice::from_ref(&good)),
        "secret".to_owned(),
        "{}".to_owned(),
        records(&[record("output/2.gz", "2"), broken.clone()]),
        records(&[record("output/%ff.gz", "3")]),
        json!({"Type": "SubscriptionConfirmation", "Message": "secret"}).to_string(),
        json!({"detail-type": "Object Created", "source": "aws.s3"}).to_string(),
    ];
    let done = invoke(&queue(&bodies));
    let outcome = done.handled.unwrap().outcome;
    assert_eq!((outcome.malformed, outcome.objects, outcome.failed), (6, 5, 3));
    assert_eq!(keys(&done.messages[0]), ["output/1.gz", "output/2.gz"]);
    assert_eq!(done.answer, Ok(failures(&["m1", "m2", "m3", "m4", "m5", "m6"])));
    for event in [records(&[good, broken]), "{\"secret\":1}".to_owned(), "secret".to_owned()] {
        let fault = invoke(&event).answer.unwrap_err();
        assert!(!fault.contains("secret"), "{fault}");
    }
}

/// A record of any kind, good ones more often than not.
fn any_record() -> impl Strategy<Value = String> {
    let folder = prop::sample::select(vec![
        "output/",
        "output/app%3Dweb/",
        "enriched_bad_event/",
        "bad_event/",
        "output/error/",
        "nowhere/",
        "%ff/",
    ]);
    let change = prop::sample::select(vec![
        ("", ""),
        ("", ""),
        ("\"size\":7", "\"size\":0"),
        ("ObjectCreated", "ObjectRemoved"),
        ("\"2.6\"", "\"3.0\""),
        (".gz", ".tmp"),
        ("\"s3\"", "\"s4\""),
    ]);
    (folder, 0..4_u8, 0..3_u8, change).prop_map(|(folder, name, sequencer, (from, to))| {
        record(&format!("{folder}{name}.gz"), &format!("0{sequencer}")).replace(from, to)
    })
}

/// JSON of any shape, with the names that matter.
fn any_json() -> impl Strategy<Value = Value> {
    let text = prop::sample::select(vec![
        "aws:sqs",
        "aws:s3",
        "aws.s3",
        "Object Created",
        "Notification",
        "s3:TestEvent",
        "2.1",
        "ObjectCreated:Put",
        "output/a.gz",
        "%",
        "{\"Records\":[{}]}",
        "",
    ]);
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<i64>().prop_map(Value::from),
        any::<bool>().prop_map(Value::from),
        text.prop_map(Value::from),
        any::<String>().prop_map(Value::from),
    ];
    let name = prop::sample::select(vec![
        "Records",
        "Event",
        "Type",
        "Message",
        "detail-type",
        "detail",
        "source",
        "eventSource",
        "messageId",
        "body",
        "s3",
        "bucket",
        "name",
        "object",
        "key",
        "size",
        "sequencer",
        "eventVersion",
        "eventName",
        "region",
        "time",
    ]);
    leaf.prop_recursive(5, 60, 8, move |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::btree_map(name.clone().prop_map(str::to_owned), inner, 0..8)
                .prop_map(|map| Value::Object(map.into_iter().collect())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn every_object_has_one_fate(
        bodies in prop::collection::vec(prop::collection::vec(any_record(), 0..4), 0..6),
        refused in prop::sample::select(vec![["", "", ""], ["/1.gz", "", "/2.gz"], ["{"; 3]]),
    ) {
        let count: usize = bodies.iter().map(Vec::len).sum();
        let texts: Vec<String> = bodies.iter().map(|of| records(of)).collect();
        let done = invoke_refusing(&queue(&texts), refused);
        let Handled { outcome, failed_ids, unrouted, .. } = done.handled.unwrap();
        prop_assert!(is_conserved(&outcome), "{outcome:?}");
        prop_assert_eq!(outcome.objects, count);
        prop_assert_eq!(outcome.unrouted, unrouted.len());
        // A message comes again just if one of its records is unreadable or was not sent.
        let is_unreadable = |it: &&String| it.contains("%ff") || it.contains("3.0") || it.contains("s4");
        let is_refused = |it: &&String| {
            let is_wanted = it.contains("ObjectCreated") && !it.contains("\"size\":0")
                && it.contains(".gz") && !it.contains("error/");
            let refused_by = |at: usize, folder: &str| {
                !refused[at].is_empty() && it.contains(refused[at]) && it.contains(folder)
            };
            is_wanted && (refused_by(0, "\"output/") || refused_by(1, "%3Dweb")
                || refused_by(2, "\"enriched_bad_event/"))
        };
        if !texts.is_empty() {
            let expected: Vec<String> = (0..bodies.len())
                .filter(|at| bodies[*at].iter().any(|it| is_unreadable(&it) || is_refused(&it)))
                .map(|at| format!("m{at}"))
                .collect();
            prop_assert_eq!(failed_ids, Some(expected));
            prop_assert_eq!(outcome.messages, texts.len());
        }
        // Whatever is sent is the bytes of a record that came.
        for message in done.messages.iter().flatten() {
            let is_one = bodies.iter().flatten().any(|it| *message == records(std::slice::from_ref(it)));
            prop_assert!(is_one, "{message}");
        }
    }

    #[test]
    fn nothing_makes_it_panic(value in any_json(), text in any::<String>(), cut in 0..400_usize) {
        let event = value.to_string();
        for event in [&event, &text, event.get(..cut).unwrap_or_default(), &queue(&[event.clone(), text.clone()])] {
            let done = invoke(event);
            prop_assert!(done.handled.is_none_or(|it| is_conserved(&it.outcome)));
        }
    }
}
