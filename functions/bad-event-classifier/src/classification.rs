//! What is said of a bad event: names, and nothing that it holds.

use json_tree::Json;

use crate::rules::{Family, Severity};

/// The version of the rules' engine; it changes when the same input may get another answer.
const CLASSIFIER_VERSION: &str = "1";

/// What a remedy may name.
pub(crate) const PLACEHOLDERS: [&str; 7] =
    ["schema", "schema_latest", "schema_with_field", "pointer", "field", "app_id", "tracker"];

/// The answer to one bad event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Classification {
    /// The same for the same failure, whatever the values.
    pub fingerprint: String,
    /// What kind of failure it is.
    pub family: Family,
    /// Which rule said so.
    pub class: String,
    /// Where it failed.
    pub stage: &'static str,
    /// The kind of bad row.
    pub kind: &'static str,
    /// The schema that it is about.
    pub schema: Option<String>,
    /// The newest version that is known of it.
    pub schema_latest: Option<String>,
    /// Another version, which has the field.
    pub schema_with_field: Option<String>,
    /// Where in the event.
    pub pointer: Option<String>,
    /// What is wrong there, in one word.
    pub keyword: Option<String>,
    /// Which application sent it: a name, or `other`.
    pub app_id: Option<String>,
    /// Which tracker: a name, or `other`.
    pub tracker: Option<String>,
    /// How soon somebody must look.
    pub severity: Severity,
    /// Whose it is.
    pub owner: String,
    /// Why it mostly happens.
    pub likely_cause: String,
    /// What to do about it.
    pub remedy: String,
    /// Whether the event can be had after all: `auto`, `recipe` or `no`.
    pub recoverable: &'static str,
    /// The rule by which it is noise, with its reason.
    pub noise: Option<(String, String)>,
    /// How many different things were wrong.
    pub failures: usize,
}

impl Classification {
    /// Whether it is noise.
    pub fn is_noise(&self) -> bool {
        self.noise.is_some()
    }

    /// One line of JSON, without a line end.
    pub fn to_json(&self) -> String {
        fn text(text: Option<&str>) -> Json<'_> {
            text.map_or(Json::Null, Json::text)
        }
        let (rule, reason) = match &self.noise {
            Some((rule, reason)) => (Some(rule.as_str()), Some(reason.as_str())),
            None => (None, None),
        };
        let failures = i64::try_from(self.failures).unwrap_or(i64::MAX);
        let line = Json::object([
            ("family", Json::text(self.family.name())),
            ("sub_class", Json::text(self.class.as_str())),
            ("fingerprint", Json::text(self.fingerprint.as_str())),
            ("severity", Json::text(self.severity.name())),
            ("is_noise", Json::Bool(self.is_noise())),
            ("noise_rule", text(rule)),
            ("noise_reason", text(reason)),
            ("stage", Json::text(self.stage)),
            ("type", Json::text(self.kind)),
            ("schema", text(self.schema.as_deref())),
            ("schema_latest", text(self.schema_latest.as_deref())),
            ("schema_with_field", text(self.schema_with_field.as_deref())),
            ("pointer", text(self.pointer.as_deref())),
            ("keyword", text(self.keyword.as_deref())),
            ("failures", Json::integer(failures)),
            ("app_id", text(self.app_id.as_deref())),
            ("tracker", text(self.tracker.as_deref())),
            ("owner", Json::text(self.owner.as_str())),
            ("likely_cause", Json::text(self.likely_cause.as_str())),
            ("remedy", Json::text(self.remedy.as_str())),
            ("recoverable", Json::text(self.recoverable)),
            ("classifier_version", Json::text(CLASSIFIER_VERSION)),
        ]);
        line.to_text()
    }

    /// A remedy with the names that it speaks of.
    pub(crate) fn filled(&self, template: &str) -> String {
        let mut text = template.to_owned();
        let field = self.pointer.as_deref().and_then(|pointer| {
            pointer.rsplit('/').find(|step| !step.is_empty() && !matches!(*step, "[*]" | "*"))
        });
        let values = [
            ("schema", self.schema.as_deref(), "the schema"),
            ("schema_latest", self.schema_latest.as_deref(), "the newest version"),
            ("schema_with_field", self.schema_with_field.as_deref(), "a version that has it"),
            ("pointer", self.pointer.as_deref(), "the place"),
            ("field", field, "the field"),
            ("app_id", self.app_id.as_deref(), "the application"),
            ("tracker", self.tracker.as_deref(), "the tracker"),
        ];
        for (name, value, otherwise) in values {
            text = text.replace(&format!("{{{name}}}"), value.unwrap_or(otherwise));
        }
        text
    }
}
