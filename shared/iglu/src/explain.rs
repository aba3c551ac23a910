//! Why a value does not follow a schema, in the order and the words of the reference validator.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use json_tree::{Json, Object};

use crate::check::{self, Checker, Entered, VALIDATION_DEPTH_MAX};
use crate::equal::are_distinct;
use crate::format::Complaint;
use crate::map_order;
use crate::node::{
    Additional, ArrayKeyword, ArrayRules, Combination, Combined, Dependency, Items, Keyword, Node,
    NodeId, NumberKeyword, NumberRules, ObjectKeyword, ObjectRules, Program, Rules, TYPES,
    TextKeyword, TextRules, Types,
};
use crate::report::Report;

/// Most reports about one value; no more of them fit into a bad row.
pub const REPORTS_MAX: usize = 10_000;

/// All that is wrong with a value, each once.
pub(crate) fn reports(program: &Program, json: &Json<'_>) -> Vec<Report> {
    let mut explainer = Explainer {
        program,
        checker: Checker::new(program),
        path: "$".to_owned(),
        reports: Vec::new(),
    };
    explainer.node(NodeId(0), json, VALIDATION_DEPTH_MAX);
    let (mut reports, mut seen) = (explainer.reports, BTreeSet::new());
    reports.retain(|report| seen.insert(report.clone()));
    if explainer.checker.is_exhausted {
        reports.push(Report::without_place("Maximum allowed JSON depth exceeded", "/"));
    }
    reports
}

struct Explainer<'p> {
    program: &'p Program,
    checker: Checker<'p>,
    path: String,
    reports: Vec<Report>,
}

impl<'p> Explainer<'p> {
    fn node(&mut self, id: NodeId, json: &Json<'_>, mut depth_left: usize) {
        if self.reports.len() >= REPORTS_MAX {
            return;
        }
        let Entered::Rules(rules) = self.checker.enter(id, &mut depth_left) else { return };
        for keyword in &rules.order {
            self.keyword(*keyword, rules, json, depth_left);
        }
    }

    fn keyword(&mut self, keyword: Keyword, rules: &Rules, json: &Json<'_>, depth_left: usize) {
        match keyword {
            Keyword::Type => {
                if let Some(types) = &rules.types {
                    self.types(types, json);
                }
            }
            Keyword::Enum => {
                if let Some(values) = &rules.values
                    && !check::is_listed(values, json)
                {
                    let text = "does not have a value in the enumeration";
                    self.limit("enum", text, "", &values.shown);
                }
            }
            Keyword::Object(keyword) => {
                if let (Some(rules), Json::Object(object)) = (&rules.object, json) {
                    self.object(keyword, rules, object, depth_left);
                    if keyword == ObjectKeyword::Dependencies {
                        self.dependencies(rules, json, depth_left);
                    }
                }
            }
            Keyword::Array(keyword) => {
                if let (Some(rules), Json::Array(values)) = (&rules.array, json) {
                    self.array(keyword, rules, values, depth_left);
                }
            }
            Keyword::Text(keyword) => {
                if let (Some(rules), Json::Text(text)) = (&rules.text, json) {
                    self.text(keyword, rules, text);
                }
            }
            Keyword::Number(keyword) => {
                if let (Some(rules), Json::Number(number)) = (&rules.number, json) {
                    self.number(keyword, rules, number);
                }
            }
            Keyword::Combined(keyword) => {
                if let Some(rules) = &rules.combined {
                    self.combined(keyword, rules, json, depth_left);
                }
            }
        }
    }

    /// Reports `P: text` with these targets.
    fn report(&mut self, keyword: &'static str, text: &str, targets: Vec<String>) {
        let message = format!("{}: {text}", self.path);
        self.push(keyword, message, targets);
    }

    /// Reports `P: text limit rest`, the limit being the target.
    fn limit(&mut self, keyword: &'static str, text: &str, rest: &str, limit: &dyn ToString) {
        let limit = limit.to_string();
        self.report(keyword, &format!("{text} {limit}{rest}"), vec![limit]);
    }

    /// Reports `P.key: text`, the key being the target.
    fn key(&mut self, keyword: &'static str, key: &str, text: &str) {
        let message = format!("{}.{key}: {text}", self.path);
        self.push(keyword, message, vec![key.to_owned()]);
    }

    fn push(&mut self, keyword: &'static str, message: String, targets: Vec<String>) {
        if self.reports.len() < REPORTS_MAX {
            let (path, keyword) = (Some(self.path.clone()), Some(keyword.into()));
            self.reports.push(Report { message, path, keyword, targets });
        }
    }

    fn types(&mut self, types: &Types, json: &Json<'_>) {
        let bits = check::type_bits(json);
        if types.bits & bits != 0 {
            return;
        }
        // An integer has two bits; the first of them is its name.
        let found = TYPES.iter().find(|(_, bit)| bits & bit != 0).map_or("", |(name, _)| name);
        let shown = &types.shown;
        let targets = vec![found.to_owned(), shown.clone()];
        if types.is_list {
            self.report("unionType", &format!("{found} found, but {shown} is required"), targets);
        } else {
            self.report("type", &format!("{found} found, {shown} expected"), targets);
        }
    }

