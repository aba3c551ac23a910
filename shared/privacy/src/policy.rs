//! A policy, read and checked: for every place of an event, the rule that decides on it.

use std::collections::BTreeMap;

use enriched_event::Column;
use iglu::Version;
use sha2::{Digest as _, Sha256};

use crate::class::{ClassId, Classes};
use crate::document;
use crate::nodes::{NodeId, Nodes};
use crate::problem::PolicyError;
use crate::treatment::{Act, BucketsId, Rule};
use crate::url::{UrlId, UrlRules};

/// The largest policy, in bytes.
pub const POLICY_BYTES_MAX: usize = 1_048_576;

/// How pseudonyms are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scheme {
    /// HMAC-SHA256 over the value, 64 lower-case hex digits: what GitLab's warehouse joins on.
    HmacSha256Hex,
    /// A key of its own for each domain, the key's id in the value.
    V1,
}

/// Where an event says by which policy and key it was treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Audit {
    /// As an entity of its own.
    DerivedContexts,
    /// In the column of that name.
    EtlTags,
    /// Nowhere.
    Nowhere,
}

/// A domain of pseudonyms, by its place in the policy's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct DomainId(pub(crate) u16);

/// A rule, by its place in the policy's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct RuleId(pub(crate) u16);

/// The rules for the versions of one schema.
#[derive(Clone, Debug)]
pub struct SchemaRules {
    /// `com.gitlab/gitlab_standard`
    pub name: String,
    /// The versions that are meant; an open part is none.
    pub versions: [Option<u32>; 3],
    /// The newest version whose fields were reviewed.
    pub reviewed: Option<Version>,
    /// The policy's line.
    pub line: usize,
    pub(crate) root: NodeId,
}

/// What happens to bad events beside the rules for columns and schemas.
#[derive(Clone, Debug, Default)]
pub struct BadEventRules {
    /// Whether the request inside is left out rather than treated.
    pub drops_payload: bool,
    /// Headers that stay, in lower case, if their value is in the class.
    pub headers: Vec<(String, ClassId)>,
    /// Parameters that stay though they fill no column.
    pub parameters: Vec<(String, ClassId)>,
}

/// A policy.
#[derive(Clone, Debug)]
pub struct Policy {
    /// What it is called.
    pub name: String,
    /// The first 16 hex digits of its text's SHA-256.
    pub fingerprint: String,
    /// How pseudonyms are made.
    pub scheme: Scheme,
    /// Where events say how they were treated.
    pub audit: Audit,
    /// The value classes.
    pub classes: Classes,
    /// What happens to bad events.
    pub bad_events: BadEventRules,
    /// Which URIs of schemas without rules stay.
    pub unknown_uris: Option<ClassId>,
    pub(crate) domains: Vec<String>,
    pub(crate) rules: Vec<Rule>,
    /// What deciding needs of the rules, close together.
    pub(crate) acts: Vec<Act>,
    pub(crate) columns: Vec<RuleId>,
    pub(crate) urls: Vec<UrlRules>,
    pub(crate) buckets: Vec<Vec<(f64, String)>>,
    pub(crate) nodes: Nodes,
    pub(crate) schemas: BTreeMap<String, Vec<SchemaRules>>,
}

impl Policy {
    /// Reads a policy; says everything that is wrong with it.
    pub fn parse(text: &str) -> Result<Self, PolicyError> {
        document::read(text)
    }

    /// The rule of a column.
    pub fn column(&self, column: Column) -> &Rule {
        self.rule(self.column_id(column))
    }

    pub(crate) fn column_id(&self, column: Column) -> RuleId {
        self.columns.get(column.index()).copied().unwrap_or(RuleId(0))
    }

    /// The rule with this id.
    pub fn rule(&self, id: RuleId) -> &Rule {
        self.rules.get(usize::from(id.0)).unwrap_or(&self.nodes.default_rule)
    }

    /// What deciding needs of a rule.
    #[inline]
    pub(crate) fn act(&self, id: RuleId) -> Act {
        self.acts.get(usize::from(id.0)).copied().unwrap_or(Act::DEFAULT)
    }

    /// Every rule, in the order of the policy.
    pub fn rules(&self) -> impl Iterator<Item = (RuleId, &Rule)> {
        (0..).map(RuleId).zip(&self.rules)
    }

    /// A domain's name.
    pub fn domain(&self, id: DomainId) -> &str {
        self.domains.get(usize::from(id.0)).map_or("", String::as_str)
    }

    /// The schemas that have rules, by name and then as the policy orders them.
    pub fn schemas(&self) -> Vec<&SchemaRules> {
        let mut all: Vec<_> = self.schemas.values().flatten().collect();
        all.sort_by(|a, b| (&a.name, a.line).cmp(&(&b.name, b.line)));
        all
    }

    /// The rules of a schema: `vendor/name` and its version.
    pub(crate) fn schema(&self, name: &str, version: [u32; 3]) -> Option<&SchemaRules> {
        self.schemas.get(name)?.iter().find(|rules| {
            rules.versions.iter().zip(version).all(|(part, has)| part.is_none_or(|it| it == has))
        })
    }

    pub(crate) fn url(&self, id: UrlId) -> Option<&UrlRules> {
        self.urls.get(usize::from(id.0))
    }

    /// The bounds of buckets, each with its text, rising.
    pub fn buckets(&self, id: BucketsId) -> &[(f64, String)] {
        self.buckets.get(usize::from(id.0)).map_or(&[], Vec::as_slice)
    }
}

/// Lower-case hex digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value & 15), 16).unwrap_or('0');
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(*byte)]).collect()
}

/// What tells two texts of policies apart.
pub(crate) fn fingerprint(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    hex(digest.get(..8).unwrap_or(&digest))
}
