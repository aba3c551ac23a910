//! Faults of ours fail the batch, and only they do.

use serde_json::{Value, json};

use crate::simulator::{batch, deliver};
use crate::{Back, handle, key, no_key, pseudonymizer, row};

/// Firehose tries four times and then delivers what it had, in clear.
#[test]
fn without_a_key_nothing_is_answered() {
    let back = Back::default();
    let pseudonymizer = pseudonymizer(&[], no_key, &back);
    let record = row("gitlab", "u", &[]);
    let mut faults = Vec::new();
    let found = deliver(&batch("good", std::slice::from_ref(&record)), |event| {
        handle(&pseudonymizer, event).map_err(|fault| {
            faults.push(fault.to_string());
            String::new()
        })
    });
    assert_eq!(found.attempts, 4);
    assert_eq!(found.processing_failed, [record]);
    assert!(found.objects.is_empty());
    let reason = "there is no key for pseudonyms: call failed: AccessDeniedException";
    assert_eq!(faults, [reason; 4]);
}

#[test]
fn a_stream_that_nobody_named_is_never_guessed() {
    let back = Back::default();
    let pseudonymizer = pseudonymizer(&[], key, &back);
    let fault = |event: &Value| {
        handle(&pseudonymizer, event.to_string().as_bytes()).unwrap_err().to_string()
    };
    let record = row("gitlab", "Vg7Kq2", &[]);
    let unknown = fault(&batch("other", std::slice::from_ref(&record)));
    assert!(unknown.contains("deliverystream/other"), "{unknown}");
    let mut nameless = batch("good", &[record]);
    for odd in
        [json!("Vg7Kq2"), json!("arn:Vg 7Kq2"), json!(7), json!(null), json!("arn:".repeat(200))]
    {
        nameless["deliveryStreamArn"] = odd.clone();
        nameless["sourceKinesisStreamArn"] = odd;
        let message = fault(&nameless);
        assert!(message.contains("without an ARN") && !message.contains("Vg7Kq2"), "{message}");
    }
}

#[test]
fn what_is_no_batch_is_an_error_without_its_text() {
    let back = Back::default();
    let pseudonymizer = pseudonymizer(&[], key, &back);
    for event in [
        "",
        "{}",
        "[\"Vg7Kq2\"]",
        "{\"records\":\"Vg7Kq2\"}",
        "{\"records\":[\"Vg7Kq2\"]}",
        "{\"records\":[{\"data\":\"Vg7Kq2\"}]}",
        "{\"records\":[{\"recordId\":\"1\",\"data\":\"Vg7Kq2",
    ] {
        let message = handle(&pseudonymizer, event.as_bytes()).unwrap_err().to_string();
        assert!(message.contains("no batch of Firehose records"), "{message}");
        assert!(!message.contains("Vg7Kq2"), "{message}");
    }
}

#[test]
fn an_empty_batch_has_an_empty_answer() {
    let back = Back::default();
    let pseudonymizer = pseudonymizer(&[], key, &back);
    let answer = handle(&pseudonymizer, batch("raw", &[]).to_string().as_bytes());
    assert_eq!(answer.unwrap(), r#"{"records":[]}"#);
}
