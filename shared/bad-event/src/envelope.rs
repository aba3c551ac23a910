//! What every bad event has around it.

use serde::Serialize;
use timestamps::iso_micros;

/// Which program refused the data.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Processor<'a> {
    /// The program's name.
    pub artifact: &'a str,
    /// Its version, three numbers.
    pub version: &'a str,
}

/// Which versions of the bad rows' schemas to name.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SchemaGeneration {
    /// Those of Enrich 3.9.
    Enrich3,
    /// Those of Enrich 6.
    #[default]
    Enrich6,
}

/// Who refuses, and in which dialect.
#[derive(Clone, Copy, Debug)]
pub struct Envelope<'a> {
    /// Who.
    pub processor: Processor<'a>,
    /// In which versions of the schemas.
    pub generation: SchemaGeneration,
}

impl SchemaGeneration {
    /// One of two texts.
    pub(crate) fn choose(self, enrich_3: &'static str, enrich_6: &'static str) -> &'static str {
        match self {
            Self::Enrich3 => enrich_3,
            Self::Enrich6 => enrich_6,
        }
    }
}

/// The bad event as one line of JSON; the kind is the schema's name with its version.
pub(crate) fn line(
    kind: &str,
    processor: Processor<'_>,
    failure: &impl Serialize,
    payload: &impl Serialize,
) -> Vec<u8> {
    #[derive(Serialize)]
    struct Data<'a, F, P> {
        processor: Processor<'a>,
        failure: &'a F,
        payload: &'a P,
    }
    #[derive(Serialize)]
    struct SelfDescribing<'a, F, P> {
        schema: String,
        data: Data<'a, F, P>,
    }
    let schema = format!("iglu:com.snowplowanalytics.snowplow.badrows/{kind}");
    let bad_event = SelfDescribing { schema, data: Data { processor, failure, payload } };
    // Texts and numbers always serialize; an empty line would be the sign that they did not.
    serde_json::to_vec(&bad_event).unwrap_or_default()
}

/// A moment as Java prints it: a fraction of 0, 3 or 6 digits, as short as it can be.
pub(crate) fn instant(epoch_micros: i64) -> String {
    let text = iso_micros(epoch_micros);
    let short = text.strip_suffix(".000000Z").or_else(|| text.strip_suffix("000Z"));
    short.map(|short| format!("{short}Z")).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_as_short_as_it_can_be() {
        for (micros, text) in [
            (1_000_000, "1970-01-01T00:00:01Z"),
            (1_500_000, "1970-01-01T00:00:01.500Z"),
            (1_000_500, "1970-01-01T00:00:01.000500Z"),
            (1_743_508_800_123_456, "2025-04-01T12:00:00.123456Z"),
            (10_000_000, "1970-01-01T00:00:10Z"),
        ] {
            assert_eq!(instant(micros), text);
        }
    }
}
