//! The data of an entity or an event: each value by the rule of its place.

use super::tree::Tree;
use super::{ExplainedLeaf, Explainer};
use crate::domain::below;
use crate::nodes::{Node, Target, Walk};
use crate::policy::RuleId;
use crate::pseudonym::Pseudonyms;
use crate::treatment::Treatment;

/// Which rules hold for a value.
#[derive(Clone, Copy)]
pub(super) enum Rules<'a> {
    /// This one.
    Leaf(RuleId),
    /// Those of what it holds.
    Tree(&'a Node),
    /// Those of a walk.
    Walk(Walk),
    /// None.
    Unlisted,
}

/// Where a value stands.
#[derive(Clone)]
pub(super) struct At {
    /// `contexts[0] com.gitlab/gitlab_standard`
    pub(super) prefix: String,
    /// `a.b[0]`
    pub(super) path: String,
    /// The domain of what no rule names here.
    pub(super) domain: String,
}

impl At {
    pub(super) fn shown(&self) -> String {
        if self.path.is_empty() {
            return self.prefix.clone();
        }
        format!("{} {}", self.prefix, self.path)
    }

    fn key(&self, key: &str) -> Self {
        let dot = if self.path.is_empty() { "" } else { "." };
        let path = format!("{}{dot}{key}", self.path);
        Self { prefix: self.prefix.clone(), path, domain: below(&self.domain, "/", key) }
    }

    fn item(&self, place: usize) -> Self {
        let path = format!("{}[{place}]", self.path);
        Self { prefix: self.prefix.clone(), path, domain: below(&self.domain, "", "[]") }
    }

    fn in_domain(&self, name: &str) -> Self {
        let domain = format!("@{}", name.trim_start_matches('@'));
        Self { domain, ..self.clone() }
    }
}

impl<'a, P: Pseudonyms> Explainer<'a, P> {
    /// The value as it may be seen; none if it is left out.
    pub(super) fn value(&mut self, tree: &Tree, rules: Rules<'a>, at: &At) -> Option<Tree> {
        let policy = self.policy;
        match (tree, rules) {
            (Tree::Object(pairs), Rules::Tree(node)) => Some(self.object(pairs, node, at)),
            (Tree::Object(pairs), Rules::Walk(_) | Rules::Unlisted) => {
                Some(Tree::Object(self.members(pairs, rules, at)))
            }
            (Tree::Array(items), Rules::Tree(node)) => {
                let rules = node.items.map_or(Rules::Unlisted, |it| self.rules(it));
                Some(self.array(items, rules, &at.in_domain(&node.path)))
            }
            (Tree::Array(items), Rules::Walk(_) | Rules::Unlisted) => {
                Some(self.array(items, rules, at))
            }
            (_, Rules::Leaf(id)) if policy.rule(id).treatment == Treatment::Drop => {
                self.leaves.push(self.leaf(Some(id), at.shown(), &tree.text()));
                None
            }
            // The rule is for one value: of what holds others, it says nothing.
            (Tree::Object(_) | Tree::Array(_), Rules::Leaf(id)) => {
                let domain = policy.domain(policy.rule(id).domain);
                self.value(tree, Rules::Unlisted, &at.in_domain(domain))
            }
            (_, Rules::Leaf(id) | Rules::Walk(Walk { leaves: id, .. })) => {
                self.scalar(tree, Some(id), at)
            }
            (_, Rules::Tree(node)) => self.scalar(tree, None, &at.in_domain(&node.path)),
            (_, Rules::Unlisted) => self.scalar(tree, None, at),
        }
    }

