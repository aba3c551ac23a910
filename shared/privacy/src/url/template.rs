//! Path templates: which shapes of paths are known, and what of their segments may be seen.

use std::borrow::Cow;

use crate::class::{ClassId, Classes};

/// The shape of a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Template {
    parts: Vec<Part>,
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
        Ok(Self { parts })
    }

    /// The segments to show, if the path has this shape. Segments that could not be decoded are
    /// none, and match only what replaces them.
    pub(crate) fn matches<'a>(
        &'a self,
        segments: &'a [Option<Cow<'a, str>>],
        classes: &Classes,
    ) -> Option<Vec<&'a str>> {
        let mut shown = Vec::with_capacity(self.parts.len());
        walk(&self.parts, segments, classes, &mut shown).then_some(shown)
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
    shown: &mut Vec<&'a str>,
) -> bool {
    let Some((part, parts)) = parts.split_first() else { return segments.is_empty() };
    if let Part::Rest(word) = part {
        shown.extend(word.as_deref().filter(|_| !segments.is_empty()));
        return true;
    }
    let Some((segment, rest)) = segments.split_first() else { return false };
    let text = segment.as_deref();
    match part {
        Part::Word(word) => {
            if text != Some(word) {
                return false;
            }
            shown.push(word);
        }
        Part::Class(class, word) => match (text.filter(|it| classes.accepts(*class, it)), word) {
            (Some(text), _) => shown.push(text),
            (None, Some(word)) => shown.push(word),
            (None, None) => return false,
        },
        Part::Any(word) => shown.push(word),
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
    (classes, shown): (&Classes, &mut Vec<&'a str>),
) -> bool {
    let length = shown.len();
    for taken in (1..=segments.len()).rev() {
        let Some((own, rest)) = segments.split_at_checked(taken) else { return false };
        let kept = match (own, class) {
            ([Some(text)], Some(class)) if classes.accepts(class, text) => text,
            _ => word,
        };
        shown.push(kept);
        if walk(parts, rest, classes, shown) {
            return true;
        }
        shown.truncate(length);
    }
    false
}
