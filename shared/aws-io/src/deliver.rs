//! Delivers records in rounds of batched calls until each is acknowledged, refused for good or out of time.

#[cfg(test)]
mod tests;

use std::future::Future;
use std::time::{Duration, Instant};

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use record_sink::{BatchLimits, Record, WriteError, WriteReport, batches};
use tokio::time::{Instant as Clock, sleep, timeout_at};

use crate::backoff::Backoff;
use crate::failure::CallFailure;

/// Calls of one write that run at the same time. Some at once hide the latency of a large write;
/// more would only multiply the memory that request bodies take (about 2.4 times their data).
pub(crate) const CALLS_IN_FLIGHT_MAX: usize = 4;

/// What a call said of one of its records.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// The destination holds the record.
    Acknowledged,
    /// The destination does not; another try may help.
    Refused(String),
    /// The destination does not and will not.
    Rejected(String),
}

/// A destination that takes records in batches.
pub(crate) trait Destination: Sync {
    /// What one call may carry.
    fn limits(&self) -> BatchLimits;

    /// Why the destination can never take this record, known without a call.
    fn unfit(&self, record: &Record) -> Option<WriteError>;

    /// One call, without retries. A record for which the answer holds nothing counts as refused.
    fn call(
        &self,
        records: &[&Record],
    ) -> impl Future<Output = Result<Vec<Fate>, CallFailure>> + Send;
}

/// How patient a delivery is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Patience {
    pub(crate) backoff: Backoff,
    pub(crate) attempt_timeout: Duration,
}

/// A record and its place in the report.
type Item<'a> = (usize, &'a Record);

/// What a round leaves over.
#[derive(Default)]
struct Leftover<'a> {
    /// Worth another try, in their order.
    items: Vec<Item<'a>>,
    /// Whether a connection broke; the pool may have kept a dead one while the function was frozen.
    connection_lost: bool,
}

/// Which limit ended a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cut {
    BeforeTheCall,
    ByItsOwnLimit,
    ByTheDeadline,
}

/// Waits for a call until its own limit or the deadline, whichever comes first.
pub(crate) async fn limited<T>(
    call: impl Future<Output = T>,
    limit: Duration,
    deadline: Clock,
) -> Result<T, Cut> {
    let now = Clock::now();
    if now >= deadline {
        return Err(Cut::BeforeTheCall);
    }
    let end = now.checked_add(limit).unwrap_or(deadline);
    let cut = if end < deadline { Cut::ByItsOwnLimit } else { Cut::ByTheDeadline };
    timeout_at(end.min(deadline), call).await.map_err(|_| cut)
}

/// Writes the records; only those that were not acknowledged are ever sent again.
///
/// Failures of all calls of a round are batched anew for the next one, so that a throttled stream
/// gets fewer calls and not more.
pub(crate) async fn deliver<D: Destination>(
    destination: &D,
    records: &[Record],
    patience: Patience,
    deadline: Instant,
) -> WriteReport {
    let deadline = Clock::from_std(deadline);
    let mut report =
        WriteReport { results: Vec::with_capacity(records.len()), ..WriteReport::default() };
    let mut pending: Vec<Item<'_>> = Vec::with_capacity(records.len());
    for (place, record) in records.iter().enumerate() {
        let unfit = destination.unfit(record);
        if unfit.is_none() {
            pending.push((place, record));
        }
        report.results.push(Err(unfit.unwrap_or(WriteError::DeadlineReached)));
    }
    let mut round = 0;
    while !pending.is_empty() {
        let left = send_round(destination, pending, patience, deadline, &mut report).await;
        pending = left.items;
        if pending.is_empty() {
            break;
        }
        // A dead connection says nothing about the stream, so the first new one is tried at once.
        if round > 0 || !left.connection_lost {
            let remaining = deadline.saturating_duration_since(Clock::now());
            let Some(pause) = patience.backoff.pause(round, remaining) else { break };
            sleep(pause).await;
        }
        round = round.saturating_add(1);
    }
    report
}

/// Sends every pending record once.
async fn send_round<'a, D: Destination>(
    destination: &D,
    pending: Vec<Item<'a>>,
    patience: Patience,
    deadline: Clock,
    report: &mut WriteReport,
) -> Leftover<'a> {
    let sizes = pending.iter().map(|(_, record)| record.size_bytes());
    let lengths: Vec<usize> =
        batches(sizes, destination.limits()).map(|range| range.len()).collect();
    let mut items = pending.into_iter();
    let mut waiting =
        lengths.into_iter().map(|length| items.by_ref().take(length).collect::<Vec<_>>());
    let mut running = FuturesUnordered::new();
    let mut left = Leftover::default();
    loop {
        while running.len() < CALLS_IN_FLIGHT_MAX
            && let Some(batch) = waiting.next()
        {
            running.push(attempt(destination, batch, patience.attempt_timeout, deadline));
        }
        let Some((batch, outcome)) = running.next().await else { break };
        report.calls += usize::from(outcome != Err(Cut::BeforeTheCall));
        match outcome {
            Ok(Ok(fates)) => settle(batch, fates, report, &mut left),
            Ok(Err(failure)) => fail(batch, &failure, report, &mut left),
            Err(Cut::ByItsOwnLimit) => {
                fail(batch, &CallFailure::attempt_timeout(), report, &mut left);
            }
            Err(Cut::ByTheDeadline) => {
                for (place, _) in batch {
                    set(report, place, Err(WriteError::DeadlineReached));
                }
            }
            // What was said of these records in an earlier round, if anything, is still true.
            Err(Cut::BeforeTheCall) => {}
        }
    }
    left.items.sort_unstable_by_key(|(place, _)| *place);
    left
}

/// One call; gives its records back.
async fn attempt<'a, D: Destination>(
    destination: &D,
    batch: Vec<Item<'a>>,
    limit: Duration,
    deadline: Clock,
) -> (Vec<Item<'a>>, Result<Result<Vec<Fate>, CallFailure>, Cut>) {
    let records: Vec<&Record> = batch.iter().map(|(_, record)| *record).collect();
    let outcome = limited(destination.call(&records), limit, deadline).await;
    (batch, outcome)
}

/// Enters what a call said of each of its records.
fn settle<'a>(
    batch: Vec<Item<'a>>,
    fates: Vec<Fate>,
    report: &mut WriteReport,
    left: &mut Leftover<'a>,
) {
    let missing = || Fate::Refused("MissingResult".to_owned());
    let fates = fates.into_iter().chain(std::iter::repeat_with(missing));
    for (item, fate) in batch.into_iter().zip(fates) {
        match fate {
            Fate::Acknowledged => set(report, item.0, Ok(())),
            Fate::Rejected(code) => set(report, item.0, Err(WriteError::Refused(code))),
            Fate::Refused(code) => {
                set(report, item.0, Err(WriteError::Refused(code)));
                left.items.push(item);
            }
        }
    }
}

/// Enters the failure of a whole call for all of its records.
fn fail<'a>(
    batch: Vec<Item<'a>>,
    failure: &CallFailure,
    report: &mut WriteReport,
    left: &mut Leftover<'a>,
) {
    left.connection_lost |= failure.connection_lost;
    for item in batch {
        set(report, item.0, Err(WriteError::CallFailed(failure.code.clone())));
        if failure.retry {
            left.items.push(item);
        }
    }
}

fn set(report: &mut WriteReport, place: usize, result: Result<(), WriteError>) {
    if let Some(slot) = report.results.get_mut(place) {
        *slot = result;
    }
}
