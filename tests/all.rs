//! Every test that looks at more than one crate, in one binary.

mod golden;
