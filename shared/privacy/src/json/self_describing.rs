//! Self-describing JSON: which rules apply is said by the `schema` beside the `data`.

use std::borrow::Cow;
use std::sync::Arc;

use iglu::SchemaKey;
use json_tree::write_text;

use super::scan::{Malformed, Scanner};
use super::{Place, comma};
use crate::nodes::NodeId;
use crate::policy::Policy;
use crate::pseudonym::Pseudonyms;
use crate::rewriter::Rewriter;

/// What a column of self-describing JSON is expected to hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Envelope {
    /// A list of entities.
    Contexts,
    /// One event.
    UnstructEvent,
}

/// Why a text of self-describing JSON could not be treated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unreadable {
    /// It is no JSON.
    Json,
    /// It is JSON of another shape.
    Shape,
}

impl From<Malformed> for Unreadable {
    fn from(_: Malformed) -> Self {
        Self::Json
    }
}

/// What a schema's URI leads to.
#[derive(Clone, Debug)]
pub(crate) struct Known {
    /// Its rules.
    pub(crate) root: Option<NodeId>,
    /// Whether it may be seen.
    pub(crate) is_shown: bool,
    /// The domain of what its rules do not name.
    pub(crate) path: String,
    envelope: Option<Envelope>,
}

impl Known {
    pub(crate) fn of(uri: &str, policy: &Policy) -> Self {
        let key = SchemaKey::parse(uri).ok();
        let version = key.as_ref().and_then(short_version);
        let path = key.as_ref().map(|key| format!("{}/{}", key.vendor(), key.name()));
        let root = version.zip(path.as_deref());
        let root = root.and_then(|(version, name)| policy.schema(name, version));
        let envelope = key.as_ref().filter(|key| key.vendor() == VENDOR && version.is_some());
        let envelope = envelope.and_then(|key| {
            [Envelope::Contexts, Envelope::UnstructEvent]
                .into_iter()
                .find(|it| it.name() == key.name())
        });
        let unknown = policy.unknown_uris;
        Self {
            root: root.map(|rules| rules.root),
            is_shown: root.is_some()
                || unknown.is_some_and(|class| policy.classes.accepts(class, uri)),
            path: path.map_or_else(|| NO_SCHEMA.to_owned(), |path| format!("@{path}")),
            envelope,
        }
    }
}

/// URIs whose meaning is kept at hand.
const SCHEMAS_AT_HAND_MAX: usize = 256;
/// The domain of entities that name no schema.
const NO_SCHEMA: &str = "@no-schema";
/// Whose wrappers they are.
const VENDOR: &str = "com.snowplowanalytics.snowplow";

impl Envelope {
    fn name(self) -> &'static str {
        match self {
            Self::Contexts => "contexts",
            Self::UnstructEvent => "unstruct_event",
        }
    }
}

