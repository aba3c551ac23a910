//! Whether a value follows a schema, as fast as that can be told.

use std::cmp::Ordering;

use json_tree::{Json, Object};

use crate::equal::{are_distinct, are_equal};
use crate::node::{
    Additional, ArrayRules, Bound, Combined, Dependency, Enumeration, Items, Mark, Node, NodeId,
    NumberRules, ObjectRules, Program, Range, Rules, TextRules,
};
use crate::number::{Decimal, is_integer, small_integer};

/// How deep schemas within schemas are followed.
pub const VALIDATION_DEPTH_MAX: usize = 512;
/// How many schemas are applied to the parts of one value.
pub const VALIDATION_STEPS_MAX: u32 = 5_000_000;

/// Applies a program. Once a limit is reached nothing is valid any more.
pub(crate) struct Checker<'p> {
    program: &'p Program,
    steps_left: u32,
    pub(crate) is_exhausted: bool,
}

/// An integer is a number as well.
const INTEGER_BITS: u8 = 4 | 8;

/// What a node turns out to be.
pub(crate) enum Entered<'p> {
    Accepts,
    Refuses,
    Rules(&'p Rules),
}

impl<'p> Checker<'p> {
    pub(crate) fn new(program: &'p Program) -> Self {
        Self { program, steps_left: VALIDATION_STEPS_MAX, is_exhausted: false }
    }

    /// Whether the value follows the whole schema.
    pub(crate) fn accepts(&mut self, json: &Json<'_>) -> bool {
        self.check(NodeId(0), json, VALIDATION_DEPTH_MAX) && !self.is_exhausted
    }

    /// Follows references; each counts as a level, so that those in a circle end.
    pub(crate) fn enter(&mut self, mut id: NodeId, depth_left: &mut usize) -> Entered<'p> {
        loop {
            let (Some(steps), Some(depth)) =
                (self.steps_left.checked_sub(1), depth_left.checked_sub(1))
            else {
                self.is_exhausted = true;
                return Entered::Refuses;
            };
            self.steps_left = steps;
            *depth_left = depth;
            match self.program.nodes.get(id.0) {
                None | Some(Node::Anything) => return Entered::Accepts,
                Some(Node::Same(target)) => id = *target,
                Some(Node::Rules(rules)) => return Entered::Rules(rules),
            }
        }
    }

    pub(crate) fn check(&mut self, id: NodeId, json: &Json<'_>, mut depth_left: usize) -> bool {
        let rules = match self.enter(id, &mut depth_left) {
            Entered::Accepts => return true,
            Entered::Refuses => return false,
            Entered::Rules(rules) => rules,
        };
        let small = if let Json::Number(number) = json { small_integer(number) } else { None };
        if let Some(types) = &rules.types {
            let bits = if small.is_some() { INTEGER_BITS } else { type_bits(json) };
            if types.bits & bits == 0 {
                return false;
            }
        }
        let fits = match json {
            Json::Object(object) => rules.object.as_ref().is_none_or(|rules| {
                self.object(rules, object, depth_left) && self.dependencies(rules, json, depth_left)
            }),
            Json::Array(values) => {
                rules.array.as_ref().is_none_or(|rules| self.array(rules, values, depth_left))
            }
            Json::Text(text) => rules.text.as_ref().is_none_or(|rules| text_fits(rules, text)),
            Json::Number(number) => {
                rules.number.as_ref().is_none_or(|rules| number_fits(rules, number, small))
            }
            Json::Null | Json::Bool(_) => true,
        };
        fits && rules.values.as_ref().is_none_or(|values| is_listed(values, json))
            && rules.combined.as_ref().is_none_or(|rules| self.combined(rules, json, depth_left))
    }

    fn object(&mut self, rules: &ObjectRules, object: &Object<'_>, depth_left: usize) -> bool {
        if !rules.size.contains(object.len()) {
            return false;
        }
        let mut required_left = rules.required_count;
        for (key, value) in object.iter() {
            let mut is_named = false;
            let mark = Mark::of(key);
            let place = rules.known.binary_search_by(|property| property.order(mark, key));
            if let Some(property) = place.ok().and_then(|place| rules.known.get(place)) {
                required_left = required_left.saturating_sub(property.is_required.into());
                is_named = property.node.is_some();
                if property.node.is_some_and(|id| !self.check(id, value, depth_left)) {
                    return false;
                }
            }
            for (pattern, id) in &rules.patterns {
                if pattern.occurs_in(key) {
                    is_named = true;
                    if !self.check(*id, value, depth_left) {
                        return false;
                    }
                }
            }
            if !is_named && !self.additional(rules.additional, key, value, depth_left) {
                return false;
            }
        }
        required_left == 0
    }

    fn additional(
        &mut self,
        rule: Additional,
        key: &str,
        value: &Json<'_>,
        depth_left: usize,
    ) -> bool {
        match rule {
            Additional::Anything => true,
            _ if is_comment(key) => true,
            Additional::Nothing => false,
            Additional::Checked(id) => self.check(id, value, depth_left),
        }
    }

    fn dependencies(&mut self, rules: &ObjectRules, json: &Json<'_>, depth_left: usize) -> bool {
        rules.dependencies.iter().all(|(name, dependency)| {
            json.get(name).is_none()
                || match dependency {
                    Dependency::Keys(keys) => keys.iter().all(|key| json.get(key).is_some()),
                    Dependency::Node(id) => self.check(*id, json, depth_left),
                }
        })
    }

    fn array(&mut self, rules: &ArrayRules, values: &[Json<'_>], depth_left: usize) -> bool {
        if !rules.size.contains(values.len()) {
            return false;
        }
        let fits = match &rules.items {
            Items::Anything => true,
            Items::All(id) => values.iter().all(|value| self.check(*id, value, depth_left)),
            Items::Places(ids, additional) => {
                let mut ids = ids.iter();
                values.iter().all(|value| match (ids.next(), additional) {
                    (Some(id), _) | (None, Additional::Checked(id)) => {
                        self.check(*id, value, depth_left)
                    }
                    (None, Additional::Anything) => true,
                    (None, Additional::Nothing) => false,
                })
            }
        };
        fits && (!rules.is_unique || are_distinct(values))
    }

    fn combined(&mut self, rules: &Combined, json: &Json<'_>, depth_left: usize) -> bool {
        let mut check = |id: &NodeId| self.check(*id, json, depth_left);
        rules.all_of.iter().all(&mut check)
            && (rules.any_of.is_empty() || rules.any_of.iter().any(&mut check))
            && (rules.one_of.is_empty() || has_one(&rules.one_of, &mut check))
            && rules.not.as_ref().is_none_or(|(id, _)| !check(id))
    }
}

