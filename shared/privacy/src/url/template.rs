//! Path templates: which shapes of paths are known, and what of their segments may be seen.

use std::borrow::Cow;

use crate::class::{ClassId, Classes, any_bits};
use crate::{hash, percent};

/// The shape of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    parts: Vec<Part>,
    /// A bit for each word that a path must hold to have this shape.
    words: u64,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    /// This segment.
    Word(Box<str>),
    /// A segment of the class, which stays; else, if there is one, the word takes its place.
    Class(ClassId, Option<Box<str>>),
    /// Any segment; the word takes its place.
    Any(Box<str>),
    /// One segment or more: one of the class stays, else the word takes the place of all.
    Some(Option<ClassId>, Box<str>),
    /// All that is left, maybe nothing: the word takes its place if there is one.
    Rest(Option<Box<str>>),
}

impl Template {
    /// Reads `/a/{class|word}/{**|word}`; what is wrong with it is the rest of a sentence.
    pub(crate) fn parse(
        text: &str,
        mut class: impl FnMut(&str) -> Option<ClassId>,
    ) -> Result<Self, String> {
        let inner = text.strip_prefix('/').ok_or("does not begin with a slash")?;
        let mut parts = Vec::new();
        for segment in inner.split('/') {
            if matches!(parts.last(), Some(Part::Rest(_))) {
                return Err("goes on after {**}".to_owned());
            }
            parts.push(part(segment, &mut class)?);
        }
        if parts.iter().filter(|part| matches!(part, Part::Some(..))).count() > 1 {
            return Err(
                "has two segments with a plus, so that it could be read in two ways".to_owned()
            );
        }
        let words = parts.iter().map(|part| match part {
            Part::Word(word) => bit(word),
            Part::Class(..) | Part::Any(_) | Part::Some(..) | Part::Rest(_) => 0,
        });
        Ok(Self { words: words.fold(0, |all, one| all | one), parts })
    }

    /// Whether the path has this shape; then the segments to show are in the list.
    #[inline]
    pub(crate) fn matches<'a>(
        &'a self,
        segments: &'a Segments<'a>,
        classes: &Classes,
        shown: &mut Vec<Shown<'a>>,
    ) -> bool {
        if self.words & !segments.words != 0 {
            return false;
        }
        shown.clear();
        walk(&self.parts, &segments.list, classes, shown)
    }
}

/// The segments of a path, decoded. Those that could not be decoded are none, and match only what
/// replaces them.
pub(crate) struct Segments<'a> {
    list: Vec<Option<Cow<'a, str>>>,
    /// The bits of all of them.
    words: u64,
}

impl<'a> Segments<'a> {
    /// None if there are more than so many.
    pub(crate) fn of(path: &'a str, segments_max: usize) -> Option<Self> {
        let mut segments = Self { list: Vec::with_capacity(16), words: 0 };
        let mut rest = Some(path);
        while let Some(path) = rest {
            let end = memchr::memchr(b'/', path.as_bytes());
            let raw = end.and_then(|end| path.get(..end)).unwrap_or(path);
            rest = end.and_then(|end| path.get(end + 1..));
            if segments.list.len() == segments_max {
                return None;
            }
            let text = percent::decode(raw, false);
            segments.words |= text.as_deref().map_or(0, bit);
            segments.list.push(text);
        }
        Some(segments)
    }
}

/// What takes the place of a segment.
pub(crate) enum Shown<'a> {
    Text(&'a str),
    /// The segment if it is in the class, else the word. It fits the template in both cases, so it
    /// is not looked at before the template is known to be the right one.
    Either(ClassId, Option<&'a str>, &'a str),
}

impl<'a> Shown<'a> {
    pub(crate) fn text(&self, classes: &Classes) -> &'a str {
        match self {
            Self::Text(text) => text,
            Self::Either(class, segment, word) => {
                segment.filter(|it| classes.accepts(*class, it)).unwrap_or(word)
            }
        }
    }
}

/// One of 64 bits for a word.
fn bit(word: &str) -> u64 {
    1 << (hash::of(0, word) % 64)
}

/// For whoever checks, shows or compares policies.
impl Template {
    /// Appends the classes of segments.
    pub(super) fn classes(&self, out: &mut Vec<ClassId>) {
        out.extend(self.parts.iter().filter_map(Part::class));
    }

    /// How many bits a path of this shape can tell at most.
    pub(super) fn capacity_bits(&self, classes: &Classes) -> f64 {
        let bits = self.parts.iter().map(|part| match part {
            Part::Word(_) | Part::Any(_) | Part::Some(None, _) | Part::Rest(None) => 0.0,
            Part::Rest(Some(_)) => 1.0,
            Part::Class(class, None) => classes.capacity_bits(*class),
            Part::Class(class, Some(_)) | Part::Some(Some(class), _) => {
                any_bits([classes.capacity_bits(*class), 0.0])
            }
        });
        bits.sum()
    }

    /// As policies write it.
    pub(super) fn shown(&self, classes: &Classes) -> String {
        self.written(|class| classes.name(class).to_owned())
    }

    /// With what classes accept in the place of their names.
    pub(super) fn defined(&self, classes: &Classes) -> String {
        self.written(|class| classes.definition(class))
    }

