//! What a script may use up, and how it is counted.

use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::{Duration, Instant};

/// Steps of one event: calls and turns of loops, and what built-in functions go through.
pub(super) const STEPS_MAX: i64 = 5_000_000;
/// The engine asks after so many steps whether it may go on.
const STEPS_BETWEEN_QUESTIONS: i64 = 10_000;
/// The most time of one event. Steps should end it long before; they are the same on every machine.
pub(super) const TIME_MAX: Duration = Duration::from_secs(5);
/// Memory of one script, with all that it keeps between events.
pub(super) const MEMORY_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Stack of one script.
pub(super) const STACK_BYTES_MAX: usize = 256 * 1024;
/// Longest JSON that a script gives back.
pub(super) const RESULT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Deepest JSON that a script gives back.
pub(super) const RESULT_DEPTH_MAX: usize = 50;
/// Longest text of what a script threw, in characters.
pub(super) const THROWN_CHARS_MAX: usize = 1_000;

/// What is left of one event's steps and time.
pub(super) struct Budget {
    steps: AtomicI64,
    epoch: Instant,
    /// When the time is up, in milliseconds of the clock above.
    until_millis: AtomicU64,
}

impl Budget {
    pub(super) fn new() -> Self {
        let budget = Self {
            steps: AtomicI64::new(0),
            epoch: Instant::now(),
            until_millis: AtomicU64::new(0),
        };
        budget.begin();
        budget
    }

    /// Starts another event.
    pub(super) fn begin(&self) {
        self.steps.store(STEPS_MAX, Ordering::Relaxed);
        let until = self.now_millis().saturating_add(millis(TIME_MAX));
        self.until_millis.store(until, Ordering::Relaxed);
    }

    /// Takes what the engine did since it last asked; whether it has to stop.
    pub(super) fn is_over(&self) -> bool {
        if self.now_millis() > self.until_millis.load(Ordering::Relaxed) {
            self.steps.store(-1, Ordering::Relaxed);
        }
        self.take(STEPS_BETWEEN_QUESTIONS)
    }

    /// Takes the steps of a built-in function; whether they were not there any more.
    pub(super) fn take(&self, steps: i64) -> bool {
        // One thread at a time runs an engine, so nobody comes between reading and writing.
        let left = self.steps.load(Ordering::Relaxed).saturating_sub(steps.max(0));
        self.steps.store(left.max(-1), Ordering::Relaxed);
        left < 0
    }

    /// Whether the event took more than it may.
    pub(super) fn was_exceeded(&self) -> bool {
        self.steps.load(Ordering::Relaxed) < 0
    }

    fn now_millis(&self) -> u64 {
        millis(self.epoch.elapsed())
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_end_at_their_limit_and_begin_anew() {
        let budget = Budget::new();
        assert!(!budget.take(STEPS_MAX) && !budget.was_exceeded());
        assert!(budget.take(1) && budget.was_exceeded() && budget.is_over());
        budget.begin();
        assert!(!budget.is_over() && !budget.was_exceeded());
        assert!(budget.take(i64::MAX) && budget.take(i64::MAX));
        budget.begin();
        assert!(!budget.take(-5) && !budget.take(STEPS_MAX));
    }
}
