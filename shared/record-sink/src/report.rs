//! What became of each record of one write, in the order in which they were given.

/// Why a record was not acknowledged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum WriteError {
    /// The destination refused the record for now (throttled, internal failure); holds its error code.
    Refused(String),
    /// The call itself failed (connection, timeout, credentials); holds the error's code or kind.
    CallFailed(String),
    /// The deadline came before an acknowledgement.
    DeadlineReached,
    /// The record is larger than the destination takes; no retry can help.
    TooLarge {
        /// The record's size with its partition key.
        size_bytes: usize,
        /// The largest size that the destination takes.
        bytes_max: usize,
    },
}

impl std::fmt::Display for WriteError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Refused(code) => write!(f, "refused by the destination: {code}"),
            Self::CallFailed(kind) => write!(f, "call failed: {kind}"),
            Self::DeadlineReached => f.write_str("deadline reached before an acknowledgement"),
            Self::TooLarge { size_bytes, bytes_max } => {
                write!(f, "record of {size_bytes} bytes is larger than {bytes_max} bytes")
            }
        }
    }
}

impl std::error::Error for WriteError {}

/// One result for each record that was given, in the same order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriteReport {
    /// `Ok` means acknowledged by the destination.
    pub results: Vec<Result<(), WriteError>>,
    /// How many records were acknowledged by the fallback instead of the stream.
    pub by_fallback: usize,
    /// How many calls were made, retries included.
    pub calls: usize,
}

impl WriteReport {
    /// The report of a write in which every record was acknowledged.
    pub fn all_acknowledged(count: usize) -> Self {
        Self { results: vec![Ok(()); count], by_fallback: 0, calls: 1 }
    }

    /// The report of a write in which no record was.
    pub fn all_failed(count: usize, error: &WriteError) -> Self {
        Self { results: vec![Err(error.clone()); count], by_fallback: 0, calls: 1 }
    }

    /// Whether every record is safe.
    pub fn is_complete(&self) -> bool {
        self.results.iter().all(Result::is_ok)
    }

    /// The number of records that are safe.
    pub fn acknowledged(&self) -> usize {
        self.results.iter().filter(|result| result.is_ok()).count()
    }

    /// The number of records that are not.
    pub fn failed(&self) -> usize {
        self.results.len() - self.acknowledged()
    }

    /// The first reason, for the one log line that a failed write gets.
    pub fn first_error(&self) -> Option<&WriteError> {
        self.results.iter().find_map(|result| result.as_ref().err())
    }
}
