//! What every enrichment is given and gives back: the event on its way, facts beside it, entities.

use std::cell::OnceCell;
use std::fmt;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use bad_event::{Enrichment as Name, EnrichmentMessage, Message};
use collector_payload::CollectorPayload;
use enriched_event::{Column, EnrichedEvent};
use iglu::SchemaKey;
use json_tree::Json;
use tracker_protocol::uri::Uri;
use tracker_protocol::{Pair, Parameters};

use super::assets::Assets;
use super::document::Document;
use crate::entities::NotLoaded;

/// One enrichment, made of its configuration.
pub(crate) trait Enrichment: Sized {
    /// Its name in bad events.
    const IDENTIFIER: &'static str;

    /// Makes it of a configuration that fits its schema; says all that is wrong, each with the
    /// place in the file.
    fn compile(document: &Document, assets: &Assets) -> Result<Self, Vec<String>>;

    /// Fills columns and gives entities.
    fn apply(&self, work: &mut Work<'_, '_>, facts: &Facts<'_>) -> Result<Vec<Context>, Fault>;
}

/// What is known of an event beside its columns. Nothing in it changes on the way.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'f> {
    /// The payload that the event came in.
    pub(crate) payload: &'f CollectorPayload<'f>,
    /// What the tracker sent.
    pub(crate) parameters: &'f Parameters<'f>,
    /// The page's address, if there is one that can be read.
    pub(crate) page: Option<&'f Uri<'f>>,
    /// The referrer's address.
    pub(crate) referrer: Option<&'f Uri<'f>>,
    /// The parameters of the page's query, decoded, in their order; the later of two wins.
    pub(crate) query: &'f [Pair<'f>],
    /// What was found in the request before, for another event of it.
    pub(crate) of_request: &'f OfRequest,
}

/// Entities of the request, which are the same for every event in it.
#[derive(Debug, Default)]
pub(crate) struct OfRequest {
    pub(super) cookies: OnceCell<Vec<Context>>,
    pub(super) headers: OnceCell<Vec<Context>>,
}

impl<'f> Facts<'f> {
    /// The header lines that the collector passed on.
    pub(crate) fn headers(&self) -> impl Iterator<Item = &'f str> {
        self.payload.headers.as_deref().unwrap_or_default().iter().map(AsRef::as_ref)
    }

    /// The last parameter of this name in the page's query; one without `=` has no value.
    pub(crate) fn query_parameter(&self, name: &str) -> Option<&'f Pair<'f>> {
        self.query.iter().rev().find(|(key, _)| key == name)
    }
}

/// An event on its way through the enrichments.
pub(crate) struct Work<'w, 'a> {
    /// The columns. Those of JSON hold the wrapper with what fits its schema.
    pub(crate) event: &'w mut EnrichedEvent<'a>,
    /// The entities so far, those of the newest enrichment first.
    pub(crate) contexts: Vec<Context>,
    /// What could not be done, the newest first.
    pub(crate) failures: Vec<EnrichmentMessage<'static>>,
    /// Whether a script wants nothing of the event to be left.
    pub(crate) is_dropped: bool,
    /// The JSON columns that a script changed, which are then judged again.
    pub(crate) rewritten: Rewritten,
}

/// Whether each of the JSON columns of trackers holds what a script wrote.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Rewritten {
    pub(crate) contexts: bool,
    pub(crate) unstruct: bool,
}

impl Rewritten {
    pub(crate) fn has(self, column: Column) -> bool {
        let of_both = [(Column::Contexts, self.contexts), (Column::UnstructEvent, self.unstruct)];
        of_both.contains(&(column, true))
    }
}

impl<'w, 'a> Work<'w, 'a> {
    pub(crate) fn new(event: &'w mut EnrichedEvent<'a>) -> Self {
        Self {
            event,
            contexts: Vec::new(),
            failures: Vec::new(),
            is_dropped: false,
            rewritten: Rewritten::default(),
        }
    }

