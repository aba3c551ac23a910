//! Two sinks in a row: what the first does not acknowledge goes to the second.

use std::time::Instant;

use record_sink::{Record, RecordSink, WriteError, WriteReport};
use tokio::time::Instant as Clock;

/// A sink with, perhaps, a second one behind it.
#[derive(Debug)]
pub struct WithFallback<P, F> {
    /// Where records belong.
    pub primary: P,
    /// Where they are kept for a replay if the primary does not take them.
    pub fallback: Option<F>,
    /// The part of the time that the primary gets when there is a fallback.
    pub primary_share_percent: u32,
}

impl<P, F> WithFallback<P, F> {
    /// When the primary has to be done, so that the fallback has time left.
    fn primary_deadline(&self, deadline: Instant) -> Instant {
        let now = Clock::now().into_std();
        let remaining = deadline.saturating_duration_since(now);
        let share = remaining.saturating_mul(self.primary_share_percent.min(100)) / 100;
        now.checked_add(share).unwrap_or(deadline).min(deadline)
    }
}

impl<P: RecordSink, F: RecordSink> RecordSink for WithFallback<P, F> {
    async fn write(&self, records: Vec<Record>, deadline: Instant) -> WriteReport {
        let Some(fallback) = &self.fallback else {
            return self.primary.write(records, deadline).await;
        };
        // The port takes records by value, so a copy stays here for the fallback.
        let kept = records.clone();
        let mut report = self.primary.write(records, self.primary_deadline(deadline)).await;
        let (places, failed): (Vec<_>, Vec<_>) = kept
            .into_iter()
            .enumerate()
            .filter(|(place, _)| report.results.get(*place).is_none_or(Result::is_err))
            .unzip();
        if failed.is_empty() {
            return report;
        }
        let second = fallback.write(failed, deadline).await;
        report.calls += second.calls;
        for (place, result) in places.into_iter().zip(second.results) {
            let Some(slot) = report.results.get_mut(place) else { continue };
            match result {
                Ok(()) => {
                    *slot = Ok(());
                    report.by_fallback += 1;
                }
                Err(second) => join(slot, &second),
            }
        }
        report
    }

    async fn is_healthy(&self, deadline: Instant) -> bool {
        let Some(fallback) = &self.fallback else { return self.primary.is_healthy(deadline).await };
        self.primary.is_healthy(self.primary_deadline(deadline)).await
            || fallback.is_healthy(deadline).await
    }
}

/// The primary's reason stays, and the fallback's is added where there is room for it: otherwise a
/// queue that was never writable would not be noticed while the stream is down.
fn join(slot: &mut Result<(), WriteError>, second: &WriteError) {
    match slot {
        Ok(()) | Err(WriteError::DeadlineReached | WriteError::TooLarge { .. }) => {}
        Err(WriteError::Refused(reason) | WriteError::CallFailed(reason)) => {
            reason.push_str("; fallback: ");
            reason.push_str(&second.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use record_sink::MemorySink;

    use super::*;

    /// Takes every other record, and notes when it had to be done.
    struct Half(std::sync::Mutex<Vec<Duration>>);

    impl RecordSink for Half {
        async fn write(&self, records: Vec<Record>, deadline: Instant) -> WriteReport {
            let now = Clock::now().into_std();
            self.0.lock().unwrap().push(deadline.saturating_duration_since(now));
            let result = |place: usize| match place % 2 {
                0 => Ok(()),
                _ => Err(WriteError::Refused("Throttled".to_owned())),
            };
            let results = (0..records.len()).map(result).collect();
            WriteReport { results, by_fallback: 0, calls: 1 }
        }

        async fn is_healthy(&self, _deadline: Instant) -> bool {
            false
        }
    }

    fn sink(percent: u32) -> WithFallback<Half, MemorySink> {
        WithFallback {
            primary: Half(std::sync::Mutex::default()),
            fallback: Some(MemorySink::new(1_000)),
            primary_share_percent: percent,
        }
    }

    fn records() -> Vec<Record> {
        let numbered = |n: u8| Record { partition_key: String::new(), data: vec![n] };
        (0..5).map(numbered).collect()
    }

    #[tokio::test(start_paused = true)]
    async fn exactly_what_failed_goes_to_the_fallback() {
        let sink = sink(60);
        let deadline = (Clock::now() + Duration::from_secs(10)).into_std();
        let report = sink.write(records(), deadline).await;
        assert_eq!(report, WriteReport { results: vec![Ok(()); 5], by_fallback: 2, calls: 2 });
        let kept = sink.fallback.as_ref().unwrap().snapshot();
        let kept: Vec<_> = kept.into_iter().map(|stored| stored.record.data).collect();
        assert_eq!(kept, [[1], [3]]);
        assert!(sink.is_healthy(deadline).await);
    }

    #[tokio::test(start_paused = true)]
    async fn the_primary_gets_its_share_of_the_time() {
        let far = Duration::from_secs(u64::MAX / 4);
        for (percent, seconds) in [(60, 6), (0, 0), (100, 10), (u32::MAX, 10)] {
            let sink = sink(percent);
            let now = Clock::now().into_std();
            sink.write(records(), now + Duration::from_secs(10)).await;
            assert_eq!(*sink.primary.0.lock().unwrap(), [Duration::from_secs(seconds)]);
            sink.write(records(), now.checked_add(far).unwrap_or(now)).await;
        }
    }
}
