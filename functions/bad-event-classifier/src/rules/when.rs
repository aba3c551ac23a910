//! What a rule looks at. Everything that it names must hold; of a list, one is enough.

use regex_lite::Regex;

use super::{Family, Rules};
use crate::failure::{Failure, MESSAGE_BYTES_MAX, Reading, Sender};

/// The conditions of a rule. What is empty holds always.
#[derive(Clone, Debug, Default)]
pub(crate) struct When {
    pub(crate) kinds: Vec<String>,
    pub(crate) stages: Vec<String>,
    pub(crate) keywords: Vec<String>,
    pub(crate) codes: Vec<String>,
    /// How `vendor/name` begins.
    pub(crate) schemas: Vec<String>,
    pub(crate) schemas_not: Vec<String>,
    pub(crate) fields: Vec<Regex>,
    pub(crate) messages: Vec<Regex>,
    pub(crate) paths: Vec<Regex>,
    pub(crate) user_agents: Vec<Regex>,
    pub(crate) page_hosts: Vec<Regex>,
    pub(crate) asked_hosts: Vec<Regex>,
    pub(crate) app_ids: Vec<String>,
    pub(crate) families: Vec<Family>,
    pub(crate) classes: Vec<String>,
    /// Another version of the schema has the field.
    pub(crate) is_drift: Option<bool>,
    /// Another version of the schema is known.
    pub(crate) has_other_version: Option<bool>,
    pub(crate) has_app_id: Option<bool>,
    pub(crate) knows_app_id: Option<bool>,
    pub(crate) knows_page_host: Option<bool>,
    pub(crate) is_empty: Option<bool>,
}

/// A failure with all that rules look at.
#[derive(Clone, Copy)]
pub(crate) struct Seen<'a> {
    pub(crate) rules: &'a Rules,
    pub(crate) reading: &'a Reading,
    pub(crate) failure: &'a Failure,
    pub(crate) is_drift: bool,
    pub(crate) has_other_version: bool,
    /// What it was found to be, for noise.
    pub(crate) verdict: Option<(Family, &'a str)>,
}

impl When {
    pub(crate) fn holds(&self, seen: Seen<'_>) -> bool {
        let Seen { reading, failure, .. } = seen;
        let schema = failure.schema.as_ref();
        let schema = schema.map(|key| format!("{}/{}", key.vendor(), key.name()));
        one_of(&self.kinds, Some(reading.kind))
            && one_of(&self.stages, Some(reading.stage.name()))
            && one_of(&self.keywords, failure.keyword)
            && one_of(&self.codes, failure.code.as_deref())
            && (self.schemas.is_empty() || begins(&self.schemas, schema.as_deref()))
            && !begins(&self.schemas_not, schema.as_deref())
            && fits(&self.fields, failure.pointer.field())
            && fits(&self.messages, Some(&failure.message))
            && is(self.is_drift, Some(seen.is_drift))
            && is(self.has_other_version, Some(seen.has_other_version))
            && self.sender_holds(seen.rules, &reading.sender)
            && self.verdict_holds(seen.verdict)
    }

    fn sender_holds(&self, rules: &Rules, sender: &Sender) -> bool {
        let app_id = sender.app_id.as_deref();
        let page_host = sender.page_host.as_deref();
        one_of(&self.app_ids, app_id)
            && fits(&self.paths, sender.path.as_deref())
            && fits(&self.user_agents, sender.user_agent.as_deref())
            && fits(&self.page_hosts, page_host)
            && fits(&self.asked_hosts, sender.asked_host.as_deref())
            && is(self.has_app_id, Some(app_id.is_some()))
            && is(self.knows_app_id, app_id.and_then(|app_id| rules.knows_app(app_id)))
            && is(self.knows_page_host, page_host.and_then(|host| rules.knows_host(host)))
            && is(self.is_empty, Some(sender.is_empty))
    }

    fn verdict_holds(&self, verdict: Option<(Family, &str)>) -> bool {
        let family = verdict.map(|(family, _)| family);
        (self.families.is_empty() || family.is_some_and(|family| self.families.contains(&family)))
            && one_of(&self.classes, verdict.map(|(_, class)| class))
    }
}

fn one_of(wanted: &[String], found: Option<&str>) -> bool {
    wanted.is_empty() || found.is_some_and(|found| wanted.iter().any(|it| it == found))
}

fn begins(starts: &[String], schema: Option<&str>) -> bool {
    schema.is_some_and(|schema| starts.iter().any(|start| schema.starts_with(start.as_str())))
}

/// Patterns see the beginning of a text only, so that no long one takes long.
fn fits(patterns: &[Regex], text: Option<&str>) -> bool {
    let fits = |text: &str| {
        let end = text.floor_char_boundary(MESSAGE_BYTES_MAX);
        let start = text.get(..end).unwrap_or(text);
        patterns.iter().any(|pattern| pattern.is_match(start))
    };
    patterns.is_empty() || text.is_some_and(fits)
}

fn is(wanted: Option<bool>, found: Option<bool>) -> bool {
    wanted.is_none() || wanted == found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_see_texts_up_to_the_limit() {
        let pattern = [Regex::new("y").unwrap()];
        for (before, expected) in [(MESSAGE_BYTES_MAX - 1, true), (MESSAGE_BYTES_MAX, false)] {
            let text = format!("{}y", "x".repeat(before));
            assert_eq!(fits(&pattern, Some(&text)), expected);
        }
    }
}