    fn object(
        &mut self,
        keyword: ObjectKeyword,
        rules: &ObjectRules,
        object: &Object<'_>,
        depth_left: usize,
    ) {
        match keyword {
            ObjectKeyword::Properties => {
                for (name, id) in &rules.properties {
                    if let Some(value) = object.get(name) {
                        self.below(*id, name, value, depth_left);
                    }
                }
            }
            ObjectKeyword::PatternProperties => {
                for (key, value) in in_map_order(object) {
                    for (_, id) in
                        rules.patterns.iter().filter(|(pattern, _)| pattern.occurs_in(key))
                    {
                        self.below(*id, key, value, depth_left);
                    }
                }
            }
            ObjectKeyword::AdditionalProperties => self.additional(rules, object, depth_left),
            ObjectKeyword::Required => {
                for name in rules.required.iter().filter(|name| !object.contains_key(name)) {
                    self.key("required", name, "is missing but it is required");
                }
            }
            ObjectKeyword::MinProperties if rules.size.is_below(object.len()) => {
                let limit = rules.size.min.unwrap_or_default();
                self.limit("minProperties", "should have a minimum of", " properties", &limit);
            }
            ObjectKeyword::MaxProperties if rules.size.is_above(object.len()) => {
                let limit = rules.size.max.unwrap_or_default();
                self.limit("maxProperties", "may only have a maximum of", " properties", &limit);
            }
            ObjectKeyword::MinProperties
            | ObjectKeyword::MaxProperties
            | ObjectKeyword::Dependencies => {}
        }
    }

    fn additional(&mut self, rules: &ObjectRules, object: &Object<'_>, depth_left: usize) {
        if rules.additional == Additional::Anything {
            return;
        }
        for (key, value) in in_map_order(object) {
            let is_named = rules.properties.iter().any(|(name, _)| name.as_ref() == key)
                || rules.patterns.iter().any(|(pattern, _)| pattern.occurs_in(key));
            if is_named || check::is_comment(key) {
                continue;
            }
            if let Additional::Checked(id) = rules.additional {
                self.below(id, key, value, depth_left);
            } else {
                let text = "is not defined in the schema and the schema does not allow additional properties";
                self.key("additionalProperties", key, text);
            }
        }
    }

    fn dependencies(&mut self, rules: &ObjectRules, json: &Json<'_>, depth_left: usize) {
        for (key, _) in json.as_object().map(in_map_order).unwrap_or_default() {
            let of_key = rules.dependencies.iter().filter(|(name, _)| name.as_ref() == key);
            for (_, dependency) in of_key {
                match dependency {
                    Dependency::Keys(keys) if keys.iter().any(|key| json.get(key).is_none()) => {
                        let shown = rules.dependencies_shown.clone();
                        self.limit("dependencies", "has an error with dependencies", "", &shown);
                    }
                    Dependency::Keys(_) => {}
                    Dependency::Node(id) => self.node(*id, json, depth_left),
                }
            }
        }
    }

