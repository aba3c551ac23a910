//! Why a line cannot be treated part by part.

use std::fmt;

use enriched_event::Column;

/// What is wrong with a line; it is quarantined as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Defect {
    /// It holds nothing.
    Empty,
    /// Its bytes are no UTF-8.
    NotUtf8,
    /// It has not 131 columns.
    ColumnCount,
    /// A column, or the line itself, is broken JSON.
    Json(Option<Column>),
    /// It is JSON of no known shape.
    Shape(Option<Column>),
    /// What it became is larger than a record may be.
    Size,
}

impl Defect {
    /// The word for it in quarantine lines and metrics.
    pub fn code(self) -> &'static str {
        match self {
            Self::Empty => "empty",
            Self::NotUtf8 => "not_utf8",
            Self::ColumnCount => "column_count",
            Self::Json(_) => "json",
            Self::Shape(_) => "shape",
            Self::Size => "size",
        }
    }

    /// The column that it is about.
    pub fn column(self) -> Option<Column> {
        match self {
            Self::Json(column) | Self::Shape(column) => column,
            Self::Empty | Self::NotUtf8 | Self::ColumnCount | Self::Size => None,
        }
    }
}

impl fmt::Display for Defect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())?;
        self.column().map_or(Ok(()), |column| write!(f, " in {column}"))
    }
}

impl std::error::Error for Defect {}
