#![doc = include_str!("../README.md")]

mod answer;
mod arrived;
mod event;
mod percent;
mod text;

pub use answer::{Answer, Door, Reply};
pub use arrived::{Arrived, Header, UnknownFrontDoor, read};
pub use percent::{push_encoded, push_strict};

#[cfg(test)]
mod tests;
