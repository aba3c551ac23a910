//! The self-describing wrappers around an event or an entity that the enricher makes itself.

use json_tree::Json;

const UNSTRUCT_EVENT: &str = "iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0";
const CONTEXTS: &str = "iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1";

/// Data that names its schema.
pub(super) fn self_describing<'a>(schema: impl Into<Json<'a>>, data: Json<'a>) -> Json<'a> {
    Json::object([("schema", schema.into()), ("data", data)])
}

/// The value of `ue_pr` for an event.
pub(super) fn unstruct_event(event: Json<'_>) -> String {
    self_describing(UNSTRUCT_EVENT, event).to_text()
}

/// The value of `co` for entities.
pub(super) fn contexts<'a>(entities: impl IntoIterator<Item = Json<'a>>) -> String {
    self_describing(CONTEXTS, Json::array(entities)).to_text()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_schema_comes_first() {
        let inner = || self_describing("iglu:a/b/jsonschema/1-0-0", Json::Null);
        assert_eq!(
            unstruct_event(inner()),
            concat!(
                r#"{"schema":"iglu:com.snowplowanalytics.snowplow/unstruct_event/jsonschema/1-0-0","#,
                r#""data":{"schema":"iglu:a/b/jsonschema/1-0-0","data":null}}"#
            )
        );
        assert_eq!(
            contexts([inner()]),
            concat!(
                r#"{"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1","#,
                r#""data":[{"schema":"iglu:a/b/jsonschema/1-0-0","data":null}]}"#
            )
        );
    }
}
