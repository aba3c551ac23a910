//! A file of rules, read with everything that is wrong with it and where.

use json_tree::{Json, Object};
use regex_lite::Regex;

use super::{Family, Noise, Owner, Recoverable, Rule, Rules, RulesError, Severity, When};
use crate::classification::PLACEHOLDERS;

/// The largest file, in bytes, and how deep it may nest.
const FILE_BYTES_MAX: usize = 1_048_576;
const DEPTH_MAX: usize = 10;
/// The most rules, noise rules, owners, applications and hosts, each.
const ITEMS_MAX: usize = 1_000;
/// The most alternatives of one condition.
const ALTERNATIVES_MAX: usize = 200;
/// The longest text, in bytes.
const TEXT_BYTES_MAX: usize = 1_000;

/// What a file says.
pub(super) struct Loaded {
    pub(super) rules: Rules,
    pub(super) with_built_in: bool,
}

pub(super) fn read(text: &str) -> Result<Loaded, RulesError> {
    let fail = |problem: String| RulesError { problems: vec![problem] };
    if text.len() > FILE_BYTES_MAX {
        return Err(fail(format!("is larger than {FILE_BYTES_MAX} bytes")));
    }
    let json = Json::parse(text, DEPTH_MAX).map_err(|error| fail(error.to_string()))?;
    let object = json.as_object().ok_or_else(|| fail("is no JSON object".to_owned()))?;
    let mut reader = Reader::default();
    let mut loaded = Loaded { rules: Rules::none(), with_built_in: true };
    for (key, value) in object.iter() {
        let rules = &mut loaded.rules;
        match key {
            "built_in" => loaded.with_built_in = reader.truth(key, value).unwrap_or(true),
            "rules" => rules.all = reader.list(key, value, Reader::rule),
            "noise" => rules.noise = reader.list(key, value, Reader::noise),
            "owners" => rules.owners = reader.list(key, value, Reader::owner),
            "owner" => rules.owner = reader.text(key, value),
            "app_ids" => rules.app_ids = reader.list(key, value, |r, at, it| Some(r.text(at, it))),
            "hosts" => {
                let lower = |r: &mut Reader, at: &str, it: &Json<'_>| {
                    Some(r.text(at, it).to_ascii_lowercase())
                };
                rules.hosts = reader.list(key, value, lower);
            }
            _ => reader.unknown("", key),
        }
    }
    if reader.problems.is_empty() {
        Ok(loaded)
    } else {
        Err(RulesError { problems: reader.problems })
    }
}

#[derive(Default)]
struct Reader {
    problems: Vec<String>,
}

impl Reader {
    fn problem(&mut self, at: &str, problem: impl std::fmt::Display) {
        self.problems.push(format!("{at}: {problem}"));
    }

    fn unknown(&mut self, at: &str, key: &str) {
        let dot = if at.is_empty() { "" } else { "." };
        self.problem(&format!("{at}{dot}{key}"), "there is no such key");
    }

    fn truth(&mut self, at: &str, json: &Json<'_>) -> Option<bool> {
        let found = json.as_bool();
        if found.is_none() {
            self.problem(at, "is neither true nor false");
        }
        found
    }

    fn text(&mut self, at: &str, json: &Json<'_>) -> String {
        let text = json.as_str().unwrap_or_default();
        if !(1..=TEXT_BYTES_MAX).contains(&text.len()) {
            self.problem(at, format_args!("is no text of 1 to {TEXT_BYTES_MAX} bytes"));
        }
        text.to_owned()
    }

