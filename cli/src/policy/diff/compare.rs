//! Two policies, place by place.

use std::collections::{BTreeMap, BTreeSet};

use privacy::policy::SchemaRules;
use privacy::{Audit, Policy, Scheme, Treatment, UrlId, UrlPart};

use crate::policy::places::{
    Effect, Exposure, columns, covers, criterion, effect_at, fields, scheme_name,
};

/// What a change means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Kind {
    /// More can be seen of a place: it was hidden, or left out.
    Exposed,
    /// Less can be seen.
    Hidden,
    /// Something else is seen, or differently.
    Otherwise,
}

/// A place whose treatment differs.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    pub(crate) kind: Kind,
    pub(crate) place: String,
    pub(crate) before: String,
    pub(crate) after: String,
    /// In a word or two.
    pub(crate) what: String,
    /// The new policy's line.
    pub(crate) line: usize,
}

/// Every change, the exposing ones first.
pub(crate) fn compare(old: &Policy, new: &Policy) -> Vec<Change> {
    let mut changes = whole(old, new);
    let pair = Pair { old, new };
    for ((column, before), (_, after)) in columns(old).into_iter().zip(columns(new)) {
        pair.place(&format!("column {column}"), &before, &after, &mut changes);
    }
    pair.schemas(&mut changes);
    pair.orders(&mut changes);
    pair.unused_urls(&mut changes);
    pair.maps(
        "unknown_schemas.uri",
        (unknown(old), unknown(new)),
        &Effect::unlisted(),
        &mut changes,
    );
    let gone = Effect::word(Exposure::Gone, "drop", 0.0);
    pair.maps("bad_events", (bad_events(old), bad_events(new)), &gone, &mut changes);
    changes.sort_by_key(|change| change.kind);
    changes
}

/// What holds for all places.
fn whole(old: &Policy, new: &Policy) -> Vec<Change> {
    let audit = |policy: &Policy| match policy.audit {
        Audit::DerivedContexts => "derived_contexts".to_owned(),
        Audit::EtlTags => "etl_tags".to_owned(),
        Audit::Nowhere => "none".to_owned(),
    };
    let scheme = |policy: &Policy| scheme_name(policy.scheme).to_owned();
    [
        ("name", old.name.clone(), new.name.clone()),
        ("scheme", scheme(old), scheme(new)),
        ("audit", audit(old), audit(new)),
    ]
    .into_iter()
    .filter(|(_, before, after)| before != after)
    .map(|(place, before, after)| {
        let what = if place == "scheme" { "all pseudonyms" } else { "label" }.to_owned();
        // Without domains everything can be joined with everything.
        let joins = place == "scheme" && new.scheme == Scheme::HmacSha256Hex;
        let kind = if joins { Kind::Exposed } else { Kind::Otherwise };
        Change { kind, place: place.to_owned(), before, after, what, line: 0 }
    })
    .collect()
}

fn unknown(policy: &Policy) -> BTreeMap<String, Effect> {
    let kept = policy.unknown_uris.map(|class| Effect::keep(policy, class, 0));
    kept.map(|effect| (String::new(), effect)).into_iter().collect()
}

fn bad_events(policy: &Policy) -> BTreeMap<String, Effect> {
    let rules = &policy.bad_events;
    let mut places = BTreeMap::new();
    for (section, kept) in [("headers", &rules.headers), ("parameters", &rules.parameters)] {
        for (name, class) in kept {
            places.insert(format!("{section} {name}"), Effect::keep(policy, *class, 0));
        }
    }
    if !rules.drops_payload {
        let effect = Effect::word(Exposure::Linkable, "rewrite", 0.0);
        places.insert("payload".to_owned(), effect);
    }
    places
}

