//! `whiteout policy`: what policies forget, show, change, and do.

pub(crate) mod diff;
pub(crate) mod explain;
pub(crate) mod lint;

mod places;
mod wrap;
