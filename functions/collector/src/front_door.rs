//! The front doors of AWS: what arrived becomes a tracker's request, a response takes their format.

use ::front_door::{Arrived, Reply};
pub use ::front_door::{Door, UnknownFrontDoor};
use serde::ser::{Serialize, Serializer};

use crate::headers::restore_case;
use crate::request::{Method, Request};
use crate::response::{Body, Response};

/// Reads a trigger event.
pub fn read<'a>(event: &'a [u8], base_path: &str) -> Result<(Request<'a>, Door), UnknownFrontDoor> {
    let (arrived, door) = ::front_door::read(event, base_path)?;
    let Arrived { method, path, query, mut headers, body, peer } = arrived;
    restore_case(&mut headers);
    Ok((Request { method: Method::parse(&method), path, query, headers, body, peer }, door))
}

/// A response in a front door's format.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    door: Door,
    response: Response,
}

impl Answer {
    /// Puts a response into a front door's format.
    pub fn new(door: Door, response: Response) -> Self {
        Self { door, response }
    }
}

impl Serialize for Answer {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Response { status, headers, body } = &self.response;
        let (body, is_base64) = match body {
            Body::Empty => ("", false),
            Body::Text(text) => (text.as_ref(), false),
            Body::Pixel(pixel) => (pixel.base64, true),
        };
        let headers = headers.iter().map(|(name, value)| (name.as_ref(), value.as_ref()));
        let reply =
            Reply { status: *status, headers: headers.collect(), body: body.into(), is_base64 };
        ::front_door::Answer { door: self.door, reply }.serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::response::PIXEL;

    #[test]
    fn names_get_their_usual_case_back() {
        let event = json!({
            "rawPath": "/base/i", "cookies": ["sp=1"], "headers": {"x-forwarded-for": "192.0.2.1"},
            "requestContext": {"http": {"method": "GET"}},
        });
        let event = event.to_string();
        let (request, _) = read(event.as_bytes(), "/base").unwrap();
        assert_eq!((request.method, &*request.path), (Method::Get, "/i"));
        let names: Vec<_> = request.headers.iter().map(|(name, _)| name.as_ref()).collect();
        assert_eq!(names, ["X-Forwarded-For", "Cookie"]);
    }

    #[test]
    fn the_pixel_is_base64_and_text_is_not() {
        let answer = |body: Body| -> Value {
            serde_json::to_value(Answer::new(Door::PayloadV2, Response::new(200, body))).unwrap()
        };
        let pixel = answer(Body::Pixel(&PIXEL));
        assert_eq!(
            (&pixel["body"], &pixel["isBase64Encoded"]),
            (&PIXEL.base64.into(), &true.into())
        );
        let text = answer(Body::Text("ok".into()));
        assert_eq!((&text["body"], &text["isBase64Encoded"]), (&"ok".into(), &false.into()));
    }
}
