//! What a policy says, listed: for whoever checks, shows or compares policies.

use std::fmt;

use crate::class::{ClassId, any_bits, count_bits};
use crate::nodes::{NodeId, Target};
use crate::policy::{Policy, SchemaRules};
use crate::time::TimeUnit;
use crate::treatment::{Rule, Treatment};
use crate::url::{UrlId, UrlRules};

/// One step of a path into JSON.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    /// The member with this key.
    Key(String),
    /// What stands in the array.
    Items,
}

/// A path into the data of a schema.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Path(pub Vec<Step>);

impl fmt::Display for Path {
    /// As policies write it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return f.write_str("$");
        }
        for (index, step) in self.0.iter().enumerate() {
            match step {
                Step::Items => f.write_str("[]")?,
                Step::Key(key) => {
                    if index > 0 {
                        f.write_str(".")?;
                    }
                    for character in key.chars() {
                        if matches!(character, '.' | '[' | '\\' | '$') {
                            f.write_str("\\")?;
                        }
                        write!(f, "{character}")?;
                    }
                }
            }
        }
        Ok(())
    }
}

/// What a policy says of one path.
#[derive(Clone, Copy, Debug)]
pub enum Listed<'p> {
    /// How a value is treated.
    Value(&'p Rule),
    /// How everything below is treated that has no path of its own.
    Walk {
        /// Keys that stay; none if all become pseudonyms.
        keys: Option<ClassId>,
        /// How every value is treated.
        leaves: &'p Rule,
    },
}

impl<'p> Listed<'p> {
    /// The rule for values.
    pub fn rule(self) -> &'p Rule {
        match self {
            Self::Value(rule) | Self::Walk { leaves: rule, .. } => rule,
        }
    }
}

impl Policy {
    /// Every path of a schema that the policy lists, in its order.
    pub fn places<'p>(&'p self, rules: &SchemaRules) -> Vec<(Path, Listed<'p>)> {
        let mut places = Vec::new();
        self.below(rules.root, &Path::default(), &mut places);
        places
    }

    fn below<'p>(&'p self, id: NodeId, path: &Path, places: &mut Vec<(Path, Listed<'p>)>) {
        let node = self.nodes.get(id);
        if let Some(walk) = node.walk {
            let leaves = self.rule(walk.leaves);
            places.push((path.clone(), Listed::Walk { keys: walk.keys, leaves }));
        }
        let fields = node.fields.iter().map(|(key, target)| (Step::Key(key.to_string()), *target));
        for (step, target) in fields.chain(node.items.map(|target| (Step::Items, target))) {
            let mut path = path.clone();
            path.0.push(step);
            match target {
                Target::Leaf(rule) => places.push((path, Listed::Value(self.rule(rule)))),
                Target::Tree(id) => self.below(id, &path, places),
            }
        }
    }

    /// The named sets of rules for URLs.
    pub fn url_rules(&self) -> impl Iterator<Item = (UrlId, &UrlRules)> {
        (0..).map(UrlId).zip(&self.urls)
    }

    /// The classes that something refers to, also through other classes.
    pub fn used_classes(&self) -> Vec<ClassId> {
        let mut used = Vec::new();
        let mut open: Vec<ClassId> = self.rules.iter().filter_map(kept_class).collect();
        for rules in &self.urls {
            rules.classes(&mut open);
        }
        open.extend(self.nodes.list.iter().filter_map(|node| node.walk?.keys));
        let named = self.bad_events.headers.iter().chain(&self.bad_events.parameters);
        open.extend(named.map(|(_, class)| *class));
        open.extend(self.unknown_uris);
        while let Some(class) = open.pop() {
            if !used.contains(&class) {
                used.push(class);
                open.extend(self.classes.members(class));
            }
        }
        used
    }

    /// How many bits a value can tell at most after this rule; pseudonyms tell none beside which
    /// values are equal.
    pub fn capacity_bits(&self, rule: &Rule) -> f64 {
        match rule.treatment {
            Treatment::Pseudonymize | Treatment::Drop | Treatment::Json => 0.0,
            Treatment::Keep(class) => self.classes.capacity_bits(class),
            Treatment::Ip { v4, v6 } => any_bits([f64::from(v4), f64::from(v6)]),
            // As much as a double holds.
            Treatment::Round(_) => 64.0,
            Treatment::Time(unit) => time_bits(unit),
            Treatment::Bucket(bounds) => count_bits(self.buckets(bounds).len()),
            Treatment::Url(id, part) => {
                self.url(id).map_or(0.0, |rules| rules.capacity_bits(part, &self.classes))
            }
        }
    }
}

