//! How long a column's text may be.

use std::fmt;

use crate::columns::{COLUMN_COUNT, Column, Kind};
use crate::event::EnrichedEvent;

/// Where Enrich 3.9 was stricter than its successors.
const ENRICH_3: [(Column, u32); 3] =
    [(Column::PageUrl, 4_096), (Column::PageReferrer, 4_096), (Column::MktClickid, 128)];

/// The longest text of every column, in UTF-16 code units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AtomicLimits {
    chars_max: [u32; COLUMN_COUNT],
}

/// A text is longer than its column allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong {
    /// Where.
    pub column: Column,
    /// What would have been allowed, in UTF-16 code units.
    pub chars_max: u32,
}

/// A limit that cannot be set.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LimitError {
    /// No column has this name.
    UnknownColumn(String),
    /// Only texts have limits.
    NotText(Column),
}

impl AtomicLimits {
    /// The limits of Enrich 6.
    pub fn enrich_6() -> Self {
        // The length of a number or a date is not checked.
        Self { chars_max: Column::ALL.map(|column| column.chars_max().unwrap_or(u32::MAX)) }
    }

    /// The limits of Enrich 3.9.
    pub fn enrich_3() -> Self {
        let mut limits = Self::enrich_6();
        for (column, chars_max) in ENRICH_3 {
            limits.set(column, chars_max);
        }
        limits
    }

    /// Replaces the limit of the column with this name.
    pub fn set_named(&mut self, name: &str, chars_max: u32) -> Result<(), LimitError> {
        let column =
            Column::named(name).ok_or_else(|| LimitError::UnknownColumn(name.to_owned()))?;
        if column.kind() != Kind::Text {
            return Err(LimitError::NotText(column));
        }
        self.set(column, chars_max);
        Ok(())
    }

    /// The limit of a column; none for what is no text.
    pub fn get(&self, column: Column) -> Option<u32> {
        self.chars_max.get(column.index()).copied().filter(|_| column.kind() == Kind::Text)
    }

    /// Every text that is too long, in the order of the columns. Nothing is cut.
    pub fn check(&self, event: &EnrichedEvent<'_>) -> Vec<TooLong> {
        event
            .iter()
            .zip(self.chars_max)
            .filter(|&((_, text), chars_max)| is_longer(text, chars_max))
            .map(|((column, _), chars_max)| TooLong { column, chars_max })
            .collect()
    }

    fn set(&mut self, column: Column, chars_max: u32) {
        if let Some(limit) = self.chars_max.get_mut(column.index()) {
            *limit = chars_max;
        }
    }
}

impl Default for AtomicLimits {
    fn default() -> Self {
        Self::enrich_6()
    }
}

/// No character has more UTF-16 code units than bytes, so a text that is short in bytes is short.
fn is_longer(text: &str, chars_max: u32) -> bool {
    let chars_max = usize::try_from(chars_max).unwrap_or(usize::MAX);
    text.len() > chars_max && text.chars().map(char::len_utf16).sum::<usize>() > chars_max
}

impl fmt::Display for TooLong {
    /// As the original words it.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Field is longer than maximum allowed size {}", self.chars_max)
    }
}

impl fmt::Display for LimitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownColumn(name) => write!(f, "there is no column {name}"),
            Self::NotText(column) => write!(f, "{column} is no text, so its length has no limit"),
        }
    }
}

impl std::error::Error for LimitError {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_limit_is_allowed_and_one_more_is_not() {
        let limits = AtomicLimits::default();
        for column in Column::ALL {
            let chars_max = limits.get(column).unwrap_or(20_000) as usize;
            let mut event = EnrichedEvent::new();
            event.set(column, "é".repeat(chars_max));
            assert_eq!(limits.check(&event), [], "{column}");
            event.set(column, "é".repeat(chars_max + 1));
            let found = limits.check(&event);
            assert_eq!(found.len(), usize::from(column.kind() == Kind::Text), "{column}");
        }
    }

    #[test]
    fn length_is_counted_in_utf_16() {
        let limits = AtomicLimits::default();
        let mut event = EnrichedEvent::new();
        event.set(Column::GeoCountry, "😀");
        assert_eq!(limits.check(&event), []);
        event.set(Column::GeoCountry, "😀a");
        let too_long = TooLong { column: Column::GeoCountry, chars_max: 2 };
        assert_eq!(limits.check(&event), [too_long]);
        assert_eq!(too_long.to_string(), "Field is longer than maximum allowed size 2");
    }

    #[test]
    fn a_limit_can_be_replaced_by_name() {
        let mut limits = AtomicLimits::default();
        assert_eq!(limits.set_named("app_id", 3), Ok(()));
        assert_eq!(limits.get(Column::AppId), Some(3));
        assert_eq!(limits.set_named("app", 3), Err(LimitError::UnknownColumn("app".to_owned())));
        assert_eq!(limits.set_named("txn_id", 3), Err(LimitError::NotText(Column::TxnId)));
        let mut event = EnrichedEvent::new();
        event.set(Column::AppId, "four");
        event.set(Column::Contexts, "{}");
        assert_eq!(limits.check(&event), [TooLong { column: Column::AppId, chars_max: 3 }]);
    }

    #[test]
    fn the_older_limits_differ_in_three_columns() {
        let (old, new) = (AtomicLimits::enrich_3(), AtomicLimits::enrich_6());
        let differ: Vec<_> =
            Column::ALL.into_iter().filter(|&c| old.get(c) != new.get(c)).collect();
        assert_eq!(differ, [Column::PageUrl, Column::PageReferrer, Column::MktClickid]);
    }

    proptest! {
        #[test]
        fn the_short_cut_changes_nothing(text in "\\PC{0,40}", chars_max in 0u32..40) {
            let exact = text.encode_utf16().count() > chars_max as usize;
            prop_assert_eq!(is_longer(&text, chars_max), exact);
        }
    }
}
