//! The warehouse on a laptop: what the pipeline delivers, in SQLite, under the names that it has in Snowflake.

mod load;
mod pipe;
mod rows;
mod schema;

pub(crate) use self::load::{LoadError, Loaded, forget, load};
pub(crate) use self::pipe::Pipe;
pub(crate) use self::schema::create;
