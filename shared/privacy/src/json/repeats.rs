//! Entities that come again as they were: trackers send most of them with every event of a visitor.

use crate::tally::Counts;

/// How many schemas have their last entity remembered, and the longest one in bytes.
const SCHEMAS_MAX: usize = 64;
const ENTITY_BYTES_MAX: usize = 2_048;

/// What became of the last entity of each schema.
#[derive(Debug, Default)]
pub(crate) struct Repeats(Vec<Repeat>);

/// What became of an entity.
#[derive(Debug, Default)]
pub(crate) struct Repeat {
    /// The entity as it was written.
    pub(crate) text: String,
    pub(crate) output: String,
    pub(crate) counts: Counts,
    /// How deep it stood, because that limits how deep it may be.
    depth: usize,
}

impl Repeats {
    /// What became of the last entity of a schema, which is known by its number.
    #[inline]
    pub(crate) fn last(&self, schema: usize, depth: usize) -> Option<&Repeat> {
        self.0.get(schema).filter(|last| last.depth == depth && !last.text.is_empty())
    }

    /// Remembers what became of an entity.
    pub(crate) fn note(
        &mut self,
        (schema, depth): (usize, usize),
        (text, output): (&str, &str),
        counts: Counts,
    ) {
        if schema >= SCHEMAS_MAX || text.len() > ENTITY_BYTES_MAX {
            return;
        }
        if schema >= self.0.len() {
            self.0.resize_with(schema + 1, Repeat::default);
        }
        let Some(last) = self.0.get_mut(schema) else { return };
        // Into the room that is there.
        last.text.clear();
        last.text.push_str(text);
        last.output.clear();
        last.output.push_str(output);
        (last.counts, last.depth) = (counts, depth);
    }
}
