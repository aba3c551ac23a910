//! Which path of the API gives what, and how it says that something is wrong.

use std::fmt;

use collector::request::{Method, Request};
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{attempt, bad_groups, counts, event, events, live, policy, spaces, sql};
use crate::local::answer::Answer;
use crate::local::query::{Query, WrongNumber};
use crate::local::routes::Door;

/// Why a request is not answered.
#[derive(Debug)]
pub(super) struct Problem {
    status: u16,
    text: String,
}

impl Problem {
    /// The client asks for what makes no sense.
    pub(super) fn wrong(text: impl Into<String>) -> Self {
        Self { status: 400, text: text.into() }
    }

    /// There is nothing of this name.
    pub(super) fn missing(text: impl Into<String>) -> Self {
        Self { status: 404, text: text.into() }
    }

    /// It is not the client's fault.
    pub(super) fn inside(error: impl fmt::Display) -> Self {
        Self { status: 500, text: error.to_string() }
    }

    pub(super) fn into_answer(self) -> Answer {
        Answer::json(self.status, &json!({ "error": self.text }))
    }
}

impl From<rusqlite::Error> for Problem {
    fn from(error: rusqlite::Error) -> Self {
        Self::inside(format!("the data directory cannot be read: {error}"))
    }
}

impl From<WrongNumber> for Problem {
    fn from(WrongNumber(problem): WrongNumber) -> Self {
        Self::wrong(problem)
    }
}

/// An answer, or why there is none.
pub(super) type Answered = Result<Answer, Problem>;

/// Answers a request for a path below `/whiteout/api/`.
pub(super) async fn answer(
    door: &Door,
    request: &Request<'_>,
    (space, path): (&str, &str),
) -> Answered {
    let query = Query::of(request);
    match (request.method, path) {
        (Method::Get, "events") => events::list(door, space, &query).await,
        (Method::Get, "live") => live::stream(door, space, (&query, request)),
        (Method::Get, "counts") => counts::answer(door, space).await,
        (Method::Get, "bad-groups") => bad_groups::answer(door, space, &query).await,
        (Method::Get, "spaces") => spaces::answer(door).await,
        (Method::Get, "policy") => Ok(policy::answer(&door.policy)),
        (Method::Post, "policy/try") => attempt::answer(door, space, &body(request)?).await,
        (Method::Get, "sql/examples") => Ok(Answer::json(200, &sql::EXAMPLES)),
        (Method::Post, "sql") => sql::answer(door, space, body(request)?).await,
        (Method::Get, _) if path.starts_with("events/") => {
            let id = path.strip_prefix("events/").and_then(|id| id.parse().ok());
            let id = id.ok_or_else(|| Problem::wrong("an event's ID is a number"))?;
            event::answer(door, space, id).await
        }
        (Method::Post, "events" | "live" | "counts" | "bad-groups" | "policy" | "spaces")
        | (Method::Get, "sql" | "policy/try") => Err(Problem {
            status: 405,
            text: "this path is there, but not for this method".to_owned(),
        }),
        (Method::Get | Method::Post, _) => Err(Problem::missing(PATHS)),
        (Method::Head | Method::Options | Method::Other, _) => {
            Err(Problem { status: 405, text: "the methods here are GET and POST".to_owned() })
        }
    }
}

const PATHS: &str = "there is no such path; here are GET events, events/ID, live, counts, \
     bad-groups, spaces, policy, sql/examples and POST policy/try, sql";

/// The JSON of a body.
fn body<T: DeserializeOwned>(request: &Request<'_>) -> Result<T, Problem> {
    serde_json::from_slice(&request.body).map_err(|error| {
        Problem::wrong(format!("the body is not the JSON that belongs here: {error}"))
    })
}
