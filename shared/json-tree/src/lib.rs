#![doc = include_str!("../README.md")]

mod error;
mod json;
mod object;
mod parse;
mod scan;
mod text;
mod write;

pub use error::{ErrorKind, ParseError};
pub use json::{Json, Kind};
pub use object::Object;
pub use parse::DEPTH_MAX;
pub use scan::plain_bytes_to_read;
pub use write::write_text;
