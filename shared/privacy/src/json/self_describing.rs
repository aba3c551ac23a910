//! Self-describing JSON: which rules apply is said by the `schema` beside the `data`.

use std::borrow::Cow;
use std::sync::Arc;

use iglu::SchemaKey;
use json_tree::{Malformed, Scanner, write_text};

use super::{Place, comma, levels_left};
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
    /// Which one it is of those that are at hand.
    number: usize,
    /// Its rules.
    pub(crate) root: Option<NodeId>,
    /// The URI as it stands in JSON, without its quotes, if it may be seen.
    pub(crate) shown: Option<String>,
    /// The domain of what its rules do not name.
    pub(crate) path: String,
    envelope: Option<Envelope>,
}

impl Known {
    /// Whether the URI may be seen.
    pub(crate) fn is_shown(&self) -> bool {
        self.shown.is_some()
    }

    fn of(uri: &str, number: usize, policy: &Policy) -> Self {
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
        let is_shown =
            root.is_some() || unknown.is_some_and(|class| policy.classes.accepts(class, uri));
        Self {
            number,
            root: root.map(|rules| rules.root),
            shown: is_shown.then(|| escaped(uri)),
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
        let Schema { uri, .. } = schema_of(scanner, 0)?.ok_or(Unreadable::Shape)?;
        if self.known(&uri).envelope != Some(envelope) {
            return Err(Unreadable::Shape);
        }
        scanner.take(b'{')?;
        out.push('{');
        let (mut is_first, mut has_data, mut has_schema) = (true, false, false);
        while scanner.more(is_first, b'}')? {
            is_first = false;
            let name = scanner.string()?.text()?;
            scanner.take(b':')?;
            comma(out);
            match &*name {
                "schema" if !has_schema => {
                    has_schema = true;
                    scanner.skip(levels_left(1))?;
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
        let Some(Schema { uri, behind }) = schema_of(scanner, depth)? else {
            return Ok(self.unlisted_at(NO_SCHEMA, scanner, depth, out)?);
        };
        let known = self.known(&uri);
        if let Some(last) = self.repeats.last(known.number, depth)
            && scanner.takes_text(&last.text)
        {
            out.push_str(&last.output);
            self.tally.again(last.counts);
            return Ok(());
        }
        let place = known.root.map_or(Place::Unlisted, Place::Tree);
        let (start, length, counts) = (*scanner, out.len(), self.tally.counts());
        scanner.take(b'{')?;
        out.push('{');
        let (mut is_first, mut has_data, mut has_schema) = (true, false, false);
        if let Some(behind) = behind {
            // The usual order: what was just read ahead need not be read again.
            *scanner = behind;
            (is_first, has_schema) = (false, true);
            out.push_str("\"schema\":\"");
            self.schema_uri(&uri, &known, out);
            out.push('"');
        }
        while scanner.more(is_first, b'}')? {
            is_first = false;
            let name = scanner.string()?.text()?;
            scanner.take(b':')?;
            match &*name {
                "schema" if !has_schema => {
                    has_schema = true;
                    scanner.skip(levels_left(depth + 1))?;
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
        if let Some(more) = self.tally.since(counts) {
            let texts = (start.until(scanner), out.get(length..).unwrap_or_default());
            self.repeats.note((known.number, depth), texts, more);
        }
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
        let known = Arc::new(Known::of(uri, self.schemas.len(), self.policy));
        // A batch has few schemas; whoever invents more gets no more room for it.
        if self.schemas.len() < SCHEMAS_AT_HAND_MAX {
            self.schemas.insert(uri.to_owned(), Arc::clone(&known));
        }
        known
    }

    /// The inside of the JSON string for a schema's URI, which is data of the tracker like
    /// everything else.
    pub(crate) fn schema_uri(&mut self, uri: &str, known: &Known, out: &mut String) {
        if let Some(shown) = &known.shown {
            self.tally.kept += 1;
            out.push_str(shown);
        } else {
            "@schema-uri".clone_into(&mut self.path);
            self.write_unlisted(uri.as_bytes(), out);
        }
    }
}

/// The inside of a JSON string.
fn escaped(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    write_text(text, &mut quoted);
    quoted.pop();
    quoted.remove(0);
    quoted
}

/// The version, if its numbers are such as people give; more would be room for a message.
fn short_version(key: &SchemaKey) -> Option<[u32; 3]> {
    const PART_MAX: u32 = 999;
    let version = key.version();
    let parts = [version.model, version.revision, version.addition];
    (key.format() == "jsonschema" && parts.iter().all(|part| *part <= PART_MAX)).then_some(parts)
}

/// The schema of an object.
struct Schema<'a> {
    uri: Cow<'a, str>,
    /// The place behind it, if it is the object's first member.
    behind: Option<Scanner<'a>>,
}

/// The schema of the object that comes next, looked up ahead of everything.
fn schema_of<'a>(scanner: &Scanner<'a>, depth: usize) -> Result<Option<Schema<'a>>, Malformed> {
    let mut ahead = *scanner;
    if !ahead.takes(b'{')? {
        return Ok(None);
    }
    let mut is_first = true;
    while ahead.more(is_first, b'}')? {
        let name = ahead.string()?.text()?;
        ahead.take(b':')?;
        if name == "schema" && ahead.peek()? == b'"' {
            let uri = ahead.string()?.text()?;
            return Ok(Some(Schema { uri, behind: is_first.then_some(ahead) }));
        }
        is_first = false;
        ahead.skip(levels_left(depth + 1))?;
    }
    Ok(None)
}
