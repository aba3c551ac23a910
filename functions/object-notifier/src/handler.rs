//! Notifications in, messages to their targets out, and what has to come again.

use std::time::Instant;

use function_env::{Field, Level, Log, Metrics, Unit};
use futures_util::future::join_all;
use record_sink::{Record, RecordSink, write_all};
use serde_json::json;

use crate::config::Config;
use crate::event::{Body, Trigger};
use crate::key::shown;
use crate::outcome::{Fault, MalformedEvent, Outcome};
use crate::plan::{Plan, Planner, Sending};

/// The objects without a route that are named in the log, at most, for one invocation.
const UNROUTED_SHOWN_MAX: usize = 100;

/// The object notifier: its routes, and a sink for each of their targets.
#[derive(Debug)]
pub struct Notifier<S> {
    config: Config,
    log: Log,
    sinks: Vec<S>,
}

/// What became of an invocation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Handled {
    /// What became of its objects.
    pub outcome: Outcome,
    /// The ids of the messages that must come again; nothing if the trigger was no queue.
    pub failed_ids: Option<Vec<String>>,
    /// The keys that no route knows.
    pub unrouted: Vec<String>,
    /// Why the first object that was not sent was not.
    pub reason: Option<String>,
}

impl<S: RecordSink> Notifier<S> {
    /// A notifier with a sink for each target of its routes, in their order.
    pub fn new(config: Config, log: Log, sinks: Vec<S>) -> Self {
        Self { config, log, sinks }
    }

    /// Handles an event and gives the answer for Lambda. A queue gets the messages that must come
    /// again; for any other trigger the invocation fails if something was not done.
    pub async fn handle(
        &self,
        event: &str,
        request_id: &str,
        deadline: Instant,
    ) -> Result<String, Fault> {
        let handled = self.handled(event, deadline).await;
        let handled = handled.map_err(|malformed| {
            let fault = Fault::MalformedEvent(malformed);
            self.log.write(Level::Error, request_id, &fault.to_string(), &[]);
            fault
        })?;
        self.report(request_id, &handled);
        let Handled { outcome, failed_ids, reason, .. } = handled;
        match (failed_ids, reason) {
            (Some(ids), _) => {
                let failures = ids.iter().map(|id| json!({"itemIdentifier": id}));
                let failures: Vec<_> = failures.collect();
                Ok(json!({"batchItemFailures": failures}).to_string())
            }
            (None, Some(reason)) => Err(Fault::NotSent(outcome.failed, reason)),
            (None, None) if outcome.malformed > 0 => Err(Fault::MalformedRecords(outcome.failed)),
            (None, None) => Ok("null".to_owned()),
        }
    }

    /// Handles an event without a word about it.
    pub async fn handled(&self, event: &str, deadline: Instant) -> Result<Handled, MalformedEvent> {
        let trigger = Trigger::read(event)?;
        let mut planner = Planner::new(&self.config.routes);
        match &trigger {
            Trigger::Whole(body) => planner.add(Some(body)),
            Trigger::Queue(messages) => {
                for message in messages {
                    planner.add(Body::read(&message.text()).as_ref().ok());
                }
            }
        }
        let Plan { sendings, malformed, unrouted, mut outcome } = planner.finish();
        let failures = self.send(&sendings, deadline).await;
        let mut failed = malformed;
        for (sending, failure) in sendings.iter().zip(&failures) {
            if failure.is_some() {
                outcome.failed += 1;
                failed.extend(&sending.messages);
            } else {
                outcome.routed += 1;
            }
        }
        failed.sort_unstable();
        failed.dedup();
        let failed_ids = match &trigger {
            Trigger::Whole(_) => None,
            Trigger::Queue(messages) => {
                let ids = failed.iter().filter_map(|place| messages.get(*place));
                Some(ids.map(|message| message.id.to_string()).collect())
            }
        };
        let reason = failures.into_iter().flatten().next();
        Ok(Handled { outcome, failed_ids, unrouted, reason })
    }

    /// Tells every target at the same time, and says of each object why a target was not told.
    async fn send(&self, sendings: &[Sending], deadline: Instant) -> Vec<Option<String>> {
        let calls = self.sinks.iter().enumerate().map(|(target, sink)| async move {
            let places: Vec<usize> = (0..sendings.len())
                .filter(|place| sendings.get(*place).is_some_and(|it| it.targets.contains(&target)))
                .collect();
            let records = places.iter().filter_map(|place| sendings.get(*place)).map(message);
            let records: Vec<Record> = records.collect();
            (places, write_all(sink, records, deadline).await.results)
        });
        let mut failures = vec![None; sendings.len()];
        for (places, results) in join_all(calls).await {
            for (place, result) in places.into_iter().zip(results) {
                if let (Some(slot), Err(error)) = (failures.get_mut(place), result) {
                    *slot = Some(error.to_string());
                }
            }
        }
        // A target without a sink is told nothing; the configuration allows for none.
        for (sending, slot) in sendings.iter().zip(&mut failures) {
            if sending.targets.iter().any(|target| *target >= self.sinks.len()) {
                *slot = Some("there is no sink for a target".to_owned());
            }
        }
        failures
    }

    fn report(&self, request_id: &str, handled: &Handled) {
        let Handled { outcome, unrouted, reason, .. } = handled;
        let log = &self.log;
        for key in shown_keys(unrouted) {
            let fields = [("key", Field::from(key))];
            log.write(Level::Warn, request_id, "no route knows an object", &fields);
        }
        if outcome.malformed > 0 {
            let fields = [("messages", Field::from(outcome.malformed))];
            log.write(Level::Warn, request_id, "messages are no notifications of S3", &fields);
        }
        if let Some(reason) = reason {
            let fields = [
                ("objects", Field::from(outcome.failed)),
                ("reason", Field::from(reason.as_str())),
            ];
            log.write(Level::Warn, request_id, "objects were not told to all targets", &fields);
        }
        let mut metrics = Metrics::new("object-notifier");
        for (name, count) in [
            ("messages", outcome.messages),
            ("malformed", outcome.malformed),
            ("objects", outcome.objects),
            ("routed", outcome.routed),
            ("ignored", outcome.ignored),
            ("unrouted", outcome.unrouted),
            ("duplicates", outcome.duplicates),
            ("failed", outcome.failed),
        ] {
            metrics.add(name, Unit::Count, count);
        }
        metrics.write(log, request_id);
    }
}

/// The keys that a log names.
fn shown_keys(keys: &[String]) -> impl Iterator<Item = String> {
    keys.iter().take(UNROUTED_SHOWN_MAX).map(|key| shown(key))
}

fn message(sending: &Sending) -> Record {
    Record { partition_key: String::new(), data: sending.text.as_bytes().to_vec() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_log_names_so_many_keys() {
        for (count, expected) in
            [(UNROUTED_SHOWN_MAX, UNROUTED_SHOWN_MAX), (UNROUTED_SHOWN_MAX + 1, UNROUTED_SHOWN_MAX)]
        {
            assert_eq!(shown_keys(&vec!["a\u{7}".to_owned(); count]).count(), expected);
        }
        assert_eq!(shown_keys(&["a\u{7}".to_owned()]).next().as_deref(), Some("a?"));
    }
}