/// What may be seen of a URL, part by part.
fn url_parts(policy: &Policy, id: UrlId) -> BTreeMap<String, Effect> {
    let mut parts = BTreeMap::new();
    let Some((_, rules)) = policy.url_rules().find(|(other, _)| *other == id) else { return parts };
    for (part, class) in rules.kept() {
        parts.insert(part, Effect::keep(policy, class, rules.line));
    }
    for key in rules.masked() {
        parts.insert(format!("query {key}"), Effect::word(Exposure::Linkable, "mask", 1.0));
    }
    if rules.keeps_port() {
        parts.insert("port".to_owned(), Effect::word(Exposure::Shown, "keep", 16.0));
    }
    for (shown, defined, bits) in rules.shapes(&policy.classes) {
        let effect = Effect::word(Exposure::Shown, "keep this shape", bits);
        parts.insert(format!("path {shown}"), Effect { definition: defined, ..effect });
    }
    for effect in parts.values_mut() {
        effect.line = rules.line;
    }
    parts
}

/// The rules for the same versions, or else for all of them and more.
fn rules_for<'p>(
    all: &[&'p SchemaRules],
    name: &str,
    versions: [Option<u32>; 3],
) -> Option<&'p SchemaRules> {
    let own = || all.iter().filter(|rules| rules.name == name);
    let exact = own().find(|rules| rules.versions == versions);
    exact.or_else(|| own().find(|rules| covers(rules.versions, versions))).copied()
}

struct Pair<'p> {
    old: &'p Policy,
    new: &'p Policy,
}

impl Pair<'_> {
    fn schemas(&self, changes: &mut Vec<Change>) {
        let (old, new) = (self.old.schemas(), self.new.schemas());
        let names = old.iter().chain(&new).map(|rules| (rules.name.clone(), rules.versions));
        for (name, versions) in names.collect::<BTreeSet<_>>() {
            let before = rules_for(&old, &name, versions);
            let after = rules_for(&new, &name, versions);
            let schema = format!("{name}/{}", criterion(versions));
            let shown = (address(self.old, before, &name), address(self.new, after, &name));
            self.place(&format!("{schema} (its name)"), &shown.0, &shown.1, changes);
            let of = |policy, rules: Option<&SchemaRules>| {
                rules.map(|rules| fields(policy, rules)).unwrap_or_default()
            };
            let (before, after) = (of(self.old, before), of(self.new, after));
            for path in before.keys().chain(after.keys()).collect::<BTreeSet<_>>() {
                let place = format!("{schema} {path}");
                let effects = (effect_at(&before, path), effect_at(&after, path));
                self.place(&place, &effects.0, &effects.1, changes);
            }
        }
    }

    /// Entries of one schema that hold for the same versions, in another order.
    fn orders(&self, changes: &mut Vec<Change>) {
        let overlap = |one: [Option<u32>; 3], other: [Option<u32>; 3]| {
            one.iter()
                .zip(other)
                .all(|(one, other)| one.is_none() || other.is_none() || *one == other)
        };
        let names: BTreeSet<_> =
            self.new.schemas().iter().map(|rules| rules.name.clone()).collect();
        for name in names {
            let entries = |policy: &Policy| -> Vec<[Option<u32>; 3]> {
                let own = policy.schemas().into_iter().filter(|rules| rules.name == name);
                own.map(|rules| rules.versions).collect()
            };
            let (old, new) = (entries(self.old), entries(self.new));
            let shared = |list: &[[Option<u32>; 3]]| -> Vec<String> {
                let of_both = |one: &[Option<u32>; 3]| old.contains(one) && new.contains(one);
                let several = |one: &[Option<u32>; 3]| {
                    new.iter().any(|other| other != one && overlap(*one, *other))
                };
                let shared = list.iter().filter(|one| of_both(one) && several(one));
                shared.map(|versions| criterion(*versions)).collect()
            };
            changes.extend(reordered(&name, &shared(&old), &shared(&new)));
        }
    }

    /// URL rules that no place names; bad events go by them all the same.
    fn unused_urls(&self, changes: &mut Vec<Change>) {
        let is_used = |policy: &Policy, id: UrlId| {
            policy
                .rules()
                .any(|(_, rule)| matches!(rule.treatment, Treatment::Url(used, _) if used == id))
        };
        for (new, rules) in self.new.url_rules().filter(|(id, _)| !is_used(self.new, *id)) {
            let old = self.old.url_rules().find(|(_, old)| old.name == rules.name);
            if let Some((old, _)) = old {
                self.url(&format!("urls.{}", rules.name), (old, new), changes);
            }
        }
    }

    /// Places by name; what is not there has another effect.
    fn maps(
        &self,
        section: &str,
        (old, new): (BTreeMap<String, Effect>, BTreeMap<String, Effect>),
        missing: &Effect,
        changes: &mut Vec<Change>,
    ) {
        for name in old.keys().chain(new.keys()).collect::<BTreeSet<_>>() {
            let place = format!("{section} {name}");
            let (before, after) = (old.get(name), new.get(name));
            let (before, after) = (before.unwrap_or(missing), after.unwrap_or(missing));
            self.place(place.trim_end(), before, after, changes);
        }
    }

    fn place(&self, place: &str, before: &Effect, after: &Effect, changes: &mut Vec<Change>) {
        match (before.url, after.url) {
            (Some((old, UrlPart::Whole)), Some((new, UrlPart::Whole))) => {
                self.url(place, (old, new), changes);
            }
            // Parts in columns of their own follow the whole.
            (Some(_), Some(_)) => {}
            _ => changes.extend(self.change(place, before, after)),
        }
    }

    fn url(&self, place: &str, (old, new): (UrlId, UrlId), changes: &mut Vec<Change>) {
        let order = |policy: &Policy, id: UrlId| -> Vec<String> {
            let rules = policy.url_rules().find(|(other, _)| *other == id);
            let shapes = rules.map(|(_, rules)| rules.shapes(&policy.classes)).unwrap_or_default();
            shapes.into_iter().map(|(_, defined, _)| defined).collect()
        };
        let place_of_paths = format!("{place} paths");
        changes.extend(reordered(&place_of_paths, &order(self.old, old), &order(self.new, new)));
        let (old, new) = (url_parts(self.old, old), url_parts(self.new, new));
        let is_path = |name: &String| name.starts_with("path ");
        let split = |parts: BTreeMap<String, Effect>| {
            parts.into_iter().partition::<BTreeMap<_, _>, _>(|(name, _)| is_path(name))
        };
        let ((old_paths, old), (new_paths, new)) = (split(old), split(new));
        self.maps(place, (old_paths, new_paths), &Effect::unlisted(), changes);
        self.maps(place, (old, new), &Effect::word(Exposure::Gone, "drop", 0.0), changes);
    }
}

