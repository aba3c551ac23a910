//! When an invocation must have its answer.

use std::time::{Duration, Instant};

use crate::clock;

/// Kept back from an invocation's time, so that an answer still gets out.
const MARGIN: Duration = Duration::from_millis(500);

/// No invocation ends before this moment, in 2001, so a smaller deadline is a span: `cargo lambda watch`
/// gives every invocation 600,000.
const MOMENT_MILLIS_MIN: u64 = 1_000_000_000_000;

/// The moment by which an invocation's work must be done, from the runtime's deadline in milliseconds
/// since 1970.
pub fn deadline(epoch_millis: u64) -> Instant {
    let now = u64::try_from(clock::epoch_millis()).unwrap_or(0);
    Instant::now() + remaining(epoch_millis, now)
}

fn remaining(epoch_millis: u64, now_millis: u64) -> Duration {
    let since = if epoch_millis < MOMENT_MILLIS_MIN { 0 } else { now_millis };
    Duration::from_millis(epoch_millis.saturating_sub(since)).saturating_sub(MARGIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_time_is_kept_back() {
        let now = 1_795_158_005_123;
        for (deadline, millis) in [(now + 6_000, 5_500), (now + 500, 0), (now - 1_000, 0)] {
            assert_eq!(remaining(deadline, now), Duration::from_millis(millis));
        }
    }

    #[test]
    fn what_is_no_moment_is_a_span() {
        let now = 1_795_158_005_123;
        assert_eq!(remaining(600_000, now), Duration::from_millis(599_500));
        assert_eq!(remaining(MOMENT_MILLIS_MIN - 1, now).as_millis(), 999_999_999_499);
        assert_eq!(remaining(MOMENT_MILLIS_MIN, now), Duration::ZERO);
    }
}