    fn array(
        &mut self,
        keyword: ArrayKeyword,
        rules: &ArrayRules,
        values: &[Json<'_>],
        depth_left: usize,
    ) {
        match keyword {
            ArrayKeyword::Items => self.items(&rules.items, values, depth_left),
            ArrayKeyword::MinItems if rules.size.is_below(values.len()) => {
                let limit = rules.size.min.unwrap_or_default();
                self.limit("minItems", "there must be a minimum of", " items in the array", &limit);
            }
            ArrayKeyword::MaxItems if rules.size.is_above(values.len()) => {
                let limit = rules.size.max.unwrap_or_default();
                self.limit("maxItems", "there must be a maximum of", " items in the array", &limit);
            }
            ArrayKeyword::UniqueItems if rules.is_unique && !are_distinct(values) => {
                self.report("uniqueItems", "the items in the array must be unique", Vec::new());
            }
            ArrayKeyword::MinItems | ArrayKeyword::MaxItems | ArrayKeyword::UniqueItems => {}
        }
    }

    fn items(&mut self, items: &Items, values: &[Json<'_>], depth_left: usize) {
        for (place, value) in values.iter().enumerate() {
            let id = match items {
                Items::Anything => return,
                Items::All(id) => *id,
                Items::Places(ids, additional) => match (ids.get(place), additional) {
                    (Some(id), _) | (None, Additional::Checked(id)) => *id,
                    (None, Additional::Anything) => continue,
                    (None, Additional::Nothing) => {
                        let message =
                            format!("{}[{place}]: no validator found at this index", self.path);
                        self.push("items", message, vec![place.to_string()]);
                        continue;
                    }
                },
            };
            let length = self.path.len();
            // Writing to a String cannot fail.
            write!(self.path, "[{place}]").unwrap_or_default();
            self.node(id, value, depth_left);
            self.path.truncate(length);
        }
    }

    /// Goes on with the value of a key.
    fn below(&mut self, id: NodeId, key: &str, value: &Json<'_>, depth_left: usize) {
        let length = self.path.len();
        self.path.push('.');
        self.path.push_str(key);
        self.node(id, value, depth_left);
        self.path.truncate(length);
    }

    fn text(&mut self, keyword: TextKeyword, rules: &TextRules, text: &str) {
        let characters = || text.chars().count();
        match keyword {
            TextKeyword::MinLength if rules.length.is_below(characters()) => {
                let limit = rules.length.min.unwrap_or_default();
                self.limit("minLength", "must be at least", " characters long", &limit);
            }
            TextKeyword::MaxLength if rules.length.is_above(characters()) => {
                let limit = rules.length.max.unwrap_or_default();
                self.limit("maxLength", "may only be", " characters long", &limit);
            }
            TextKeyword::Pattern => {
                let broken = rules.pattern.as_ref().filter(|pattern| !pattern.occurs_in(text));
                if let Some(pattern) = broken {
                    self.limit(
                        "pattern",
                        "does not match the regex pattern",
                        "",
                        &pattern.source(),
                    );
                }
            }
            TextKeyword::Format => {
                let broken = rules.format.as_ref().filter(|(format, _)| !format.fits(text));
                if let Some((format, name)) = broken {
                    self.format(format.complaint(), name, text);
                }
            }
            TextKeyword::MinLength | TextKeyword::MaxLength => {}
        }
    }

    fn format(&mut self, complaint: Complaint, name: &str, text: &str) {
        let (keyword, first, second) = match complaint {
            Complaint::Invalid(keyword) => {
                let targets = vec![text.to_owned(), name.to_owned()];
                return self.report(keyword, &format!("{text} is an invalid {name}"), targets);
            }
            Complaint::Pattern(pattern) => ("format", name.to_owned(), pattern),
            Complaint::Value => ("format", text.to_owned(), name.to_owned()),
        };
        let message = format!("does not match the {first} pattern {second}");
        self.report(keyword, &message, vec![first, second]);
    }

    fn number(&mut self, keyword: NumberKeyword, rules: &NumberRules, number: &str) {
        let (name, text, bound, is_broken): (_, _, _, fn(&str, &_) -> bool) = match keyword {
            NumberKeyword::Minimum => {
                ("minimum", "must have a minimum value of", &rules.minimum, check::breaks_minimum)
            }
            NumberKeyword::Maximum => {
                ("maximum", "must have a maximum value of", &rules.maximum, check::breaks_maximum)
            }
            NumberKeyword::MultipleOf => {
                ("multipleOf", "must be multiple of", &rules.multiple_of, check::breaks_multiple)
            }
        };
        if let Some(bound) = bound.as_ref().filter(|bound| is_broken(number, bound)) {
            self.limit(name, text, "", &bound.shown);
        }
    }

    fn combined(
        &mut self,
        keyword: Combination,
        rules: &Combined,
        json: &Json<'_>,
        depth_left: usize,
    ) {
        match keyword {
            Combination::AllOf => {
                for id in &rules.all_of {
                    self.node(*id, json, depth_left);
                }
            }
            Combination::AnyOf if self.count(&rules.any_of, json, depth_left) == 0 => {
                for id in &rules.any_of {
                    match self.wrong_type(*id, json) {
                        Some(types) => self.types(types, json),
                        None => self.node(*id, json, depth_left),
                    }
                }
            }
            Combination::OneOf => match self.count(&rules.one_of, json, depth_left) {
                0 => {
                    for id in &rules.one_of {
                        self.node(*id, json, depth_left);
                    }
                }
                1 => {}
                _ => {
                    let text = "should be valid to one and only one of schema, but more than one are valid:";
                    self.limit("oneOf", text, "", &rules.one_of_shown);
                }
            },
            Combination::Not => {
                let broken =
                    rules.not.as_ref().filter(|(id, _)| self.checker.check(*id, json, depth_left));
                if let Some((_, shown)) = broken {
                    self.limit("not", "should not be valid to the schema", "", &shown);
                }
            }
            Combination::AnyOf => {}
        }
    }

    /// How many of the schemas the value follows, of interest up to two.
    fn count(&mut self, ids: &[NodeId], json: &Json<'_>, depth_left: usize) -> usize {
        let fits = |id: &&NodeId| self.checker.check(**id, json, depth_left);
        ids.iter().filter(fits).take(2).count()
    }

    /// The one type that an alternative wants, if the value has another.
    fn wrong_type(&self, id: NodeId, json: &Json<'_>) -> Option<&'p Types> {
        let Some(Node::Rules(rules)) = self.program.nodes.get(id.0) else { return None };
        let is_wrong = |types: &&Types| !types.is_list && types.bits & check::type_bits(json) == 0;
        rules.types.as_ref().filter(is_wrong)
    }
}

fn in_map_order<'t, 'a>(object: &'t Object<'a>) -> Vec<(&'t str, &'t Json<'a>)> {
    let mut pairs: Vec<_> = object.iter().collect();
    map_order::sort(&mut pairs, |(key, _)| key);
    pairs
}
