//! Treatments as they stand in a policy: a word, or a map of one treatment and perhaps a reason.

use yaml_tree::{Map, Node, Value, list, number, text, under};

use super::Builder;
use crate::policy::DomainId;
use crate::time::TimeUnit;
use crate::treatment::{BucketsId, Rule, Treatment};
use crate::url::{UrlId, UrlPart};

const ACCEPTED: &str =
    "drop, pseudonymize, or a map of one of keep, pseudonymize, ip, round, time, bucket, url";
/// The most bounds of one list of buckets.
const BOUNDS_MAX: usize = 1_000;

fn is_true(node: &Node) -> bool {
    matches!(&node.value, Value::Text(text) if text == "true")
}

/// Where a treatment stands.
pub(super) struct Place<'a> {
    /// For problems: `columns.user_id`.
    pub(super) subject: &'a str,
    /// For people who ask which rule it was: `column user_id`.
    pub(super) shown: String,
    /// Its pseudonyms' domain, if it names no other.
    pub(super) domain: String,
}

impl Builder {
    /// The rule that a node describes.
    pub(super) fn treatment(&mut self, node: &Node, place: &Place<'_>) -> Option<Rule> {
        let own = self.domain(&place.domain);
        let (treatment, domain, reason) = match &node.value {
            Value::Text(word) => (self.word(word, node.line, place.subject)?, own, None),
            Value::List(_) | Value::Map(_) => self.long_form(node, place.subject, own)?,
        };
        Some(Rule { treatment, domain, subject: place.shown.clone(), line: node.line, reason })
    }

    fn word(&mut self, word: &str, line: usize, subject: &str) -> Option<Treatment> {
        match word {
            "drop" => Some(Treatment::Drop),
            "pseudonymize" => Some(Treatment::Pseudonymize),
            _ => {
                let message = if word == "keep" {
                    "keeps without a value class: write {keep: class}".to_owned()
                } else {
                    format!("is {word:?} and not {ACCEPTED}")
                };
                self.problems.add(line, subject, message);
                None
            }
        }
    }

    fn long_form(
        &mut self,
        node: &Node,
        subject: &str,
        own: DomainId,
    ) -> Option<(Treatment, DomainId, Option<String>)> {
        let mut map = Map::of(node, subject, &mut self.problems)?;
        let reason = map.take("reason");
        let reason = match reason {
            Some(node) => {
                let reason = text(node, subject, &mut self.problems)?.to_owned();
                if reason.trim().is_empty() {
                    self.problems.add(node.line, &under(subject, "reason"), "says nothing");
                }
                Some(reason)
            }
            None => None,
        };
        let [entry] = map.rest()[..] else {
            self.problems.add(node.line, subject, format!("is not exactly one of {ACCEPTED}"));
            return None;
        };
        let inner = &entry.node;
        let treatment = match entry.key.as_str() {
            "pseudonymize" if matches!(&inner.value, Value::Text(text) if text == "false") => {
                let message = "is false: leave it out, or write true or a domain";
                self.problems.add(inner.line, subject, message);
                return None;
            }
            "pseudonymize" if !is_true(inner) => {
                let name = self.domain_name(inner, subject)?;
                return Some((Treatment::Pseudonymize, self.domain(&name), reason));
            }
            // The long form of a word, for a reason beside it.
            "drop" => self.choice(Some(inner), subject, &[("true", Treatment::Drop)])?,
            "pseudonymize" => Treatment::Pseudonymize,
            "keep" => Treatment::Keep(self.class(inner, subject)?),
            "ip" => self.ip(inner, subject)?,
            "round" => Treatment::Round(number(inner, subject, (0, 15), &mut self.problems)?),
            "time" => {
                let units = ["second", "minute", "hour", "day"];
                let units = units.map(|name| (name, TimeUnit::named(name)));
                Treatment::Time(self.choice(Some(inner), subject, &units)??)
            }
            "bucket" => Treatment::Bucket(self.bounds(inner, subject)?),
            "url" => Treatment::Url(self.named_url(inner, subject)?, UrlPart::Whole),
            other => {
                self.problems.add(entry.line, subject, format!("is {other:?} and not {ACCEPTED}"));
                return None;
            }
        };
        Some((treatment, own, reason))
    }

    /// Domains with an at sign are those of single places.
    fn domain_name(&mut self, node: &Node, subject: &str) -> Option<String> {
        let name = text(node, subject, &mut self.problems)?;
        let is_name = !name.is_empty()
            && name.len() <= super::NAME_CHARS_MAX
            && name
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"_-".contains(&b));
        if !is_name {
            let message = format!(
                "names the domain {name:?}; lower-case letters, digits, _ and - are wanted"
            );
            self.problems.add(node.line, subject, message);
        }
        is_name.then(|| name.to_owned())
    }

    fn ip(&mut self, node: &Node, subject: &str) -> Option<Treatment> {
        let mut map = Map::of(node, subject, &mut self.problems)?;
        let problems = &mut self.problems;
        let v4 = map.require("v4", problems).and_then(|it| number(it, subject, (0, 32), problems));
        let v6 = map.require("v6", problems).and_then(|it| number(it, subject, (0, 128), problems));
        map.finish(problems);
        Some(Treatment::Ip { v4: v4?, v6: v6? })
    }

    fn bounds(&mut self, node: &Node, subject: &str) -> Option<BucketsId> {
        let items = list(node, subject, &mut self.problems)?;
        let mut bounds: Vec<(f64, String)> = Vec::new();
        for item in items {
            let bound: f64 = number(item, subject, (-1e15, 1e15), &mut self.problems)?;
            if bounds.last().is_some_and(|(last, _)| *last >= bound) {
                self.problems.add(item.line, subject, "has bounds that do not rise");
            }
            // As JSON writes it, however the policy does.
            bounds.push((bound, bound.to_string()));
        }
        if bounds.is_empty() || bounds.len() > BOUNDS_MAX {
            self.problems.add(
                node.line,
                subject,
                format!("has no bounds, or more than {BOUNDS_MAX}"),
            );
        }
        let id = u16::try_from(self.policy.buckets.len()).ok()?;
        self.policy.buckets.push(bounds);
        Some(BucketsId(id))
    }

    fn named_url(&mut self, node: &Node, subject: &str) -> Option<UrlId> {
        let name = text(node, subject, &mut self.problems)?;
        let place = self.policy.urls.iter().position(|rules| rules.name == name);
        if place.is_none() {
            self.problems.add(
                node.line,
                subject,
                format!("names the URL rules {name}, which are defined nowhere"),
            );
        }
        place.and_then(|place| u16::try_from(place).ok()).map(UrlId)
    }
}
