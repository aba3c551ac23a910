//! What a policy shows, how much that can tell, and what can be joined.

use std::collections::BTreeMap;

use privacy::{Policy, Scheme, Treatment, UrlPart};
use serde::Serialize;

use crate::policy::places::{Effect, Exposure, columns, criterion, fields, scheme_name};

/// The report on one policy.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Report {
    pub(super) policy: String,
    pub(super) fingerprint: String,
    pub(super) scheme: &'static str,
    /// What stays of the columns, and how many bits they tell together.
    pub(super) columns: Group,
    /// The same for each schema, for one entity of it.
    pub(super) schemas: Vec<Group>,
    /// Places whose pseudonyms are equal where their values are.
    pub(super) linkage: Vec<Linkage>,
    pub(super) totals: Totals,
}

/// Places that stand together in an event.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Group {
    pub(super) name: String,
    /// How many bits all places can tell together, with one value for each.
    pub(super) bits: f64,
    pub(super) kept: Vec<Kept>,
    pub(super) pseudonyms: usize,
    pub(super) dropped: usize,
}

/// A place where something stays.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Kept {
    pub(super) place: String,
    pub(super) treatment: String,
    pub(super) bits: f64,
    pub(super) line: usize,
}

/// Places with one domain.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Linkage {
    pub(super) domain: String,
    pub(super) places: Vec<String>,
}

/// Counts of places.
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Totals {
    pub(super) kept: usize,
    pub(super) pseudonyms: usize,
    pub(super) dropped: usize,
    pub(super) schemas: usize,
}

impl Group {
    fn of(name: String, places: impl IntoIterator<Item = (String, Effect)>) -> Self {
        let mut group = Self { name, bits: 0.0, kept: Vec::new(), pseudonyms: 0, dropped: 0 };
        for (place, effect) in places {
            match effect.exposure {
                Exposure::Gone => group.dropped += 1,
                Exposure::Linkable => group.pseudonyms += 1,
                Exposure::Shown => {
                    // A part of a URL tells nothing that the whole does not tell.
                    let is_part = effect.url.is_some_and(|(_, part)| part != UrlPart::Whole);
                    let Effect { treatment, bits, line, .. } = effect;
                    group.bits += if is_part { 0.0 } else { bits };
                    group.kept.push(Kept { place, treatment, bits, line });
                }
            }
        }
        group.bits = tenths(group.bits);
        for kept in &mut group.kept {
            kept.bits = tenths(kept.bits);
        }
        group
    }
}

/// More digits would say more than is known.
fn tenths(bits: f64) -> f64 {
    (bits * 10.0).round() / 10.0
}

impl Report {
    /// The report on this policy.
    pub(super) fn of(policy: &Policy) -> Self {
        let of_rows = columns(policy).into_iter().filter(|(column, _)| {
            // What these hold stands below, by schema.
            policy.column(*column).treatment != Treatment::Json
        });
        let of_rows = of_rows.map(|(column, effect)| (column.name().to_owned(), effect));
        let columns = Group::of("columns".to_owned(), of_rows);
        let mut schemas = Vec::new();
        for rules in policy.schemas() {
            let name = format!("{}/{}", rules.name, criterion(rules.versions));
            let places = fields(policy, rules).into_iter();
            schemas.push(Group::of(name, places.map(|(path, it)| (path.to_string(), it))));
        }
        let mut totals = Totals { schemas: schemas.len(), ..Totals::default() };
        for group in schemas.iter().chain([&columns]) {
            totals.kept += group.kept.len();
            totals.pseudonyms += group.pseudonyms;
            totals.dropped += group.dropped;
        }
        Self {
            policy: policy.name.clone(),
            fingerprint: policy.fingerprint.clone(),
            scheme: scheme_name(policy.scheme),
            columns,
            schemas,
            linkage: linkage(policy),
            totals,
        }
    }
}

/// Rules by domain; only such as share theirs.
fn linkage(policy: &Policy) -> Vec<Linkage> {
    let mut domains: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (_, rule) in policy.rules() {
        if rule.treatment == Treatment::Pseudonymize && rule.line > 0 {
            let domain = policy.domain(rule.domain).to_owned();
            domains.entry(domain).or_default().push(rule.subject.clone());
        }
    }
    if policy.scheme == Scheme::HmacSha256Hex {
        let domain = "all (the scheme has one domain)".to_owned();
        let places = domains.into_values().flatten().collect();
        return vec![Linkage { domain, places }];
    }
    let shared = domains.into_iter().filter(|(_, places)| places.len() > 1);
    shared.map(|(domain, places)| Linkage { domain, places }).collect()
}
