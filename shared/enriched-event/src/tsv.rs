//! The event as one line of tab-separated text, and back.

use std::fmt;

use memchr::{memchr_iter, memchr2, memchr3};

use crate::columns::{COLUMN_COUNT, Column};
use crate::event::EnrichedEvent;

/// A line that is no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TsvError {
    /// There is no tab in it.
    NotTsv,
    /// It has so many fields instead of [`COLUMN_COUNT`].
    FieldCount(usize),
}

impl fmt::Display for TsvError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotTsv => f.write_str("the line is not tab-separated"),
            Self::FieldCount(found) => {
                write!(f, "the line has {found} fields instead of {COLUMN_COUNT}")
            }
        }
    }
}

impl std::error::Error for TsvError {}

impl<'a> EnrichedEvent<'a> {
    /// Appends the row, without a line break at the end.
    pub fn write_tsv(&self, out: &mut Vec<u8>) {
        let start = out.len();
        out.reserve(self.iter().map(|(_, text)| text.len() + 1).sum());
        for (column, text) in self.iter() {
            if column.index() > 0 {
                out.push(b'\t');
            }
            out.extend_from_slice(text.as_bytes());
        }
        if !is_row(out.get(start..).unwrap_or_default()) {
            // Only a script could have put it there; it must not break the row for all others.
            out.truncate(start);
            self.write_safe_tsv(out);
        }
    }

    /// Appends the row, with every cell that would break it made safe.
    fn write_safe_tsv(&self, out: &mut Vec<u8>) {
        for (column, text) in self.iter() {
            if column.index() > 0 {
                out.push(b'\t');
            }
            if memchr3(b'\t', b'\n', b'\r', text.as_bytes()).is_some() {
                push_safe(text, out);
            } else {
                out.extend_from_slice(text.as_bytes());
            }
        }
    }

    /// Reads a row that has no line break at the end.
    pub fn parse_tsv(line: &'a str) -> Result<Self, TsvError> {
        let fields = memchr_iter(b'\t', line.as_bytes()).count() + 1;
        if fields == 1 {
            return Err(TsvError::NotTsv);
        }
        if fields != COLUMN_COUNT {
            return Err(TsvError::FieldCount(fields));
        }
        let mut event = Self::new();
        for (column, text) in Column::ALL.into_iter().zip(line.split('\t')) {
            event.set(column, text);
        }
        Ok(event)
    }
}

/// Looking at the whole row at once is several times faster than looking at every cell.
fn is_row(row: &[u8]) -> bool {
    memchr_iter(b'\t', row).count() == COLUMN_COUNT - 1 && memchr2(b'\n', b'\r', row).is_none()
}

/// As texts of trackers are made safe: a tab is four spaces, other control characters go.
fn push_safe(text: &str, out: &mut Vec<u8>) {
    for byte in text.bytes() {
        match byte {
            b'\t' => out.extend_from_slice(b"    "),
            control if control.is_ascii_control() => {}
            other => out.push(other),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn tsv(event: &EnrichedEvent<'_>) -> String {
        let mut out = Vec::new();
        event.write_tsv(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn an_empty_event_is_130_tabs() {
        let line = tsv(&EnrichedEvent::new());
        assert_eq!(line, "\t".repeat(COLUMN_COUNT - 1));
        assert_eq!(EnrichedEvent::parse_tsv(&line), Ok(EnrichedEvent::new()));
    }

    #[test]
    fn one_field_less_or_more_is_refused() {
        for (line, error) in [
            (String::new(), TsvError::NotTsv),
            ("no tabs".to_owned(), TsvError::NotTsv),
            ("two\tfields".to_owned(), TsvError::FieldCount(2)),
            ("\t".repeat(COLUMN_COUNT - 2), TsvError::FieldCount(130)),
            ("\t".repeat(COLUMN_COUNT), TsvError::FieldCount(132)),
        ] {
            assert_eq!(EnrichedEvent::parse_tsv(&line), Err(error));
        }
    }

    #[test]
    fn a_cell_cannot_break_the_row() {
        let mut event = EnrichedEvent::new();
        event.set(Column::PageTitle, "a\tb\r\nc\u{7f}é");
        let line = tsv(&event);
        let read = EnrichedEvent::parse_tsv(&line).unwrap();
        assert_eq!(read.get(Column::PageTitle), "a    bcé");
        let mut appended = b"before\n".to_vec();
        event.write_tsv(&mut appended);
        assert_eq!(appended, format!("before\n{line}").into_bytes());
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(texts in vec("[^\t\n\r]{0,12}", COLUMN_COUNT)) {
            let mut event = EnrichedEvent::new();
            for (column, text) in Column::ALL.into_iter().zip(&texts) {
                event.set(column, &**text);
            }
            let line = tsv(&event);
            let read = EnrichedEvent::parse_tsv(&line).unwrap();
            prop_assert_eq!(&read, &event);
            prop_assert_eq!(tsv(&read), line);
        }

        #[test]
        fn a_row_is_one_line_of_131_fields(texts in vec("\\PC{0,4}[\t\n\r]?\\PC{0,4}", COLUMN_COUNT)) {
            let mut event = EnrichedEvent::new();
            for (column, text) in Column::ALL.into_iter().zip(&texts) {
                event.set(column, &**text);
            }
            let line = tsv(&event);
            prop_assert!(EnrichedEvent::parse_tsv(&line).is_ok());
            prop_assert!(!line.contains(['\n', '\r']));
        }
    }
}
