#![doc = include_str!("../README.md")]

mod problem;
mod reader;
mod tree;

pub use problem::{Problem, Problems};
pub use reader::{Map, list, number, text, texts, under};
pub use tree::{DEPTH_MAX, Entry, Node, Value, parse};
