//! The body of a request: events of a tracker, a webhook's event, or anything.

use json_tree::{Json, Object, Scanner};

use super::known::Wrapper;
use super::{DOMAIN, comma};
use crate::json::DEPTH_MAX;
use crate::pseudonym::Pseudonyms;
use crate::rewriter::Rewriter;

/// The domain of bodies that are no known JSON.
const BODY: &str = "@bad-event/body";

impl<P: Pseudonyms> Rewriter<'_, P> {
    /// The treated body. What is no JSON of a known shape becomes one pseudonym.
    pub(super) fn body(&mut self, body: &[u8]) -> String {
        let json = str::from_utf8(body).ok().and_then(|text| Json::parse(text, DEPTH_MAX).ok());
        let treated = json.as_ref().and_then(Json::as_object).and_then(|it| self.json_body(it));
        treated.unwrap_or_else(|| self.pseudonym_of(BODY, body))
    }

    fn json_body(&mut self, object: &Object<'_>) -> Option<String> {
        let uri = object.get("schema")?.as_str()?;
        let mut out = String::new();
        let events = object.get("data")?.as_array();
        if let Some(events) = events.filter(|_| Wrapper::of(uri) == Some(Wrapper::PayloadData)) {
            self.payload_data(object, events, &mut out);
        } else {
            let text = Json::Object(object.clone()).to_text();
            self.entity(&mut Scanner::new(&text), 0, &mut out).ok()?;
        }
        Some(out)
    }

    /// The events of a tracker, each with its parameters.
    fn payload_data(&mut self, object: &Object<'_>, events: &[Json<'_>], out: &mut String) {
        out.push('{');
        for (key, value) in object.iter() {
            match key {
                "schema" => {
                    comma(out);
                    out.push_str("\"schema\":");
                    value.write(out);
                }
                "data" => {
                    comma(out);
                    out.push_str("\"data\":[");
                    for event in events {
                        comma(out);
                        match event.as_object() {
                            Some(event) => self.parameter_object(event, out),
                            None => self.unlisted(BODY, event, out),
                        }
                    }
                    out.push(']');
                }
                _ => self.unlisted_pair(DOMAIN, (key, value), out),
            }
        }
        out.push('}');
    }
}
