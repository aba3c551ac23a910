//! What may stand where in a bad event, as data, and the walk along it.

use json_tree::{Json, Object, write_text};

use super::leaf::Leaf;
use super::{DOMAIN, comma};
use crate::domain::below;
use crate::pseudonym::Pseudonyms;
use crate::rewriter::Rewriter;

/// The keys of an object with what stands behind them.
pub(super) type Fields = [(&'static str, Shape)];

/// What is expected at a place. Anything else there becomes pseudonyms, keys included.
pub(super) enum Shape {
    /// An object; the keys that are not named become pseudonyms.
    Object(&'static Fields),
    /// An array of such values.
    List(&'static Shape),
    /// An object if it is one, else a single value.
    ObjectOr(&'static Fields, Leaf),
    /// What was refused: left out if the policy says so.
    Payload(&'static Shape),
    /// A single value, or something that is treated as one.
    Leaf(Leaf),
}

/// Where a value stands.
#[derive(Clone, Copy)]
pub(super) struct At<'a> {
    /// The key behind which it stands, or the list.
    pub(super) key: &'static str,
    /// What stands beside it.
    pub(super) siblings: &'a Object<'a>,
}

impl At<'_> {
    /// The domain of pseudonyms.
    pub(super) fn domain(self) -> String {
        below(DOMAIN, "/", self.key)
    }
}

impl<P: Pseudonyms> Rewriter<'_, P> {
    /// The pairs of an object, without its braces.
    pub(super) fn fields(&mut self, fields: &'static Fields, json: &Object<'_>, out: &mut String) {
        for (key, value) in json.iter() {
            let Some((name, shape)) = fields.iter().find(|(name, _)| *name == key) else {
                self.unlisted_pair(DOMAIN, (key, value), out);
                continue;
            };
            if matches!(shape, Shape::Payload(_)) && self.policy.bad_events.drops_payload {
                self.tally.dropped += 1;
                continue;
            }
            comma(out);
            write_text(name, out);
            out.push(':');
            self.shaped(shape, value, At { key: name, siblings: json }, out);
        }
    }

    pub(super) fn shaped(
        &mut self,
        shape: &'static Shape,
        json: &Json<'_>,
        at: At<'_>,
        out: &mut String,
    ) {
        match (shape, json) {
            (_, Json::Null) => out.push_str("null"),
            (Shape::Payload(inner), _) => self.shaped(inner, json, at, out),
            (Shape::Object(fields) | Shape::ObjectOr(fields, _), Json::Object(object)) => {
                out.push('{');
                self.fields(fields, object, out);
                out.push('}');
            }
            (Shape::List(items), Json::Array(values)) => {
                out.push('[');
                for value in values {
                    comma(out);
                    self.shaped(items, value, at, out);
                }
                out.push(']');
            }
            (Shape::Leaf(leaf) | Shape::ObjectOr(_, leaf), _) => self.leaf(*leaf, json, at, out),
            (Shape::Object(_) | Shape::List(_), _) => self.unlisted(&at.domain(), json, out),
        }
    }
}