impl<P: Pseudonyms> Rewriter<'_, P> {
    /// Rewrites a column's text; an entity of ours may be put at the end of a list.
    pub(crate) fn envelope(
        &mut self,
        text: &str,
        envelope: Envelope,
        appended: Option<&str>,
        out: &mut String,
    ) -> Result<(), Unreadable> {
        let mut scanner = Scanner::new(text);
        let scanner = &mut scanner;
        let uri = schema_of(scanner)?.ok_or(Unreadable::Shape)?;
        if self.known(&uri).envelope != Some(envelope) {
            return Err(Unreadable::Shape);
        }
        scanner.take(b'{')?;
        out.push('{');
        let (mut is_first, mut has_data) = (true, false);
        while scanner.more(is_first, b'}')? {
            is_first = false;
            let name = scanner.string()?.text()?;
            scanner.take(b':')?;
            comma(out);
            match &*name {
                "schema" => {
                    scanner.skip(1)?;
                    out.push_str("\"schema\":");
                    write_text(&uri, out);
                }
                "data" if !has_data => {
                    has_data = true;
                    out.push_str("\"data\":");
                    self.enveloped(scanner, envelope, appended, out)?;
                }
                // No schema allows anything else, and twice the same tells nobody what is meant.
                _ => return Err(Unreadable::Shape),
            }
        }
        scanner.end()?;
        out.push('}');
        if has_data { Ok(()) } else { Err(Unreadable::Shape) }
    }

    fn enveloped(
        &mut self,
        scanner: &mut Scanner<'_>,
        envelope: Envelope,
        appended: Option<&str>,
        out: &mut String,
    ) -> Result<(), Unreadable> {
        if envelope == Envelope::UnstructEvent {
            return self.entity(scanner, 1, out);
        }
        if !scanner.takes(b'[')? {
            return Err(Unreadable::Shape);
        }
        out.push('[');
        let mut is_first = true;
        while scanner.more(is_first, b']')? {
            is_first = false;
            comma(out);
            self.entity(scanner, 2, out)?;
        }
        if let Some(entity) = appended {
            comma(out);
            out.push_str(entity);
        }
        out.push(']');
        Ok(())
    }

    /// One entity or event: its data by the rules of its schema.
    pub(crate) fn entity(
        &mut self,
        scanner: &mut Scanner<'_>,
        depth: usize,
        out: &mut String,
    ) -> Result<(), Unreadable> {
        if scanner.peek()? != b'{' {
            return Err(Unreadable::Shape);
        }
        let Some(uri) = schema_of(scanner)? else {
            return Ok(self.unlisted_at(NO_SCHEMA, scanner, depth, out)?);
        };
        let known = self.known(&uri);
        let place = known.root.map_or(Place::Unlisted, Place::Tree);
        let (start, length) = (*scanner, out.len());
        scanner.take(b'{')?;
        out.push('{');
        let (mut is_first, mut has_data, mut has_schema) = (true, false, false);
        while scanner.more(is_first, b'}')? {
            is_first = false;
            let name = scanner.string()?.text()?;
            scanner.take(b':')?;
            match &*name {
                "schema" if !has_schema => {
                    has_schema = true;
                    scanner.skip(depth + 1)?;
                    comma(out);
                    out.push_str("\"schema\":\"");
                    self.schema_uri(&uri, &known, out);
                    out.push('"');
                }
                "data" if !has_data => {
                    has_data = true;
                    comma(out);
                    out.push_str("\"data\":");
                    self.path.clone_from(&known.path);
                    self.value(scanner, place, depth + 1, out)?;
                }
                _ => {
                    // Which of two is meant, or what the others are, nobody knows.
                    *scanner = start;
                    out.truncate(length);
                    return Ok(self.unlisted_at(&known.path, scanner, depth, out)?);
                }
            }
        }
        out.push('}');
        Ok(())
    }

    /// Rewrites the next value as if no rule named anything in it.
    pub(crate) fn unlisted_at(
        &mut self,
        path: &str,
        scanner: &mut Scanner<'_>,
        depth: usize,
        out: &mut String,
    ) -> Result<(), Malformed> {
        path.clone_into(&mut self.path);
        self.value(scanner, Place::Unlisted, depth, out)
    }

    /// What a URI leads to.
    pub(crate) fn known(&mut self, uri: &str) -> Arc<Known> {
        if let Some(known) = self.schemas.get(uri) {
            return Arc::clone(known);
        }
        let known = Arc::new(Known::of(uri, self.policy));
        // A batch has few schemas; whoever invents more gets no more room for it.
        if self.schemas.len() < SCHEMAS_AT_HAND_MAX {
            self.schemas.insert(uri.to_owned(), Arc::clone(&known));
        }
        known
    }

    /// The inside of the JSON string for a schema's URI, which is data of the tracker like
    /// everything else.
    pub(crate) fn schema_uri(&mut self, uri: &str, known: &Known, out: &mut String) {
        if known.is_shown {
            self.tally.kept += 1;
            push_escaped(uri, out);
        } else {
            "@schema-uri".clone_into(&mut self.path);
            self.write_unlisted(uri.as_bytes(), out);
        }
    }
}

/// The inside of a JSON string.
fn push_escaped(text: &str, out: &mut String) {
    let mut quoted = String::with_capacity(text.len() + 2);
    write_text(text, &mut quoted);
    out.push_str(quoted.trim_matches('"'));
}

/// The version, if its numbers are such as people give; more would be room for a message.
fn short_version(key: &SchemaKey) -> Option<[u32; 3]> {
    const PART_MAX: u32 = 999;
    let version = key.version();
    let parts = [version.model, version.revision, version.addition];
    (key.format() == "jsonschema" && parts.iter().all(|part| *part <= PART_MAX)).then_some(parts)
}

/// The schema of the object that comes next, looked up ahead of everything.
fn schema_of<'a>(scanner: &Scanner<'a>) -> Result<Option<Cow<'a, str>>, Malformed> {
    let mut ahead = *scanner;
    if !ahead.takes(b'{')? {
        return Ok(None);
    }
    let mut is_first = true;
    while ahead.more(is_first, b'}')? {
        is_first = false;
        let name = ahead.string()?.text()?;
        ahead.take(b':')?;
        if name == "schema" && ahead.peek()? == b'"' {
            return Ok(Some(ahead.string()?.text()?));
        }
        ahead.skip(2)?;
    }
    Ok(None)
}
