//! When an invocation must have its answer.

use std::time::{Duration, Instant};

use crate::clock;

/// Kept back from an invocation's time, so that an answer still gets out.
const MARGIN: Duration = Duration::from_millis(500);

/// The moment by which an invocation's work must be done, from the runtime's deadline in milliseconds
/// since 1970.
pub fn deadline(epoch_millis: u64) -> Instant {
    let now = u64::try_from(clock::epoch_millis()).unwrap_or(0);
    Instant::now() + remaining(epoch_millis, now)
}

fn remaining(epoch_millis: u64, now_millis: u64) -> Duration {
    Duration::from_millis(epoch_millis.saturating_sub(now_millis)).saturating_sub(MARGIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_time_is_kept_back() {
        for (deadline, now, millis) in
            [(10_000, 4_000, 5_500), (4_500, 4_000, 0), (3_000, 4_000, 0)]
        {
            assert_eq!(remaining(deadline, now), Duration::from_millis(millis));
        }
    }
}
