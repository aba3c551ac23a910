#![doc = include_str!("../README.md")]

mod clock;
mod config;
mod deadline;
mod file;
mod guard;
mod log;
mod metrics;
mod reader;
mod stream;
mod variable;

pub use clock::epoch_micros;
pub use config::Variables;
pub use deadline::deadline;
pub use file::text_file;
pub use guard::{Panicked, guard, silence_panics};
pub use log::{Field, Level, Log};
pub use metrics::{Emit, Metrics, Unit, to_stdout};
pub use reader::{ConfigError, Problem, Reader, parse_duration};
pub use stream::{record_bytes_max, stream_bytes_max};
pub use variable::{Kind, Variable, row};
