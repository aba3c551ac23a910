//! A stream in memory, for the local pipeline and for tests; bounded, the oldest records go first.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use crate::{Record, RecordSink, WriteReport};

/// A record as it stands in the stream.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredRecord {
    /// Rises by one with every record that the stream ever took.
    pub sequence: u64,
    /// What was written.
    pub record: Record,
}

/// A stream that lives in memory.
#[derive(Debug)]
pub struct MemorySink {
    bytes_max: usize,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    next_sequence: u64,
    bytes: usize,
    records: VecDeque<StoredRecord>,
}

impl MemorySink {
    /// A stream that holds at most this many bytes; the oldest records make room for new ones.
    pub fn new(bytes_max: usize) -> Self {
        Self { bytes_max, state: Mutex::new(State::default()) }
    }

    /// A copy of what the stream holds, oldest first.
    pub fn snapshot(&self) -> Vec<StoredRecord> {
        self.state().records.iter().cloned().collect()
    }

    /// Forgets every record; the sequence goes on.
    pub fn clear(&self) {
        let mut state = self.state();
        state.records.clear();
        state.bytes = 0;
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // A panic elsewhere cannot leave the queue half-changed, so its poison is no news.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl RecordSink for MemorySink {
    async fn write(&self, records: Vec<Record>, _deadline: Instant) -> WriteReport {
        let mut state = self.state();
        let count = records.len();
        for record in records {
            let sequence = state.next_sequence;
            state.next_sequence += 1;
            state.bytes += record.size_bytes();
            state.records.push_back(StoredRecord { sequence, record });
        }
        while state.bytes > self.bytes_max {
            let Some(oldest) = state.records.pop_front() else { break };
            state.bytes -= oldest.record.size_bytes();
        }
        WriteReport::all_acknowledged(count)
    }

    async fn is_healthy(&self, _deadline: Instant) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use std::future::Future;
    use std::task::{Context, Poll, Waker};

    use super::*;

    fn now_or_never<T>(future: impl Future<Output = T>) -> T {
        match Box::pin(future).as_mut().poll(&mut Context::from_waker(Waker::noop())) {
            Poll::Ready(value) => value,
            Poll::Pending => panic!("a write to memory waits for nothing"),
        }
    }

    fn write(sink: &MemorySink, texts: &[&str]) -> WriteReport {
        let records = texts
            .iter()
            .map(|text| Record { partition_key: String::new(), data: text.as_bytes().to_vec() })
            .collect();
        now_or_never(sink.write(records, Instant::now()))
    }

    #[test]
    fn keeps_records_in_order_and_lets_the_oldest_go_at_the_limit() {
        let sink = MemorySink::new(6);
        assert_eq!(write(&sink, &["aaa", "bbb"]).acknowledged(), 2);
        assert_eq!(sink.snapshot().len(), 2);
        write(&sink, &["c"]);
        let held: Vec<_> = sink.snapshot().into_iter().map(|stored| stored.sequence).collect();
        assert_eq!(held, [1, 2]);
        sink.clear();
        write(&sink, &["d"]);
        assert_eq!(sink.snapshot()[0].sequence, 3);
    }
}
