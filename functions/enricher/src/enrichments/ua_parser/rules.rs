//! A file of rules for user agents, `regexes.yaml` of the uap project: read, checked, compiled.

use std::borrow::Cow;

use json_tree::Json;
use ua_parser::{Extractor, Regexes, device, os, user_agent};

use crate::enrichments::yaml;

/// The rules that come along; `assets/README.md` says where they are from.
const BUNDLED: &str = include_str!("../../../assets/ua-parser/regexes.yaml");
/// Most rules in a file.
const RULES_MAX: usize = 20_000;

/// Compiled rules.
pub(super) struct Rules(Extractor<'static>);

/// What the rules say of one user agent.
type Extracted<'a> =
    (Option<user_agent::ValueRef<'a>>, Option<os::ValueRef<'a>>, Option<device::ValueRef<'a>>);

impl Rules {
    /// The rules that come along.
    #[allow(clippy::expect_used, reason = "a file of ours, which a test compiles")]
    pub(super) fn bundled() -> Self {
        Self::read(BUNDLED.as_bytes()).expect("rules")
    }

    /// Reads a file; an error says what is wrong with it.
    pub(super) fn read(bytes: &[u8]) -> Result<Self, String> {
        let text = str::from_utf8(bytes).map_err(|_| "is no UTF-8".to_owned())?;
        let tree = yaml::parse(text)?;
        let lists = ["user_agent_parsers", "os_parsers", "device_parsers"];
        for name in tree.as_object().into_iter().flat_map(json_tree::Object::keys) {
            if !lists.contains(&name) {
                return Err(format!("holds {name:?}, which no file of rules does"));
            }
        }
        let [agents, systems, devices] = lists.map(|name| rules(&tree, name));
        let (agents, systems, devices) = (agents?, systems?, devices?);
        if agents.len() + systems.len() + devices.len() > RULES_MAX {
            return Err(format!("holds more than {RULES_MAX} rules"));
        }
        let regexes = Regexes {
            user_agent_parsers: agents.into_iter().map(agent_rule).collect(),
            os_parsers: systems.into_iter().map(system_rule).collect(),
            device_parsers: devices.into_iter().map(device_rule).collect(),
        };
        // The library's error quotes the pattern, which is nobody's data.
        Extractor::try_from(regexes).map(Self).map_err(|error| format!("holds {error}"))
    }

    pub(super) fn extract<'a>(&'a self, text: &'a str) -> Extracted<'a> {
        self.0.extract(text)
    }
}

/// The rules of a list, each of which has a pattern.
fn rules<'t>(tree: &'t Json<'static>, name: &str) -> Result<Vec<&'t Json<'static>>, String> {
    let list = tree.get(name).and_then(Json::as_array);
    let list = list.ok_or_else(|| format!("has no list {name:?}"))?;
    let has_pattern = |rule: &&Json<'_>| rule.get("regex").and_then(Json::as_str).is_some();
    match list.iter().position(|rule| !has_pattern(&rule)) {
        Some(at) => Err(format!("rule {} of {name} has no regex", at + 1)),
        None => Ok(list.iter().collect()),
    }
}

fn text(rule: &Json<'static>, name: &str) -> Option<Cow<'static, str>> {
    rule.get(name).and_then(Json::as_str).map(|text| Cow::Owned(text.to_owned()))
}

fn agent_rule(rule: &Json<'static>) -> user_agent::Parser<'static> {
    user_agent::Parser {
        regex: text(rule, "regex").unwrap_or_default(),
        family_replacement: text(rule, "family_replacement"),
        v1_replacement: text(rule, "v1_replacement"),
        v2_replacement: text(rule, "v2_replacement"),
        v3_replacement: text(rule, "v3_replacement"),
        v4_replacement: text(rule, "v4_replacement"),
    }
}

fn system_rule(rule: &Json<'static>) -> os::Parser<'static> {
    os::Parser {
        regex: text(rule, "regex").unwrap_or_default(),
        os_replacement: text(rule, "os_replacement"),
        os_v1_replacement: text(rule, "os_v1_replacement"),
        os_v2_replacement: text(rule, "os_v2_replacement"),
        os_v3_replacement: text(rule, "os_v3_replacement"),
        os_v4_replacement: text(rule, "os_v4_replacement"),
    }
}

fn device_rule(rule: &Json<'static>) -> device::Parser<'static> {
    let ignores_case = text(rule, "regex_flag").is_some_and(|flag| flag == "i");
    device::Parser {
        regex: text(rule, "regex").unwrap_or_default(),
        regex_flag: ignores_case.then_some(device::Flag::IgnoreCase),
        device_replacement: text(rule, "device_replacement"),
        brand_replacement: text(rule, "brand_replacement"),
        model_replacement: text(rule, "model_replacement"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rules_that_come_along_compile() {
        let rules = Rules::bundled();
        let (agent, ..) =
            rules.extract("Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0");
        assert_eq!(agent.unwrap().family, "Firefox");
    }

    #[test]
    fn a_broken_file_is_refused() {
        let empty = "user_agent_parsers: []\nos_parsers: []\ndevice_parsers: []\n";
        assert!(Rules::read(empty.as_bytes()).is_ok());
        for text in [
            "",
            "a: b",
            "user_agent_parsers: []\nos_parsers: []\n",
            "user_agent_parsers:\n  - regex: '('\nos_parsers: []\ndevice_parsers: []\n",
            "user_agent_parsers:\n  - family: x\nos_parsers: []\ndevice_parsers: []\n",
            "version: 2\nuser_agent_parsers: []\nos_parsers: []\ndevice_parsers: []\n",
        ] {
            assert!(Rules::read(text.as_bytes()).is_err(), "{text}");
        }
    }
}