    fn list<T>(
        &mut self,
        at: &str,
        json: &Json<'_>,
        mut read: impl FnMut(&mut Self, &str, &Json<'_>) -> Option<T>,
    ) -> Vec<T> {
        let Some(items) = json.as_array().filter(|items| items.len() <= ITEMS_MAX) else {
            self.problem(at, format_args!("is no list of at most {ITEMS_MAX}"));
            return Vec::new();
        };
        let places = items.iter().enumerate();
        places.filter_map(|(index, item)| read(self, &format!("{at}[{index}]"), item)).collect()
    }

    fn object<'j, 'a>(&mut self, at: &str, json: &'j Json<'a>) -> Option<&'j Object<'a>> {
        let object = json.as_object();
        if object.is_none() {
            self.problem(at, "is no object");
        }
        object
    }

    /// The text of a key that must be there.
    fn needed(&mut self, at: &str, object: &Object<'_>, key: &str) -> String {
        self.text(&format!("{at}.{key}"), object.get(key).unwrap_or(&Json::Null))
    }

    /// One of several things, by its name.
    fn choice<T: Copy>(
        &mut self,
        at: &str,
        text: &str,
        (all, name): (&[T], fn(T) -> &'static str),
    ) -> Option<T> {
        let found = all.iter().copied().find(|it| name(*it) == text);
        if found.is_none() {
            let names: Vec<_> = all.iter().map(|it| name(*it)).collect();
            self.problem(at, format_args!("is not one of {}", names.join(", ")));
        }
        found
    }

    fn only(&mut self, at: &str, object: &Object<'_>, keys: &[&str]) {
        for key in object.keys().filter(|key| !keys.contains(key)) {
            self.unknown(at, key);
        }
    }

    fn rule(&mut self, at: &str, json: &Json<'_>) -> Option<Rule> {
        let object = self.object(at, json)?;
        let keys =
            ["class", "family", "severity", "cause", "remedy", "recoverable", "when", "comment"];
        self.only(at, object, &keys);
        let family = self.needed(at, object, "family");
        let severity = self.needed(at, object, "severity");
        let recoverable = self.needed(at, object, "recoverable");
        let remedy = self.needed(at, object, "remedy");
        self.placeholders(&format!("{at}.remedy"), &remedy);
        let family = self.choice(&format!("{at}.family"), &family, (&Family::ALL, Family::name));
        let severity =
            self.choice(&format!("{at}.severity"), &severity, (&Severity::ALL, Severity::name));
        let all = (Recoverable::ALL.as_slice(), Recoverable::name as fn(_) -> _);
        let recoverable = self.choice(&format!("{at}.recoverable"), &recoverable, all);
        Some(Rule {
            class: self.needed(at, object, "class"),
            cause: self.needed(at, object, "cause"),
            when: self.when(&format!("{at}.when"), object.get("when").unwrap_or(&Json::Null))?,
            family: family?,
            severity: severity?,
            recoverable: recoverable?,
            remedy,
        })
    }

    fn placeholders(&mut self, at: &str, text: &str) {
        for piece in text.split('{').skip(1) {
            let name = piece.split('}').next().unwrap_or_default();
            if !PLACEHOLDERS.contains(&name) {
                let known = PLACEHOLDERS.join(", ");
                self.problem(at, format_args!("{{{name}}} is not one of {known}"));
            }
        }
    }

    fn noise(&mut self, at: &str, json: &Json<'_>) -> Option<Noise> {
        let object = self.object(at, json)?;
        self.only(at, object, &["id", "reason", "when", "comment"]);
        Some(Noise {
            id: self.needed(at, object, "id"),
            reason: self.needed(at, object, "reason"),
            when: self.when(&format!("{at}.when"), object.get("when").unwrap_or(&Json::Null))?,
        })
    }

    fn owner(&mut self, at: &str, json: &Json<'_>) -> Option<Owner> {
        let object = self.object(at, json)?;
        self.only(at, object, &["schema", "app_id", "owner"]);
        let mut optional =
            |key: &str| object.get(key).map(|value| self.text(&format!("{at}.{key}"), value));
        let (schema, app_id) = (optional("schema"), optional("app_id"));
        Some(Owner { schema, app_id, name: self.needed(at, object, "owner") })
    }

    fn when(&mut self, at: &str, json: &Json<'_>) -> Option<When> {
        let object = self.object(at, json)?;
        let mut when = When::default();
        for (key, value) in object.iter() {
            let at = &format!("{at}.{key}");
            match key {
                "type" => when.kinds = self.texts(at, value),
                "stage" => when.stages = self.texts(at, value),
                "keyword" => when.keywords = self.texts(at, value),
                "code" => when.codes = self.texts(at, value),
                "schema" => when.schemas = self.texts(at, value),
                "not_schema" => when.schemas_not = self.texts(at, value),
                "field" => when.fields = self.patterns(at, value),
                "message" => when.messages = self.patterns(at, value),
                "path" => when.paths = self.patterns(at, value),
                "user_agent" => when.user_agents = self.patterns(at, value),
                "page_host" => when.page_hosts = self.patterns(at, value),
                "asked_host" => when.asked_hosts = self.patterns(at, value),
                "app_id" => when.app_ids = self.texts(at, value),
                "class" => when.classes = self.texts(at, value),
                "family" => {
                    let all = (Family::ALL.as_slice(), Family::name as fn(_) -> _);
                    let names = self.texts(at, value);
                    let found = names.iter().filter_map(|name| self.choice(at, name, all));
                    when.families = found.collect();
                }
                "is_drift" => when.is_drift = self.truth(at, value),
                "has_other_version" => when.has_other_version = self.truth(at, value),
                "has_app_id" => when.has_app_id = self.truth(at, value),
                "knows_app_id" => when.knows_app_id = self.truth(at, value),
                "knows_page_host" => when.knows_page_host = self.truth(at, value),
                "is_empty" => when.is_empty = self.truth(at, value),
                _ => self.problem(at, "there is no such condition"),
            }
        }
        Some(when)
    }

    /// A list that holds something; an empty one would hold always.
    fn texts(&mut self, at: &str, json: &Json<'_>) -> Vec<String> {
        let texts = self.list(at, json, |reader, at, item| Some(reader.text(at, item)));
        if !(1..=ALTERNATIVES_MAX).contains(&texts.len()) {
            self.problem(at, format_args!("has not 1 to {ALTERNATIVES_MAX} alternatives"));
        }
        texts
    }

    fn patterns(&mut self, at: &str, json: &Json<'_>) -> Vec<Regex> {
        let texts = self.texts(at, json);
        let mut compiled = Vec::with_capacity(texts.len());
        for (index, text) in texts.iter().enumerate() {
            match Regex::new(text) {
                Ok(pattern) => compiled.push(pattern),
                Err(error) => self.problem(&format!("{at}[{index}]"), error),
            }
        }
        compiled
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn problems(text: &str) -> Vec<String> {
        read(text).err().map(|error| error.problems).unwrap_or_default()
    }

    #[test]
    fn every_problem_is_named_with_its_place() {
        let text = r#"{"nope":1,"rules":[{"class":"a","family":"b","severity":"P9","cause":"c",
            "remedy":"{value}","recoverable":"maybe","when":{"message":["("],"color":[],"type":[]}}],
            "owners":[{"schema":5}],"hosts":"x"}"#;
        let found = problems(text);
        for expected in [
            "nope: there is no such key",
            "rules[0].family: is not one of schema-drift",
            "rules[0].severity: is not one of P0",
            "rules[0].recoverable: is not one of auto",
            "rules[0].remedy: {value} is not one of",
            "rules[0].when.message[0]: ",
            "rules[0].when.color: there is no such condition",
            "rules[0].when.type: has not 1 to",
            "owners[0].schema: is no text",
            "owners[0].owner: is no text",
            "hosts: is no list",
        ] {
            assert!(found.iter().any(|it| it.starts_with(expected)), "{expected}: {found:?}");
        }
        assert_eq!(found.len(), 11, "{found:?}");
        assert_eq!(problems("{\n\"a\" 1}"), ["expected : at line 2, column 5"]);
    }

