//! What can be told from the policy alone: classes, definitions, sources.

use std::collections::BTreeMap;

use enriched_event::Column;
use privacy::inventory::Listed;
use privacy::{ClassId, Classes, Policy, Scheme, Treatment};

use super::{Finding, Level};

/// From so many bits on, a value has room for something that tells one person from all others: an
/// id, a name, a token.
const WIDE_BITS: f64 = 64.0;
/// From so many bits on, it has room for a whole text: a hundred letters and more.
const UNBOUNDED_BITS: f64 = 896.0;
/// Of an address, more than these bits lead to a connection and so to a person.
const ADDRESS_BITS: (u8, u8) = (24, 64);

/// Everything that the policy alone tells.
pub(super) fn check(policy: &Policy) -> Vec<Finding> {
    let mut findings = kept(policy);
    findings.extend(kept_elsewhere(policy));
    findings.extend(dead(policy));
    findings.extend(shadowed(policy));
    findings.extend(concluded(policy));
    findings
}

/// How many bits a class carries beside values that everybody knows the form of.
fn wide_bits(classes: &Classes, class: ClassId) -> f64 {
    if ["uuid", "timestamp"].contains(&classes.name(class)) {
        return 0.0;
    }
    match classes.members(class) {
        [] => classes.capacity_bits(class),
        // The widest decides; how much the others add is of no interest here.
        members => members.iter().map(|it| wide_bits(classes, *it)).fold(0.0, f64::max),
    }
}

/// A class for people; one that stands where it is used has no name.
fn called(policy: &Policy, class: ClassId) -> String {
    let is_named = policy.classes.defined().any(|(id, _)| id == class);
    let name = policy.classes.name(class);
    if is_named || !name.contains(' ') { format!("`{name}`") } else { "its class".to_owned() }
}

/// Rules that keep values of wide classes.
fn kept(policy: &Policy) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (_, rule) in policy.rules() {
        if let Treatment::Ip { v4, v6 } = rule.treatment
            && (v4 > ADDRESS_BITS.0 || v6 > ADDRESS_BITS.1)
        {
            let level = if rule.reason.is_some() { Level::Note } else { Level::Warning };
            let message = format!(
                "{} keeps {v4} bits of an address, or {v6}: more than {} or {} lead to a person",
                rule.subject, ADDRESS_BITS.0, ADDRESS_BITS.1
            );
            findings.push(Finding::new("kept-address", level, rule.line, message));
        }
        let Treatment::Keep(class) = rule.treatment else { continue };
        let bits = wide_bits(&policy.classes, class);
        let (id, level) = match &rule.reason {
            None if bits >= UNBOUNDED_BITS => ("kept-unbounded", Level::Warning),
            Some(_) if bits >= UNBOUNDED_BITS => ("kept-unbounded", Level::Note),
            _ if bits >= WIDE_BITS => ("kept-wide", Level::Note),
            _ => continue,
        };
        let name = called(policy, class);
        let message = format!(
            "{} keeps values of {name}, which carry up to {bits:.0} bits{}",
            rule.subject,
            match &rule.reason {
                Some(reason) => format!(" ({reason})"),
                None if level == Level::Warning =>
                    ": narrow the class, or give a reason".to_owned(),
                None => String::new(),
            }
        );
        findings.push(Finding::new(id, level, rule.line, message));
    }
    findings
}

/// Other places where something stays; there is no room for a reason beside them.
fn kept_elsewhere(policy: &Policy) -> Vec<Finding> {
    let mut places: Vec<(String, ClassId, usize)> = Vec::new();
    for (_, rules) in policy.url_rules() {
        let kept = rules.kept().into_iter();
        places
            .extend(kept.map(|(part, id)| (format!("urls.{} {part}", rules.name), id, rules.line)));
    }
    for schema in policy.schemas() {
        for (path, listed) in policy.places(schema) {
            if let Listed::Walk { keys: Some(class), leaves } = listed {
                places.push((format!("{} {path} (keys)", schema.name), class, leaves.line));
            }
        }
    }
    let bad_events = &policy.bad_events;
    for (section, kept) in
        [("headers", &bad_events.headers), ("parameters", &bad_events.parameters)]
    {
        let named = kept.iter().map(|(name, id)| (format!("bad_events.{section}.{name}"), *id, 0));
        places.extend(named);
    }
    places.extend(policy.unknown_uris.map(|id| ("unknown_schemas.uri".to_owned(), id, 0)));
    let of_classes = places.into_iter().map(|(place, class, line)| {
        let what = format!("{place} keeps values of {}, which", called(policy, class));
        (what, wide_bits(&policy.classes, class), line)
    });
    let of_paths = policy.url_rules().flat_map(|(_, rules)| {
        let shapes = rules.shapes(&policy.classes).into_iter();
        shapes.map(|(shown, _, bits)| {
            (format!("urls.{} keeps paths like {shown}, which", rules.name), bits, rules.line)
        })
    });
    let wide = of_classes.chain(of_paths).filter_map(|(what, bits, line)| {
        let (id, level) = match bits {
            bits if bits >= UNBOUNDED_BITS => ("kept-unbounded", Level::Warning),
            bits if bits >= WIDE_BITS => ("kept-wide", Level::Note),
            _ => return None,
        };
        Some(Finding::new(id, level, line, format!("{what} carry up to {bits:.0} bits")))
    });
    wide.collect()
}

