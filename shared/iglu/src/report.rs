//! What is wrong with a value, a schema or the way to it, as bad rows carry it.

use std::borrow::Cow;
use std::fmt;

use json_tree::Json;

use crate::history::LookupHistory;
use crate::key::Version;

/// One thing that is wrong with a value.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Report {
    /// The sentence; may quote the value.
    pub message: String,
    /// Where, as `$.items[0].name`.
    pub path: Option<String>,
    /// Which keyword of the schema says so.
    pub keyword: Option<Cow<'static, str>>,
    /// The variable parts of the sentence.
    pub targets: Vec<String>,
}

impl Report {
    pub(crate) fn without_place(message: &str, path: &str) -> Self {
        let (message, path) = (message.to_owned(), Some(path.to_owned()));
        Self { message, path, keyword: None, targets: Vec::new() }
    }

    /// The report as JSON.
    pub fn to_json(&self) -> Json<'_> {
        let text =
            |text: Option<&'_ str>| text.map_or(Json::Null, |text| Json::text(text.to_owned()));
        Json::object([
            ("message", Json::text(self.message.as_str())),
            ("path", text(self.path.as_deref())),
            ("keyword", text(self.keyword.as_deref())),
            ("targets", Json::array(self.targets.iter().map(|target| Json::text(target.as_str())))),
        ])
    }
}

impl fmt::Debug for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Report({})", self.keyword.as_deref().unwrap_or("no keyword"))
    }
}

/// One thing that is wrong with a schema.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct SchemaIssue {
    /// Where in the schema.
    pub path: String,
    /// The sentence.
    pub message: String,
}

impl SchemaIssue {
    fn to_json(&self) -> Json<'_> {
        Json::object([
            ("path", Json::text(self.path.as_str())),
            ("message", Json::text(self.message.as_str())),
        ])
    }
}

/// Why a value is invalid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Invalid {
    /// It does not follow the schema.
    Data(Vec<Report>),
    /// The schema is none.
    Schema(Vec<SchemaIssue>),
}

/// Why self-describing JSON is refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IgluError {
    /// No repository gave the schema.
    Resolution(LookupHistory),
    /// The value, or its schema, is wrong.
    Validation {
        /// In which way.
        invalid: Invalid,
        /// The version that was used in place of the one named.
        superseded_by: Option<Version>,
    },
}

impl IgluError {
    /// `ResolutionError` or `ValidationError`.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Resolution(_) => "ResolutionError",
            Self::Validation { .. } => "ValidationError",
        }
    }

    /// The error as JSON.
    pub fn to_json(&self) -> Json<'_> {
        let mut pairs = vec![("error", Json::text(self.name()))];
        match self {
            Self::Resolution(history) => pairs.push(("lookupHistory", history.to_json())),
            Self::Validation { invalid, superseded_by } => {
                pairs.push(match invalid {
                    Invalid::Data(reports) => {
                        ("dataReports", Json::array(reports.iter().map(Report::to_json)))
                    }
                    Invalid::Schema(issues) => {
                        ("schemaIssues", Json::array(issues.iter().map(SchemaIssue::to_json)))
                    }
                });
                let version = superseded_by.map(|version| Json::text(version.to_string()));
                pairs.extend(version.map(|version| ("supersededBy", version)));
            }
        }
        Json::object(pairs)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reports_have_the_shape_of_bad_rows() {
        let report = Report {
            message: "$: wrong".to_owned(),
            path: None,
            keyword: Some("type".into()),
            targets: vec!["a".to_owned()],
        };
        let debug = format!("{report:?}");
        let error = IgluError::Validation {
            invalid: Invalid::Data(vec![report]),
            superseded_by: Version::parse("1-0-1").ok(),
        };
        assert_eq!(
            error.to_json().to_text(),
            r#"{"error":"ValidationError","dataReports":[{"message":"$: wrong","path":null,"keyword":"type","targets":["a"]}],"supersededBy":"1-0-1"}"#
        );
        assert!(!debug.contains("wrong"));
        let issue = SchemaIssue { path: "$.type".to_owned(), message: "bad".to_owned() };
        let error =
            IgluError::Validation { invalid: Invalid::Schema(vec![issue]), superseded_by: None };
        assert_eq!(
            error.to_json().to_text(),
            r#"{"error":"ValidationError","schemaIssues":[{"path":"$.type","message":"bad"}]}"#
        );
    }
}
