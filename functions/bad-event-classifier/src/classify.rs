//! A bad event in, what it is out.

use std::collections::BTreeSet;

use iglu::{SchemaKey, Version};

use crate::classification::Classification;
use crate::failure::{Failure, Reading};
use crate::fingerprint::{self, Mark};
use crate::read;
use crate::rules::{Family, Recoverable, Rule, Rules, Seen, Severity};
use crate::schemas::Catalogue;

/// The longest name of an application or a tracker that is shown, in bytes.
const NAME_BYTES_MAX: usize = 64;

/// Tells what bad events are, by rules and with the schemas that there are.
#[derive(Debug)]
pub struct Classifier<C> {
    rules: Rules,
    schemas: C,
}

/// One thing that was wrong with a bad event, in the names that a [`Classification`] uses.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// The schema that it is about.
    pub schema: Option<SchemaKey>,
    /// Where in the event.
    pub pointer: String,
    /// What is wrong there, in one word.
    pub keyword: Option<String>,
}

/// A failure with the first rule that fits it.
struct Judged<'a> {
    failure: &'a Failure,
    /// The rule's place; one past the last if none fits.
    place: usize,
    with_field: Option<Version>,
    newest: Option<Version>,
    mark: Mark,
}

impl<C: Catalogue> Classifier<C> {
    /// A classifier with these rules and schemas.
    pub fn new(rules: Rules, schemas: C) -> Self {
        Self { rules, schemas }
    }

    /// Its rules.
    pub fn rules(&self) -> &Rules {
        &self.rules
    }

    /// Says what a line is. Any line is something.
    pub fn classify(&self, line: &[u8]) -> Classification {
        self.classified(&read::line(line))
    }

    /// The same, and every single thing that was wrong: the class speaks of the worst of them only.
    pub fn classify_with_places(&self, line: &[u8]) -> (Classification, Vec<Place>) {
        let reading = read::line(line);
        let places = reading.failures.iter().map(|failure| Place {
            schema: failure.schema.clone(),
            pointer: failure.pointer.shown(),
            keyword: word(failure),
        });
        (self.classified(&reading), places.collect())
    }

    fn classified(&self, reading: &Reading) -> Classification {
        let judged = reading.failures.iter().map(|failure| self.judged(reading, failure));
        let judged: Vec<_> = judged.collect();
        let marks: BTreeSet<Mark> = judged.iter().map(|it| it.mark.clone()).collect();
        // Reports come in any order, so the names decide where the rules do not.
        let worst = judged.iter().min_by(|a, b| (a.place, &a.mark).cmp(&(b.place, &b.mark)));
        self.classification(reading, worst, &marks)
    }

    fn judged<'a>(&self, reading: &'a Reading, failure: &'a Failure) -> Judged<'a> {
        let key = failure.schema.as_ref();
        let newest = key.and_then(|key| self.schemas.newest(key));
        let is_extra = failure.keyword == Some("additionalProperties");
        let with_field = key
            .filter(|_| is_extra)
            .and_then(|key| self.schemas.other_with(key, &failure.pointer.exact()));
        let seen = Seen {
            rules: &self.rules,
            reading,
            failure,
            is_drift: with_field.is_some(),
            has_other_version: newest.is_some_and(|it| key.is_some_and(|key| key.version() != it)),
            verdict: None,
        };
        let found = self.rules.all.iter().position(|rule| rule.when.holds(seen));
        let place = found.unwrap_or(self.rules.all.len());
        let class = self.rules.all.get(place).map_or("unknown", |rule| rule.class.as_str());
        // What programs have no word for is told apart by the rule and the kind of bad row.
        let word = word(failure).unwrap_or_else(|| format!("{class}/{}", reading.kind));
        let mark = (failure.stem(), failure.pointer.shown(), word, failure.expected.clone());
        Judged { failure, place, with_field, newest, mark }
    }