    fn rules(&self, target: Target) -> Rules<'a> {
        match target {
            Target::Leaf(id) => Rules::Leaf(id),
            Target::Tree(id) => Rules::Tree(self.policy.nodes.get(id)),
        }
    }

    /// An object some of whose keys have rules.
    fn object(&mut self, pairs: &[(String, Tree)], node: &'a Node, at: &At) -> Tree {
        let own = at.in_domain(&node.path);
        let field = |key: &str| node.fields.iter().find(|(name, _)| **name == *key);
        let is_twice = |key: &str| pairs.iter().filter(|(other, _)| other == key).count() > 1;
        if pairs.iter().any(|(key, _)| field(key).is_some() && is_twice(key)) {
            // Of two values for one key, nobody knows which one a reader will take.
            return Tree::Object(self.members(pairs, Rules::Unlisted, &own));
        }
        let mut shown = Vec::new();
        for pair in pairs {
            let (key, value) = pair;
            if let Some((_, target)) = field(key) {
                let rules = self.rules(*target);
                let value = self.value(value, rules, &at.key(key));
                shown.extend(value.map(|value| (key.clone(), value)));
            } else {
                let rules = node.walk.map_or(Rules::Unlisted, Rules::Walk);
                shown.extend(self.members(std::slice::from_ref(pair), rules, &own));
            }
        }
        Tree::Object(shown)
    }

    /// Pairs whose keys have no rules of their own.
    fn members(
        &mut self,
        pairs: &[(String, Tree)],
        rules: Rules<'a>,
        at: &At,
    ) -> Vec<(String, Tree)> {
        let mut shown = Vec::new();
        for (key, value) in pairs {
            if let Some(drop) = self.drops(rules, value) {
                self.leaves.push(self.leaf(Some(drop), at.key(key).shown(), &value.text()));
                continue;
            }
            let shown_key = self.member_key(key, rules, at);
            let value = self.value(value, rules, &at.key(key));
            shown.extend(value.map(|value| (shown_key, value)));
        }
        shown
    }

    fn member_key(&mut self, key: &str, rules: Rules<'a>, at: &At) -> String {
        let place = format!("{} (key)", at.key(key).shown());
        if let Rules::Walk(Walk { keys: Some(class), leaves }) = rules
            && self.policy.classes.accepts(class, key)
        {
            let treatment = format!("keep {}", self.policy.classes.name(class));
            let leaf = self.leaf(Some(leaves), place, key);
            self.leaves.push(ExplainedLeaf { treatment, after: Some(key.to_owned()), ..leaf });
            return key.to_owned();
        }
        let shown = self.unlisted(&below(&at.domain, "", "{}"), key);
        let leaf = self.leaf(None, place, key);
        self.leaves.push(ExplainedLeaf { after: Some(shown.clone()), ..leaf });
        shown
    }

    /// The rule of a walk that leaves this value out with its key.
    fn drops(&self, rules: Rules<'a>, value: &Tree) -> Option<RuleId> {
        let Rules::Walk(walk) = rules else { return None };
        let is_drop = self.policy.rule(walk.leaves).treatment == Treatment::Drop;
        (is_drop && value.is_scalar()).then_some(walk.leaves)
    }

    fn array(&mut self, items: &[Tree], rules: Rules<'a>, at: &At) -> Tree {
        let mut shown = Vec::new();
        for (place, item) in items.iter().enumerate() {
            let at = at.item(place);
            if let Some(drop) = self.drops(rules, item) {
                self.leaves.push(self.leaf(Some(drop), at.shown(), &item.text()));
                continue;
            }
            shown.extend(self.value(item, rules, &at));
        }
        Tree::Array(shown)
    }

    /// A value that holds no others.
    fn scalar(&mut self, tree: &Tree, id: Option<RuleId>, at: &At) -> Option<Tree> {
        let text = tree.text();
        let leaf = self.leaf(id, at.shown(), &text);
        if *tree == Tree::Null || *tree == Tree::Text(String::new()) {
            let treatment = "nothing to treat".to_owned();
            self.leaves.push(ExplainedLeaf { treatment, after: Some(text.into_owned()), ..leaf });
            return Some(tree.clone());
        }
        let canonical = tree.canonical();
        let Some(id) = id else {
            let after = self.unlisted(&at.domain, &canonical);
            self.leaves.push(ExplainedLeaf { after: Some(after.clone()), ..leaf });
            return Some(Tree::Text(after));
        };
        let (after, violated) = self.decided(id, &text, &canonical);
        self.leaves.push(ExplainedLeaf { after: after.clone(), violated, ..leaf });
        let is_pseudonym = violated || self.policy.rule(id).treatment == Treatment::Pseudonymize;
        let is_same = !is_pseudonym && after.as_deref() == Some(&*text);
        after.map(|after| match tree {
            Tree::Bool(_) if is_same => tree.clone(),
            Tree::Number(_) if !is_pseudonym => Tree::Number(after),
            Tree::Null | Tree::Bool(_) | Tree::Number(_) | Tree::Text(_) => Tree::Text(after),
            Tree::Array(_) | Tree::Object(_) => Tree::Null,
        })
    }
}
