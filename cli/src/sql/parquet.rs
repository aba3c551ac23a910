//! Rows as Apache Parquet: plain values, gzip, a page for each column of a group of rows.
//!
//! SQLite lets a column hold values of several types, Parquet does not. So a query runs twice over the same snapshot:
//! once to learn what its columns hold, once to write them. A column with any text in it is one of texts.

mod thrift;
mod writer;

use std::io::{Error, Result, Write};
use std::time::Duration;

use rusqlite::types::ValueRef;

use crate::warehouse::{QueryError, Reader, Sink};
use writer::{Kind, Writer};

/// All that a query finds.
pub(super) fn export(
    reader: &Reader,
    sql: &str,
    time: Duration,
    out: impl Write,
) -> std::result::Result<(), QueryError> {
    let mut kinds = Kinds::default();
    reader.run(sql, time, &mut kinds)?;
    let mut rows = Rows { writer: Writer::begin(out, kinds.columns).map_err(QueryError::Output)? };
    reader.run(sql, time, &mut rows)?;
    rows.writer.end().map_err(QueryError::Output)
}

/// Learns what columns hold.
#[derive(Default)]
struct Kinds {
    columns: Vec<(String, Kind)>,
}

impl Sink for Kinds {
    fn columns(&mut self, names: &[String]) -> Result<()> {
        self.columns = names.iter().map(|name| (name.clone(), Kind::Nothing)).collect();
        Ok(())
    }

    fn row(&mut self, values: &[ValueRef<'_>]) -> Result<bool> {
        for ((_, kind), value) in self.columns.iter_mut().zip(values) {
            *kind = (*kind).max(Kind::of(*value));
        }
        Ok(true)
    }
}

struct Rows<W> {
    writer: Writer<W>,
}

impl<W: Write> Sink for Rows<W> {
    fn columns(&mut self, _: &[String]) -> Result<()> {
        Ok(())
    }

    fn row(&mut self, values: &[ValueRef<'_>]) -> Result<bool> {
        if self.writer.row(values)? {
            Ok(true)
        } else {
            Err(Error::other("the query finds other values when it is run again"))
        }
    }
}
