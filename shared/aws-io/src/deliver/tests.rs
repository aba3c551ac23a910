//! Delivery against a destination that fails as it is told, with tokio's clock paused.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Mutex;

use proptest::prelude::*;

use super::*;

/// What the destination does with one call.
#[derive(Clone, Debug)]
enum Step {
    /// One fate per record, by turns.
    Answer(Vec<Fate>),
    /// All refused, after a while.
    RefuseLate(Duration),
    /// One result fewer than records.
    AnswerShort,
    Fail(CallFailure),
    Hang,
}

#[derive(Default)]
struct Scripted {
    steps: Mutex<VecDeque<Step>>,
    calls: Mutex<Vec<Vec<String>>>,
    acknowledged: Mutex<BTreeMap<String, usize>>,
    records_max: usize,
}

impl Scripted {
    fn new(records_max: usize, steps: impl IntoIterator<Item = Step>) -> Self {
        Self { records_max, steps: Mutex::new(steps.into_iter().collect()), ..Self::default() }
    }

    fn calls(&self) -> Vec<Vec<String>> {
        self.calls.lock().unwrap().clone()
    }
}

impl Destination for Scripted {
    fn limits(&self) -> BatchLimits {
        BatchLimits { records_max: self.records_max, bytes_max: 1_000 }
    }

    fn unfit(&self, record: &Record) -> Option<WriteError> {
        let size_bytes = record.size_bytes();
        (size_bytes > 100).then_some(WriteError::TooLarge { size_bytes, bytes_max: 100 })
    }

    async fn call(&self, records: &[&Record]) -> Result<Vec<Fate>, CallFailure> {
        let keys: Vec<_> = records.iter().map(|record| record.partition_key.clone()).collect();
        self.calls.lock().unwrap().push(keys.clone());
        let all = Step::Answer(vec![Fate::Acknowledged]);
        let step = self.steps.lock().unwrap().pop_front().unwrap_or(all);
        let fates: Vec<Fate> = match step {
            Step::Answer(fates) => fates.into_iter().cycle().take(keys.len()).collect(),
            Step::RefuseLate(delay) => {
                sleep(delay).await;
                vec![refused(); keys.len()]
            }
            Step::AnswerShort => vec![Fate::Acknowledged; keys.len() - 1],
            Step::Fail(failure) => return Err(failure),
            Step::Hang => std::future::pending().await,
        };
        for (key, fate) in keys.into_iter().zip(&fates) {
            if *fate == Fate::Acknowledged {
                *self.acknowledged.lock().unwrap().entry(key).or_default() += 1;
            }
        }
        Ok(fates)
    }
}

const PATIENCE: Patience = Patience {
    backoff: Backoff { min: Duration::from_millis(500), max: Duration::from_millis(1500) },
    attempt_timeout: Duration::from_secs(3),
};

fn records(count: usize) -> Vec<Record> {
    (0..count).map(|n| Record { partition_key: format!("k{n}"), data: vec![0; 10] }).collect()
}

fn refused() -> Fate {
    Fate::Refused("Throttled".to_owned())
}

fn failure(retry: bool) -> Step {
    Step::Fail(CallFailure { code: "Down".to_owned(), retry, connection_lost: false })
}

async fn run(destination: &Scripted, count: usize, within: Duration) -> (WriteReport, Duration) {
    let start = Clock::now();
    let deadline = (start + within).into_std();
    let report = deliver(destination, &records(count), PATIENCE, deadline).await;
    (report, start.elapsed())
}

const MINUTE: Duration = Duration::from_mins(1);

#[tokio::test(start_paused = true)]
async fn only_what_failed_is_sent_again() {
    let step = Step::Answer(vec![Fate::Acknowledged, refused(), Fate::Acknowledged]);
    let destination = Scripted::new(500, [step]);
    let (report, _) = run(&destination, 5, MINUTE).await;
    assert!(report.is_complete());
    assert_eq!(report.calls, 2);
    assert_eq!(destination.calls()[1], ["k1", "k4"]);
}

