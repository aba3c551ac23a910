//! The warehouse on a laptop: what the pipeline delivers, in SQLite, under the names that it has in Snowflake.

#![allow(dead_code, unused_imports, reason = "the local pipeline loads, the commands read")]

mod dialect;
mod functions;
mod load;
mod moment;
mod pipe;
mod reader;
mod rows;
mod schema;

pub(crate) use self::load::{LoadError, Loaded, forget, load};
pub(crate) use self::pipe::Pipe;
pub(crate) use self::reader::{Answer, Limits, QueryError, Reader, Sink, query};
pub(crate) use self::schema::create;