    /// Lets an enrichment do its work, if it is configured.
    pub(crate) fn apply<E: Enrichment>(
        &mut self,
        enrichment: Option<&Configured<E>>,
        facts: &Facts<'_>,
    ) -> Result<(), NotLoaded> {
        let Some(Configured { schema_key, enrichment }) = enrichment else { return Ok(()) };
        match enrichment.apply(self, facts) {
            Ok(contexts) => {
                self.contexts.splice(..0, contexts);
            }
            Err(Fault::NotLoaded) => return Err(NotLoaded),
            Err(Fault::Messages(messages)) => {
                for message in messages {
                    self.fail(Some((schema_key, E::IDENTIFIER)), message);
                }
            }
        }
        Ok(())
    }

    /// Notes what could not be done, and by whom; what is always done has no name.
    pub(crate) fn fail(
        &mut self,
        by: Option<(&SchemaKey, &'static str)>,
        message: Message<'static>,
    ) {
        let enrichment = by.map(|(schema_key, identifier)| Name {
            schema_key: schema_key.as_str().to_owned().into(),
            identifier: identifier.into(),
        });
        self.failures.insert(0, EnrichmentMessage { enrichment, message });
    }
}

/// An enrichment and the schema of its configuration, which bad events name.
pub(crate) struct Configured<E> {
    /// The schema.
    pub(crate) schema_key: SchemaKey,
    /// The enrichment.
    pub(crate) enrichment: E,
}

/// Why an enrichment gives nothing.
pub(crate) enum Fault {
    /// Something has to be loaded first; the event is enriched again from the start.
    NotLoaded,
    /// The event makes it impossible.
    Messages(Vec<Message<'static>>),
}

impl Fault {
    /// A fault that is told in a sentence.
    pub(crate) fn simple(error: impl Into<String>) -> Self {
        Self::Messages(vec![Message::Simple { error: error.into().into() }])
    }
}

/// An entity that an enrichment gives; cheap to copy, so that it can be kept for the next event.
#[derive(Clone)]
pub(crate) struct Context(Arc<Entity>);

struct Entity {
    key: SchemaKey,
    data: Json<'static>,
    text: String,
    /// When it was last found to fit its schema; 0 for never.
    fits_in: AtomicU64,
}

impl Context {
    /// Data and the schema that it is to fit, which is checked when all enrichments are done.
    pub(crate) fn new(key: SchemaKey, data: Json<'static>) -> Self {
        let text = crate::entities::self_describing_text(&key, &data);
        Self(Arc::new(Entity { key, data, text, fits_in: AtomicU64::new(0) }))
    }

    /// The schema.
    pub(crate) fn key(&self) -> &SchemaKey {
        &self.0.key
    }

    /// The data.
    pub(crate) fn data(&self) -> &Json<'static> {
        &self.0.data
    }

    /// Whether it, or what it was copied from, was found to fit its schema in this era.
    pub(crate) fn is_known_to_fit(&self, era: Option<NonZeroU64>) -> bool {
        era.is_some_and(|era| self.0.fits_in.load(Ordering::Relaxed) == era.get())
    }

    /// Remembers that it fits its schema.
    pub(crate) fn note_fit(&self, era: Option<NonZeroU64>) {
        if let Some(era) = era {
            self.0.fits_in.store(era.get(), Ordering::Relaxed);
        }
    }

    /// Schema and data as compact JSON.
    pub(crate) fn text(&self) -> &str {
        &self.0.text
    }
}

impl fmt::Debug for Context {
    /// The schema only: the data is about a person.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Context").field(&self.0.key).finish()
    }
}

/// Changes a column that has something in it.
pub(crate) fn replace(
    event: &mut EnrichedEvent<'_>,
    column: Column,
    change: impl FnOnce(&str) -> String,
) {
    if let Some(text) = event.filled(column).map(change) {
        event.set(column, text);
    }
}

/// The key of a schema that we name ourselves.
#[allow(clippy::expect_used, reason = "a text of ours, checked by every test of its enrichment")]
pub(crate) fn schema_key(uri: &'static str) -> SchemaKey {
    SchemaKey::parse(uri).expect("a schema's name")
}
