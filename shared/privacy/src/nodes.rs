//! The rules for the JSON of schemas, as trees that a scanner walks along.

use crate::class::ClassId;
use crate::policy::RuleId;
use crate::treatment::Rule;

/// A place in a schema's data, by its place in the list of all.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NodeId(pub(crate) u16);

/// What stands at a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Target {
    /// A value with its rule.
    Leaf(RuleId),
    /// An object or an array whose inside has rules.
    Tree(NodeId),
}

/// What happens to keys that are not listed, and to all that is below them.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Walk {
    /// Keys of this class stay; without a class none does.
    pub(crate) keys: Option<ClassId>,
    /// For every leaf.
    pub(crate) leaves: RuleId,
}

/// One place whose inside has rules.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    /// `com.gitlab/gitlab_standard` and the path, for domains of what is not listed.
    pub(crate) path: String,
    /// Keys with their targets, as the policy orders them.
    pub(crate) fields: Vec<(Box<str>, Target)>,
    /// The same keys as JSON writes them, each with its colon.
    pub(crate) written: Vec<Box<str>>,
    /// What stands in an array.
    pub(crate) items: Option<Target>,
    /// For keys that are not listed.
    pub(crate) walk: Option<Walk>,
}

impl Node {
    /// The field with this key and its place; starts looking where the last one was found, as
    /// trackers send keys in one order.
    pub(crate) fn field(&self, key: &str, from: usize) -> Option<(usize, Target)> {
        let (before, after) = self.fields.split_at_checked(from).unwrap_or((&self.fields, &[]));
        let in_part = |part: &[(Box<str>, Target)], offset: usize| {
            let place = part.iter().position(|(name, _)| **name == *key)?;
            part.get(place).map(|(_, target)| (offset + place, *target))
        };
        in_part(after, from).or_else(|| in_part(before, 0))
    }
}

/// All places of all schemas.
#[derive(Clone, Debug)]
pub(crate) struct Nodes {
    pub(crate) list: Vec<Node>,
    /// For places that no rule names.
    pub(crate) default_rule: Rule,
    /// A place without any rules.
    pub(crate) empty: Node,
}

impl Nodes {
    pub(crate) fn get(&self, id: NodeId) -> &Node {
        self.list.get(usize::from(id.0)).unwrap_or(&self.empty)
    }
}
