//! Where a line of metrics goes.

use std::io::Write as _;

/// Takes a finished line.
pub type Emit = fn(&str);

/// Writes a line to standard output, where CloudWatch picks it up.
pub fn to_stdout(line: &str) {
    // A line that cannot be written has nowhere to complain.
    writeln!(std::io::stdout().lock(), "{line}").ok();
}
