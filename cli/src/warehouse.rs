//! The warehouse on a laptop: what the pipeline delivers, in SQLite, under the names that it has in Snowflake.

mod dialect;
mod functions;
mod load;
mod moment;
mod pipe;
mod reader;
mod rows;
mod schema;

#[allow(
    unused_imports,
    reason = "the tests of the warehouse, which compile it apart, name them"
)]
pub(crate) use self::load::{LoadError, Loaded};
pub(crate) use self::load::{forget, load};
pub(crate) use self::pipe::Pipe;
pub(crate) use self::reader::{Answer, Limits, QueryError, Reader, Sink, query};
pub(crate) use self::schema::{create, narrow};
