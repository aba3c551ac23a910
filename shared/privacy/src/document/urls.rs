//! The section `urls`.

use yaml_tree::{Entry, Map, Node, Value, list, text, texts, under};

use super::Builder;
use crate::url::{QueryRule, Template, UrlRules};

/// The most templates and the most query keys of one set of rules.
const TEMPLATES_MAX: usize = 1_000;
const QUERY_KEYS_MAX: usize = 1_000;

impl Builder {
    pub(super) fn urls(&mut self, node: Option<&Node>) {
        let Some(map) = node.and_then(|node| Map::of(node, "urls", &mut self.problems)) else {
            return;
        };
        for entry in map.rest() {
            if let Some(rules) = self.url_rules(entry) {
                self.policy.urls.push(rules);
            }
        }
    }

    fn url_rules(&mut self, entry: &Entry) -> Option<UrlRules> {
        let subject = under("urls", &entry.key);
        let mut map = Map::of(&entry.node, &subject, &mut self.problems)?;
        let hosts = map.require("hosts", &mut self.problems);
        let hosts = hosts.and_then(|node| self.class(node, &under(&subject, "hosts")));
        let port = under(&subject, "port");
        let keeps_port = self.choice(map.take("port"), &port, &[("drop", false), ("keep", true)]);
        let paths = map.take("paths").map(|node| self.templates(node, &under(&subject, "paths")));
        let query = map.take("query").map(|node| self.query(node, &under(&subject, "query")));
        let fragment = match map.take("fragment") {
            Some(node) if !matches!(&node.value, Value::Text(text) if text == "drop") => {
                self.fragment(node, &under(&subject, "fragment"))
            }
            _ => None,
        };
        map.finish(&mut self.problems);
        Some(UrlRules {
            line: entry.line,
            hosts: hosts?,
            keeps_port: keeps_port.unwrap_or(false),
            paths: paths.unwrap_or_default(),
            query: query.unwrap_or_default(),
            fragment,
            host_domain: self.domain("host"),
            path_domain: self.domain(&format!("@url/{}/path", entry.key)),
            name: entry.key.clone(),
        })
    }

    fn fragment(&mut self, node: &Node, subject: &str) -> Option<crate::class::ClassId> {
        let mut map = Map::of(node, subject, &mut self.problems)?;
        let keep = map.require("keep", &mut self.problems);
        map.finish(&mut self.problems);
        self.class(keep?, subject)
    }

    fn templates(&mut self, node: &Node, subject: &str) -> Vec<Template> {
        let items = list(node, subject, &mut self.problems).unwrap_or_default();
        if items.len() > TEMPLATES_MAX {
            self.problems.add(node.line, subject, format!("are more than {TEMPLATES_MAX}"));
        }
        let mut templates = Vec::new();
        for item in items {
            let Some(shape) = text(item, subject, &mut self.problems) else { continue };
            match Template::parse(shape, |name| self.policy.classes.named(name)) {
                Ok(template) if templates.contains(&template) => {
                    self.problems.add(item.line, subject, format!("list {shape} twice"));
                }
                Ok(template) => templates.push(template),
                Err(message) => {
                    let subject = format!("{subject}: the template {shape}");
                    self.problems.add(item.line, &subject, message);
                }
            }
        }
        templates
    }

    fn query(&mut self, node: &Node, subject: &str) -> Vec<(String, QueryRule)> {
        let mut rules: Vec<(String, QueryRule)> = Vec::new();
        let Some(mut map) = Map::of(node, subject, &mut self.problems) else { return rules };
        let keep = map.take("keep").and_then(|node| Map::of(node, subject, &mut self.problems));
        for entry in keep.map(Map::rest).unwrap_or_default() {
            if let Some(class) = self.class(&entry.node, &under(subject, &entry.key)) {
                rules.push((entry.key.clone(), QueryRule::Keep(class)));
            }
        }
        let masked = map.take("mask").and_then(|node| texts(node, subject, &mut self.problems));
        for key in masked.unwrap_or_default() {
            if rules.iter().any(|(name, _)| name == key) {
                self.problems.add(node.line, &under(subject, key), "stands here twice");
            }
            rules.push((key.to_owned(), QueryRule::Mask));
        }
        let others = map.take("others");
        self.choice(others, &under(subject, "others"), &[("drop", ())]);
        map.finish(&mut self.problems);
        if rules.len() > QUERY_KEYS_MAX {
            self.problems.add(node.line, subject, format!("has more than {QUERY_KEYS_MAX} keys"));
        }
        rules
    }
}
