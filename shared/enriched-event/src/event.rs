//! One event: a text per column.

use std::borrow::Cow;
use std::fmt;

use crate::columns::{COLUMN_COUNT, Column};

/// What a column holds until it is set.
const EMPTY: Cow<'static, str> = Cow::Borrowed("");

/// The canonical event: one text per column, an empty one for null.
#[derive(Clone, PartialEq, Eq)]
pub struct EnrichedEvent<'a> {
    /// On the heap, because three kilobytes are too much to move about.
    cells: Box<[Cow<'a, str>; COLUMN_COUNT]>,
}

impl<'a> EnrichedEvent<'a> {
    /// An event without anything in it.
    pub fn new() -> Self {
        Self { cells: Box::new([EMPTY; COLUMN_COUNT]) }
    }

    /// The column's text, empty for null.
    pub fn get(&self, column: Column) -> &str {
        self.cells.get(column.index()).map_or("", |cell| cell)
    }

    /// The column's text, unless it is null.
    pub fn filled(&self, column: Column) -> Option<&str> {
        Some(self.get(column)).filter(|text| !text.is_empty())
    }

    /// Puts a text into a column; an empty one makes it null.
    pub fn set(&mut self, column: Column, text: impl Into<Cow<'a, str>>) {
        if let Some(cell) = self.cells.get_mut(column.index()) {
            *cell = text.into();
        }
    }

    /// Makes a column null.
    pub fn clear(&mut self, column: Column) {
        self.set(column, "");
    }

    /// Makes a column null and returns what it held, without a copy.
    pub fn take(&mut self, column: Column) -> Cow<'a, str> {
        self.cells.get_mut(column.index()).map_or(EMPTY, std::mem::take)
    }

    /// Makes every column null; the memory stays.
    pub fn reset(&mut self) {
        self.cells.fill(EMPTY);
    }

    /// Every column with its text, in order.
    pub fn iter(&self) -> impl Iterator<Item = (Column, &str)> {
        Column::ALL.into_iter().zip(self.cells.iter().map(|cell| &**cell))
    }

    /// The same event, independent of what it borrowed from.
    pub fn into_owned(self) -> EnrichedEvent<'static> {
        let mut owned = EnrichedEvent::new();
        for (column, cell) in Column::ALL.into_iter().zip(*self.cells) {
            if !cell.is_empty() {
                owned.set(column, cell.into_owned());
            }
        }
        owned
    }
}

impl Default for EnrichedEvent<'_> {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for EnrichedEvent<'_> {
    /// Names and sizes only: an event is personal data.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let filled = self.iter().filter(|(_, text)| !text.is_empty());
        f.write_str("EnrichedEvent in bytes ")?;
        f.debug_map().entries(filled.map(|(column, text)| (column.name(), text.len()))).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_holds_what_was_set_until_it_is_cleared() {
        let text = "gitlab".to_owned();
        let mut event = EnrichedEvent::new();
        assert_eq!((event.get(Column::AppId), event.filled(Column::AppId)), ("", None));
        event.set(Column::AppId, &*text);
        event.set(Column::TrueTstamp, "2026-01-02 03:04:05.678".to_owned());
        assert_eq!(event.filled(Column::AppId), Some("gitlab"));
        assert_eq!(event.iter().filter(|(_, text)| !text.is_empty()).count(), 2);
        event.clear(Column::AppId);
        assert_eq!(event.filled(Column::AppId), None);
        assert_eq!(event.take(Column::TrueTstamp), "2026-01-02 03:04:05.678");
        assert_eq!(event, EnrichedEvent::default());
    }

    #[test]
    fn a_reset_leaves_nothing() {
        let mut event = EnrichedEvent::new();
        for column in Column::ALL {
            event.set(column, column.name());
        }
        let owned = event.clone().into_owned();
        assert_eq!(owned, event);
        assert!(owned.iter().all(|(column, text)| column.name() == text));
        event.reset();
        assert_eq!(event, EnrichedEvent::new());
    }

    #[test]
    fn debug_shows_no_content() {
        let mut event = EnrichedEvent::new();
        event.set(Column::UserId, "alex");
        assert_eq!(format!("{event:?}"), "EnrichedEvent in bytes {\"user_id\": 4}");
    }
}
