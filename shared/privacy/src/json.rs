//! Rewrites JSON in one pass: what comes out is structure, pseudonyms, and what a class accepted.

pub(crate) mod repeats;
pub(crate) mod self_describing;

use std::borrow::Cow;

use json_tree::{Malformed, Quoted, Scalar, Scanner, write_text};

use crate::canonical;
use crate::domain::add_step;
use crate::memo::Decision;
use crate::nodes::{Node, NodeId, Target, Walk};
use crate::policy::{Policy, RuleId};
use crate::pseudonym::Pseudonyms;
use crate::rewriter::Rewriter;
use crate::treatment::{Fate, Treatment, decide};
use crate::url::Means;

/// The deepest nesting that is followed.
pub(crate) const DEPTH_MAX: usize = 64;

/// The levels that may begin at this depth.
pub(crate) fn levels_left(depth: usize) -> usize {
    (DEPTH_MAX + 1).saturating_sub(depth)
}

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
            let expected = node.written.get(next).filter(|written| scanner.takes_text(written));
            let (field, target) =
                if let Some((_, target)) = expected.and_then(|_| node.fields.get(next)) {
                    (next, *target)
                } else {
                    let key = scanner.string()?.text()?;
                    scanner.take(b':')?;
                    let Some(found) = node.field(&key, next) else {
                        self.unlisted_member(scanner, node, &key, (depth, out))?;
                        continue;
                    };
                    found
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
                scanner.skip(levels_left(depth + 1))?;
                continue;
            }
            comma(out);
            out.push_str(node.written.get(field).map_or("", |written| &**written));
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
            return scanner.skip(levels_left(depth + 1));
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
        self.below("/", key, |it| it.value(scanner, place, depth + 1, out))
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
                scanner.skip(levels_left(depth + 1))?;
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
        let (text, token) = match scalar {
            Scalar::Null => {
                out.push_str("null");
                return Ok(());
            }
            Scalar::Text(Quoted { raw: "", .. }) => {
                out.push_str("\"\"");
                return Ok(());
            }
            Scalar::Text(quoted) if quoted.has_escapes => (quoted.text()?, None),
            Scalar::Text(Quoted { raw, .. }) => (Cow::Borrowed(raw), None),
            Scalar::Number(token) | Scalar::Bool(token) => (Cow::Borrowed(token), Some(token)),
        };
        let is_number = matches!(scalar, Scalar::Number(_));
        let decision = self.decision(id, &text, is_number);
        match (decision.fate, token) {
            (Fate::Keep, Some(token)) => out.push_str(token),
            (Fate::Keep, None) => write_text(&text, out),
            (Fate::Replace, Some(_)) if is_number => out.push_str(decision.output),
            (Fate::Replace | Fate::Pseudonymize | Fate::Violation, _) => {
                write_text(decision.output, out);
            }
            // The caller leaves members out before it comes to this.
            (Fate::Drop, _) => out.push_str("null"),
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

    /// What a rule decides on a value that is neither empty nor null, counted.
    #[inline]
    pub(crate) fn decision(&mut self, id: RuleId, text: &str, is_number: bool) -> Decision<'_> {
        let Self { policy, pseudonyms, memo, paths, tally, .. } = self;
        let act = policy.act(id);
        // A number and a text that look alike can have different pseudonyms.
        let purpose = u32::from(id.0) << 1 | u32::from(is_number);
        let make = |output: &mut String| {
            let means = Means { classes: &policy.classes, pseudonyms, paths };
            let fate = made(policy, means, act.treatment, text, output);
            if matches!(fate, Fate::Pseudonymize | Fate::Violation) {
                output.clear();
                let value = if is_number { canonical::number(text) } else { Cow::Borrowed(text) };
                pseudonyms.write(act.domain, value.as_bytes(), output);
            }
            fate
        };
        let decision = memo.decide((purpose, act.memory), text, make);
        match decision.fate {
            Fate::Keep => tally.kept += 1,
            Fate::Replace => tally.reduced += 1,
            Fate::Pseudonymize => tally.pseudonymized += 1,
            Fate::Violation => tally.violation(id),
            Fate::Drop => tally.dropped += 1,
        }
        decision
    }

    fn is_dropped(&self, target: Target) -> bool {
        matches!(target, Target::Leaf(id) if self.policy.act(id).treatment == Treatment::Drop)
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
        self.below("", step, run)
    }

    fn below<T>(&mut self, separator: &str, step: &str, run: impl FnOnce(&mut Self) -> T) -> T {
        let length = self.path.len();
        let before = add_step(&mut self.path, separator, step);
        let done = run(self);
        match before {
            Some(before) => self.path = before,
            None => self.path.truncate(length),
        }
        done
    }

    /// Where a rule expects a value and finds something that holds others.
    fn below_leaf<T>(&mut self, rule: RuleId, run: impl FnOnce(&mut Self) -> T) -> T {
        let policy = self.policy;
        let domain = policy.domain(policy.rule(rule).domain);
        self.in_path(domain.trim_start_matches('@'), run)
    }
}

/// A rule's decision; URLs have pseudonyms of their own inside.
fn made(
    policy: &Policy,
    means: Means<'_, impl Pseudonyms>,
    treatment: Treatment,
    text: &str,
    output: &mut String,
) -> Fate {
    let Treatment::Url(id, part) = treatment else {
        return decide(policy, treatment, text, output);
    };
    let written = policy.url(id).and_then(|rules| rules.write(part, text, means, output));
    if written.is_some() { Fate::Replace } else { Fate::Violation }
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