    fn classification(
        &self,
        reading: &Reading,
        worst: Option<&Judged<'_>>,
        marks: &BTreeSet<Mark>,
    ) -> Classification {
        let rule = worst.and_then(|it| self.rules.all.get(it.place));
        let (family, class) =
            rule.map_or((Family::Unknown, "unknown"), |rule| (rule.family, rule.class.as_str()));
        let stage = reading.stage.name();
        let key = worst.and_then(|it| it.failure.schema.as_ref());
        let name = key.map(|key| format!("{}/{}", key.vendor(), key.name()));
        let shown = |version: Option<Version>| {
            key.zip(version).map(|(key, version)| key.with_version(version).as_str().to_owned())
        };
        let sender = &reading.sender;
        let app_id = sender.app_id.as_deref().filter(|it| !it.is_empty()).map(shown_name);
        let tracker = sender.tracker.as_deref().filter(|it| !it.is_empty()).map(shown_name);
        let noise = worst.and_then(|it| self.noise(reading, it, (family, class)));
        let severity = rule.map_or(Severity::P2, |rule| rule.severity);
        let mut classification = Classification {
            fingerprint: fingerprint::of(family.name(), stage, marks),
            family,
            class: class.to_owned(),
            stage,
            kind: reading.kind,
            schema: key.map(|key| key.as_str().to_owned()),
            schema_latest: shown(worst.and_then(|it| it.newest)),
            schema_with_field: shown(worst.and_then(|it| it.with_field)),
            pointer: worst.map(|it| it.failure.pointer.shown()).filter(|it| !it.is_empty()),
            keyword: worst.and_then(|it| word(it.failure)),
            owner: self.rules.owner(name.as_deref().unwrap_or_default(), app_id).to_owned(),
            app_id: app_id.map(str::to_owned),
            tracker: tracker.map(str::to_owned),
            // Nobody is woken for noise.
            severity: if noise.is_some() { Severity::P3 } else { severity },
            likely_cause: rule.map_or("No rule knows it.", |rule| &rule.cause).to_owned(),
            remedy: String::new(),
            recoverable: rule.map_or(Recoverable::No, |rule| rule.recoverable).name(),
            noise,
            failures: marks.len(),
        };
        let remedy = rule.map_or("Look at the bad event.", |rule: &Rule| &rule.remedy);
        classification.remedy = classification.filled(remedy);
        classification
    }

    fn noise(
        &self,
        reading: &Reading,
        judged: &Judged<'_>,
        verdict: (Family, &str),
    ) -> Option<(String, String)> {
        let seen = Seen {
            rules: &self.rules,
            reading,
            failure: judged.failure,
            is_drift: judged.with_field.is_some(),
            has_other_version: false,
            verdict: Some(verdict),
        };
        let found = self.rules.noise.iter().find(|noise| noise.when.holds(seen));
        found.map(|noise| (noise.id.clone(), noise.reason.clone()))
    }
}

fn word(failure: &Failure) -> Option<String> {
    failure.keyword.map(str::to_owned).or_else(|| failure.code.clone())
}

/// A name of an application or a tracker if it looks like one.
fn shown_name(name: &str) -> &str {
    let is_name = (1..=NAME_BYTES_MAX).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-".contains(&byte));
    if is_name { name } else { "other" }
}

/// A shared catalogue is one as well.
impl<C: Catalogue> Catalogue for &C {
    fn newest(&self, key: &SchemaKey) -> Option<Version> {
        (**self).newest(key)
    }

    fn other_with(&self, key: &SchemaKey, pointer: &str) -> Option<Version> {
        (**self).other_with(key, pointer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_place_is_told() {
        let row = r#"{"schema":"iglu:com.snowplowanalytics.snowplow.badrows/schema_violations/jsonschema/2-0-1","data":{"failure":{"messages":[{"schemaKey":"iglu:com.acme/cart/jsonschema/1-0-0","error":{"error":"ValidationError","dataReports":[{"path":"$.items[3].price","keyword":"type","targets":[]},{"path":"$","keyword":"required","targets":["sku"]}]}}]}}}"#;
        let classifier = Classifier::new(Rules::built_in(), crate::Schemas::embedded());
        let (class, places) = classifier.classify_with_places(row.as_bytes());
        assert_eq!(class, classifier.classify(row.as_bytes()));
        let told: Vec<_> = places
            .iter()
            .map(|it| (it.schema.as_ref().unwrap().name(), &*it.pointer, it.keyword.as_deref()))
            .collect();
        let expected =
            [("cart", "/items/[*]/price", Some("type")), ("cart", "/sku", Some("required"))];
        assert_eq!(told, expected);
    }

    #[test]
    fn names_end_at_the_limit() {
        for (name, expected) in [
            ("js-3.24.2", "js-3.24.2"),
            ("alex@example.com", "other"),
            (&*"a".repeat(NAME_BYTES_MAX), &*"a".repeat(NAME_BYTES_MAX)),
            (&*"a".repeat(NAME_BYTES_MAX + 1), "other"),
        ] {
            assert_eq!(shown_name(name), expected);
        }
    }
}
