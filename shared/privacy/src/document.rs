//! Reads a policy's text: sections in the order in which later ones refer to earlier ones.

mod bad_events;
mod classes;
mod columns;
mod derived;
mod fields;
mod schemas;
mod treatments;
mod urls;

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use yaml_tree::{Map, Problem, Problems, text};

use crate::class::Classes;
use crate::memo::Memory;
use crate::nodes::{Node, Nodes};
use crate::policy::{
    Audit, BadEventRules, DomainId, POLICY_BYTES_MAX, Policy, RuleId, Scheme, fingerprint,
};
use crate::problem::PolicyError;
use crate::treatment::{Act, Rule, Treatment};
use crate::url::UrlPart;

/// What problems call the whole.
const DOCUMENT: &str = "the policy";
/// The version of the language.
const VERSION: &str = "1";
/// The most rules, domains, classes and places that a policy has; ids have 16 bits.
const RULES_MAX: usize = u16::MAX as usize;
/// The longest name of a policy or a domain.
const NAME_CHARS_MAX: usize = 64;

pub(crate) fn read(policy_text: &str) -> Result<Policy, PolicyError> {
    if policy_text.len() > POLICY_BYTES_MAX {
        let problem = Problem::at(0, DOCUMENT, format!("is larger than {POLICY_BYTES_MAX} bytes"));
        return Err(PolicyError { problems: vec![problem] });
    }
    let tree = yaml_tree::parse(policy_text, DOCUMENT)
        .map_err(|problem| PolicyError { problems: vec![problem] })?;
    let mut builder = Builder::new(fingerprint(policy_text));
    if let Some(map) = Map::of(&tree, "", &mut builder.problems) {
        builder.sections(map);
    }
    builder.finish()
}

/// A policy on its way.
struct Builder {
    policy: Policy,
    problems: Problems,
    domains: BTreeMap<String, DomainId>,
}

impl Builder {
    fn new(fingerprint: String) -> Self {
        let default_rule = Rule {
            treatment: Treatment::Pseudonymize,
            domain: DomainId(0),
            subject: "what no rule names".to_owned(),
            line: 0,
            reason: None,
        };
        let policy = Policy {
            name: String::new(),
            fingerprint,
            scheme: Scheme::V1,
            audit: Audit::DerivedContexts,
            classes: Classes::default(),
            bad_events: BadEventRules::default(),
            unknown_uris: None,
            domains: Vec::new(),
            rules: Vec::new(),
            columns: Vec::new(),
            acts: Vec::new(),
            urls: Vec::new(),
            buckets: Vec::new(),
            nodes: Nodes { list: Vec::new(), default_rule, empty: Node::default() },
            schemas: BTreeMap::new(),
        };
        let mut builder =
            Self { policy, problems: Problems::of(DOCUMENT), domains: BTreeMap::new() };
        // The default's own domain stands first.
        builder.domain("@");
        builder
    }

    fn sections(&mut self, mut map: Map<'_>) {
        self.header(&mut map);
        self.classes(map.take("classes"));
        self.urls(map.take("urls"));
        self.columns(map.take("columns"));
        self.schemas(map.take("schemas"));
        self.unknown_schemas(map.take("unknown_schemas"));
        self.bad_events(map.take("bad_events"));
        self.check_derived();
        map.finish(&mut self.problems);
    }

    fn header(&mut self, map: &mut Map<'_>) {
        let version = map.require("version", &mut self.problems);
        self.choice(version, "version", &[(VERSION, ())]);
        let named = map.require("name", &mut self.problems);
        if let Some(node) = named
            && let Some(name) = text(node, "name", &mut self.problems)
        {
            self.policy.name = name.to_owned();
            let is_name = !name.is_empty()
                && name.len() <= NAME_CHARS_MAX
                && name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            if !is_name {
                let message = "is no text of lower-case letters, digits and dashes";
                self.problems.add(node.line, "name", message);
            }
        }
        let schemes = [("hmac-sha256-hex", Scheme::HmacSha256Hex), ("v1", Scheme::V1)];
        let scheme = map.require("scheme", &mut self.problems);
        if let Some(scheme) = self.choice(scheme, "scheme", &schemes) {
            self.policy.scheme = scheme;
        }
        // It may be said, but never otherwise: what nobody reviewed is not shown.
        self.choice(map.take("default"), "default", &[("pseudonymize", ())]);
        let audits = [
            ("derived_contexts", Audit::DerivedContexts),
            ("etl_tags", Audit::EtlTags),
            ("none", Audit::Nowhere),
        ];
        if let Some(audit) = self.choice(map.take("audit"), "audit", &audits) {
            self.policy.audit = audit;
        }
    }

    /// One of a few words.
    fn choice<T: Copy>(
        &mut self,
        node: Option<&yaml_tree::Node>,
        subject: &str,
        choices: &[(&str, T)],
    ) -> Option<T> {
        let node = node?;
        let found = text(node, subject, &mut self.problems)?;
        let choice = choices.iter().find(|(name, _)| *name == found);
        if choice.is_none() {
            let names: Vec<_> = choices.iter().map(|(name, _)| *name).collect();
            let message = format!("is {found:?} and can only be {}", names.join(" or "));
            self.problems.add(node.line, subject, message);
        }
        choice.map(|(_, value)| *value)
    }

    /// The domain of this name, which may be new.
    fn domain(&mut self, name: &str) -> DomainId {
        if let Some(id) = self.domains.get(name) {
            return *id;
        }
        let Ok(id) = u16::try_from(self.policy.domains.len()) else {
            self.problems.add(0, "", format!("has more than {RULES_MAX} domains"));
            return DomainId(0);
        };
        self.policy.domains.push(name.to_owned());
        self.domains.insert(name.to_owned(), DomainId(id));
        DomainId(id)
    }

    fn rule(&mut self, rule: Rule) -> RuleId {
        let Ok(id) = u16::try_from(self.policy.rules.len()) else {
            self.problems.add(rule.line, "", format!("has more than {RULES_MAX} rules"));
            return RuleId(0);
        };
        self.policy.rules.push(rule);
        RuleId(id)
    }

    fn finish(mut self) -> Result<Policy, PolicyError> {
        let classes = &self.policy.classes;
        let acts = self.policy.rules.iter().map(|rule| {
            let memory = match rule.treatment {
                Treatment::Keep(class) => classes.memory(class),
                Treatment::Drop => Memory::Nothing,
                // Addresses of pages are many, and each stands in several places of its event.
                Treatment::Url(_, UrlPart::Whole | UrlPart::Path) => Memory::All,
                Treatment::Pseudonymize
                | Treatment::Ip { .. }
                | Treatment::Round(_)
                | Treatment::Time(_)
                | Treatment::Bucket(_)
                | Treatment::Url(..)
                | Treatment::Json => Memory::LastAndAll,
            };
            Act { treatment: rule.treatment, domain: rule.domain, memory }
        });
        self.policy.acts = acts.collect();
        self.problems.finish(self.policy).map_err(|problems| PolicyError { problems })
    }
}
