//! When events came to each stage, in at most 60 steps.

use rusqlite::{Connection, params};
use serde::Serialize;

use crate::local::stream::Stream;

/// How many steps a timeline has.
const STEPS: usize = 60;
/// How long a step may be, in seconds; the longest makes half an hour.
const STEP_SECONDS: [i64; 6] = [1, 2, 5, 10, 15, 30];

/// Each stage's counts, oldest step first.
#[derive(Debug, PartialEq, Serialize)]
pub(super) struct Timeline {
    /// When the first step begins.
    start: String,
    step_seconds: i64,
    received: Vec<u64>,
    good: Vec<u64>,
    bad: Vec<u64>,
    incomplete: Vec<u64>,
    /// Lines of delivered objects.
    delivered: Vec<u64>,
}

/// The half hour up to now, or to the newest record if that is older; less if there is less.
pub(super) fn timeline(db: &Connection, space: &str, now: i64) -> rusqlite::Result<Timeline> {
    let mut bounds = [None::<i64>, None];
    for stream in [Stream::RawGood, Stream::RawBad] {
        // One at a time: SQLite then looks at one entry of the index.
        let mut oldest =
            db.prepare_cached("SELECT min(at) FROM _records WHERE space = ? AND stream = ?")?;
        let mut newest =
            db.prepare_cached("SELECT max(at) FROM _records WHERE space = ? AND stream = ?")?;
        let of = params![space, stream.number()];
        let [first, last] = &mut bounds;
        let found: Option<i64> = oldest.query_row(of, |row| row.get(0))?;
        *first = found.into_iter().chain(*first).min();
        *last = newest.query_row(of, |row| row.get::<_, Option<i64>>(0))?.max(*last);
    }
    let [oldest, newest] = bounds;
    let span = span(oldest, newest, now);
    let streams = |streams: &[Stream]| -> rusqlite::Result<Vec<u64>> {
        let mut counts = vec![0; STEPS];
        for stream in streams {
            let sql = "SELECT (at - ?1) / ?2, count(*) FROM _records
                       WHERE space = ?3 AND stream = ?4 AND at >= ?1 AND at < ?5 GROUP BY 1";
            let mut select = db.prepare_cached(sql)?;
            let number = stream.number();
            let mut rows =
                select.query(params![span.start, span.step, space, number, span.end()])?;
            while let Some(row) = rows.next()? {
                add(&mut counts, row.get(0)?, row.get(1)?);
            }
        }
        Ok(counts)
    };
    let mut delivered = vec![0; STEPS];
    let sql = "SELECT (at - ?1) / ?2, sum(lines) FROM _objects
               WHERE space = ?3 AND at >= ?1 AND at < ?4 GROUP BY 1";
    let mut select = db.prepare_cached(sql)?;
    let mut rows = select.query(params![span.start, span.step, space, span.end()])?;
    while let Some(row) = rows.next()? {
        add(&mut delivered, row.get(0)?, row.get(1)?);
    }
    Ok(Timeline {
        start: timestamps::iso_millis(span.start),
        step_seconds: span.step / 1_000,
        received: streams(&[Stream::RawGood, Stream::RawBad])?,
        good: streams(&[Stream::EnrichedGood])?,
        bad: streams(&[Stream::EnrichedBad, Stream::RawBad])?,
        incomplete: streams(&[Stream::EnrichedFailed])?,
        delivered,
    })
}

fn add(counts: &mut [u64], step: i64, count: u64) {
    if let Some(sum) = usize::try_from(step).ok().and_then(|step| counts.get_mut(step)) {
        *sum += count;
    }
}

/// In milliseconds.
#[derive(Debug, PartialEq)]
struct Span {
    start: i64,
    step: i64,
}

impl Span {
    fn end(&self) -> i64 {
        self.start + self.step * steps()
    }
}

fn steps() -> i64 {
    i64::try_from(STEPS).unwrap_or(i64::MAX)
}

/// The last step is the one of the end, and begins at a multiple of its length.
fn span(oldest: Option<i64>, newest: Option<i64>, now: i64) -> Span {
    let longest = 30_000 * steps();
    let end = newest.filter(|newest| *newest < now - longest).unwrap_or(now);
    let wanted = end - oldest.unwrap_or(end);
    let step = STEP_SECONDS.into_iter().map(|seconds| seconds * 1_000);
    // One step less, because the last one is not over.
    let step = step.clone().find(|step| step * (steps() - 1) > wanted).unwrap_or(30_000);
    Span { start: (end.div_euclid(step) + 1 - steps()) * step, step }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_holds_what_there_is_and_at_most_half_an_hour() {
        let now = 10_000_000_000;
        for (oldest, newest, step) in [
            (None, None, 1_000),
            (Some(now), Some(now), 1_000),
            (Some(now - 100_000), Some(now), 2_000),
            (Some(now - 1_700_000), Some(now), 30_000),
            (Some(now - 90_000_000), Some(now), 30_000),
        ] {
            let span = span(oldest, newest, now);
            assert_eq!(span.step, step);
            assert!(span.start % step == 0 && span.end() > now && span.end() - step <= now);
            if let Some(oldest) = oldest.filter(|oldest| *oldest > now - 1_750_000) {
                assert!(span.start <= oldest);
            }
        }
        let old = span(Some(5_000), Some(9_000), now);
        assert!(old.start <= 5_000 && old.end() > 9_000);
    }
}
