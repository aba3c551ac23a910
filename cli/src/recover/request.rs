//! The request that a single event becomes, and the events in a request.

use std::sync::LazyLock;

use json_tree::{Json, Object};
use tracker_protocol::Charset;

use super::query;

/// How deep bodies, events and entities nest.
pub(super) const JSON_DEPTH_MAX: usize = 100;
/// Where trackers post to.
const PATH: &str = "/com.snowplowanalytics.snowplow/tp2";
/// The wrapper around the events of a body, in any version.
const PAYLOAD_DATA: &str = "iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/";
/// The version that is written.
const PAYLOAD_DATA_PATH: &str = "com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4";
const CONTENT_TYPE: &str = "application/json; charset=utf-8";

/// The parts of a request that hold what its tracker said.
#[derive(Clone)]
pub(super) struct Request {
    pub(super) path: Option<String>,
    pub(super) query: Option<String>,
    pub(super) body: Option<Vec<u8>>,
    pub(super) content_type: Option<String>,
}

/// Which parameters a body takes, and which it needs.
struct Shape {
    known: Vec<String>,
    required: Vec<String>,
}

static SHAPE: LazyLock<Shape> = LazyLock::new(|| {
    let schema = embedded_schemas::schema(PAYLOAD_DATA_PATH).unwrap_or_default();
    let schema = Json::parse(schema, JSON_DEPTH_MAX).unwrap_or(Json::Null);
    let of_items = |key: &str| schema.get("items").and_then(|items| items.get(key));
    let known = of_items("properties").and_then(Json::as_object);
    let required = of_items("required").and_then(Json::as_array).unwrap_or_default();
    Shape {
        known: known.map(|it| it.keys().map(str::to_owned).collect()).unwrap_or_default(),
        required: required.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
    }
});

impl Request {
    /// A post with one event. What the schema of bodies does not know goes into the query string; if
    /// it needs more than there is, everything does, as from the pixel.
    pub(super) fn of_event(parameters: &Object<'static>, charset: Charset) -> Option<Self> {
        let in_body = |(name, value): &(&str, &Json<'_>)| {
            !value.is_null() && SHAPE.known.iter().any(|known| known == name)
        };
        let has = |name: &String| parameters.get(name).is_some_and(|value| !value.is_null());
        let path = Some(PATH.to_owned());
        if !SHAPE.required.iter().all(has) {
            let query = Some(query::written(parameters, charset)?);
            return Some(Self { path, query, body: None, content_type: None });
        }
        let event = parameters.iter().filter(in_body);
        let event =
            Json::object(event.map(|(name, value)| (name, Json::Text(query::plain(value)))));
        let body = Json::object([
            ("schema", Json::text(format!("iglu:{PAYLOAD_DATA_PATH}"))),
            ("data", Json::array([event])),
        ]);
        let rest = parameters.iter().filter(|pair| !in_body(pair));
        let rest: Object<'_> = rest.map(|(name, value)| (name, value.clone())).collect();
        let query = Some(query::written(&rest, charset)?).filter(|it| !it.is_empty());
        let body = Some(body.to_text().into_bytes());
        Some(Self { path, query, body, content_type: Some(CONTENT_TYPE.to_owned()) })
    }

    /// The body as JSON.
    pub(super) fn json(&self) -> Option<Json<'static>> {
        let text = str::from_utf8(self.body.as_deref()?).ok()?;
        Json::parse(text, JSON_DEPTH_MAX).ok().map(Json::into_owned)
    }

    /// Writes a body of JSON.
    pub(super) fn set_json(&mut self, json: &Json<'_>) {
        self.body = Some(json.to_text().into_bytes());
    }
}

/// The events of a body that a tracker posted.
pub(super) fn events<'t>(body: &'t mut Json<'static>) -> Option<&'t mut Vec<Json<'static>>> {
    body.get("schema")?.as_str().filter(|schema| schema.starts_with(PAYLOAD_DATA))?;
    body.get_mut("data")?.as_array_mut()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(text: &str) -> Object<'static> {
        query::read(text, Charset::Utf8)
    }

    #[test]
    fn an_event_is_posted_and_odd_parameters_are_asked() {
        let request =
            Request::of_event(&parameters("e=pv&p=web&tv=js&color=red&nuid"), Charset::Utf8)
                .unwrap();
        assert_eq!(request.query.as_deref(), Some("color=red&nuid"));
        assert_eq!(
            request.body.as_deref().map(String::from_utf8_lossy).unwrap(),
            r#"{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[{"e":"pv","p":"web","tv":"js"}]}"#
        );
    }

    #[test]
    fn an_event_that_no_body_takes_is_asked() {
        let request = Request::of_event(&parameters("e=pv&p=web"), Charset::Utf8).unwrap();
        assert_eq!(request.query.as_deref(), Some("e=pv&p=web"));
        assert!(request.body.is_none() && request.content_type.is_none());
    }
}
