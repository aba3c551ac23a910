//! The options of `whiteout sql` and `whiteout export`.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use lexopt::prelude::{Long, Short, Value, ValueExt};

use super::{Command, Usage};
use crate::local::space::is_name;

/// Where the local pipeline keeps what it has.
const DATA_FOLDER: &str = "whiteout-data";
/// Its file with the warehouse.
const DATABASE: &str = "whiteout.db";

/// How rows are printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RowFormat {
    /// Columns below each other.
    Table,
    /// RFC 4180.
    Csv,
    /// An array with an object for each row.
    Json,
}

/// What an export is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FileFormat {
    /// RFC 4180.
    Csv,
    /// Apache Parquet.
    Parquet,
}

/// The options of `whiteout sql`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct SqlOptions {
    pub(crate) database: PathBuf,
    /// None: all of them.
    pub(crate) space: Option<String>,
    pub(crate) format: RowFormat,
    /// None: it comes on standard input.
    pub(crate) query: Option<String>,
}

/// The options of `whiteout export`.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct ExportOptions {
    pub(crate) database: PathBuf,
    /// None: all of them.
    pub(crate) space: Option<String>,
    pub(crate) format: FileFormat,
    /// A table's name or a query.
    pub(crate) source: String,
    pub(crate) file: PathBuf,
}

impl SqlOptions {
    pub(super) fn parse(args: &mut lexopt::Parser) -> Result<Command, Usage> {
        let mut options = Self {
            database: Path::new(DATA_FOLDER).join(DATABASE),
            space: None,
            format: RowFormat::Table,
            query: None,
        };
        while let Some(arg) = args.next()? {
            match arg {
                Long("help") | Short('h') => return Ok(Command::Help),
                Long("data-dir") => options.database = Path::new(&args.value()?).join(DATABASE),
                Long("space") => options.space = Some(space_name(args.value()?)?),
                Long("format") => {
                    let text = args.value()?.string()?;
                    options.format = match text.as_str() {
                        "table" => RowFormat::Table,
                        "csv" => RowFormat::Csv,
                        "json" => RowFormat::Json,
                        _ => return Err(none_of("--format", &text, "table, csv or json")),
                    };
                }
                Value(query) if options.query.is_none() => options.query = Some(query.string()?),
                Value(_) => {
                    return Err(Usage("sql takes one query; put it into quotes".to_owned()));
                }
                other @ (Long(_) | Short(_)) => return Err(other.unexpected().into()),
            }
        }
        Ok(Command::Sql(options))
    }
}

impl ExportOptions {
    pub(super) fn parse(args: &mut lexopt::Parser) -> Result<Command, Usage> {
        let mut database = Path::new(DATA_FOLDER).join(DATABASE);
        let (mut space, mut format, mut words) = (None, None, Vec::new());
        while let Some(arg) = args.next()? {
            match arg {
                Long("help") | Short('h') => return Ok(Command::Help),
                Long("data-dir") => database = Path::new(&args.value()?).join(DATABASE),
                Long("space") => space = Some(space_name(args.value()?)?),
                Long("format") => {
                    let text = args.value()?.string()?;
                    format = Some(match text.as_str() {
                        "csv" => FileFormat::Csv,
                        "parquet" => FileFormat::Parquet,
                        _ => return Err(none_of("--format", &text, "csv or parquet")),
                    });
                }
                Value(word) => words.push(word),
                other @ (Long(_) | Short(_)) => return Err(other.unexpected().into()),
            }
        }
        let Ok([source, file]) = <[_; 2]>::try_from(words) else {
            return Err(Usage("export is used as: whiteout export TABLE_OR_QUERY FILE".to_owned()));
        };
        let (source, file) = (source.string()?, PathBuf::from(file));
        let format = format.unwrap_or_else(|| format_of(&file));
        Ok(Command::Export(Self { database, space, format, source, file }))
    }
}

fn space_name(value: OsString) -> Result<String, Usage> {
    let name = value.string()?;
    let wrong = || {
        Usage(format!("--space {name:?} is no space's name: up to 64 letters, digits and `.-_`"))
    };
    if name.is_empty() || is_name(&name) { Ok(name) } else { Err(wrong()) }
}

/// What a file's name says it is.
fn format_of(file: &Path) -> FileFormat {
    if file.extension().is_some_and(|end| end.eq_ignore_ascii_case("parquet")) {
        FileFormat::Parquet
    } else {
        FileFormat::Csv
    }
}

fn none_of(option: &str, text: &str, choices: &str) -> Usage {
    Usage(format!("{option} {text:?} is none of {choices}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(args: &[&str]) -> Result<Command, Usage> {
        Command::parse(lexopt::Parser::from_args(args))
    }

    #[test]
    fn a_query_is_an_argument_or_comes_later() {
        let Command::Sql(options) = parse(&["sql"]).unwrap() else { panic!("sql") };
        assert_eq!(options.database, Path::new("whiteout-data/whiteout.db"));
        assert_eq!((options.format, options.query), (RowFormat::Table, None));
        let args = ["sql", "--data-dir", "d", "--format", "json", "SELECT 1"];
        let Command::Sql(options) = parse(&args).unwrap() else { panic!("sql") };
        assert_eq!(options.database, Path::new("d/whiteout.db"));
        assert_eq!((options.format, options.query), (RowFormat::Json, Some("SELECT 1".to_owned())));
    }

    #[test]
    fn the_file_says_what_an_export_is() {
        for (args, expected) in [
            (&["export", "events", "e.parquet"][..], FileFormat::Parquet),
            (&["export", "events", "e.txt"], FileFormat::Csv),
            (&["export", "--format", "csv", "events", "e.parquet"], FileFormat::Csv),
        ] {
            let Command::Export(options) = parse(args).unwrap() else { panic!("export") };
            assert_eq!((options.format, options.source.as_str()), (expected, "events"));
        }
    }

    #[test]
    fn wrong_usage_is_named() {
        for (args, expected) in [
            (&["sql", "SELECT", "1"][..], "quotes"),
            (&["sql", "--space", "a'b", "SELECT 1"], "no space's name"),
            (&["sql", "--format", "xml"], "table, csv or json"),
            (&["sql", "--prot"], "--prot"),
            (&["export", "events"], "TABLE_OR_QUERY FILE"),
            (&["export", "--format", "json", "a", "b"], "csv or parquet"),
        ] {
            let Usage(message) = parse(args).unwrap_err();
            assert!(message.contains(expected), "{args:?}: {message}");
        }
    }
}
