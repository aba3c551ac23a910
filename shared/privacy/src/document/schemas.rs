//! The sections `schemas` and `unknown_schemas`.

use iglu::Version;
use yaml_tree::{Entry, Map, Node, Value, text, under};

use super::Builder;
use crate::policy::SchemaRules;

impl Builder {
    pub(super) fn schemas(&mut self, node: Option<&Node>) {
        let Some(map) = node.and_then(|node| Map::of(node, "schemas", &mut self.problems)) else {
            return;
        };
        for entry in map.rest() {
            self.schema(entry);
        }
    }

    fn schema(&mut self, entry: &Entry) {
        let subject = under("schemas", &entry.key);
        let Some((name, versions)) = criterion(&entry.key) else {
            let message =
                "is no schema with its versions, such as com.gitlab/gitlab_standard/1-*-*";
            return self.problems.add(entry.line, &subject, message);
        };
        let Some(mut map) = Map::of(&entry.node, &subject, &mut self.problems) else { return };
        let reviewed = map.take("reviewed").and_then(|node| self.version(node, &subject));
        let root = self.tree(name);
        if let Some(fields) = map.take("fields") {
            self.fields(fields, &subject, (name, root));
        }
        map.finish(&mut self.problems);
        let rules =
            SchemaRules { name: name.to_owned(), versions, reviewed, line: entry.line, root };
        let all = self.policy.schemas.entry(name.to_owned()).or_default();
        let shadow = all.iter().find(|earlier| covers(earlier.versions, versions));
        let shadow = shadow.map(|earlier| earlier.line);
        all.push(rules);
        if let Some(line) = shadow {
            let message =
                format!("is never looked at: the entry of line {line} covers its versions");
            self.problems.add(entry.line, &subject, message);
        }
    }

    fn version(&mut self, node: &Node, subject: &str) -> Option<Version> {
        let found = text(node, subject, &mut self.problems)?;
        let version = Version::parse(found).ok();
        if version.is_none() {
            let message = format!("is {found:?} and no version such as 1-0-0");
            self.problems.add(node.line, &under(subject, "reviewed"), message);
        }
        version
    }

    pub(super) fn unknown_schemas(&mut self, node: Option<&Node>) {
        let subject = "unknown_schemas";
        let Some(mut map) = node.and_then(|node| Map::of(node, subject, &mut self.problems)) else {
            return;
        };
        let hidden =
            |node: &&Node| matches!(&node.value, Value::Text(text) if text == "pseudonymize");
        if let Some(node) = map.take("uri").filter(|node| !hidden(node)) {
            let subject = under(subject, "uri");
            if let Some(mut keep) = Map::of(node, &subject, &mut self.problems) {
                let class = keep.require("keep", &mut self.problems);
                keep.finish(&mut self.problems);
                self.policy.unknown_uris = class.and_then(|node| self.class(node, &subject));
            }
        }
        map.finish(&mut self.problems);
    }
}

/// `com.gitlab/gitlab_standard/1-*-*`
fn criterion(text: &str) -> Option<(&str, [Option<u32>; 3])> {
    let (name, version) = text.rsplit_once('/')?;
    let (vendor, own) = name.split_once('/')?;
    let is_name = |part: &str| {
        !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric() || b".-_".contains(&b))
    };
    let mut versions = [None; 3];
    let mut parts = version.split('-');
    for place in &mut versions {
        *place = match parts.next()? {
            "*" => None,
            // Written in one way only, as schemas are.
            number if number.len() > 1 && number.starts_with(['0', '+']) => return None,
            number => Some(number.parse().ok().filter(|number| *number <= 999)?),
        };
    }
    (is_name(vendor) && is_name(own) && parts.next().is_none()).then_some((name, versions))
}

/// Whether one criterion holds for every version for which another one does.
fn covers(wide: [Option<u32>; 3], narrow: [Option<u32>; 3]) -> bool {
    wide.iter().zip(narrow).all(|(wide, narrow)| wide.is_none() || *wide == narrow)
}