fn kept_class(rule: &Rule) -> Option<ClassId> {
    if let Treatment::Keep(class) = rule.treatment { Some(class) } else { None }
}

/// Ten thousand years, and an offset of four digits with its sign.
fn time_bits(unit: TimeUnit) -> f64 {
    const YEAR_SECONDS: f64 = 31_556_952.0;
    const OFFSET_BITS: f64 = 14.3;
    let seconds = match unit {
        TimeUnit::Second => 1.0,
        TimeUnit::Minute => 60.0,
        TimeUnit::Hour => 3_600.0,
        TimeUnit::Day => 86_400.0,
    };
    (10_000.0 * YEAR_SECONDS / seconds).log2() + OFFSET_BITS
}

#[cfg(test)]
mod tests {
    use enriched_event::Column;

    use super::*;

    const TEXT: &str = r"version: 1
name: a
scheme: v1
classes:
  word: {regex: '[a-z]{1,8}'}
  inner: {enum: [x, y]}
  outer: {any_of: [inner, uuid]}
  spare: {enum: [z]}
urls:
  u:
    hosts: {enum: [a.b]}
    port: keep
    paths:
      - /a
      - /a/{word|w}
    query: {keep: {q: inner}, mask: [r]}
columns:
  app_id: {keep: outer}
  page_url: {url: u}
schemas:
  a/x/1-*-*:
    fields:
      a: {keep: {integer: {min: 0, max: 7}}}
      'b[].c\.d': {time: day}
      e: {walk: {keys: {enum: [k]}, leaves: drop}}
";

    #[test]
    fn paths_and_classes_are_listed() {
        let policy = Policy::parse(TEXT).unwrap();
        let schemas = policy.schemas();
        let places = policy.places(schemas[0]);
        let shown: Vec<_> = places.iter().map(|(path, _)| path.to_string()).collect();
        assert_eq!(shown, ["a", "b[].c\\.d", "e"]);
        assert!((policy.capacity_bits(places[0].1.rule()) - 3.0).abs() < 1e-9);
        assert!(matches!(places[2].1, Listed::Walk { keys: Some(_), .. }));
        let used = policy.used_classes();
        let unused: Vec<_> = policy
            .classes
            .defined()
            .filter(|(id, _)| !used.contains(id))
            .map(|(id, line)| (policy.classes.name(id), line))
            .collect();
        assert_eq!(unused, [("spare", 8)]);
    }

    #[test]
    fn a_url_tells_what_its_parts_tell() {
        let policy = Policy::parse(TEXT).unwrap();
        let bits = |name| policy.capacity_bits(policy.column(name));
        assert!((bits(Column::PageUrlport) - 16.0).abs() < 1e-9);
        assert!((bits(Column::PageUrlscheme) - 1.0).abs() < 1e-9);
        // Not there or masked or one of two; not there or masked.
        assert!((bits(Column::PageUrlquery) - 3.0).abs() < 1e-9);
        assert!(bits(Column::PageUrlpath) > 37.0 && bits(Column::PageUrlpath) < 38.0);
        assert!(bits(Column::PageUrl) > 57.0 && bits(Column::PageUrl) < 58.0);
    }
}
