//! Waiting for events, spaces side by side, and many events.

use std::process::Command;
use std::thread;

use serde_json::json;

use super::{ask, get, track};
use crate::pipeline::Pipeline;

#[test]
fn whoever_waits_is_answered_when_there_is_enough() {
    let pipeline = Pipeline::start(&[]);
    thread::scope(|scope| {
        let two = scope.spawn(|| get(&pipeline, "/micro/good?event_type=struct&wait=60&count=2"));
        let bad = scope.spawn(|| get(&pipeline, "/micro/bad?wait=60"));
        let all = scope.spawn(|| get(&pipeline, "/micro/all?wait=60&count=4"));
        for event in ["pv", "se", "se"] {
            track(&pipeline, &json!([{"e": event, "p": "web", "tv": "t"}]));
        }
        assert_eq!(two.join().unwrap().as_array().unwrap().len(), 2);
        track(&pipeline, &json!([{"e": "no", "p": "web", "tv": "t"}]));
        assert_eq!(bad.join().unwrap().as_array().unwrap().len(), 1);
        assert_eq!(all.join().unwrap(), json!({"total": 4, "good": 3, "bad": 1}));
    });
    let body = json!({"filters": [], "page": 1, "pageSize": 1}).to_string();
    let page = ask(&pipeline, ("POST", "/micro/events?wait=60&count=4"), "", &body).json();
    assert_eq!(page["totalItems"], 4);
    // What is there is given when the time is over, though it is not enough.
    let some = get(&pipeline, "/micro/good?wait=0.1&count=100");
    assert_eq!(some.as_array().unwrap().len(), 3);
    assert_eq!(get(&pipeline, "/micro/good?wait=0&event_type=page_ping"), json!([]));
}

#[test]
fn a_reset_takes_away_what_was_waited_for() {
    let pipeline = Pipeline::start(&[]);
    let send = || track(&pipeline, &json!([{"e": "pv", "p": "web", "tv": "t"}]));
    thread::scope(|scope| {
        let waiting = scope.spawn(|| get(&pipeline, "/micro/good?wait=60&count=2"));
        send();
        get(&pipeline, "/micro/reset");
        send();
        send();
        assert_eq!(waiting.join().unwrap().as_array().unwrap().len(), 2);
    });
}

#[test]
fn the_end_of_the_pipeline_is_not_waited_for() {
    let mut pipeline = Pipeline::start(&[]);
    thread::scope(|scope| {
        let waiting = scope.spawn(|| ask(&pipeline, ("GET", "/micro/good?wait=60"), "", ""));
        // It waits once its connection was accepted, which an answer to a later one shows.
        get(&pipeline, "/micro/all");
        let pid = pipeline.child.id().to_string();
        assert!(Command::new("kill").args(["-TERM", &pid]).status().unwrap().success());
        assert_eq!(waiting.join().unwrap().body, "");
    });
    assert!(pipeline.child.wait().unwrap().success());
}

#[test]
fn spaces_do_not_see_each_other() {
    let pipeline = Pipeline::start(&[]);
    thread::scope(|scope| {
        for number in 0..8 {
            let pipeline = &pipeline;
            scope.spawn(move || {
                let root = format!("/whiteout/space/test-{number}");
                for sent in 1..=5 {
                    let path = format!("{root}/i?e=pv&p=web&tv=t&aid=app{number}");
                    assert_eq!(ask(pipeline, ("GET", &path), "", "").status, 200);
                    let good = get(pipeline, &format!("{root}/micro/good"));
                    let apps: Vec<_> =
                        good.as_array().unwrap().iter().map(|it| &it["event"]["app_id"]).collect();
                    assert_eq!(apps, vec![&json!(format!("app{number}")); sent]);
                }
                if number % 2 == 0 {
                    get(pipeline, &format!("{root}/micro/reset"));
                }
                let left = if number % 2 == 0 { 0 } else { 5 };
                assert_eq!(get(pipeline, &format!("{root}/micro/all"))["good"], left);
            });
        }
    });
    assert_eq!(get(&pipeline, "/micro/all")["total"], 0);
}

/// So many bytes of memory were in use at most, as Linux tells it.
fn peak_bytes(pipeline: &Pipeline) -> u64 {
    let status = format!("/proc/{}/status", pipeline.child.id());
    let status = std::fs::read_to_string(status).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse::<u64>().unwrap() * 1_024
}

#[test]
fn ten_thousand_events_are_answered_without_being_held() {
    let pipeline = Pipeline::start(&[]);
    for request in 0..20 {
        let event = |number: u64| json!({"e": "pv", "p": "web", "tv": "t", "aid": format!("a{}", request * 500 + number)});
        track(&pipeline, &(0..500).map(event).collect());
    }
    // The first answer warms up what any answer needs.
    get(&pipeline, "/micro/good?limit=600");
    let before = peak_bytes(&pipeline);
    let answer = ask(&pipeline, ("GET", "/micro/good"), "", "");
    let after = peak_bytes(&pipeline);
    let events = answer.json();
    let events = events.as_array().unwrap();
    assert_eq!(events.len(), 10_000);
    for (place, event) in events.iter().enumerate() {
        let app = format!("a{}", 9_999 - place);
        assert_eq!(event["event"]["app_id"], app);
        assert_eq!(event["rawEvent"]["parameters"]["aid"], app);
    }
    let answer_bytes = u64::try_from(answer.body.len()).unwrap();
    assert!(answer_bytes > 20_000_000, "{answer_bytes}");
    assert!(after - before < answer_bytes / 4, "{before} {after} {answer_bytes}");
}
