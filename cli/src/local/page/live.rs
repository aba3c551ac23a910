//! New events as they come, as server-sent events: few messages a second, each of few events, however many come.

use std::time::Duration;

use collector::request::Request;
use rusqlite::{Connection, params};
use serde::Serialize;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep_until, timeout_at};

use super::api::Answered;
use super::counts::{Counts, counts};
use super::summary::{FIELDS, Summary, WITH_DATA};
use crate::local::answer::{Answer, PARTS_WAITING_MAX};
use crate::local::query::Query;
use crate::local::reader::Reader;
use crate::local::routes::Door;

/// How many events a message holds; the newest ones.
const EVENTS_MAX: usize = 50;
/// The time between two messages.
const PAUSE: Duration = Duration::from_millis(100);
/// What looking for news takes is at most this part of the time.
const SHARE: u32 = 5;
/// How long nothing is said before a sign of life.
const HEARTBEAT: Duration = Duration::from_secs(15);

/// What a message says.
#[derive(Debug, Serialize)]
struct News {
    /// Newest first.
    events: Vec<Summary>,
    /// Events that came and are not told.
    dropped: u64,
    counts: Counts,
    /// What was told before is gone.
    reset: bool,
}

/// Where a listener is.
#[derive(Debug)]
struct Listener {
    space: String,
    /// The newest event that it knows.
    last: Option<i64>,
    /// The oldest event of the space; another one means that the space was emptied.
    oldest: Option<i64>,
    /// What the counts were when it was told last.
    told: Option<(u64, u64)>,
}

/// The events from now on, or behind the one that the client saw last.
pub(super) fn stream(
    door: &Door,
    space: &str,
    (query, request): (&Query, &Request<'_>),
) -> Answered {
    let seen = request.header("Last-Event-ID").and_then(|id| id.trim().parse().ok());
    let last = match seen {
        Some(last) => Some(last),
        None => query.number("after", 0..=i64::MAX)?,
    };
    let (parts, received) = mpsc::channel(PARTS_WAITING_MAX);
    let listener = Listener { space: space.to_owned(), last, oldest: None, told: None };
    let (reader, changed) = (door.reader.clone(), door.changed.clone());
    #[allow(
        clippy::disallowed_methods,
        reason = "a laptop does not freeze; the task ends with its connection"
    )]
    tokio::task::spawn(tell(listener, reader, (changed, parts)));
    Ok(Answer::parts("text/event-stream", received).with("X-Accel-Buffering", "no"))
}

async fn tell(
    mut listener: Listener,
    reader: Reader,
    (mut changed, parts): (watch::Receiver<u64>, mpsc::Sender<Vec<u8>>),
) {
    loop {
        changed.mark_unchanged();
        let began = Instant::now();
        let read = reader.read(move |db| {
            let news = listener.news(db)?;
            Ok((listener, news))
        });
        let Ok((moved, news)) = read.await else { return };
        listener = moved;
        let pause = began + PAUSE.max(began.elapsed() * SHARE);
        // A client that reads slowly makes this wait, and more of the events are dropped.
        if let Some(news) = news
            && parts.send(listener.message(&news)).await.is_err()
        {
            return;
        }
        sleep_until(pause).await;
        loop {
            let woken = tokio::select! {
                woken = timeout_at(Instant::now() + HEARTBEAT, changed.changed()) => woken,
                () = parts.closed() => return,
            };
            match woken {
                Ok(Ok(())) => break,
                // The pipeline has ended.
                Ok(Err(_)) => return,
                Err(_) if parts.send(b": still here\n\n".to_vec()).await.is_err() => return,
                Err(_) => {}
            }
        }
    }
}

impl Listener {
    /// What the client does not know yet; the first time, at least the counts.
    fn news(&mut self, db: &Connection) -> rusqlite::Result<Option<News>> {
        let mut bounds = db.prepare_cached("SELECT min(record) FROM _events WHERE space = ?")?;
        let oldest: Option<i64> = bounds.query_row([&self.space], |row| row.get(0))?;
        let mut newest = db.prepare_cached("SELECT max(record) FROM _events WHERE space = ?")?;
        let newest: Option<i64> = newest.query_row([&self.space], |row| row.get(0))?;
        let reset = self.oldest.is_some() && self.oldest != oldest;
        self.oldest = oldest;
        let after = self.last.unwrap_or_else(|| newest.unwrap_or(0));
        let counts = counts(db, &self.space)?;
        let sizes = (counts.received + counts.raw_bad, counts.classes);
        let is_known = self.told == Some(sizes) && newest.unwrap_or(0) <= after && !reset;
        self.told = Some(sizes);
        if is_known {
            return Ok(None);
        }
        let events = summaries(db, &self.space, after)?;
        let mut behind =
            db.prepare_cached("SELECT count(*) FROM _events WHERE space = ? AND record > ?")?;
        let new: u64 = behind.query_row(params![self.space, after], |row| row.get(0))?;
        let dropped = new.saturating_sub(u64::try_from(events.len()).unwrap_or(u64::MAX));
        self.last = events.first().map(|event| event.id).or(Some(after));
        Ok(Some(News { events, dropped, counts, reset }))
    }

    /// A message whose ID lets the client go on from here.
    fn message(&self, news: &News) -> Vec<u8> {
        let id = self.last.unwrap_or(0);
        let mut message = format!("event: news\nid: {id}\ndata: ").into_bytes();
        // JSON has no line breaks of its own.
        message.extend(serde_json::to_vec(news).unwrap_or_default());
        message.extend(b"\n\n");
        message
    }
}

fn summaries(db: &Connection, space: &str, after: i64) -> rusqlite::Result<Vec<Summary>> {
    let mut select = db.prepare_cached(&format!(
        "SELECT {FIELDS} FROM _events AS e {WITH_DATA}
         WHERE e.space = ? AND e.record > ? ORDER BY e.record DESC LIMIT ?"
    ))?;
    let rows = select.query_map(params![space, after, EVENTS_MAX], Summary::of)?;
    rows.collect()
}
