//! Long answers, made part by part, at once or when there is something to tell.

use std::ops::ControlFlow;
use std::sync::Arc;

use rusqlite::Connection;
use serde::Serialize;
use tokio::sync::mpsc;

use super::super::answer::{Answer, PARTS_WAITING_MAX};
use super::super::reader::ReadError;
use super::super::routes::Door;
use super::selection::{Found, Selection};
use super::wait::{Wait, wait};

/// How large a part becomes before it is sent; the last event of it may make it larger.
const PART_BYTES: usize = 64 * 1024;

/// An answer in parts.
pub(super) trait Parts: Send + 'static {
    /// The next part; none when there are no more.
    fn next_part(&mut self, db: &Connection) -> Result<Option<Vec<u8>>, ReadError>;
}

/// The answer with these parts, at once or when what is waited for is there.
#[allow(clippy::disallowed_methods, reason = "the local server is no Lambda function")]
pub(super) fn answer_when(
    door: &Arc<Door>,
    (until, selection): (Option<Wait>, Selection),
    mut parts: impl Parts,
) -> Answer {
    let (sender, received) = mpsc::channel(PARTS_WAITING_MAX);
    let (reader, changed) = (door.reader.clone(), door.changed.clone());
    tokio::task::spawn(async move {
        if let Some(until) = until {
            tokio::select! {
                () = wait((&reader, changed), &selection, until) => {}
                () = sender.closed() => return,
            }
        }
        let sent = tokio::task::spawn_blocking(move || {
            // A store that cannot be read ends the answer in the middle, which is no JSON.
            while let Ok(Some(part)) = reader.read_here(|db| parts.next_part(db)) {
                if sender.blocking_send(part).is_err() {
                    return;
                }
            }
        });
        // One that panicked has said so.
        sent.await.ok();
    });
    Answer::parts("application/json", received)
}

/// One value as a whole.
pub(super) struct Once<F>(Option<F>);

impl<F> Once<F> {
    pub(super) fn new(make: F) -> Self {
        Self(Some(make))
    }
}

impl<F, T> Parts for Once<F>
where
    F: FnOnce(&Connection) -> Result<T, ReadError> + Send + 'static,
    T: Serialize,
{
    fn next_part(&mut self, db: &Connection) -> Result<Option<Vec<u8>>, ReadError> {
        let Some(make) = self.0.take() else { return Ok(None) };
        // Texts and numbers of ours: there is nothing that could not be written.
        make(db).map(|value| Some(serde_json::to_vec(&value).unwrap_or_default()))
    }
}

/// How an event of a list is written.
pub(super) trait Item: Send + 'static {
    /// Appends the event's JSON.
    fn write(&mut self, db: &Connection, found: &Found, out: &mut Vec<u8>)
    -> Result<(), ReadError>;
}

/// A JSON array of events, newest first.
pub(super) struct Listing<I> {
    selection: Selection,
    item: I,
    left: u64,
    /// Only records before this one are still to come; none when all were written.
    before: Option<i64>,
    is_begun: bool,
}

impl<I: Item> Listing<I> {
    pub(super) fn new(selection: Selection, limit: Option<u64>, item: I) -> Self {
        let left = limit.unwrap_or(u64::MAX);
        Self { selection, item, left, before: Some(i64::MAX), is_begun: false }
    }
}

impl<I: Item> Parts for Listing<I> {
    fn next_part(&mut self, db: &Connection) -> Result<Option<Vec<u8>>, ReadError> {
        let Self { selection, item, left, before, is_begun } = self;
        let Some(from) = before.take() else { return Ok(None) };
        let mut out = Vec::new();
        if from == i64::MAX {
            out.push(b'[');
        }
        if *left > 0 {
            selection.visit(db, from, |found| {
                if *is_begun {
                    out.push(b',');
                }
                *is_begun = true;
                item.write(db, &found, &mut out)?;
                *left -= 1;
                if *left == 0 {
                    return Ok(ControlFlow::Break(()));
                }
                if out.len() < PART_BYTES {
                    return Ok(ControlFlow::Continue(()));
                }
                *before = Some(found.record);
                Ok(ControlFlow::Break(()))
            })?;
        }
        if before.is_none() {
            out.push(b']');
        }
        Ok(Some(out))
    }
}
