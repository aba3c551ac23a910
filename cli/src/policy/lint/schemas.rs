//! The policy beside the schemas: what it does not list, and what does not exist.

use std::collections::{BTreeMap, BTreeSet};

use iglu::Version;
use privacy::Policy;
use privacy::inventory::{Listed, Path};
use privacy::policy::SchemaRules;

use super::catalogue::Catalogue;
use super::fields::Fields;
use super::{Finding, Level, some_of, types};

/// Everything that the schemas tell.
pub(super) fn check(policy: &Policy, catalogue: &Catalogue) -> Vec<Finding> {
    let all = policy.schemas();
    let mut findings = Vec::new();
    for rules in &all {
        // An earlier entry for the same schema comes first.
        let earlier = all.iter().filter(|it| it.name == rules.name && it.line < rules.line);
        let earlier: Vec<_> = earlier.copied().collect();
        let versions = catalogue.versions(&rules.name);
        let own = versions.into_iter().filter(|(version, _)| {
            holds(rules, *version) && !earlier.iter().any(|it| holds(it, *version))
        });
        let own: Vec<_> = own.map(|(version, text)| (version, Fields::of(text))).collect();
        if own.is_empty() {
            let message = format!(
                "{} {} is in no registry that was looked at",
                rules.name,
                crate::policy::places::criterion(rules.versions)
            );
            findings.push(Finding::new("unknown-schema", Level::Warning, rules.line, message));
        } else {
            findings.extend(schema(policy, rules, own));
        }
    }
    findings.extend(without_rules(&all, catalogue));
    findings
}

fn holds(rules: &SchemaRules, version: Version) -> bool {
    let parts = [version.model, version.revision, version.addition];
    rules.versions.iter().zip(parts).all(|(wanted, has)| wanted.is_none_or(|it| it == has))
}

fn schema(policy: &Policy, rules: &SchemaRules, own: Vec<(Version, Fields)>) -> Vec<Finding> {
    let places = policy.places(rules);
    let newest = own.last().map(|(version, _)| *version);
    let (mut reviewed, mut newer) = (BTreeSet::new(), BTreeMap::new());
    let mut known = Fields::default();
    for (version, fields) in own {
        for path in fields.leaves().filter(|path| !is_listed(&places, path)) {
            if rules.reviewed.is_some_and(|last| version <= last) {
                reviewed.insert(path.clone());
            } else if !reviewed.contains(path) {
                newer.entry(path.clone()).or_insert(version);
            }
        }
        known.merge(fields);
    }
    let mut findings = unlisted(rules, &reviewed, &newer);
    if let (Some(last), Some(newest)) = (rules.reviewed, newest)
        && last < newest
        && newer.is_empty()
    {
        let message = format!(
            "{} {newest} is newer than the reviewed {last} and has no field that is not listed: \
             raise `reviewed`",
            rules.name
        );
        findings.push(Finding::new("unreviewed-field", Level::Note, rules.line, message));
    }
    for (path, listed) in &places {
        if !known.allows(path) {
            let message = format!("{} {path} is in no version of the schema", rules.name);
            let line = listed.rule().line;
            findings.push(Finding::new("unknown-field", Level::Warning, line, message));
        }
    }
    findings.extend(types::schema(policy, rules, &known));
    findings
}

/// Whether the policy says something of the path, or of all that is around it.
fn is_listed(places: &[(Path, Listed<'_>)], path: &Path) -> bool {
    // What stands around a listed path is listed by that.
    places.iter().any(|(listed, _)| path.0.starts_with(&listed.0) || listed.0.starts_with(&path.0))
}

fn unlisted(
    rules: &SchemaRules,
    reviewed: &BTreeSet<Path>,
    newer: &BTreeMap<Path, Version>,
) -> Vec<Finding> {
    let mut findings = Vec::new();
    let name = &rules.name;
    if !reviewed.is_empty() {
        let names: Vec<_> = reviewed.iter().map(ToString::to_string).collect();
        let message = format!(
            "{name}: reviewed and not listed, so pseudonyms with their keys: {}",
            some_of(&names)
        );
        findings.push(Finding::new("unreviewed-field", Level::Note, rules.line, message));
    }
    let Some(last) = rules.reviewed else {
        if !newer.is_empty() {
            let names: Vec<_> = newer.keys().map(ToString::to_string).collect();
            let message = format!(
                "{name} has no `reviewed`, and does not list {}: pseudonyms until somebody decides",
                some_of(&names)
            );
            findings.push(Finding::new("unreviewed-field", Level::Warning, rules.line, message));
        }
        return findings;
    };
    for (path, version) in newer {
        let message = format!(
            "{name} {path} came with {version}, after the reviewed {last}: a pseudonym until it is \
             listed and `reviewed` raised"
        );
        findings.push(Finding::new("unreviewed-field", Level::Warning, rules.line, message));
    }
    findings
}

/// Schemas of which the policy says nothing, by vendor. The embedded ones of vendors that it never
/// names are not its business.
fn without_rules(all: &[&SchemaRules], catalogue: &Catalogue) -> Vec<Finding> {
    let vendor = |name: &str| name.split('/').next().unwrap_or_default().to_owned();
    let vendors: BTreeSet<_> = all.iter().map(|rules| vendor(&rules.name)).collect();
    let mut missing: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for (name, is_given) in catalogue.names() {
        let is_meant = is_given || vendors.contains(&vendor(name));
        if is_meant && !all.iter().any(|rules| rules.name == name) {
            let own = name.split('/').nth(1).unwrap_or_default().to_owned();
            missing.entry(vendor(name)).or_default().push(own);
        }
    }
    let finding = |(vendor, names): (String, Vec<String>)| {
        let count = names.len();
        let message = format!("{vendor}: {count} schemas without rules: {}", some_of(&names));
        Finding::new("unreviewed-schema", Level::Note, 0, message)
    };
    missing.into_iter().map(finding).collect()
}
