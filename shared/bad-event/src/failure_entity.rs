//! A failure as an entity of the failed event.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::value::{RawValue, to_raw_value};

use crate::envelope::{Processor, instant};
use crate::message::{EnrichmentMessage, Message};

const SCHEMA: &str = "iglu:com.snowplowanalytics.snowplow/failure/jsonschema/1-0-0";

/// Why an event failed, for the event's own derived entities.
#[derive(Clone, Copy, Debug)]
pub struct FailureEntity<'a> {
    /// When it was found, in microseconds since 1970.
    pub epoch_micros: i64,
    /// Who found it.
    pub component: Processor<'a>,
    /// What it was.
    pub cause: FailureCause<'a>,
}

/// What was wrong.
#[derive(Clone, Copy, Debug)]
pub enum FailureCause<'a> {
    /// Data is not as it should be.
    Violation {
        /// What was wrong.
        message: &'a Message<'a>,
        /// `unstruct`, `contexts`, `derived_contexts` or `atomic_field`.
        source: &'a str,
        /// The data, as JSON; for text that is no JSON, that text as a JSON string.
        data: Option<&'a RawValue>,
    },
    /// An enrichment could not do its work.
    Enrichment(&'a EnrichmentMessage<'a>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Details<'a> {
    failure_type: Cow<'a, str>,
    errors: Vec<Entry<'a>>,
    schema: Option<&'a str>,
    data: Data<'a>,
    timestamp: String,
    component_name: &'a str,
    component_version: &'a str,
}

#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Entry<'a> {
    message: Cow<'a, str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    source: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    path: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    keyword: Option<Cow<'a, str>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    targets: Option<&'a RawValue>,
    #[serde(skip_serializing_if = "Option::is_none")]
    criterion: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    lookup_history: Option<&'a RawValue>,
}

#[derive(Serialize)]
#[serde(untagged)]
enum Data<'a> {
    Json(Option<&'a RawValue>),
    NamedJson(BTreeMap<&'a str, &'a RawValue>),
    NamedText(BTreeMap<&'a str, Option<&'a str>>),
}

/// The reports of validator and resolver, as far as an entity repeats them.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct IgluReport<'a> {
    #[serde(borrow)]
    error: Cow<'a, str>,
    #[serde(borrow, default)]
    data_reports: Vec<Report<'a>>,
    #[serde(borrow, default)]
    schema_issues: Vec<Report<'a>>,
    #[serde(borrow)]
    lookup_history: Option<&'a RawValue>,
}

#[derive(Deserialize)]
struct Report<'a> {
    #[serde(borrow)]
    message: Cow<'a, str>,
    #[serde(borrow)]
    path: Option<Cow<'a, str>>,
    #[serde(borrow)]
    keyword: Option<Cow<'a, str>>,
    #[serde(borrow)]
    targets: Option<&'a RawValue>,
}

impl FailureEntity<'_> {
    /// The entity as compact self-describing JSON.
    pub fn to_json(&self) -> Box<RawValue> {
        #[derive(Serialize)]
        struct SelfDescribing<'a> {
            schema: &'a str,
            data: Details<'a>,
        }
        let data = match &self.cause {
            FailureCause::Violation { message, source, data } => {
                self.violation(message, source, *data)
            }
            FailureCause::Enrichment(message) => self.enrichment(message),
        };
        // Texts always serialize; null would be the sign that they did not.
        to_raw_value(&SelfDescribing { schema: SCHEMA, data }).unwrap_or_default()
    }

    fn violation<'m>(
        &'m self,
        message: &'m Message<'m>,
        source: &'m str,
        data: Option<&'m RawValue>,
    ) -> Details<'m> {
        let mut details = self.details("ValidationError".into(), entries(message, Some(source)));
        details.data = Data::Json(data);
        match message {
            Message::NotJson { .. } => {
                details.failure_type = "NotJSON".into();
                details.data =
                    Data::NamedJson(data.map(|data| (source, data)).into_iter().collect());
            }
            Message::NotIglu { .. } => details.failure_type = "NotIglu".into(),
            Message::CriterionMismatch { schema_key, .. } => {
                details.failure_type = "CriterionMismatch".into();
                details.schema = Some(schema_key);
            }
            Message::IgluError { schema_key, error } => {
                if let Some(report) = report(error) {
                    details.failure_type = report.error;
                }
                details.schema = Some(schema_key);
            }
            Message::InputData { .. } | Message::SchemaMapping { .. } | Message::Simple { .. } => {}
        }
        details
    }

    fn enrichment<'m>(&'m self, message: &'m EnrichmentMessage<'m>) -> Details<'m> {
        let enrichment = message.enrichment.as_ref();
        let identifier = enrichment.map_or("", |enrichment| &enrichment.identifier);
        let failure_type = format!("EnrichmentError: {identifier}").into();
        let mut details = self.details(failure_type, entries(&message.message, None));
        details.schema = enrichment.map(|enrichment| &*enrichment.schema_key);
        if let Message::InputData { field, value, .. } = &message.message {
            details.data = Data::NamedText(BTreeMap::from([(&**field, value.as_deref())]));
        }
        details
    }

    fn details<'m>(&'m self, failure_type: Cow<'m, str>, errors: Vec<Entry<'m>>) -> Details<'m> {
        Details {
            failure_type,
            errors,
            schema: None,
            data: Data::Json(None),
            timestamp: instant(self.epoch_micros),
            component_name: self.component.artifact,
            component_version: self.component.version,
        }
    }
}

fn report(error: &RawValue) -> Option<IgluReport<'_>> {
    serde_json::from_str(error.get()).ok()
}

fn entries<'m>(message: &'m Message<'m>, source: Option<&'m str>) -> Vec<Entry<'m>> {
    let entry = match message {
        Message::NotJson { error, .. } | Message::Simple { error } => {
            Entry { message: (&**error).into(), source, ..Entry::default() }
        }
        Message::NotIglu { error, .. } => {
            Entry { message: error.text().into(), source, ..Entry::default() }
        }
        Message::InputData { field, expectation, .. } => Entry {
            message: format!("{field} - {expectation}").into(),
            source: source.or(Some(field)),
            ..Entry::default()
        },
        Message::SchemaMapping { expectation, .. } => {
            Entry { message: (&**expectation).into(), source, ..Entry::default() }
        }
        Message::CriterionMismatch { schema_key, schema_criterion } => Entry {
            message: format!("Unexpected schema: {schema_key} does not match the criterion").into(),
            source,
            criterion: Some(schema_criterion),
            ..Entry::default()
        },
        Message::IgluError { schema_key, error } => {
            return report(error)
                .map_or_else(Vec::new, |report| reported(report, schema_key, source));
        }
    };
    vec![entry]
}

fn reported<'m>(
    report: IgluReport<'m>,
    schema_key: &'m str,
    source: Option<&'m str>,
) -> Vec<Entry<'m>> {
    let mut entries = Vec::new();
    if let Some(lookup_history) = report.lookup_history {
        let message = format!("Resolution error: schema {schema_key} not found").into();
        let lookup_history = Some(lookup_history);
        entries.push(Entry { message, source, lookup_history, ..Entry::default() });
    }
    entries.extend(report.schema_issues.into_iter().map(|issue| Entry {
        message: format!("Invalid schema: {schema_key} - {}", issue.message).into(),
        source,
        path: issue.path,
        ..Entry::default()
    }));
    entries.extend(report.data_reports.into_iter().map(|report| Entry {
        message: report.message,
        source,
        path: report.path,
        keyword: report.keyword,
        targets: report.targets,
        ..Entry::default()
    }));
    entries
}
