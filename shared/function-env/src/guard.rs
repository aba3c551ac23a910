//! A panic becomes an error that says where it happened, never what was being processed.

use std::cell::Cell;
use std::fmt;
use std::future::Future;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;

use crate::{Level, Log};

thread_local! {
    static LAST_PANIC: Cell<Option<String>> = const { Cell::new(None) };
}

/// The handler panicked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panicked {
    place: String,
}

impl fmt::Display for Panicked {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the function panicked at {}", self.place)
    }
}

impl std::error::Error for Panicked {}

/// Replaces the message that a panic prints, which can hold the bytes that were being processed,
/// by its place in the source.
pub fn silence_panics() {
    std::panic::set_hook(Box::new(|info| {
        LAST_PANIC.set(info.location().map(|at| format!("{}:{}", at.file(), at.line())));
    }));
}

/// Runs a handler; a panic in it is logged and returned as an error.
///
/// The handler's state may be left as the panic left it: ours holds nothing that a request changes.
pub async fn guard<T>(
    log: &Log,
    request_id: &str,
    handler: impl Future<Output = T>,
) -> Result<T, Panicked> {
    AssertUnwindSafe(handler).catch_unwind().await.map_err(|_| {
        let place = LAST_PANIC.take().unwrap_or_else(|| "an unknown place".to_owned());
        let panicked = Panicked { place };
        log.write(Level::Error, request_id, &panicked.to_string(), &[]);
        panicked
    })
}

#[cfg(test)]
mod tests {
    use std::task::{Context, Poll, Waker};

    use super::*;

    #[test]
    fn names_the_place_and_not_the_payload() {
        silence_panics();
        let log = Log::silent("test");
        let mut guarded = Box::pin(guard(&log, "r-1", async {
            let secret = "a visitor's secret";
            assert!(secret.is_empty(), "{secret}");
        }));
        let Poll::Ready(result) = guarded.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        else {
            panic!("nothing to wait for")
        };
        let message = result.unwrap_err().to_string();
        assert!(message.contains("guard.rs:"), "{message}");
        assert!(!message.contains("secret"), "{message}");
    }
}
