//! What happens to each value of a row, and why: the treatment again, slowly, for people to read.
//!
//! This is also the reference for the fast rewriter: it reads whole trees where that one goes over
//! the text once, and shares with it only the decisions on single values.

mod data;
mod envelope;
mod tree;
mod words;

use std::fmt;

use enriched_event::{COLUMN_COUNT, Column, Kind};

use crate::audit::AuditTexts;
use crate::defect::Defect;
use crate::memo::Memo;
use crate::policy::{Policy, RuleId};
use crate::pseudonym::Pseudonyms;
use crate::treatment::{Fate, Treatment, decide};
use crate::url::Means;

/// A row with what happened to it.
#[derive(Clone, PartialEq, Eq)]
pub struct Explanation {
    /// Every value, and every key that is data, in the order of the row.
    pub leaves: Vec<ExplainedLeaf>,
    /// The whole row as it may be seen, without a line break.
    pub treated: String,
}

/// One value, or one key that is data.
#[derive(Clone, PartialEq, Eq)]
pub struct ExplainedLeaf {
    /// `column user_id` or `contexts[0] com.gitlab/gitlab_standard user_id`; that of a key ends in
    /// ` (key)`. It may hold keys that only the event knows.
    pub place: String,
    /// What the rule is about, or `default`.
    pub rule: String,
    /// The policy's line; 0 for the default.
    pub line: usize,
    /// `keep id`, `pseudonymize user`, `drop`, `url gitlab (path)`
    pub treatment: String,
    /// The value as it came.
    pub before: String,
    /// What took its place; none if it was left out.
    pub after: Option<String>,
    /// Whether the rule did not understand the value, so that it became a pseudonym.
    pub violated: bool,
}

impl fmt::Debug for Explanation {
    /// Without values.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Explanation").field("leaves", &self.leaves.len()).finish_non_exhaustive()
    }
}

impl fmt::Debug for ExplainedLeaf {
    /// Without values and without the place, which may hold keys of the event.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ExplainedLeaf")
            .field("rule", &self.rule)
            .field("line", &self.line)
            .field("treatment", &self.treatment)
            .field("violated", &self.violated)
            .finish_non_exhaustive()
    }
}

/// Treats a row and says what happened to each of its values.
pub fn row(
    policy: &Policy,
    pseudonyms: &mut impl Pseudonyms,
    key_id: &str,
    line: &[u8],
) -> Result<Explanation, Defect> {
    if line.is_empty() {
        return Err(Defect::Empty);
    }
    let text = str::from_utf8(line).map_err(|_| Defect::NotUtf8)?;
    let values: Vec<&str> = text.split('\t').collect();
    if values.len() != COLUMN_COUNT {
        return Err(Defect::ColumnCount);
    }
    let audit = AuditTexts::new(policy, key_id);
    let mut explainer = Explainer { policy, pseudonyms, audit, leaves: Vec::new() };
    let columns = Column::ALL.into_iter().zip(values);
    let treated: Result<Vec<_>, _> =
        columns.map(|(column, value)| explainer.column(column, value)).collect();
    Ok(Explanation { treated: treated?.join("\t"), leaves: explainer.leaves })
}

struct Explainer<'a, P> {
    policy: &'a Policy,
    pseudonyms: &'a mut P,
    audit: AuditTexts,
    leaves: Vec<ExplainedLeaf>,
}

impl<P: Pseudonyms> Explainer<'_, P> {
    fn column(&mut self, column: Column, value: &str) -> Result<String, Defect> {
        let is_tree = self.policy.column(column).treatment == Treatment::Json && !value.is_empty();
        if column.kind() == Kind::Json && is_tree {
            return self.envelope(column, value);
        }
        let treated = if value.is_empty() { None } else { self.text_column(column, value) };
        let parts = [treated.as_deref(), self.audit.tags.as_deref()];
        if column == Column::EtlTags {
            return Ok(parts.into_iter().flatten().collect::<Vec<_>>().join(","));
        }
        if column == Column::DerivedContexts && treated.is_none() {
            return Ok(self.audited().unwrap_or_default());
        }
        Ok(treated.unwrap_or_default())
    }

    /// A column of one text; none if it is left out.
    fn text_column(&mut self, column: Column, value: &str) -> Option<String> {
        let id = self.policy.column_id(column);
        let (after, violated) = self.decided(id, value, value);
        let leaf = self.leaf(Some(id), format!("column {column}"), value);
        self.leaves.push(ExplainedLeaf { after: after.clone(), violated, ..leaf });
        after
    }

    /// What takes a text's place, and whether the rule did not understand it. The canonical form
    /// is what its pseudonym is made of.
    fn decided(&mut self, id: RuleId, text: &str, canonical: &str) -> (Option<String>, bool) {
        let rule = self.policy.rule(id);
        let mut replacement = String::new();
        let fate = if let Treatment::Url(url, part) = rule.treatment {
            let classes = &self.policy.classes;
            let paths = &mut Memo::with_slots(1, 0);
            let means = Means { classes, pseudonyms: &mut *self.pseudonyms, paths };
            let rules = self.policy.url(url);
            let written = rules.and_then(|it| it.write(part, text, means, &mut replacement));
            if written.is_some() { Fate::Replace } else { Fate::Violation }
        } else {
            decide(self.policy, rule.treatment, text, &mut replacement)
        };
        let after = match fate {
            Fate::Keep => Some(text.to_owned()),
            Fate::Replace => Some(replacement),
            Fate::Pseudonymize | Fate::Violation => {
                let mut pseudonym = String::new();
                self.pseudonyms.write(rule.domain, canonical.as_bytes(), &mut pseudonym);
                Some(pseudonym)
            }
            Fate::Drop => None,
        };
        (after, fate == Fate::Violation)
    }

    /// The pseudonym of what no rule names.
    fn unlisted(&mut self, domain: &str, value: &str) -> String {
        let mut pseudonym = String::new();
        self.pseudonyms.write_unlisted(domain, value.as_bytes(), &mut pseudonym);
        pseudonym
    }

    /// A leaf with its rule, of which it is not yet said what became of it.
    fn leaf(&self, id: Option<RuleId>, place: String, before: &str) -> ExplainedLeaf {
        let rule = id.map(|id| self.policy.rule(id));
        let named = rule.filter(|rule| rule.line > 0);
        let treatment = rule.map(|rule| words::of(rule, self.policy));
        ExplainedLeaf {
            place,
            rule: named.map_or_else(|| "default".to_owned(), |rule| rule.subject.clone()),
            line: named.map_or(0, |rule| rule.line),
            treatment: treatment.unwrap_or_else(|| "pseudonymize".to_owned()),
            before: before.to_owned(),
            after: None,
            violated: false,
        }
    }
}
