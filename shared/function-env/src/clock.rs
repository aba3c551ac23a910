//! The only clock that shows the date.

use std::time::{SystemTime, UNIX_EPOCH};

/// Microseconds since 1970. For edges only: a core gets the time as an argument.
#[allow(clippy::disallowed_methods, reason = "everybody who may ask the clock asks it here")]
pub fn epoch_micros() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

/// Milliseconds since 1970, for lines and deadlines.
#[allow(clippy::disallowed_methods, reason = "lines and deadlines belong to the edge")]
pub(crate) fn epoch_millis() -> i64 {
    epoch_micros().div_euclid(1_000)
}
