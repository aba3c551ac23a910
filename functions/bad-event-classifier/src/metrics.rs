//! Lines of CloudWatch's embedded metric format for each batch: by family and severity, and by
//! application, so that their number is bounded.

use std::collections::BTreeMap;
use std::io::Write as _;

use serde_json::{Map, Value, json};

use crate::classification::Classification;
use crate::rules::{Family, Severity};

/// The CloudWatch namespace of every metric of the suite.
const NAMESPACE: &str = "Whiteout";
/// The most applications with metrics of their own; each metric costs money every month.
pub(crate) const APPS_MAX: usize = 50;
/// What stands for all others.
const OTHER: &str = "other";

/// Takes a finished line.
pub type Emit = fn(&str);

/// Writes a line to standard output, where CloudWatch picks it up.
pub fn to_stdout(line: &str) {
    // A line that cannot be written has nowhere to complain.
    writeln!(std::io::stdout().lock(), "{line}").ok();
}

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
        let write = |dimensions: &[(&str, &str)], (events, noise): (u64, u64)| {
            emit(&line(dimensions, (epoch_millis, request_id), (events, noise)));
        };
        for ((family, severity), counts) in &self.families {
            write(&[("family", family.name()), ("severity", severity.name())], *counts);
        }
        for (app, counts) in &self.apps {
            write(&[("appId", app)], *counts);
        }
    }
}

fn line(
    dimensions: &[(&str, &str)],
    (epoch_millis, request_id): (i64, &str),
    (events, noise): (u64, u64),
) -> String {
    let values: Vec<_> =
        [("badEvents", events), ("noise", noise)].into_iter().filter(|(_, n)| *n > 0).collect();
    let definitions: Vec<_> =
        values.iter().map(|(name, _)| json!({"Name": name, "Unit": "Count"})).collect();
    let names: Vec<_> =
        std::iter::once("function").chain(dimensions.iter().map(|(name, _)| *name)).collect();
    let metrics = json!([{"Namespace": NAMESPACE, "Dimensions": [names], "Metrics": definitions}]);
    let mut object = Map::new();
    object.insert("_aws".into(), json!({"Timestamp": epoch_millis, "CloudWatchMetrics": metrics}));
    object.insert("function".into(), "bad-event-classifier".into());
    object.insert("requestId".into(), request_id.into());
    for (name, value) in dimensions {
        object.insert((*name).to_owned(), (*value).into());
    }
    for (name, value) in values {
        object.insert(name.to_owned(), value.into());
    }
    Value::Object(object).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Classifier, Rules, Schemas};

    #[test]
    fn a_line_declares_each_metric_that_it_carries() {
        let line = line(&[("appId", "shop")], (5, "r-1"), (3, 0));
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
