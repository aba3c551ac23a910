//! Lines of CloudWatch's embedded metric format for each batch: by family and severity, and by
//! application, so that their number is bounded.

use std::collections::BTreeMap;

use function_env::{Emit, Metrics, Unit};

use crate::classification::Classification;
use crate::rules::{Family, Severity};

/// The most applications with metrics of their own; each metric costs money every month.
pub(crate) const APPS_MAX: usize = 50;
/// What stands for all others.
const OTHER: &str = "other";

/// What a batch held.
#[derive(Debug)]
pub(crate) struct Counts<'a> {
    /// The applications that are ours.
    app_ids: &'a [String],
    families: BTreeMap<(Family, Severity), (u64, u64)>,
    apps: BTreeMap<&'a str, (u64, u64)>,
}

impl<'a> Counts<'a> {
    pub(crate) fn new(app_ids: &'a [String]) -> Self {
        let app_ids = app_ids.get(..APPS_MAX).unwrap_or(app_ids);
        Self { app_ids, families: BTreeMap::new(), apps: BTreeMap::new() }
    }

    pub(crate) fn add(&mut self, found: &Classification) {
        let app_id = found.app_id.as_deref();
        let app = self.app_ids.iter().find(|known| app_id == Some(known.as_str()));
        let app = app.map_or(OTHER, String::as_str);
        let family = self.families.entry((found.family, found.severity)).or_default();
        let app = self.apps.entry(app).or_default();
        for (all, noise) in [family, app] {
            if found.is_noise() {
                *noise += 1;
            } else {
                *all += 1;
            }
        }
    }

    /// How many were noise, and how many not.
    pub(crate) fn totals(&self) -> (u64, u64) {
        self.families
            .values()
            .fold((0, 0), |(events, noise), (more, noisy)| (events + more, noise + noisy))
    }

    pub(crate) fn emit(&self, epoch_millis: i64, request_id: &str, emit: Emit) {
        let write =
            |metrics: Metrics, counts| emit(&line(metrics, counts, epoch_millis, request_id));
        let all = || Metrics::new("bad-event-classifier");
        for ((family, severity), counts) in &self.families {
            write(all().by("family", family.name()).by("severity", severity.name()), *counts);
        }
        for (app, counts) in &self.apps {
            write(all().by("appId", app), *counts);
        }
    }
}

/// The line for these counts; what is zero is left out.
fn line(
    mut metrics: Metrics,
    (events, noise): (u64, u64),
    epoch_millis: i64,
    request_id: &str,
) -> String {
    for (name, count) in [("badEvents", events), ("noise", noise)] {
        if count > 0 {
            metrics.add(name, Unit::Count, usize::try_from(count).unwrap_or(usize::MAX));
        }
    }
    metrics.line(epoch_millis, request_id)
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{Classifier, Rules, Schemas};

    #[test]
    fn a_line_declares_each_metric_that_it_carries() {
        let metrics = Metrics::new("bad-event-classifier").by("appId", "shop");
        let line = line(metrics, (3, 0), 5, "r-1");
        assert_eq!(
            serde_json::from_str::<Value>(&line).unwrap(),
            json!({
                "_aws": {"Timestamp": 5, "CloudWatchMetrics": [{
                    "Namespace": "Whiteout", "Dimensions": [["function", "appId"]],
                    "Metrics": [{"Name": "badEvents", "Unit": "Count"}],
                }]},
                "function": "bad-event-classifier", "requestId": "r-1", "appId": "shop",
                "badEvents": 3,
            })
        );
    }

    #[test]
    fn applications_end_at_the_limit() {
        let names: Vec<_> = (0..=APPS_MAX).map(|n| format!("app-{n}")).collect();
        let mut counts = Counts::new(&names);
        let classifier = Classifier::new(Rules::built_in(), Schemas::default());
        let mut found = classifier.classify(b"x");
        for name in &names {
            found.app_id = Some(name.clone());
            counts.add(&found);
        }
        assert_eq!(counts.apps.len(), APPS_MAX + 1);
        assert_eq!(counts.apps.get(OTHER), Some(&(1, 0)));
        assert_eq!(counts.totals(), (51, 0));
    }
}
