//! What bad events mean: rules in their order, what is noise, and whose is what.

mod load;
mod when;

use std::fmt;

pub(crate) use when::{Seen, When};

/// The rules that the program carries along.
const BUILT_IN: &str = include_str!("../rules.json");

/// What kind of failure it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Family {
    /// A field that another version of the schema has.
    SchemaDrift,
    /// No registry has the schema, or it is broken.
    SchemaMissing,
    /// A registry does not answer.
    RegistryDown,
    /// A value of another type.
    TypeMismatch,
    /// A value that the schema does not allow.
    Constraint,
    /// A tracker that does not keep to the protocol.
    Protocol,
    /// A payload that cannot be read.
    PayloadFormat,
    /// A path or a webhook that nobody reads.
    Adapter,
    /// Something too large.
    Size,
    /// An enrichment that could not do its work.
    Enrichment,
    /// What our own treatment could not do.
    Pseudonymizer,
    /// What could not be loaded.
    Loader,
    /// Anything else.
    Unknown,
}

/// How soon somebody must look.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Now.
    P0,
    /// Today.
    P1,
    /// This week.
    P2,
    /// Only if there are many more than usual.
    P3,
}

/// Whether the event can be had after all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Recoverable {
    /// By sending it again once the cause is gone.
    Auto,
    /// By changing it in a known way and sending it again.
    Recipe,
    /// Not at all.
    No,
}

/// One rule.
#[derive(Clone, Debug)]
pub(crate) struct Rule {
    pub(crate) class: String,
    pub(crate) family: Family,
    pub(crate) severity: Severity,
    pub(crate) cause: String,
    pub(crate) remedy: String,
    pub(crate) recoverable: Recoverable,
    pub(crate) when: When,
}

/// One reason to take a bad event for noise.
#[derive(Clone, Debug)]
pub(crate) struct Noise {
    pub(crate) id: String,
    pub(crate) reason: String,
    pub(crate) when: When,
}

/// Whose something is.
#[derive(Clone, Debug)]
pub(crate) struct Owner {
    /// How `vendor/name` begins.
    pub(crate) schema: Option<String>,
    pub(crate) app_id: Option<String>,
    pub(crate) name: String,
}

/// All that is configured.
#[derive(Clone, Debug)]
pub struct Rules {
    pub(crate) all: Vec<Rule>,
    pub(crate) noise: Vec<Noise>,
    pub(crate) owners: Vec<Owner>,
    /// Whose the rest is.
    pub(crate) owner: String,
    /// Ours; if there are none, none is foreign.
    pub(crate) app_ids: Vec<String>,
    /// Ours, with all that are below them; if there are none, none is foreign.
    pub(crate) hosts: Vec<String>,
}

/// Everything that is wrong with a file of rules, each with its place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulesError {
    /// At least one problem.
    pub problems: Vec<String>,
}

impl Rules {
    /// The rules that the program carries along.
    pub fn built_in() -> Self {
        // The tests hold that they can be read.
        Self::parse("{}").unwrap_or_else(|_| Self::none())
    }

    /// Reads a file of rules. Its rules come before the built-in ones, unless it says that there are
    /// to be none.
    pub fn parse(text: &str) -> Result<Self, RulesError> {
        let own = load::read(text)?;
        if !own.with_built_in {
            return Ok(own.rules);
        }
        let mut rules = own.rules;
        let built_in = load::read(BUILT_IN)?.rules;
        rules.all.extend(built_in.all);
        rules.noise.extend(built_in.noise);
        Ok(rules)
    }

    /// The applications that are ours.
    pub fn app_ids(&self) -> &[String] {
        &self.app_ids
    }

    pub(crate) fn none() -> Self {
        Self {
            all: Vec::new(),
            noise: Vec::new(),
            owners: Vec::new(),
            owner: "unowned".to_owned(),
            app_ids: Vec::new(),
            hosts: Vec::new(),
        }
    }

    /// Whose a failure of this schema and application is.
    pub(crate) fn owner(&self, schema: &str, app_id: Option<&str>) -> &str {
        let fits = |owner: &&Owner| {
            owner.schema.as_deref().is_none_or(|start| schema.starts_with(start))
                && owner.app_id.as_deref().is_none_or(|wanted| app_id == Some(wanted))
        };
        self.owners.iter().find(fits).map_or(&self.owner, |owner| &owner.name)
    }

