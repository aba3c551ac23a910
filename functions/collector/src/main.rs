//! Lambda's entry point: front door in, Kinesis out.
fn main() {}
