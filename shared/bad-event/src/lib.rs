#![doc = include_str!("../README.md")]

use serde::Serialize;
use timestamps::iso_micros;

/// Longest expectation that the schema of size violations allows.
const EXPECTATION_CHARS_MAX: usize = 256;

/// Which program refused the data.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Processor<'a> {
    /// The program's name.
    pub artifact: &'a str,
    /// Its version, three numbers.
    pub version: &'a str,
}

/// Something was larger than allowed.
#[derive(Clone, Copy, Debug)]
pub struct SizeViolation<'a> {
    /// When it was found, in microseconds since 1970.
    pub epoch_micros: i64,
    /// The limit.
    pub bytes_max: usize,
    /// The size that was found.
    pub bytes: usize,
    /// Why it could not be made to fit.
    pub expectation: &'a str,
    /// The beginning of the payload as text.
    pub payload: &'a str,
}

/// Something was wrong that no other kind of bad event describes.
#[derive(Clone, Copy, Debug)]
pub struct GenericError<'a> {
    /// When it was found, in microseconds since 1970.
    pub epoch_micros: i64,
    /// What was wrong.
    pub errors: &'a [String],
    /// What was refused, as text.
    pub payload: &'a str,
}

impl SizeViolation<'_> {
    /// The bad event as one line of JSON.
    pub fn to_json(self, processor: Processor<'_>) -> Vec<u8> {
        #[derive(Serialize)]
        #[serde(rename_all = "camelCase")]
        struct Failure<'a> {
            timestamp: String,
            maximum_allowed_size_bytes: usize,
            actual_size_bytes: usize,
            expectation: &'a str,
        }
        let end = self.expectation.char_indices().nth(EXPECTATION_CHARS_MAX).map(|(at, _)| at);
        let failure = Failure {
            timestamp: iso_micros(self.epoch_micros),
            maximum_allowed_size_bytes: self.bytes_max,
            actual_size_bytes: self.bytes,
            expectation: end
                .and_then(|end| self.expectation.get(..end))
                .unwrap_or(self.expectation),
        };
        line("size_violation/jsonschema/1-0-0", processor, &failure, self.payload)
    }
}

impl GenericError<'_> {
    /// The bad event as one line of JSON.
    pub fn to_json(self, processor: Processor<'_>) -> Vec<u8> {
        #[derive(Serialize)]
        struct Failure<'a> {
            timestamp: String,
            errors: &'a [String],
        }
        let failure = Failure { timestamp: iso_micros(self.epoch_micros), errors: self.errors };
        line("generic_error/jsonschema/1-0-0", processor, &failure, self.payload)
    }
}

fn line<F: Serialize>(kind: &str, processor: Processor<'_>, failure: &F, payload: &str) -> Vec<u8> {
    #[derive(Serialize)]
    struct Data<'a, F> {
        processor: Processor<'a>,
        failure: &'a F,
        payload: &'a str,
    }
    #[derive(Serialize)]
    struct BadEvent<'a, F> {
        schema: String,
        data: Data<'a, F>,
    }
    let schema = format!("iglu:com.snowplowanalytics.snowplow.badrows/{kind}");
    let bad_event = BadEvent { schema, data: Data { processor, failure, payload } };
    // Texts and numbers always serialize; an empty line would be the sign that they did not.
    serde_json::to_vec(&bad_event).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PROCESSOR: Processor<'static> =
        Processor { artifact: "whiteout-collector", version: "0.1.0" };

    #[test]
    fn a_size_violation_has_its_keys_in_order() {
        let violation = SizeViolation {
            epoch_micros: 1_743_508_800_123_456,
            bytes_max: 10,
            bytes: 11,
            expectation: "oversized",
            payload: "Coll\u{7}",
        };
        assert_eq!(
            String::from_utf8(violation.to_json(PROCESSOR)).unwrap(),
            concat!(
                r#"{"schema":"iglu:com.snowplowanalytics.snowplow.badrows/size_violation/jsonschema/1-0-0","#,
                r#""data":{"processor":{"artifact":"whiteout-collector","version":"0.1.0"},"#,
                r#""failure":{"timestamp":"2025-04-01T12:00:00.123456Z","maximumAllowedSizeBytes":10,"#,
                r#""actualSizeBytes":11,"expectation":"oversized"},"payload":"Coll\u0007"}}"#
            )
        );
    }

    #[test]
    fn an_expectation_is_cut_at_the_schemas_limit() {
        for (length, kept) in [(256, 256), (257, 256)] {
            let expectation = "é".repeat(length);
            let violation = SizeViolation {
                epoch_micros: 0,
                bytes_max: 1,
                bytes: 2,
                expectation: &expectation,
                payload: "",
            };
            let json: serde_json::Value =
                serde_json::from_slice(&violation.to_json(PROCESSOR)).unwrap();
            assert_eq!(
                json["data"]["failure"]["expectation"].as_str().unwrap().chars().count(),
                kept
            );
        }
    }

    #[test]
    fn a_generic_error_lists_its_errors() {
        let error =
            GenericError { epoch_micros: 0, errors: &["Illegal query".to_owned()], payload: "a={" };
        let json: serde_json::Value = serde_json::from_slice(&error.to_json(PROCESSOR)).unwrap();
        assert_eq!(json["data"]["failure"]["errors"][0], "Illegal query");
        assert_eq!(json["data"]["payload"], "a={");
    }
}
