#![doc = include_str!("../README.md")]

mod bad_event;
mod envelope;
mod failure_entity;
mod message;
mod payload;
mod size;

#[cfg(test)]
mod tests;

pub use bad_event::{
    AdapterFailures, BadEvent, EnrichmentFailures, FormatMessage, FormatViolation, GenericError,
    SchemaViolations, TrackerProtocolViolations,
};
pub use envelope::{Envelope, Processor, SchemaGeneration};
pub use failure_entity::{FailureCause, FailureEntity};
pub use message::{Enrichment, EnrichmentMessage, IgluParseError, Message};
pub use payload::{EventPayload, Parameter, RawEvent, RequestPayload};
pub use size::{SizeViolation, oversized_enriched_event};
