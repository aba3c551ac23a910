//! The section `columns`.

use enriched_event::{Column, Kind};
use yaml_tree::{Map, Node, under};

use super::Builder;
use super::treatments::Place;
use crate::policy::{Audit, RuleId};
use crate::treatment::{Rule, Treatment};

impl Builder {
    pub(super) fn columns(&mut self, node: Option<&Node>) {
        self.policy.columns = Column::ALL.into_iter().map(|column| self.unlisted(column)).collect();
        let Some(map) = node.and_then(|node| Map::of(node, "columns", &mut self.problems)) else {
            return;
        };
        for entry in map.rest() {
            let subject = under("columns", &entry.key);
            let Some(column) = Column::named(&entry.key) else {
                self.problems.add(entry.line, &subject, "is no column of the event");
                continue;
            };
            let place = place(column, &subject);
            let Some(rule) = self.treatment(&entry.node, &place) else { continue };
            let may_be_json = !matches!(rule.treatment, Treatment::Drop | Treatment::Pseudonymize);
            if column.kind() == Kind::Json && may_be_json {
                let message =
                    "holds JSON, which `schemas` rules: it can only be drop or pseudonymize";
                self.problems.add(entry.line, &subject, message);
                continue;
            }
            let is_audited =
                column == Column::DerivedContexts && self.policy.audit == Audit::DerivedContexts;
            if is_audited && rule.treatment == Treatment::Pseudonymize {
                let message = "is where the audit goes, which a pseudonym leaves no room for";
                self.problems.add(entry.line, &subject, message);
            }
            let id = self.rule(rule);
            self.set_column(column, id);
        }
    }

    /// What happens to a column that the policy does not name.
    fn unlisted(&mut self, column: Column) -> RuleId {
        let is_json = column.kind() == Kind::Json;
        let treatment = if is_json { Treatment::Json } else { Treatment::Pseudonymize };
        let place = place(column, "");
        let domain = self.domain(&place.domain);
        self.rule(Rule { treatment, domain, subject: place.shown, line: 0, reason: None })
    }

    pub(super) fn set_column(&mut self, column: Column, id: RuleId) {
        if let Some(place) = self.policy.columns.get_mut(column.index()) {
            *place = id;
        }
    }
}

fn place(column: Column, subject: &str) -> Place<'_> {
    Place { subject, shown: format!("column {column}"), domain: format!("@column/{column}") }
}
