//! What a bad event says, whatever its format: who sent it, where it failed, and why.

use iglu::SchemaKey;

use crate::pointer::Pointer;

/// The most failures of one bad event that are looked at.
pub(crate) const FAILURES_MAX: usize = 256;
/// The longest part of a message that patterns see, in bytes.
pub(crate) const MESSAGE_BYTES_MAX: usize = 2_048;

/// A bad event as rules see it. Its texts quote personal data, so it has no `Debug`.
#[derive(Default)]
pub(crate) struct Reading {
    /// The kind of bad row, `legacy`, `quarantine`, `firehose`, `no_json` or `unknown`.
    pub(crate) kind: &'static str,
    pub(crate) stage: Stage,
    pub(crate) failures: Vec<Failure>,
    pub(crate) sender: Sender,
}

/// Where in the pipeline something failed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Stage {
    Collector,
    Adapter,
    #[default]
    Enrich,
    Pseudonymize,
    Load,
}

/// One thing that was wrong.
#[derive(Clone, Default)]
pub(crate) struct Failure {
    pub(crate) schema: Option<SchemaKey>,
    pub(crate) pointer: Pointer,
    /// From a closed list.
    pub(crate) keyword: Option<&'static str>,
    /// What programs call it: a name, never a value.
    pub(crate) code: Option<String>,
    /// What was expected, if the schema says it: names of types.
    pub(crate) expected: String,
    /// For patterns only.
    pub(crate) message: String,
}

/// Who sent it, as far as the bad event tells. For patterns, but for the first two.
#[derive(Default)]
pub(crate) struct Sender {
    pub(crate) app_id: Option<String>,
    pub(crate) tracker: Option<String>,
    pub(crate) user_agent: Option<String>,
    /// The host of the page.
    pub(crate) page_host: Option<String>,
    /// The host that was asked.
    pub(crate) asked_host: Option<String>,
    pub(crate) path: Option<String>,
    /// Neither parameters nor a body.
    pub(crate) is_empty: bool,
}

impl Stage {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Collector => "collector",
            Self::Adapter => "adapter",
            Self::Enrich => "enrich",
            Self::Pseudonymize => "pseudonymize",
            Self::Load => "load",
        }
    }

    /// The stage of a program, by its name.
    pub(crate) fn of_program(artifact: &str) -> Option<Self> {
        let has = |words: &[&str]| words.iter().any(|word| artifact.contains(word));
        if has(&["collect", "ssc"]) {
            Some(Self::Collector)
        } else if has(&["load", "shred", "transform", "relay", "snowflake", "recovery"]) {
            Some(Self::Load)
        } else if has(&["enrich"]) {
            Some(Self::Enrich)
        } else {
            None
        }
    }
}

impl Failure {
    /// `vendor/name/model`, for what is the same in all versions of a model.
    pub(crate) fn stem(&self) -> String {
        self.schema.as_ref().map_or_else(String::new, |key| {
            format!("{}/{}/{}", key.vendor(), key.name(), key.version().model)
        })
    }
}

/// Adds a failure, up to the limit.
pub(crate) fn push(failures: &mut Vec<Failure>, failure: Failure) {
    if failures.len() < FAILURES_MAX {
        failures.push(failure);
    }
}

/// The beginning of a message.
pub(crate) fn cut(text: &str) -> String {
    let end = text.floor_char_boundary(MESSAGE_BYTES_MAX);
    text.get(..end).unwrap_or(text).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_end_at_the_limit() {
        assert_eq!(cut(&"x".repeat(MESSAGE_BYTES_MAX)).len(), MESSAGE_BYTES_MAX);
        assert_eq!(cut(&"x".repeat(MESSAGE_BYTES_MAX + 1)).len(), MESSAGE_BYTES_MAX);
        let wide = format!("{}ä", "x".repeat(MESSAGE_BYTES_MAX - 1));
        assert_eq!(cut(&wide).len(), MESSAGE_BYTES_MAX - 1);
    }

    #[test]
    fn failures_end_at_the_limit() {
        let mut failures = Vec::new();
        for _ in 0..=FAILURES_MAX {
            push(&mut failures, Failure::default());
        }
        assert_eq!(failures.len(), FAILURES_MAX);
    }

    #[test]
    fn programs_have_stages() {
        for (name, stage) in [
            ("stream-collector", Some(Stage::Collector)),
            ("snowplow-enrich-kinesis", Some(Stage::Enrich)),
            ("snowplow-s3-loader", Some(Stage::Load)),
            ("whiteout", None),
        ] {
            assert_eq!(Stage::of_program(name), stage, "{name}");
        }
    }
}
