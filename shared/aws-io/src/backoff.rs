//! How long to wait before a retry: jitter over a range whose upper end doubles.

use std::time::Duration;

/// The shortest and the longest pause.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Backoff {
    pub(crate) min: Duration,
    pub(crate) max: Duration,
}

impl Backoff {
    /// The pause after the given round of calls (the first is 0), or `None` if not even the shortest
    /// fits into what remains.
    ///
    /// The whole range is drawn from, so that many instances that fail together do not come back
    /// together.
    pub(crate) fn pause(self, round: u32, remaining: Duration) -> Option<Duration> {
        if self.min >= remaining {
            return None;
        }
        let doubled = self.min.saturating_mul(2_u32.saturating_pow(round.saturating_add(1)));
        let upper = doubled.min(self.max).min(remaining).max(self.min);
        let spread = u64::try_from(upper.saturating_sub(self.min).as_micros()).unwrap_or(u64::MAX);
        Some(self.min.saturating_add(Duration::from_micros(fastrand::u64(0..=spread))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LONG: Duration = Duration::from_hours(1);

    fn backoff(min: u64, max: u64) -> Backoff {
        Backoff { min: Duration::from_millis(min), max: Duration::from_millis(max) }
    }

    #[test]
    fn stays_between_the_shortest_and_the_longest_pause() {
        for round in [0, 1, 2, 31, u32::MAX] {
            for _ in 0..200 {
                let pause = backoff(500, 1500).pause(round, LONG).unwrap();
                assert!((500..=1500).contains(&pause.as_millis()), "{round}: {pause:?}");
            }
        }
        assert_eq!(backoff(7, 7).pause(3, LONG), Some(Duration::from_millis(7)));
        assert_eq!(backoff(9, 7).pause(3, LONG), Some(Duration::from_millis(9)), "min wins");
    }

    #[test]
    fn grows_and_ends_with_the_time_that_remains() {
        let first = (0..200).filter_map(|_| backoff(100, 10_000).pause(0, LONG)).max().unwrap();
        let later = (0..200).filter_map(|_| backoff(100, 10_000).pause(6, LONG)).max().unwrap();
        assert!(first <= Duration::from_millis(200) && later > Duration::from_secs(1));
        let remaining = Duration::from_millis(120);
        assert!(backoff(100, 10_000).pause(6, remaining).unwrap() <= remaining);
        assert_eq!(backoff(100, 200).pause(0, Duration::from_millis(100)), None);
        assert_eq!(backoff(100, 200).pause(0, Duration::ZERO), None);
    }
}
