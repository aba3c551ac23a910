//! Every fate of a tracker event, and of a payload that holds none.

/// What became of one event, or of a payload whose events could not be told apart.
#[derive(Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A row for the good stream.
    Good(Row),
    /// A bad event for the bad stream and, if wanted, what remains of the event as a row.
    Bad {
        /// One line of JSON.
        bad_event: Vec<u8>,
        /// The row without what was wrong.
        failed: Option<Row>,
    },
    /// Nothing, because a script of the operator's dropped the event.
    Dropped,
}

/// A row of 131 columns, and what decides its shard.
#[derive(Clone, PartialEq, Eq)]
pub struct Row {
    /// Tab-separated, without a line end.
    pub tsv: Vec<u8>,
    /// The column that the operator chose, or the event's id where that is empty.
    pub partition_key: String,
}

impl Outcome {
    /// About how much memory it takes.
    pub(crate) fn size_bytes(&self) -> usize {
        match self {
            Self::Good(row) => row.tsv.len(),
            Self::Bad { bad_event, failed } => {
                bad_event.len() + failed.as_ref().map_or(0, |row| row.tsv.len())
            }
            Self::Dropped => 0,
        }
    }
}

impl std::fmt::Debug for Outcome {
    /// Sizes only: a row is personal data.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Good(row) => write!(f, "Good({} bytes)", row.tsv.len()),
            Self::Bad { bad_event, failed } => {
                let failed = failed.as_ref().map(|row| row.tsv.len());
                write!(f, "Bad({} bytes, failed row {failed:?})", bad_event.len())
            }
            Self::Dropped => f.write_str("Dropped"),
        }
    }
}