/// Whether events show that they are of this schema.
fn address(policy: &Policy, rules: Option<&SchemaRules>, name: &str) -> Effect {
    let uri = format!("iglu:{name}/jsonschema/1-0-0");
    let is_known = policy.unknown_uris.is_some_and(|class| policy.classes.accepts(class, &uri));
    match rules {
        Some(rules) => Effect { line: rules.line, ..Effect::word(Exposure::Shown, "keep", 0.0) },
        None if is_known => Effect::word(Exposure::Shown, "keep", 0.0),
        None => Effect::unlisted(),
    }
}

/// The first of several that fits counts, so another order can show more.
fn reordered(place: &str, old: &[String], new: &[String]) -> Option<Change> {
    let both = |list: &[String], other: &[String]| -> Vec<String> {
        list.iter().filter(|one| other.contains(one)).cloned().collect()
    };
    let (before, after) = (both(old, new), both(new, old));
    (before != after).then(|| Change {
        kind: Kind::Exposed,
        place: place.to_owned(),
        before: before.join(", "),
        after: after.join(", "),
        what: "another order, of which the first that fits counts".to_owned(),
        line: 0,
    })
}

fn shown(effect: &Effect) -> String {
    match effect.exposure {
        Exposure::Gone => "nothing".to_owned(),
        Exposure::Linkable => "which are equal".to_owned(),
        Exposure::Shown => format!("{:.1} bits", effect.bits),
    }
}