    #[test]
    fn files_end_at_their_limits() {
        let list = |count: usize, bytes: usize| {
            let items = vec![format!("\"{}\"", "x".repeat(bytes)); count];
            format!("{{\"hosts\":[{}]}}", items.join(","))
        };
        assert!(problems(&list(ITEMS_MAX, 1)).is_empty());
        assert_eq!(problems(&list(ITEMS_MAX + 1, 1)).len(), 1);
        assert!(problems(&list(1, TEXT_BYTES_MAX)).is_empty());
        assert_eq!(problems(&list(1, TEXT_BYTES_MAX + 1)).len(), 1);
        let noise = |count: usize| {
            let types = vec!["\"x\""; count].join(",");
            format!(
                "{{\"noise\":[{{\"id\":\"a\",\"reason\":\"b\",\"when\":{{\"type\":[{types}]}}}}]}}"
            )
        };
        assert!(problems(&noise(ALTERNATIVES_MAX)).is_empty());
        assert_eq!(problems(&noise(ALTERNATIVES_MAX + 1)).len(), 1);
        let padded = |bytes: usize| format!("{{}}{}", " ".repeat(bytes - 2));
        assert!(problems(&padded(FILE_BYTES_MAX)).is_empty());
        assert_eq!(problems(&padded(FILE_BYTES_MAX + 1)).len(), 1);
    }
}
