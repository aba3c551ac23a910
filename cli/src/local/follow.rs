//! Threads that tell of events as they come, each at its own speed: they read what the pipeline
//! stored, so that one that is slow holds nobody up and loses nothing.

use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::{Connection, params};
use tokio::sync::watch;

use super::reader::{ReadError, Reader};
use super::store::Kind;

/// What is read and told at once.
const EVENTS_MAX: usize = 500;
const BYTES_MAX: usize = 1024 * 1024;
/// How long telling what is left may take when the pipeline ends.
const END_TIME: Duration = Duration::from_secs(5);

/// An event as it is told.
pub(super) struct Told {
    pub(super) kind: Kind,
    pub(super) event_id: Option<String>,
    pub(super) app_id: Option<String>,
    pub(super) event: Option<String>,
    pub(super) data: Vec<u8>,
}

/// Whoever is told.
pub(super) trait Listener: Send + 'static {
    /// Takes some events; an error is the end of listening.
    fn tell(&mut self, events: &[Told]) -> std::io::Result<()>;
}

/// What is followed.
#[derive(Clone, Debug)]
pub(super) struct Followed {
    pub(super) reader: Reader,
    pub(super) changed: watch::Receiver<u64>,
    /// The last event that nobody is told of any more.
    pub(super) behind: i64,
}

impl Followed {
    /// Starts a thread that tells a listener until the pipeline ends.
    pub(super) fn tell(self, listener: impl Listener) -> std::io::Result<JoinHandle<()>> {
        let runtime = tokio::runtime::Builder::new_current_thread().build()?;
        let name = "listener".to_owned();
        std::thread::Builder::new().name(name).spawn(move || self.run(&runtime, listener))
    }

    fn run(mut self, runtime: &tokio::runtime::Runtime, mut listener: impl Listener) {
        let mut until: Option<Instant> = None;
        loop {
            self.changed.mark_unchanged();
            // A store that cannot be read now may be at the next turn.
            while let Ok((events, last)) =
                self.reader.read_here(|db| events_behind(db, self.behind))
                && !events.is_empty()
            {
                self.behind = last;
                let is_late = until.is_some_and(|until| Instant::now() > until);
                if is_late || listener.tell(&events).is_err() {
                    return;
                }
            }
            if until.is_some() {
                return;
            }
            if runtime.block_on(self.changed.changed()).is_err() {
                until = Some(Instant::now() + END_TIME);
            }
        }
    }
}

/// The last event of the store.
pub(super) fn last_event(db: &Connection) -> Result<i64, ReadError> {
    db.query_row("SELECT coalesce(max(record), 0) FROM _events", [], |row| row.get(0))
}

fn events_behind(db: &Connection, behind: i64) -> Result<(Vec<Told>, i64), ReadError> {
    let mut select = db.prepare_cached(
        "SELECT e.record, e.kind, e.event_id, e.app_id, e.event, r.data
         FROM _events e JOIN _records r ON r.sequence = e.record
         WHERE e.record > ? ORDER BY e.record LIMIT ?",
    )?;
    let mut rows = select.query(params![behind, EVENTS_MAX])?;
    let (mut events, mut last, mut bytes) = (Vec::new(), behind, 0);
    while let Some(row) = rows.next()? {
        last = row.get(0)?;
        let kind = match row.get::<_, i64>(1)? {
            0 => Kind::Good,
            1 => Kind::Bad,
            _ => Kind::Incomplete,
        };
        let data: Vec<u8> = row.get(5)?;
        bytes += data.len();
        let (event_id, app_id, event) = (row.get(2)?, row.get(3)?, row.get(4)?);
        events.push(Told { kind, event_id, app_id, event, data });
        if bytes >= BYTES_MAX {
            break;
        }
    }
    Ok((events, last))
}
