//! Rewrites JSON in one pass: what comes out is structure, pseudonyms, and what a class accepted.

pub(crate) mod scan;
pub(crate) mod self_describing;

use std::borrow::Cow;

use json_tree::write_text;

use crate::canonical;
use crate::nodes::{Node, NodeId, Target, Walk};
use crate::policy::RuleId;
use crate::pseudonym::Pseudonyms;
use crate::rewriter::Rewriter;
use crate::treatment::{Fate, Rule, Treatment, decide};

use scan::{DEPTH_MAX, Malformed, Quoted, Scalar, Scanner};

/// What is known of a place in a text.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Place {
    /// A value with its rule.
    Leaf(RuleId),
    /// Something whose inside has rules.
    Tree(NodeId),
    /// Something below a walk.
    Walk(Walk),
    /// Nothing: keys and values become pseudonyms.
    Unlisted,
}

impl From<Target> for Place {
    fn from(target: Target) -> Self {
        match target {
            Target::Leaf(rule) => Self::Leaf(rule),
            Target::Tree(node) => Self::Tree(node),
        }
    }
}

impl<P: Pseudonyms> Rewriter<'_, P> {
    /// Rewrites the next value.
    pub(crate) fn value(
        &mut self,
        scanner: &mut Scanner<'_>,
        place: Place,
        depth: usize,
        out: &mut String,
    ) -> Result<(), Malformed> {
        if depth > DEPTH_MAX {
            return Err(Malformed);
        }
        match scanner.peek()? {
            b'{' => match place {
                Place::Tree(id) => self.tree(scanner, id, depth, out),
                Place::Walk(_) | Place::Unlisted => self.object(scanner, place, depth, out),
                Place::Leaf(rule) => {
                    self.below_leaf(rule, |it| it.object(scanner, Place::Unlisted, depth, out))
                }
            },
            b'[' => match place {
                Place::Tree(id) => {
                    let node = self.policy.nodes.get(id);
                    let items = node.items.map_or(Place::Unlisted, Place::from);
                    self.in_path(&node.path, |it| it.array(scanner, items, depth, out))
                }
                Place::Walk(_) | Place::Unlisted => self.array(scanner, place, depth, out),
                Place::Leaf(rule) => {
                    self.below_leaf(rule, |it| it.array(scanner, Place::Unlisted, depth, out))
                }
            },
            _ => {
                let scalar = scanner.scalar()?;
                self.scalar(scalar, place, out)
            }
        }
    }

    /// An object some of whose keys have rules.
    fn tree(
        &mut self,
        scanner: &mut Scanner<'_>,
        id: NodeId,
        depth: usize,
        out: &mut String,
    ) -> Result<(), Malformed> {
        let policy = self.policy;
        let node = policy.nodes.get(id);
        let (start, length) = (*scanner, out.len());
        scanner.take(b'{')?;
        out.push('{');
        let (mut is_first, mut next, mut seen) = (true, 0, 0_u128);
        while scanner.more(is_first, b'}')? {
            is_first = false;
            let quoted = scanner.string()?;
            let key = quoted.text()?;
            scanner.take(b':')?;
            let Some((field, target)) = node.field(&key, next) else {
                self.unlisted_member(scanner, node, &key, (depth, out))?;
                continue;
            };
            next = field + 1;
            let mark = 1_u128.checked_shl(u32::try_from(field).unwrap_or(u32::MAX)).unwrap_or(0);
            if seen & mark != 0 {
                // Of two values for one key, nobody knows which one a reader will take.
                (*scanner, next) = (start, length);
                out.truncate(next);
                return self
                    .in_path(&node.path, |it| it.object(scanner, Place::Unlisted, depth, out));
            }
            seen |= mark;
            if self.is_dropped(target) {
                self.tally.dropped += 1;
                scanner.skip(depth + 1)?;
                continue;
            }
            comma(out);
            write_text(&key, out);
            out.push(':');
            self.value(scanner, target.into(), depth + 1, out)?;
        }
        out.push('}');
        Ok(())
    }

    /// A key that no rule names: the object's walk decides, or nothing is shown.
    fn unlisted_member(
        &mut self,
        scanner: &mut Scanner<'_>,
        node: &Node,
        key: &str,
        (depth, out): (usize, &mut String),
    ) -> Result<(), Malformed> {
        let place = node.walk.map_or(Place::Unlisted, Place::Walk);
        self.in_path(&node.path, |it| it.member(scanner, place, key, (depth, out)))
    }

    /// An object of which no key has a rule of its own.
    fn object(
        &mut self,
        scanner: &mut Scanner<'_>,
        place: Place,
        depth: usize,
        out: &mut String,
    ) -> Result<(), Malformed> {
        scanner.take(b'{')?;
        out.push('{');
        let mut is_first = true;
        while scanner.more(is_first, b'}')? {
            is_first = false;
            let key = scanner.string()?.text()?;
            scanner.take(b':')?;
            self.member(scanner, place, &key, (depth, out))?;
        }
        out.push('}');
        Ok(())
    }

    fn member(
        &mut self,
        scanner: &mut Scanner<'_>,
        place: Place,
        key: &str,
        (depth, out): (usize, &mut String),
    ) -> Result<(), Malformed> {
        let (keeps, drops) = match place {
            Place::Walk(walk) => (
                walk.keys.is_some_and(|class| self.policy.classes.accepts(class, key)),
                self.is_dropped(Target::Leaf(walk.leaves)),
            ),
            Place::Leaf(_) | Place::Tree(_) | Place::Unlisted => (false, false),
        };
        if drops && !matches!(scanner.peek()?, b'{' | b'[') {
            self.tally.dropped += 1;
            return scanner.skip(depth + 1);
        }
        comma(out);
        if keeps {
            write_text(key, out);
        } else {
            out.push('"');
            self.at_path("{}", |it| it.write_unlisted(key.as_bytes(), out));
            out.push('"');
        }
        out.push(':');
        if !self.pseudonyms.needs_paths() {
            return self.value(scanner, place, depth + 1, out);
        }
        let length = self.path.len();
        self.path.push('/');
        self.path.push_str(key);
        let done = self.value(scanner, place, depth + 1, out);
        self.path.truncate(length);
        done
    }

    fn array(
        &mut self,
        scanner: &mut Scanner<'_>,
        items: Place,
        depth: usize,
        out: &mut String,
    ) -> Result<(), Malformed> {
        scanner.take(b'[')?;
        out.push('[');
        let drops = match items {
            Place::Leaf(rule) | Place::Walk(Walk { leaves: rule, .. }) => {
                self.is_dropped(Target::Leaf(rule))
            }
            Place::Tree(_) | Place::Unlisted => false,
        };
        let mut is_first = true;
        while scanner.more(is_first, b']')? {
            is_first = false;
            if drops && (matches!(items, Place::Leaf(_)) || !matches!(scanner.peek()?, b'{' | b'['))
            {
                self.tally.dropped += 1;
                scanner.skip(depth + 1)?;
                continue;
            }
            comma(out);
            self.at_path("[]", |it| it.value(scanner, items, depth + 1, out))?;
        }
        out.push(']');
        Ok(())
    }

    fn scalar(
        &mut self,
        scalar: Scalar<'_>,
        place: Place,
        out: &mut String,
    ) -> Result<(), Malformed> {
        match place {
            Place::Leaf(rule) | Place::Walk(Walk { leaves: rule, .. }) => {
                self.ruled(scalar, rule, out)
            }
            Place::Tree(id) => {
                let node = self.policy.nodes.get(id);
                self.in_path(&node.path, |it| it.unruled(scalar, out))
            }
            Place::Unlisted => self.unruled(scalar, out),
        }
    }

    /// A value with a rule.
    fn ruled(&mut self, scalar: Scalar<'_>, id: RuleId, out: &mut String) -> Result<(), Malformed> {
        let policy = self.policy;
        let rule = policy.rule(id);
        let (text, shown) = match scalar {
            Scalar::Null => {
                out.push_str("null");
                return Ok(());
            }
            Scalar::Text(Quoted { raw: "", .. }) => {
                out.push_str("\"\"");
                return Ok(());
            }
            Scalar::Text(quoted) => (quoted.text()?, None),
            Scalar::Number(token) | Scalar::Bool(token) => (Cow::Borrowed(token), Some(token)),
        };
        self.scratch.clear();
        match self.fate(id, rule, &text) {
            Fate::Keep => {
                self.tally.kept += 1;
                match shown {
                    Some(token) => out.push_str(token),
                    None => write_text(&text, out),
                }
            }
            Fate::Replace => {
                self.tally.reduced += 1;
                match scalar {
                    Scalar::Number(_) => out.push_str(&self.scratch),
                    _ => write_text(&self.scratch, out),
                }
            }
            Fate::Pseudonymize | Fate::Violation => {
                out.push('"');
                let canonical = canonical(scalar, &text);
                self.pseudonyms.write(rule.domain, canonical.as_bytes(), out);
                out.push('"');
            }
            // The caller leaves members out before it comes to this.
            Fate::Drop => out.push_str("null"),
        }
        Ok(())
    }

    /// A value without a rule.
    fn unruled(&mut self, scalar: Scalar<'_>, out: &mut String) -> Result<(), Malformed> {
        let text = match scalar {
            Scalar::Null => {
                out.push_str("null");
                return Ok(());
            }
            Scalar::Text(Quoted { raw: "", .. }) => {
                out.push_str("\"\"");
                return Ok(());
            }
            Scalar::Text(quoted) => quoted.text()?,
            Scalar::Number(token) | Scalar::Bool(token) => Cow::Borrowed(token),
        };
        out.push('"');
        self.write_unlisted(canonical(scalar, &text).as_bytes(), out);
        out.push('"');
        Ok(())
    }

    /// Decides on a text and counts; a replacement is in the scratch text.
    pub(crate) fn fate(&mut self, id: RuleId, rule: &Rule, text: &str) -> Fate {
        let fate = match rule.treatment {
            Treatment::Url(url, part) => {
                let policy = self.policy;
                let written = policy.url(url).and_then(|rules| {
                    let means = (&policy.classes, &mut self.pseudonyms);
                    rules.write(part, text, means, &mut self.scratch)
                });
                if written.is_some() { Fate::Replace } else { Fate::Violation }
            }
            _ => decide(self.policy, rule, text, &mut self.scratch),
        };
        match fate {
            Fate::Pseudonymize => self.tally.pseudonymized += 1,
            Fate::Violation => self.tally.violation(id),
            Fate::Keep | Fate::Replace | Fate::Drop => {}
        }
        fate
    }

    fn is_dropped(&self, target: Target) -> bool {
        matches!(target, Target::Leaf(id) if self.policy.rule(id).treatment == Treatment::Drop)
    }

    /// The pseudonym of something at the place that the path names.
    pub(crate) fn write_unlisted(&mut self, value: &[u8], out: &mut String) {
        self.tally.pseudonymized += 1;
        self.pseudonyms.write_unlisted(&self.path, value, out);
    }

    /// With the path of a place of the policy.
    fn in_path<T>(&mut self, path: &str, run: impl FnOnce(&mut Self) -> T) -> T {
        if !self.pseudonyms.needs_paths() {
            return run(self);
        }
        let before = std::mem::replace(&mut self.path, format!("@{path}"));
        let done = run(self);
        self.path = before;
        done
    }

    /// With a step more at the end of the path.
    fn at_path<T>(&mut self, step: &str, run: impl FnOnce(&mut Self) -> T) -> T {
        if !self.pseudonyms.needs_paths() {
            return run(self);
        }
        let length = self.path.len();
        self.path.push_str(step);
        let done = run(self);
        self.path.truncate(length);
        done
    }

    /// Where a rule expects a value and finds something that holds others.
    fn below_leaf<T>(&mut self, rule: RuleId, run: impl FnOnce(&mut Self) -> T) -> T {
        let policy = self.policy;
        let domain = policy.domain(policy.rule(rule).domain);
        self.in_path(domain.trim_start_matches('@'), run)
    }
}

/// A comma, unless the text has just been opened.
#[inline]
fn comma(out: &mut String) {
    if !out.ends_with(['{', '[']) {
        out.push(',');
    }
}

/// The bytes that a value's pseudonym is made of.
fn canonical<'a>(scalar: Scalar<'a>, text: &'a str) -> Cow<'a, str> {
    match scalar {
        Scalar::Number(token) => canonical::number(token),
        Scalar::Text(_) | Scalar::Bool(_) | Scalar::Null => Cow::Borrowed(text),
    }
}
