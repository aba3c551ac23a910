//! A stub of Lambda's Runtime API: hands invocations to a function and takes what it makes of them.

use std::sync::Mutex;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use super::http::{Message, serve};

/// What a function says.
#[derive(Debug)]
pub(crate) enum Said {
    /// It answered an invocation.
    Answer { id: String, body: String },
    /// It could not answer an invocation.
    Error { id: String, body: String },
    /// It could not start.
    InitError { body: String },
}

struct Invocation {
    id: String,
    event: Vec<u8>,
    epoch_millis: u128,
}

/// The stub, for one process.
pub(crate) struct RuntimeApi {
    pub(crate) port: u16,
    invocations: Sender<Invocation>,
    said: Receiver<Said>,
    count: usize,
}

const BASE: &str = "/2018-06-01/runtime";
const FUNCTION: &str = "arn:aws:lambda:eu-central-1:123456789012:function:tested";
const TRACE: &str = "Root=1-6740a6d0-0a1b2c3d4e5f60718293a4b5;Parent=1234567890abcdef;Sampled=0";

impl RuntimeApi {
    pub(crate) fn start() -> Self {
        let (invocations, next) = channel();
        let (say, said) = channel();
        let next = Mutex::new(next);
        let port = serve(move |request| {
            let path = request.start[1].strip_prefix(BASE).expect("the Runtime API").to_owned();
            if path == "/invocation/next" {
                // The process asks once at a time; nobody to invoke it any more is a closed connection.
                return next.lock().unwrap().recv().ok().map(|invocation| next_of(&invocation));
            }
            say.send(what_is_said(&path, request.body)).ok();
            Some(Message::answer(
                202,
                &[("content-type", "application/json")],
                r#"{"status":"OK"}"#,
            ))
        });
        Self { port, invocations, said, count: 0 }
    }

    /// Invokes the function with an event and returns the invocation's id.
    pub(crate) fn send(&mut self, event: impl Into<Vec<u8>>, time: Duration) -> String {
        self.count += 1;
        let id = format!("5e5c0000-0000-4000-8000-{:012}", self.count);
        let epoch_millis = (now() + time).as_millis();
        self.invocations
            .send(Invocation { id: id.clone(), event: event.into(), epoch_millis })
            .unwrap();
        id
    }

    /// What the function says next; `None` if it says nothing in this time.
    pub(crate) fn listen(&self, patience: Duration) -> Option<Said> {
        self.said.recv_timeout(patience).ok()
    }
}

fn next_of(invocation: &Invocation) -> Message {
    Message::answer(
        200,
        &[
            ("content-type", "application/json"),
            ("lambda-runtime-aws-request-id", &invocation.id),
            ("lambda-runtime-deadline-ms", &invocation.epoch_millis.to_string()),
            ("lambda-runtime-invoked-function-arn", FUNCTION),
            ("lambda-runtime-trace-id", TRACE),
        ],
        invocation.event.clone(),
    )
}

fn what_is_said(path: &str, body: Vec<u8>) -> Said {
    let body = String::from_utf8(body).expect("text");
    if path == "/init/error" {
        return Said::InitError { body };
    }
    let parts: Vec<_> = path.split('/').collect();
    match parts.as_slice() {
        ["", "invocation", id, "response"] => Said::Answer { id: (*id).into(), body },
        ["", "invocation", id, "error"] => Said::Error { id: (*id).into(), body },
        _ => panic!("the Runtime API has no {path}"),
    }
}

#[allow(clippy::disallowed_methods, reason = "the stub is the edge where time comes in")]
fn now() -> Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap()
}
