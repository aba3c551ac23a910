//! Waiting for events, so that a test need not ask again and again.

use std::time::Duration;

use tokio::sync::watch;
use tokio::time::{Instant, timeout_at};

use super::super::answer::Answer;
use super::super::query::Query;
use super::super::reader::{ReadError, Reader};
use super::selection::Selection;

/// The longest time that a client may wait.
const WAIT_SECONDS_MAX: f64 = 60.0;

/// How long is waited, and for how many events.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Wait {
    until: Instant,
    count: u64,
}

impl Wait {
    /// What a query string says of it.
    pub(super) fn of(query: &Query) -> Result<Option<Self>, Answer> {
        let count = query.number("count", 0..=u64::MAX)?.unwrap_or(1);
        let Some(seconds) = query.number("wait", 0.0..=WAIT_SECONDS_MAX)? else { return Ok(None) };
        Ok(Some(Self { until: Instant::now() + Duration::from_secs_f64(seconds), count }))
    }
}

/// Ends when there are as many events as are waited for, or when the time is over.
pub(super) async fn wait(
    (reader, mut changed): (&Reader, watch::Receiver<u64>),
    selection: &Selection,
    Wait { until, count }: Wait,
) {
    let count_behind = async |behind: i64| {
        let selection = selection.clone();
        reader.read(move |db| selection.count(db, behind)).await
    };
    let enough = async {
        let (mut found, mut behind) = (0, 0);
        loop {
            // Only what came since is looked at; what is there is counted again at the end, as a
            // reset may have come between.
            changed.mark_unchanged();
            let (more, last) = count_behind(behind).await?;
            (found, behind) = (found + more, last);
            if found >= count {
                found = count_behind(0).await?.0;
                if found >= count {
                    return Ok::<(), ReadError>(());
                }
            }
            if changed.changed().await.is_err() {
                return Ok(());
            }
        }
    };
    // What cannot be read is told by whoever reads the answer itself.
    drop(timeout_at(until, enough).await);
}
