//! What can become of a request, and what its sender is told.

use front_door::{Answer, Door, Reply};
use serde_json::{Value, json};

use crate::body::PING_BYTES_MAX;
use crate::line::LINE_BYTES_MAX;
use crate::ping::Kind;

/// What became of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Firehose has acknowledged the ping; it has this number.
    Accepted(Kind, u64),
    /// It is no ping; another try would end the same way.
    Refused(Refusal),
    /// It may be one, but it is not safe; the log says why.
    NotDelivered,
}

/// Why a request is refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// There is nothing at this path.
    Path,
    /// It is no POST.
    Method,
    /// It does not say that its body is JSON.
    ContentType,
    /// Its body is packed in a way that nobody here unpacks, or wrongly.
    Encoding,
    /// Its body is too large.
    BodySize,
    /// What its body became is too large.
    LineSize,
    /// Its body is no ping of this kind.
    Shape(Kind),
}

impl Refusal {
    /// The status of the answer.
    pub fn status(self) -> u16 {
        match self {
            Self::Path => 404,
            Self::Method => 405,
            Self::BodySize | Self::LineSize => 413,
            Self::ContentType | Self::Encoding => 415,
            Self::Shape(_) => 422,
        }
    }

    /// Why, without anything of the request.
    fn reason(self) -> String {
        match self {
            Self::Path => {
                let paths = Kind::ALL.map(|kind| format!("/{}", kind.name()));
                format!("there is nothing here; pings go to {}", paths.join(", "))
            }
            Self::Method => "pings are posted".to_owned(),
            Self::ContentType => "the content type must be application/json".to_owned(),
            Self::Encoding => "the content encoding must be gzip or none, and right".to_owned(),
            Self::BodySize => format!("a ping has at most {PING_BYTES_MAX} bytes"),
            Self::LineSize => {
                format!("what is stored of a ping has at most {LINE_BYTES_MAX} bytes")
            }
            Self::Shape(kind) => format!("the body must be {}", kind.shape()),
        }
    }
}

impl Outcome {
    /// The status of the answer.
    pub fn status(&self) -> u16 {
        match self {
            Self::Accepted(..) => 201,
            Self::Refused(refusal) => refusal.status(),
            Self::NotDelivered => 503,
        }
    }

    /// The body of the answer. With usage data it is what the client checks; any other key in
    /// `conv_index` would make it look for a score.
    pub fn body(&self) -> Value {
        match self {
            Self::Accepted(Kind::UsageData, id) => json!({"conv_index": {"usage_data_id": id}}),
            Self::Accepted(Kind::Metadata | Kind::Error, id) => json!({"id": id}),
            Self::Refused(refusal) => json!({"error": refusal.reason()}),
            Self::NotDelivered => json!({"error": "the ping could not be stored; try again later"}),
        }
    }

    /// The answer in a front door's format.
    pub fn answer(&self, door: Door) -> Answer<'static> {
        let mut headers = vec![("Content-Type", "application/json")];
        if let Self::Refused(Refusal::Method) = self {
            headers.push(("Allow", "POST"));
        }
        let body = self.body().to_string();
        let reply = Reply { status: self.status(), headers, body: body.into(), is_base64: false };
        Answer { door, reply }
    }
}
