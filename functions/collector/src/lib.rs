#![doc = include_str!("../README.md")]

pub mod collect;
pub mod config;
pub mod front_door;
pub mod handler;
pub mod request;
pub mod response;

mod address;
mod body;
mod cookie;
mod cors;
mod headers;
mod identity;
mod outcome;
mod pages;
mod payload;
mod query;
mod redirect;
mod route;
mod split;

pub use collect::{Collected, Moment, collect};
pub use config::Config;
pub use handler::Collector;
pub use outcome::Outcome;
