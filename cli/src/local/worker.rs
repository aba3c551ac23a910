//! The one thread that moves records along: takes what came in, and runs the pipeline over it in turns.
//!
//! A turn is one transaction. Whoever handed records over is answered when it has ended, so that an
//! acknowledged record survives the process, and can be seen everywhere.

use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;

use record_sink::Record;
use tokio::runtime::Runtime;
use tokio::sync::{mpsc, oneshot, watch};
use tokio::time::timeout;

use super::pipeline::{Pace, Pipeline, Trouble};
use super::stream::Stream;

/// What waits for the worker, at most; more makes clients wait.
pub(super) const QUEUE_LENGTH: usize = 1_024;
/// What one turn takes up, at most.
const TURN_RECORDS_MAX: usize = 500;
const TURN_BYTES_MAX: usize = 4 * 1024 * 1024;
/// How often the worker looks for what was left undone.
const TICK: Duration = Duration::from_millis(500);

/// Where records are handed to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A stream of the collector.
    Stream(Stream),
    /// The delivery of Service Pings below this folder.
    Pings(&'static str),
}

/// Something for the worker to do.
#[derive(Debug)]
pub(crate) enum Work {
    /// Take records in.
    Records(Submission),
    /// Forget everything of a space.
    Reset { space: Arc<str>, done: oneshot::Sender<Result<(), String>> },
}

/// Records that wait to be taken in.
#[derive(Debug)]
pub(crate) struct Submission {
    pub(super) to: Target,
    pub(super) space: Arc<str>,
    pub(super) records: Vec<Record>,
    pub(super) done: oneshot::Sender<Result<(), String>>,
}

impl Submission {
    fn bytes(&self) -> usize {
        self.records.iter().map(Record::size_bytes).sum()
    }
}

/// The worker: the pipeline, and what waits for it.
pub(super) struct Worker {
    pipeline: Pipeline,
    runtime: Runtime,
    queue: mpsc::Receiver<Work>,
    /// What was taken out of the queue and belongs to a later turn.
    held: VecDeque<Work>,
    /// Tells readers that there is something new.
    changed: watch::Sender<u64>,
    /// What the user was told last, so that it is not said again every tick.
    told: Option<String>,
}

impl Worker {
    pub(super) fn new(
        pipeline: Pipeline,
        queue: mpsc::Receiver<Work>,
        changed: watch::Sender<u64>,
    ) -> std::io::Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build()?;
        Ok(Self { pipeline, runtime, queue, held: VecDeque::new(), changed, told: None })
    }

    /// Works until nobody can hand anything over any more.
    pub(super) fn run(mut self) {
        loop {
            let work = match self.held.pop_front() {
                Some(work) => Ok(Some(work)),
                None => self.runtime.block_on(async { timeout(TICK, self.queue.recv()).await }),
            };
            match work {
                Ok(Some(Work::Records(first))) => self.turn(first),
                Ok(Some(Work::Reset { space, done })) => {
                    let outcome = self.pipeline.reset(&space);
                    // Nobody may be waiting any more.
                    done.send(outcome.map_err(|trouble| self.tell(&trouble))).ok();
                    self.notify();
                }
                Ok(None) => break,
                Err(_) => self.tick(Pace::Due),
            }
        }
        // What batching held back is delivered before the end.
        self.tick(Pace::Now);
    }

    /// Takes in what waits of one space, in one transaction.
    fn turn(&mut self, first: Submission) {
        let submissions = self.gather(first);
        let outcome = self.pipeline.take_in(&self.runtime, &submissions);
        let outcome = outcome.map_err(|trouble| self.tell(&trouble));
        for submission in submissions {
            submission.done.send(outcome.clone()).ok();
        }
        if outcome.is_ok() {
            self.settle();
        }
    }

    /// Moves along what was left behind.
    fn tick(&mut self, pace: Pace) {
        match self.pipeline.catch_up(&self.runtime, pace) {
            Ok(true) => self.settle(),
            Ok(false) => {}
            Err(trouble) => drop(self.tell(&trouble)),
        }
    }

    fn settle(&mut self) {
        if let Some(stalled) = self.pipeline.take_stall() {
            self.tell(&Trouble::Stalled(stalled));
        } else {
            self.told = None;
        }
        self.notify();
    }

    fn notify(&self) {
        self.changed.send_modify(|turn| *turn += 1);
    }

    /// The submissions of one turn: of one space, and within the limits of a turn.
    fn gather(&mut self, first: Submission) -> Vec<Submission> {
        let (mut records, mut bytes) = (first.records.len(), first.bytes());
        let mut turn = vec![first];
        while records < TURN_RECORDS_MAX && bytes < TURN_BYTES_MAX {
            let next = match self.held.pop_front() {
                Some(work) => work,
                None => match self.queue.try_recv() {
                    Ok(work) => work,
                    Err(_) => break,
                },
            };
            match next {
                Work::Records(next) if turn.first().is_some_and(|it| it.space == next.space) => {
                    records += next.records.len();
                    bytes += next.bytes();
                    turn.push(next);
                }
                other @ (Work::Records(_) | Work::Reset { .. }) => {
                    self.held.push_front(other);
                    break;
                }
            }
        }
        turn
    }

    /// Tells the user what is wrong, once; gives it as the reason for whoever waits.
    fn tell(&mut self, trouble: &Trouble) -> String {
        let text = trouble.to_string();
        if self.told.as_ref() != Some(&text) {
            super::note(&format!("whiteout: {text}"));
            self.told = Some(text.clone());
        }
        text
    }
}
