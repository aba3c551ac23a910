//! Service Pings: requests as their function takes them, and its answers.

use std::borrow::Cow;
use std::time::Instant;

use collector::request::{Method, Request};
use service_ping::At;
use service_ping::front_door::Request as PingRequest;
use service_ping::ping::Kind;

use super::answer::{Answer, Content};
use super::functions::Pings;

/// The folder of the objects of one of the configuration's delivery streams.
pub(super) fn folder(stream: &str) -> &'static str {
    match stream {
        "usage_data" => "service_ping/usage_data",
        "metadata" => "service_ping/metadata",
        _ => "service_ping/errors",
    }
}

/// Answers a request for one of the paths of Service Ping; nothing for any other path.
pub(super) async fn answer(
    pings: &Pings,
    request: &Request<'_>,
    deadline: Instant,
) -> Option<Answer> {
    Kind::of_path(&request.path)?;
    let method = match request.method {
        Method::Get => "GET",
        Method::Head => "HEAD",
        Method::Post => "POST",
        Method::Options => "OPTIONS",
        Method::Other => "OTHER",
    };
    let header = |name: &str| request.header(name).map(|value| value.trim().to_owned());
    let ping = PingRequest {
        method: Cow::Borrowed(method),
        path: Cow::Borrowed(&request.path),
        content_type: header("Content-Type"),
        content_encoding: header("Content-Encoding"),
        body: Cow::Borrowed(&request.body),
    };
    #[allow(clippy::disallowed_methods, reason = "the server is the edge where time comes in")]
    let epoch_millis = function_env::epoch_micros().div_euclid(1_000);
    let outcome = pings.respond(&ping, At { epoch_millis, request_id: "local", deadline }).await;
    let content = Content::Whole(outcome.body().to_string().into_bytes());
    Some(Answer::new(outcome.status(), "application/json", content))
}
