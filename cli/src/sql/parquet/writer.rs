//! Writes Parquet's groups of rows, and its metadata behind them.

use std::io::{Error, Result, Write};

use flate2::Compression;
use flate2::write::GzEncoder;
use rusqlite::types::ValueRef;

use super::thrift::{Struct, varint};

/// A group ends with so many rows, or when its values take so many bytes.
const GROUP_ROWS_MAX: usize = 100_000;
const GROUP_BYTES_MAX: usize = 64 * 1024 * 1024;

const MAGIC: &[u8] = b"PAR1";
const PLAIN: i32 = 0;
const RLE: i32 = 3;
const GZIP: i32 = 2;
const OPTIONAL: i32 = 1;
const UTF8: i32 = 0;

/// What a column holds; what comes later can hold what comes before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// NULL alone.
    Nothing,
    Integer,
    Real,
    Text,
}

impl Kind {
    pub(super) fn of(value: ValueRef<'_>) -> Self {
        match value {
            ValueRef::Null => Self::Nothing,
            ValueRef::Integer(_) => Self::Integer,
            ValueRef::Real(_) => Self::Real,
            ValueRef::Text(_) | ValueRef::Blob(_) => Self::Text,
        }
    }

    /// Parquet's number for it.
    fn physical(self) -> i32 {
        match self {
            Self::Integer => 2,
            Self::Real => 5,
            Self::Nothing | Self::Text => 6,
        }
    }
}

/// A file that is being written.
pub(super) struct Writer<W> {
    out: W,
    written: usize,
    columns: Vec<Column>,
    groups: Vec<Struct>,
    rows_of_group: usize,
    rows: usize,
}

struct Column {
    name: String,
    kind: Kind,
    /// Whether there is a value, row by row.
    is_there: Vec<bool>,
    values: Vec<u8>,
}

impl<W: Write> Writer<W> {
    pub(super) fn begin(mut out: W, columns: Vec<(String, Kind)>) -> Result<Self> {
        out.write_all(MAGIC)?;
        let columns = columns.into_iter().map(|(name, kind)| Column {
            name,
            kind,
            is_there: Vec::new(),
            values: Vec::new(),
        });
        let columns = columns.collect();
        Ok(Self {
            out,
            written: MAGIC.len(),
            columns,
            groups: Vec::new(),
            rows_of_group: 0,
            rows: 0,
        })
    }

    /// Takes a row; `false` if one of its values is none of its column's kind.
    pub(super) fn row(&mut self, values: &[ValueRef<'_>]) -> Result<bool> {
        for (column, value) in self.columns.iter_mut().zip(values) {
            if !column.push(*value) {
                return Ok(false);
            }
        }
        self.rows += 1;
        self.rows_of_group += 1;
        let bytes: usize = self.columns.iter().map(|column| column.values.len()).sum();
        if self.rows_of_group >= GROUP_ROWS_MAX || bytes >= GROUP_BYTES_MAX {
            self.end_group()?;
        }
        Ok(true)
    }

    /// Writes what is left, and the metadata.
    pub(super) fn end(mut self) -> Result<()> {
        if self.rows_of_group > 0 {
            self.end_group()?;
        }
        let count = i32::try_from(self.columns.len()).map_err(Error::other)?;
        let root = Struct::default().text(4, "row").i32(5, count);
        let columns = self.columns.iter().map(Column::schema);
        let schema: Vec<_> = std::iter::once(root).chain(columns).collect();
        let metadata = Struct::default()
            .i32(1, 1)
            .inners(2, schema.into_iter())
            .i64(3, number(self.rows)?)
            .inners(4, self.groups.into_iter())
            .text(6, concat!("whiteout version ", env!("CARGO_PKG_VERSION")))
            .end();
        self.out.write_all(&metadata)?;
        self.out.write_all(&u32::try_from(metadata.len()).map_err(Error::other)?.to_le_bytes())?;
        self.out.write_all(MAGIC)?;
        self.out.flush()
    }

    fn end_group(&mut self) -> Result<()> {
        let (mut chunks, mut total) = (Vec::new(), 0);
        for column in &mut self.columns {
            let offset = number(self.written)?;
            let page = column.page()?;
            self.out.write_all(&page.header)?;
            self.out.write_all(&page.body)?;
            self.written += page.header.len() + page.body.len();
            let unpacked = number(page.header.len() + page.unpacked)?;
            total += unpacked;
            let about = Struct::default()
                .i32(1, column.kind.physical())
                .i32s(2, &[PLAIN, RLE])
                .texts(3, &[&column.name])
                .i32(4, GZIP)
                .i64(5, number(self.rows_of_group)?)
                .i64(6, unpacked)
                .i64(7, number(page.header.len() + page.body.len())?)
                .i64(9, offset);
            chunks.push(Struct::default().i64(2, offset).inner(3, about));
            column.is_there.clear();
            column.values.clear();
        }
        let group = Struct::default().inners(1, chunks.into_iter()).i64(2, total);
        self.groups.push(group.i64(3, number(self.rows_of_group)?));
        self.rows_of_group = 0;
        Ok(())
    }
}

struct Page {
    header: Vec<u8>,
    body: Vec<u8>,
    unpacked: usize,
}

impl Column {
    fn schema(&self) -> Struct {
        let column =
            Struct::default().i32(1, self.kind.physical()).i32(3, OPTIONAL).text(4, &self.name);
        match self.kind {
            Kind::Integer | Kind::Real => column,
            Kind::Nothing | Kind::Text => column.i32(6, UTF8),
        }
    }

