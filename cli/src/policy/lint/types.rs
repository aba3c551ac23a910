//! Whether what takes a value's place fits where it stands.

use enriched_event::Kind;
use privacy::inventory::{Listed, Path};
use privacy::policy::SchemaRules;
use privacy::{Policy, Treatment};

use super::fields::Fields;
use super::{Finding, Level};
use crate::policy::places::{columns as all_columns, pseudonym_chars};

/// Columns that a warehouse could not load.
pub(super) fn columns(policy: &Policy) -> Vec<Finding> {
    let chars = pseudonym_chars(policy.scheme);
    let mut findings = Vec::new();
    for (column, effect) in all_columns(policy) {
        if policy.column(column).treatment != Treatment::Pseudonymize {
            continue;
        }
        let what = match (column.kind(), column.chars_max()) {
            (Kind::Text, Some(most)) if most < chars => {
                format!("{most} characters, and pseudonyms have {chars}")
            }
            (Kind::Text, _) => continue,
            (kind, _) => format!("the type {kind:?}, and pseudonyms are texts"),
        };
        let message = format!(
            "column {column} becomes a pseudonym; it has {what}: drop it, or make it coarse"
        );
        findings.push(Finding::new("type-break", Level::Warning, effect.line, message));
    }
    findings
}

/// Fields whose schema would refuse what they become. Nothing checks them again, but whoever reads
/// them by their schema is surprised.
pub(super) fn schema(policy: &Policy, rules: &SchemaRules, known: &Fields) -> Vec<Finding> {
    let places = policy.places(rules);
    places.iter().filter_map(|place| field(policy, rules, known, place)).collect()
}

fn field(
    policy: &Policy,
    rules: &SchemaRules,
    known: &Fields,
    (path, listed): &(Path, Listed<'_>),
) -> Option<Finding> {
    let Listed::Value(rule) = listed else { return None };
    let field = known.get(path)?;
    let place = format!("{} {path}", rules.name);
    let is_hidden = matches!(rule.treatment, Treatment::Drop | Treatment::Pseudonymize);
    if field.holds_others() && !is_hidden {
        let message = format!(
            "{place} holds other values, so all inside becomes pseudonyms: list them (`{path}[]`, \
             `{path}.key`)"
        );
        return Some(Finding::new("type-break", Level::Warning, rule.line, message));
    }
    if rule.treatment != Treatment::Pseudonymize || field.holds_others() {
        return None;
    }
    let chars = pseudonym_chars(policy.scheme);
    let message = match field.chars_max {
        _ if !field.is_text() => {
            format!("{place} is {} in the schema and becomes a text", field.types())
        }
        Some(most) if most < u64::from(chars) => {
            format!("{place} has {most} characters in the schema, and pseudonyms have {chars}")
        }
        _ => return None,
    };
    Some(Finding::new("type-break", Level::Note, rule.line, message))
}
