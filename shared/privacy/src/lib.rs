#![doc = include_str!("../README.md")]

pub mod explain;
pub mod inventory;
pub mod key;
pub mod policy;
pub mod problem;
pub mod pseudonym;
pub mod treatment;

mod audit;
mod bad_event;
mod canonical;
mod class;
mod defect;
mod document;
mod domain;
mod entity_data;
mod hash;
mod json;
mod line;
mod memo;
mod nodes;
mod percent;
mod quarantine;
mod rewriter;
mod row;
mod shipped;
mod tally;
mod time;
mod url;

pub use audit::AUDIT_SCHEMA;
pub use class::{ClassId, Classes};
pub use defect::Defect;
pub use key::{Key, KeyError, KeyRing};
pub use line::sealed_text;
pub use policy::{Audit, Policy, Scheme};
pub use problem::{PolicyError, Problem};
pub use pseudonym::{Constant, Keyed, Pseudonyms};
pub use quarantine::QUARANTINE_SCHEMA;
pub use rewriter::{Rewriter, Stream};
pub use shipped::{SHIPPED, shipped};
pub use tally::Tally;
pub use time::TimeUnit;
pub use treatment::{BucketsId, Rule, Treatment};
pub use url::{UrlId, UrlPart, UrlRules};