impl Pair<'_> {
    fn change(&self, place: &str, before: &Effect, after: &Effect) -> Option<Change> {
        let (kind, what) = if after.exposure != before.exposure {
            let kind = if after.exposure > before.exposure { Kind::Exposed } else { Kind::Hidden };
            (kind, format!("{} -> {}", shown(before), shown(after)))
        } else if after.definition != before.definition {
            // Values that were not let through before may be, however few, unless it is certain that not.
            let is_within = after.scope.is_within(self.new, before.scope, self.old);
            let (kind, word) = match (before.bits, after.bits) {
                _ if is_within => (Kind::Otherwise, "narrowed"),
                (old, new) if new > old => (Kind::Exposed, "widened"),
                _ => (Kind::Exposed, "other values"),
            };
            (kind, format!("{word}: {:.1} -> {:.1} bits", before.bits, after.bits))
        } else if after.domain != before.domain && after.exposure == Exposure::Linkable {
            (Kind::Otherwise, "joins others than before".to_owned())
        } else {
            return None;
        };
        let (before, after, line) = (before.treatment.clone(), after.treatment.clone(), after.line);
        Some(Change { kind, place: place.to_owned(), before, after, what, line })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What changes from one body of a policy to another.
    fn changes(old: &str, new: &str) -> Vec<String> {
        let policy = |body: &str| {
            Policy::parse(&format!("version: 1\nname: a\nscheme: v1\n{body}\n")).unwrap()
        };
        let changes = compare(&policy(old), &policy(new)).into_iter();
        changes.map(|it| format!("{:?} {}: {}", it.kind, it.place, it.what)).collect()
    }

    #[test]
    fn what_a_change_means_is_said() {
        for (old, new, expected) in [
            (
                "columns: {user_id: drop}",
                "columns: {user_id: {keep: {integer: {min: 0, max: 7}}}}",
                &["Exposed column user_id: nothing -> 3.0 bits"][..],
            ),
            (
                "columns: {user_id: drop}",
                "columns: {app_id: drop}",
                &[
                    "Exposed column user_id: nothing -> which are equal",
                    "Hidden column app_id: which are equal -> nothing",
                ],
            ),
            (
                "columns: {user_id: {pseudonymize: user}}",
                "columns: {user_id: {pseudonymize: visitor}}",
                &["Otherwise column user_id: joins others than before"],
            ),
            (
                "classes: {a: {enum: [x]}}\ncolumns: {app_id: {keep: a}}",
                "classes: {b: {enum: [x]}}\ncolumns: {app_id: {keep: b}}",
                &[],
            ),
            (
                "classes: {a: {enum: [x]}}\ncolumns: {app_id: {keep: a}}",
                "classes: {a: {enum: [x, y]}}\ncolumns: {app_id: {keep: a}}",
                &["Exposed column app_id: widened: 0.0 -> 1.0 bits"],
            ),
            (
                "classes: {a: {enum: [x, y]}}\ncolumns: {app_id: {keep: a}}",
                "classes: {a: {enum: [x]}}\ncolumns: {app_id: {keep: a}}",
                &["Otherwise column app_id: narrowed: 1.0 -> 0.0 bits"],
            ),
            (
                "columns: {user_id: {keep: uuid}}",
                "columns: {user_id: {keep: {regex: '[a-z]{1,8}@[a-z]{1,8}'}}}",
                &["Exposed column user_id: other values: 128.0 -> 75.3 bits"],
            ),
            (
                "columns: {user_ipaddress: {ip: {v4: 8, v6: 128}}}",
                "columns: {user_ipaddress: {ip: {v4: 32, v6: 100}}}",
                &["Exposed column user_ipaddress: other values: 128.0 -> 100.0 bits"],
            ),
            (
                "columns: {user_ipaddress: {ip: {v4: 24, v6: 48}}, tr_total: {round: 2}, collector_tstamp: {time: minute}}",
                "columns: {user_ipaddress: {ip: {v4: 16, v6: 48}}, tr_total: {round: 1}, collector_tstamp: {time: hour}}",
                &[
                    "Otherwise column collector_tstamp: narrowed: 46.6 -> 40.7 bits",
                    "Otherwise column user_ipaddress: narrowed: 48.0 -> 48.0 bits",
                    "Otherwise column tr_total: narrowed: 64.0 -> 64.0 bits",
                ],
            ),
            (
                "columns: {se_value: {bucket: [0, 100, 200, 300]}}",
                "columns: {se_value: {bucket: [0, 150, 151]}}",
                &["Exposed column se_value: other values: 2.0 -> 1.6 bits"],
            ),
            (
                "columns: {se_value: {bucket: [0, 100, 200, 300]}}",
                "columns: {se_value: {bucket: [0, 200]}}",
                &["Otherwise column se_value: narrowed: 2.0 -> 1.0 bits"],
            ),
        ] {
            assert_eq!(changes(old, new), expected, "{old}\n{new}");
        }
    }

    #[test]
    fn a_scheme_without_domains_joins_everything() {
        let scheme = |scheme: &str| {
            Policy::parse(&format!("version: 1\nname: a\nscheme: {scheme}\n")).unwrap()
        };
        let kinds = |old: &str, new: &str| {
            let changes = compare(&scheme(old), &scheme(new)).into_iter();
            changes.map(|change| change.kind).collect::<Vec<_>>()
        };
        assert_eq!(kinds("v1", "hmac-sha256-hex"), [Kind::Exposed]);
        assert_eq!(kinds("hmac-sha256-hex", "v1"), [Kind::Otherwise]);
    }

    #[test]
    fn the_order_of_what_overlaps_counts() {
        let urls = |paths: &str| {
            format!(
                "urls: {{u: {{hosts: {{enum: [a.b]}}, paths: [{paths}]}}}}\ncolumns: {{page_url: {{url: u}}}}"
            )
        };
        let (first, second) = (
            "'/users/{**|user}', '/{boolean|x}/{boolean|y}'",
            "'/{boolean|x}/{boolean|y}', '/users/{**|user}'",
        );
        assert_eq!(
            changes(&urls(first), &urls(second)),
            ["Exposed column page_url paths: another order, of which the first that fits counts"]
        );
        let (drop, keep) =
            ("a/x/*-0-*: {fields: {a: drop}}", "a/x/1-*-*: {fields: {a: {keep: uuid}}}");
        let schemas = |one: &str, other: &str| format!("schemas: {{{one}, {other}}}");
        assert_eq!(
            changes(&schemas(drop, keep), &schemas(keep, drop)),
            ["Exposed a/x: another order, of which the first that fits counts"]
        );
        let apart = keep.replace("1-*-*", "1-1-*");
        assert_eq!(changes(&schemas(drop, &apart), &schemas(&apart, drop)), [""; 0]);
    }

    #[test]
    fn schemas_urls_and_bad_events_change_part_by_part() {
        for (old, new, expected) in [
            (
                "schemas: {a/x/1-*-*: {fields: {a: {walk: {keys: pseudonymize, leaves: drop}}}}}",
                "schemas: {a/x/1-*-*: {fields: {a.b: drop, a.c: {keep: boolean}}}}",
                &[
                    "Exposed a/x/1-*-* a.* (values): nothing -> which are equal",
                    "Exposed a/x/1-*-* a.c: nothing -> 2.0 bits",
                ][..],
            ),
            (
                "schemas: {a/x/1-*-*: {fields: {a: {keep: boolean}}}}",
                "schemas: {a/x/1-0-*: {fields: {a: {keep: boolean}}}}",
                &[
                    "Hidden a/x/1-*-* (its name): 0.0 bits -> which are equal",
                    "Hidden a/x/1-*-* a: 2.0 bits -> which are equal",
                ],
            ),
            (
                "urls: {u: {hosts: {enum: [a.b]}, query: {mask: [q]}}}\ncolumns: {page_url: {url: u}}",
                "urls: {u: {hosts: {enum: [a.b]}, query: {keep: {q: boolean}, mask: [r]}, paths: [/x]}}\ncolumns: {page_url: {url: u}}",
                &[
                    "Exposed column page_url path /x: which are equal -> 0.0 bits",
                    "Exposed column page_url query q: which are equal -> 2.0 bits",
                    "Exposed column page_url query r: nothing -> which are equal",
                ],
            ),
            (
                "bad_events: {payload: drop}",
                "bad_events: {payload: rewrite, headers: {Accept: mime}}\naudit: none",
                &[
                    "Exposed bad_events headers accept: nothing -> 400.0 bits",
                    "Exposed bad_events payload: nothing -> which are equal",
                    "Otherwise audit: label",
                ],
            ),
        ] {
            assert_eq!(changes(old, new), expected, "{old}\n{new}");
        }
    }
}