    fn written(&self, class: impl Fn(ClassId) -> String) -> String {
        let mut out = String::new();
        for part in &self.parts {
            out.push('/');
            let shown = match part {
                Part::Word(word) => word.to_string(),
                Part::Class(id, None) => format!("{{{}}}", class(*id)),
                Part::Class(id, Some(word)) => format!("{{{}|{word}}}", class(*id)),
                Part::Any(word) => format!("{{|{word}}}"),
                Part::Some(id, word) => {
                    format!("{{+{}|{word}}}", id.map(&class).unwrap_or_default())
                }
                Part::Rest(None) => "{**}".to_owned(),
                Part::Rest(Some(word)) => format!("{{**|{word}}}"),
            };
            out.push_str(&shown);
        }
        out
    }

    /// Whether every path of the other shape has this one too. False where that is hard to tell.
    pub(super) fn covers(&self, other: &Self, classes: &Classes) -> bool {
        let mut theirs = other.parts.iter();
        for (place, part) in self.parts.iter().enumerate() {
            let is_last = place + 1 == self.parts.len();
            let one = match (part, theirs.next()) {
                (Part::Rest(_), _) => return true,
                (_, None | Some(Part::Rest(_))) => return false,
                (Part::Some(..), Some(_)) => {
                    let no_rest = theirs.clone().all(|part| !matches!(part, Part::Rest(_)));
                    return is_last && no_rest;
                }
                (_, Some(Part::Some(..))) => return false,
                (Part::Any(_) | Part::Class(_, Some(_)), Some(_)) => true,
                (Part::Word(word), Some(theirs)) => {
                    matches!(theirs, Part::Word(other) if other == word)
                }
                (Part::Class(class, None), Some(theirs)) => match theirs {
                    Part::Word(word) => classes.accepts(*class, word),
                    Part::Class(other, None) => other == class,
                    Part::Class(_, Some(_)) | Part::Any(_) | Part::Some(..) | Part::Rest(_) => {
                        false
                    }
                },
            };
            if !one {
                return false;
            }
        }
        theirs.next().is_none()
    }
}

impl Part {
    fn class(&self) -> Option<ClassId> {
        match self {
            Self::Class(class, _) => Some(*class),
            Self::Some(class, _) => *class,
            Self::Word(_) | Self::Any(_) | Self::Rest(_) => None,
        }
    }
}

fn part(segment: &str, class: &mut impl FnMut(&str) -> Option<ClassId>) -> Result<Part, String> {
    let Some(inner) = segment.strip_prefix('{').and_then(|it| it.strip_suffix('}')) else {
        if segment.is_empty() || segment.contains(['{', '}', '|', '*', '%']) {
            return Err(format!("has the segment {segment:?}, which is no word"));
        }
        return Ok(Part::Word(segment.into()));
    };
    let (name, word) = match inner.split_once('|') {
        Some((name, "")) => return Err(format!("has no word after {name}|")),
        Some((name, word)) => (name, Some(Box::from(word))),
        None => (inner, None),
    };
    if name == "**" {
        return Ok(Part::Rest(word));
    }
    let plus = name.strip_prefix('+');
    let id = match plus.unwrap_or(name) {
        "" => None,
        name => Some(class(name).ok_or_else(|| format!("names the class {name}, which is none"))?),
    };
    match (plus, id, word) {
        (Some(_), id, Some(word)) => Ok(Part::Some(id, word)),
        (None, Some(id), word) => Ok(Part::Class(id, word)),
        (None, None, Some(word)) => Ok(Part::Any(word)),
        (Some(_), _, None) | (None, None, None) => {
            Err(format!("has {segment}, where a word must say what is shown instead"))
        }
    }
}

fn walk<'a>(
    parts: &'a [Part],
    segments: &'a [Option<Cow<'a, str>>],
    classes: &Classes,
    shown: &mut Vec<Shown<'a>>,
) -> bool {
    let Some((part, parts)) = parts.split_first() else { return segments.is_empty() };
    if let Part::Rest(word) = part {
        let word = word.as_deref().filter(|_| !segments.is_empty());
        shown.extend(word.map(Shown::Text));
        return true;
    }
    let Some((segment, rest)) = segments.split_first() else { return false };
    let text = segment.as_deref();
    match part {
        Part::Word(word) => {
            if text != Some(word) {
                return false;
            }
            shown.push(Shown::Text(word));
        }
        Part::Class(class, Some(word)) => shown.push(Shown::Either(*class, text, word)),
        Part::Class(class, None) => match text.filter(|it| classes.accepts(*class, it)) {
            Some(text) => shown.push(Shown::Text(text)),
            None => return false,
        },
        Part::Any(word) => shown.push(Shown::Text(word)),
        Part::Some(class, word) => return some(parts, segments, (*class, word), (classes, shown)),
        Part::Rest(_) => return true,
    }
    walk(parts, rest, classes, shown)
}

/// As many segments as possible for the part with a plus, then the rest of the template.
fn some<'a>(
    parts: &'a [Part],
    segments: &'a [Option<Cow<'a, str>>],
    (class, word): (Option<ClassId>, &'a str),
    (classes, shown): (&Classes, &mut Vec<Shown<'a>>),
) -> bool {
    let length = shown.len();
    let others = parts.iter().filter(|part| !matches!(part, Part::Rest(_))).count();
    let most = segments.len().saturating_sub(others);
    // Without a rest, every other part takes one segment.
    let least = if others == parts.len() { most.max(1) } else { 1 };
    for taken in (least..=most).rev() {
        let Some((own, rest)) = segments.split_at_checked(taken) else { return false };
        shown.push(match (own, class) {
            ([text], Some(class)) => Shown::Either(class, text.as_deref(), word),
            _ => Shown::Text(word),
        });
        if walk(parts, rest, classes, shown) {
            return true;
        }
        shown.truncate(length);
    }
    false
}
