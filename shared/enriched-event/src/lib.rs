#![doc = include_str!("../README.md")]

mod bad_row_json;
mod columns;
mod entities;
mod event;
mod json_text;
mod limits;
mod sdk_json;
mod sdk_values;
mod tsv;

pub use columns::{COLUMN_COUNT, Column, Kind};
pub use event::EnrichedEvent;
pub use limits::{AtomicLimits, LimitError, TooLong};
pub use sdk_json::{SdkDefect, SdkFlavour, SdkReason};
pub use tsv::TsvError;