fn has_one(ids: &[NodeId], check: impl FnMut(&NodeId) -> bool) -> bool {
    ids.iter().map(check).filter(|fits| *fits).take(2).count() == 1
}

/// A key that starts with `#` is a comment to additional properties.
pub(crate) fn is_comment(key: &str) -> bool {
    key.starts_with('#')
}

/// The bits of `node::TYPES` that would allow the value.
pub(crate) fn type_bits(json: &Json<'_>) -> u8 {
    match json {
        Json::Null => 1,
        Json::Bool(_) => 2,
        Json::Number(number) if is_integer(number) => INTEGER_BITS,
        Json::Number(_) => 8,
        Json::Text(_) => 16,
        Json::Array(_) => 32,
        Json::Object(_) => 64,
    }
}

pub(crate) fn is_listed(values: &Enumeration, json: &Json<'_>) -> bool {
    values.has_null && json.is_null() || values.values.iter().any(|value| are_equal(value, json))
}

fn text_fits(rules: &TextRules, text: &str) -> bool {
    has_length(rules.length, text)
        && rules.format.as_ref().is_none_or(|(format, _)| format.fits(text))
        && rules.pattern.as_ref().is_none_or(|pattern| pattern.occurs_in(text))
}

/// Whether a text has as many characters as it may; most are told from their bytes.
fn has_length(length: Range, text: &str) -> bool {
    let is_surely_below_max = !length.is_above(text.len());
    let is_surely_above_min =
        length.min.is_none_or(|min| min == 0) || !length.is_below(text.len() / 4);
    is_surely_below_max && is_surely_above_min || length.contains(text.chars().count())
}

fn number_fits(rules: &NumberRules, number: &str, small: Option<i64>) -> bool {
    rules.minimum.as_ref().is_none_or(|bound| !is_below(compare(number, small, bound), bound))
        && rules
            .maximum
            .as_ref()
            .is_none_or(|bound| !is_above(compare(number, small, bound), bound))
        && rules.multiple_of.as_ref().is_none_or(|bound| is_multiple(number, small, bound))
}

fn compare(number: &str, small: Option<i64>, bound: &Bound) -> Ordering {
    match (small, bound.small) {
        (Some(number), Some(bound)) => number.cmp(&bound),
        _ => Decimal::new(number).cmp(&bound.number),
    }
}

fn is_below(order: Ordering, bound: &Bound) -> bool {
    order.is_lt() || bound.is_exclusive && order.is_eq()
}

fn is_above(order: Ordering, bound: &Bound) -> bool {
    order.is_gt() || bound.is_exclusive && order.is_eq()
}

fn is_multiple(number: &str, small: Option<i64>, bound: &Bound) -> bool {
    match (small, bound.small) {
        (Some(number), Some(bound)) if bound != 0 => number % bound == 0,
        _ => Decimal::new(number).is_multiple_of(&bound.number),
    }
}

/// Whether a number is too small for a minimum.
pub(crate) fn breaks_minimum(number: &str, bound: &Bound) -> bool {
    is_below(compare(number, None, bound), bound)
}

/// Whether a number is too large for a maximum.
pub(crate) fn breaks_maximum(number: &str, bound: &Bound) -> bool {
    is_above(compare(number, None, bound), bound)
}

/// Whether a number is no multiple.
pub(crate) fn breaks_multiple(number: &str, bound: &Bound) -> bool {
    !is_multiple(number, None, bound)
}
