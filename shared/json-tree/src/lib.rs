#![doc = include_str!("../README.md")]

mod error;
mod json;
mod object;
mod parse;
mod scan;
mod scanner;
mod text;
mod write;

pub use error::{ErrorKind, ParseError};
pub use json::{Json, Kind};
pub use object::Object;
pub use parse::DEPTH_MAX;
pub use scanner::{Malformed, Quoted, Scalar, Scanner};
pub use write::write_text;