/// Definitions that nothing uses, and domains that join nothing.
fn dead(policy: &Policy) -> Vec<Finding> {
    let mut findings = Vec::new();
    let used = policy.used_classes();
    for (id, line) in policy.classes.defined().filter(|(id, _)| !used.contains(id)) {
        let message = format!("the class {} is used nowhere", policy.classes.name(id));
        findings.push(Finding::new("dead-rule", Level::Warning, line, message));
    }
    for (id, rules) in policy.url_rules() {
        let is_used = policy
            .rules()
            .any(|(_, rule)| matches!(rule.treatment, Treatment::Url(used, _) if used == id));
        if !is_used {
            let message = format!("the URL rules {} are used nowhere", rules.name);
            findings.push(Finding::new("dead-rule", Level::Warning, rules.line, message));
        }
    }
    // The other scheme has one domain for everything, whatever the policy calls it.
    if policy.scheme == Scheme::V1 {
        let mut domains: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        let pseudonymized = policy.rules().filter(|(_, rule)| rule.line > 0);
        for (_, rule) in pseudonymized.filter(|(_, it)| it.treatment == Treatment::Pseudonymize) {
            domains.entry(policy.domain(rule.domain)).or_default().push(rule.line);
        }
        for (domain, lines) in domains {
            let [line] = lines[..] else { continue };
            if !domain.starts_with('@') {
                let message = format!("the domain {domain} has one place, so it joins nothing");
                findings.push(Finding::new("dead-rule", Level::Note, line, message));
            }
        }
    }
    findings
}

/// Shapes of paths that no path reaches. Entries for schemas are refused when the policy is read.
fn shadowed(policy: &Policy) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (_, rules) in policy.url_rules() {
        for (later, earlier) in rules.shadowed(&policy.classes) {
            let name = &rules.name;
            let message = format!("urls.{name}: {earlier} takes every path of {later} below it");
            findings.push(Finding::new("shadowed-rule", Level::Warning, rules.line, message));
        }
    }
    findings
}

/// Columns that tell something of a hidden one; the policy gave its reason, or it was refused.
fn concluded(policy: &Policy) -> Vec<Finding> {
    let hides = |column: Column| {
        matches!(policy.column(column).treatment, Treatment::Drop | Treatment::Pseudonymize)
    };
    let looser =
        Policy::concluded().iter().filter(|(column, source)| !hides(*column) && hides(*source));
    let finding = |(column, source): &(Column, Column)| {
        let rule = policy.column(*column);
        let reason = rule.reason.as_deref().unwrap_or_default();
        let message = format!("{column} tells something of {source}, which is hidden ({reason})");
        Finding::new("derived-looser-than-source", Level::Note, rule.line, message)
    };
    looser.map(finding).chain(names_of_schemas(policy)).collect()
}

/// Columns with the parts of the name of an event's schema, which `unknown_schemas` may hide.
fn names_of_schemas(policy: &Policy) -> impl Iterator<Item = Finding> {
    let columns = [Column::EventVendor, Column::EventName, Column::EventVersion];
    let is_hidden = policy.unknown_uris.is_none();
    columns.into_iter().filter(move |_| is_hidden).filter_map(|column| {
        let rule = policy.column(column);
        let Treatment::Keep(class) = rule.treatment else { return None };
        (!policy.classes.is_closed(class)).then(|| {
            let message = format!(
                "{column} tells a part of the name of schemas without rules, which is hidden \
                 beside it: keep a closed list, or know that custom events show their names"
            );
            Finding::new("derived-looser-than-source", Level::Note, rule.line, message)
        })
    })
}
