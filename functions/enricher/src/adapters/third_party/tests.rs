//! What third parties send -> what becomes of it, as `tests/cases/enricher/adapters` says.
//!
//! A case holds a request, and either the parameters of its events (`ue_pr` and `co` without their
//! wrappers) or the messages of its refusal (of known types only their number).

use std::path::PathBuf;

use proptest::prelude::*;
use serde_json::{Map, Value, json};

use super::*;
use crate::adapters::tests::{AcceptAll, Owned, ask, messages, owned};
use crate::adapters::{Client, Origin, adapt};

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/cases/enricher/adapters")
}

/// The cases, each with the name of its file.
fn cases() -> Vec<(String, Value)> {
    let mut cases = Vec::new();
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let text = std::fs::read_to_string(&path).unwrap();
        cases.extend(text.lines().map(|line| (name.clone(), serde_json::from_str(line).unwrap())));
    }
    cases
}

fn request(case: &Value) -> Request<'_> {
    let text = |key: &str| case["request"][key].as_str();
    let request = ask(text("path").unwrap(), text("query").unwrap_or_default());
    Request { body: text("body"), content_type: text("contentType"), ..request }
}

fn parsed(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn event(parameters: Owned) -> Map<String, Value> {
    let value = |name: &str, value: Option<String>| match (name, value) {
        ("ue_pr" | "co", Some(text)) => parsed(&text)["data"].take(),
        (_, value) => value.into(),
    };
    let pairs = parameters.into_iter();
    pairs.map(|(name, text)| (name.clone(), value(&name, text))).collect()
}

/// What became of a request, in the words of the cases.
fn found(adapted: Adapted<'_>) -> Value {
    match adapted {
        Adapted::One(parameters) => json!({ "events": [event(owned(&parameters))] }),
        Adapted::Many(many) => {
            let events: Vec<_> = many.events().map(|it| event(owned(&it))).collect();
            json!({ "events": events })
        }
        Adapted::Relayed(parameters, Origin { epoch_millis, client }) => {
            let mut event = event(owned(&parameters));
            let mut origin = json!({});
            if let Some(millis) = epoch_millis {
                origin["timestamp"] = timestamps::iso_millis(millis).into();
            }
            if let Some(Client { address, user_agent, referer }) = client {
                origin["client"] = json!([address, user_agent, referer]);
            }
            event.insert("origin".to_owned(), origin);
            json!({ "events": [event] })
        }
        refused @ Adapted::Refused(_) => {
            let (kind, text) = messages(refused);
            assert_eq!(kind, "adapter");
            let mut messages = parsed(&text);
            for message in messages.as_array_mut().unwrap() {
                if let Some(types) = message.get_mut("expectedMapping") {
                    *types = types.as_object().unwrap().len().into();
                }
            }
            json!({ "messages": messages })
        }
        Adapted::NotLoaded => panic!("nothing is loaded"),
    }
}

#[test]
fn adapters_do_what_their_cases_say() {
    let cases = cases();
    let mut wrong = Vec::new();
    for (name, case) in &cases {
        let found = found(adapt(request(case), &AcceptAll));
        let (key, found) = found.as_object().unwrap().iter().next().unwrap();
        if case[key] != *found {
            wrong.push(format!("{name}, {}: {found}", case["shows"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases.len() > 150, "the cases are there");
}

#[test]
fn every_adapter_has_cases_with_events_and_with_messages() {
    let cases = cases();
    for (vendor, version, _) in ADAPTERS {
        let path = format!("/{vendor}/{version}");
        let own = |key: &str| {
            cases.iter().any(|(_, case)| case["request"]["path"] == *path && case[key].is_array())
        };
        assert!(own("events"), "{path}");
        // The second path of one adapter needs no second refusal.
        assert!(own("messages") || vendor.ends_with(".measurement-protocol"), "{path}");
    }
}

/// What a vendor would send that sends nothing right, so many times.
fn all_wrong(times: usize) -> usize {
    let body = format!("[{}{{}}]", "{},".repeat(times - 1));
    let request =
        Request { body: Some(&body), content_type: Some(JSON), ..ask("/com.hubspot/v1", "") };
    let Err(messages) = hubspot::adapt(request) else { panic!("nothing is wrong") };
    messages.len()
}

#[test]
fn messages_have_a_limit() {
    assert_eq!(all_wrong(MESSAGES_MAX), MESSAGES_MAX);
    assert_eq!(all_wrong(MESSAGES_MAX + 1), MESSAGES_MAX);
    let body = "\n".repeat(MESSAGES_MAX + 1);
    let request = Request { body: Some(&body), ..ask("/com.google.analytics/v1", "") };
    let Err(messages) = google_analytics::adapt(request) else { panic!("nothing is wrong") };
    assert_eq!(messages.len(), MESSAGES_MAX);
}

#[test]
fn debug_shows_no_content() {
    let line = "2026-01-02\t03:04:05\tx\t1\tsecret\tGET\tx\tx\t200\tsecret\tsecret\tx";
    let request =
        Request { body: Some(line), ..ask("/com.amazon.aws.cloudfront/wd_access_log", "") };
    let shown = format!("{:?}", adapt(request, &AcceptAll));
    assert!(!shown.contains("secret") && shown.contains('6'), "{shown}");
}

proptest! {
    #[test]
    fn no_request_makes_an_adapter_panic(
        adapter in 0..ADAPTERS.len(),
        content_type in prop_oneof![Just(None), Just(Some(JSON)), Just(Some(FORM))],
        names in prop::collection::vec(
            "(t|type|event|data(\\[a\\]){0,2}|il1pi2|pr[0-9]{0,20}cd1|message|fired_at|datetime)",
            0..4,
        ),
        values in prop::collection::vec("[\\[\\]{}\",:a1%-]{0,12}|\\PC{0,6}|pageview|subscribe", 4),
        body in "\\PC{0,40}|[\\[\\]{}\",:a1 \t\n-]{0,60}|(\\PC{0,4}\t){11,25}",
        as_form in any::<bool>(),
    ) {
        let pairs = names.iter().zip(&values).map(|(name, value)| format!("{name}={value}"));
        let pairs = pairs.collect::<Vec<_>>().join("&");
        let fields = webhook::form_fields(&pairs).unwrap_or_default();
        let (vendor, version, adapt) = ADAPTERS[adapter];
        let path = format!("/{vendor}/{version}");
        let body = if as_form { &pairs } else { &body };
        let request = Request { query: fields, body: Some(body), content_type, ..ask(&path, "") };
        if let Ok(adapted) = adapt(request) {
            let events = found(adapted)["events"].take();
            prop_assert!(events.as_array().unwrap().iter().all(|event| event["e"] == "ue"));
        }
    }
}
