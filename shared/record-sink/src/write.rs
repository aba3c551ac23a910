//! One record in, one fate out: a write whose report cannot be too short.

use std::time::Instant;

use crate::{Record, RecordSink, WriteError, WriteReport};

/// Writes records and says of each what became of it. A sink that says less than it was given has
/// not acknowledged the rest; without records it is not asked.
pub async fn write_all(
    sink: &impl RecordSink,
    records: Vec<Record>,
    deadline: Instant,
) -> WriteReport {
    if records.is_empty() {
        return WriteReport::default();
    }
    let given = records.len();
    let mut report = sink.write(records, deadline).await;
    report.results.resize(given, Err(WriteError::DeadlineReached));
    report
}

#[cfg(test)]
mod tests {
    use std::pin::pin;
    use std::task::{Context, Poll, Waker};

    use super::*;

    /// A sink that acknowledges so many records and says nothing of the others.
    struct Says(usize);

    impl RecordSink for Says {
        async fn write(&self, records: Vec<Record>, _deadline: Instant) -> WriteReport {
            assert!(!records.is_empty(), "nobody asks for nothing");
            WriteReport::all_acknowledged(self.0)
        }

        async fn is_healthy(&self, _deadline: Instant) -> bool {
            true
        }
    }

    fn written(said: usize, given: usize) -> WriteReport {
        let records = vec![Record { partition_key: String::new(), data: Vec::new() }; given];
        let sink = Says(said);
        let writing = pin!(write_all(&sink, records, Instant::now()));
        match writing.poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(report) => report,
            Poll::Pending => panic!("this sink waits for nothing"),
        }
    }

    #[test]
    fn what_a_sink_does_not_speak_of_is_not_acknowledged() {
        let late = Err(WriteError::DeadlineReached);
        assert_eq!(written(1, 3).results, [Ok(()), late.clone(), late]);
        assert_eq!(written(3, 2).results, [Ok(()), Ok(())]);
        assert_eq!(written(1, 0), WriteReport::default());
    }
}