#[tokio::test(start_paused = true)]
async fn three_failing_rounds_take_three_pauses() {
    let destination = Scripted::new(500, [failure(true), failure(true), failure(true)]);
    let (report, took) = run(&destination, 2, MINUTE).await;
    assert!(report.is_complete());
    assert_eq!(report.calls, 4);
    let pauses = Duration::from_millis(3 * 500)..=Duration::from_millis(3 * 1500 + 10);
    assert!(pauses.contains(&took), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn a_lost_connection_is_replaced_at_once_but_only_once() {
    let lost = || {
        let code = "ConnectionFailed".to_owned();
        Step::Fail(CallFailure { code, retry: true, connection_lost: true })
    };
    let destination = Scripted::new(500, [lost()]);
    let (report, took) = run(&destination, 2, MINUTE).await;
    assert_eq!((report.is_complete(), report.calls, took), (true, 2, Duration::ZERO));
    let destination = Scripted::new(500, [lost(), lost()]);
    let (report, took) = run(&destination, 2, MINUTE).await;
    assert!(report.is_complete() && took >= Duration::from_millis(500), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn throttled_until_the_deadline() {
    let destination = Scripted::new(500, vec![Step::Answer(vec![refused()]); 1000]);
    let (report, took) = run(&destination, 3, Duration::from_secs(10)).await;
    assert_eq!(report.results, vec![Err(WriteError::Refused("Throttled".to_owned())); 3]);
    assert!(took <= Duration::from_secs(10), "{took:?}");
    assert!(report.calls >= 6, "the time is used: {} calls", report.calls);
}

#[tokio::test(start_paused = true)]
async fn what_stays_is_not_tried_again() {
    let destination = Scripted::new(500, [failure(false)]);
    let (report, took) = run(&destination, 2, MINUTE).await;
    assert_eq!(report.results, vec![Err(WriteError::CallFailed("Down".to_owned())); 2]);
    assert_eq!((report.calls, took), (1, Duration::ZERO));
    let rejected = Fate::Rejected("Invalid".to_owned());
    let destination = Scripted::new(500, [Step::Answer(vec![rejected, Fate::Acknowledged])]);
    let (report, _) = run(&destination, 2, MINUTE).await;
    assert_eq!(report.results[0], Err(WriteError::Refused("Invalid".to_owned())));
    assert_eq!((report.calls, report.acknowledged()), (1, 1));
}

#[tokio::test(start_paused = true)]
async fn a_hanging_call_never_outlasts_the_deadline() {
    let destination = Scripted::new(500, [Step::Hang]);
    let (report, took) = run(&destination, 2, Duration::from_secs(2)).await;
    assert_eq!(report.results, vec![Err(WriteError::DeadlineReached); 2]);
    assert!(took <= Duration::from_millis(2_005), "{took:?}");
    let destination = Scripted::new(500, [Step::Hang]);
    let (report, took) = run(&destination, 2, MINUTE).await;
    assert!(report.is_complete(), "given up after the attempt's own limit, then sent again");
    assert!(took < Duration::from_secs(5), "{took:?}");
}

#[tokio::test(start_paused = true)]
async fn no_time_means_no_call() {
    let destination = Scripted::new(500, []);
    let (report, _) = run(&destination, 2, Duration::ZERO).await;
    assert_eq!(report.results, vec![Err(WriteError::DeadlineReached); 2]);
    assert_eq!(report.calls, 0);
    let (report, _) = run(&destination, 0, MINUTE).await;
    assert_eq!(report, WriteReport::default());
}

#[tokio::test(start_paused = true)]
async fn a_record_without_a_result_is_not_acknowledged() {
    let destination = Scripted::new(500, [Step::AnswerShort]);
    let (report, _) = run(&destination, 3, MINUTE).await;
    assert!(report.is_complete());
    assert_eq!(destination.calls()[1], ["k2"]);
}

#[tokio::test(start_paused = true)]
async fn a_record_that_can_never_fit_costs_no_call() {
    let destination = Scripted::new(500, []);
    let mut records = records(3);
    records[1].data = vec![0; 98];
    records[2].data = vec![0; 99];
    let deadline = (Clock::now() + MINUTE).into_std();
    let report = deliver(&destination, &records, PATIENCE, deadline).await;
    assert_eq!(report.results[2], Err(WriteError::TooLarge { size_bytes: 101, bytes_max: 100 }));
    assert_eq!(destination.calls(), [["k0", "k1"]]);
}

#[tokio::test(start_paused = true)]
async fn failures_of_several_calls_share_one_call_next_time() {
    let destination = Scripted::new(2, vec![Step::Answer(vec![Fate::Acknowledged, refused()]); 6]);
    let (report, _) = run(&destination, 12, MINUTE).await;
    assert!(report.is_complete());
    assert_eq!(destination.calls()[6..9], [["k1", "k3"], ["k5", "k7"], ["k9", "k11"]]);
    assert_eq!(report.calls, 9);
}

#[tokio::test(start_paused = true)]
async fn the_order_survives_calls_that_end_out_of_order() {
    let late = |millis| Step::RefuseLate(Duration::from_millis(millis));
    let destination = Scripted::new(2, [late(300), late(200), late(100)]);
    let (report, _) = run(&destination, 6, MINUTE).await;
    assert!(report.is_complete());
    assert_eq!(destination.calls()[3..], [["k0", "k1"], ["k2", "k3"], ["k4", "k5"]]);
}

#[tokio::test(start_paused = true)]
async fn no_more_calls_at_a_time_than_allowed() {
    let destination = Scripted::new(1, vec![Step::RefuseLate(Duration::from_secs(2)); 9]);
    let (report, _) = run(&destination, 9, Duration::from_secs(1)).await;
    assert_eq!(report.calls, CALLS_IN_FLIGHT_MAX);
    assert_eq!(report.results, vec![Err(WriteError::DeadlineReached); 9]);
}

fn step() -> impl Strategy<Value = Step> {
    let fate = prop_oneof![
        4 => Just(Fate::Acknowledged),
        4 => Just(refused()),
        1 => Just(Fate::Rejected("Invalid".to_owned())),
    ];
    prop_oneof![
        6 => prop::collection::vec(fate, 1..6).prop_map(Step::Answer),
        1 => Just(Step::AnswerShort),
        1 => (0u64..4_000).prop_map(|millis| Step::RefuseLate(Duration::from_millis(millis))),
        2 => Just(failure(true)),
        1 => Just(failure(false)),
        1 => Just(Step::Hang),
    ]
}

proptest! {
    #[test]
    fn every_record_is_acknowledged_once_or_reported(
        steps in prop::collection::vec(step(), 0..40),
        count in 0usize..40,
        records_max in 1usize..12,
        seconds in 0u64..20,
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .start_paused(true)
            .build()
            .unwrap();
        runtime.block_on(async {
            let destination = Scripted::new(records_max, steps);
            let within = Duration::from_secs(seconds);
            let (report, took) = run(&destination, count, within).await;
            prop_assert!(took <= within + Duration::from_millis(5), "{:?}", took);
            prop_assert_eq!(report.results.len(), count);
            prop_assert_eq!(report.calls, destination.calls().len());
            let acknowledged = destination.acknowledged.lock().unwrap();
            for (record, result) in records(count).iter().zip(&report.results) {
                let times = acknowledged.get(&record.partition_key).copied().unwrap_or_default();
                // Exactly once: a record is not sent again after its acknowledgement.
                prop_assert_eq!(times, usize::from(result.is_ok()), "{}", record.partition_key);
            }
            for call in destination.calls() {
                prop_assert!(!call.is_empty() && call.len() <= records_max);
            }
            Ok(())
        })?;
    }
}