    fn push(&mut self, value: ValueRef<'_>) -> bool {
        self.is_there.push(value != ValueRef::Null);
        match (self.kind, value) {
            (_, ValueRef::Null) => {}
            (Kind::Integer, ValueRef::Integer(number)) => self.values.extend(number.to_le_bytes()),
            (Kind::Real, ValueRef::Real(number)) => self.values.extend(number.to_le_bytes()),
            #[allow(
                clippy::cast_precision_loss,
                reason = "a column of both has room for reals only"
            )]
            (Kind::Real, ValueRef::Integer(number)) => {
                self.values.extend((number as f64).to_le_bytes());
            }
            (Kind::Text, value) => {
                let text = super::super::shown(value).unwrap_or_default();
                let length = u32::try_from(text.len()).unwrap_or(u32::MAX);
                self.values.extend(length.to_le_bytes());
                self.values.extend(text.as_bytes());
            }
            (
                Kind::Nothing | Kind::Integer | Kind::Real,
                ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Text(_) | ValueRef::Blob(_),
            ) => return false,
        }
        true
    }

    /// The column's values of a group: which are there, then those that are.
    fn page(&self) -> Result<Page> {
        let levels = levels(&self.is_there);
        let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
        packer.write_all(&u32::try_from(levels.len()).map_err(Error::other)?.to_le_bytes())?;
        packer.write_all(&levels)?;
        packer.write_all(&self.values)?;
        let body = packer.finish()?;
        let unpacked = size_of::<u32>() + levels.len() + self.values.len();
        let size = |bytes: usize| i32::try_from(bytes).map_err(Error::other);
        let of_data = Struct::default()
            .i32(1, size(self.is_there.len())?)
            .i32(2, PLAIN)
            .i32(3, RLE)
            .i32(4, RLE);
        let header = Struct::default()
            .i32(1, 0)
            .i32(2, size(unpacked)?)
            .i32(3, size(body.len())?)
            .inner(5, of_data)
            .end();
        Ok(Page { header, body, unpacked })
    }
}

/// Which values are there, as runs of equal ones: the length twice, then one bit in a byte.
fn levels(is_there: &[bool]) -> Vec<u8> {
    let mut out = Vec::new();
    for run in is_there.chunk_by(|one, next| one == next) {
        varint((run.len() as u64) << 1, &mut out);
        out.push(u8::from(run.first() == Some(&true)));
    }
    out
}

fn number(value: usize) -> Result<i64> {
    i64::try_from(value).map_err(Error::other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_say_which_values_are_there() {
        assert_eq!(levels(&[true, true, false]), [4, 1, 2, 0]);
        assert_eq!(levels(&[false; 64]), [0x80, 1, 0]);
        assert_eq!(levels(&[]), [0; 0]);
    }

    #[test]
    fn a_column_takes_values_of_its_kind() {
        let column =
            |kind| Column { name: String::new(), kind, is_there: Vec::new(), values: Vec::new() };
        let (text, number) = (ValueRef::Text(b"a"), ValueRef::Integer(1));
        assert!(column(Kind::Text).push(number) && column(Kind::Text).push(text));
        assert!(column(Kind::Real).push(number) && column(Kind::Integer).push(ValueRef::Null));
        assert!(!column(Kind::Integer).push(text) && !column(Kind::Nothing).push(number));
    }
}