    /// Whether an application is ours; nobody knows without a list.
    pub(crate) fn knows_app(&self, app_id: &str) -> Option<bool> {
        (!self.app_ids.is_empty()).then(|| self.app_ids.iter().any(|known| known == app_id))
    }

    /// The same for hosts.
    pub(crate) fn knows_host(&self, host: &str) -> Option<bool> {
        let host = host.to_ascii_lowercase();
        let is_ours = |ours: &String| {
            host.strip_suffix(ours.as_str())
                .is_some_and(|start| start.is_empty() || start.ends_with('.'))
        };
        (!self.hosts.is_empty()).then(|| self.hosts.iter().any(is_ours))
    }
}

impl Family {
    /// All of them, in the order of 3.2.
    pub const ALL: [Self; 13] = [
        Self::SchemaDrift,
        Self::SchemaMissing,
        Self::RegistryDown,
        Self::TypeMismatch,
        Self::Constraint,
        Self::Protocol,
        Self::PayloadFormat,
        Self::Adapter,
        Self::Size,
        Self::Enrichment,
        Self::Pseudonymizer,
        Self::Loader,
        Self::Unknown,
    ];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::SchemaDrift => "schema-drift",
            Self::SchemaMissing => "schema-missing",
            Self::RegistryDown => "registry-down",
            Self::TypeMismatch => "type-mismatch",
            Self::Constraint => "constraint",
            Self::Protocol => "protocol",
            Self::PayloadFormat => "payload-format",
            Self::Adapter => "adapter",
            Self::Size => "size",
            Self::Enrichment => "enrichment",
            Self::Pseudonymizer => "pseudonymizer",
            Self::Loader => "loader",
            Self::Unknown => "unknown",
        }
    }
}

impl Severity {
    /// All of them, the worst first.
    pub const ALL: [Self; 4] = [Self::P0, Self::P1, Self::P2, Self::P3];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::P0 => "P0",
            Self::P1 => "P1",
            Self::P2 => "P2",
            Self::P3 => "P3",
        }
    }
}

impl Recoverable {
    pub(crate) const ALL: [Self; 3] = [Self::Auto, Self::Recipe, Self::No];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Recipe => "recipe",
            Self::No => "no",
        }
    }
}

impl fmt::Display for RulesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problems.join("; "))
    }
}

impl std::error::Error for RulesError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_rules_can_be_read_and_name_every_family() {
        let rules = Rules::built_in();
        for family in Family::ALL {
            assert!(rules.all.iter().any(|rule| rule.family == family), "{family:?}");
        }
        let mut classes: Vec<_> = rules.all.iter().map(|rule| &rule.class).collect();
        classes.sort_unstable();
        classes.dedup();
        assert_eq!(classes.len(), rules.all.len(), "a class belongs to one rule");
        assert!(rules.noise.len() > 3);
    }

    #[test]
    fn owners_are_found_in_their_order() {
        let text = r#"{"owners":[{"schema":"com.acme/cart","app_id":"web","owner":"a"},
            {"schema":"com.acme/","owner":"b"},{"app_id":"web","owner":"c"}],"owner":"d"}"#;
        let rules = Rules::parse(text).unwrap();
        for (schema, app_id, expected) in [
            ("com.acme/cart", Some("web"), "a"),
            ("com.acme/cart", None, "b"),
            ("com.other/x", Some("web"), "c"),
            ("", None, "d"),
        ] {
            assert_eq!(rules.owner(schema, app_id), expected, "{schema}");
        }
    }

    #[test]
    fn hosts_include_what_is_below_them() {
        let rules = Rules::parse(r#"{"hosts":["shop.example"]}"#).unwrap();
        for (host, expected) in
            [("shop.example", true), ("WWW.shop.example", true), ("badshop.example", false)]
        {
            assert_eq!(rules.knows_host(host), Some(expected), "{host}");
        }
        assert_eq!(Rules::built_in().knows_host("x"), None);
    }
}
