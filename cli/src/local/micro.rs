//! Snowplow Micro's API over what the local pipeline remembers: the file to open first.

mod bad;
mod columns;
mod events;
mod filter;
mod good;
mod gzip;
mod instant;
mod listing;
mod places;
mod row;
mod schemas;
mod selection;
mod sent;
mod timeline;
mod wait;

use std::sync::Arc;

use collector::request::{Method, Request};
use serde::Serialize;
use serde_json::json;

use super::answer::Answer;
use super::query::Query;
use super::routes::Door;
use super::store::Kind;
use crate::config::MicroApi;

use filter::{BadFilter, GoodFilter};
use listing::{Once, answer_when};
pub(super) use places::of_good;
pub(super) use row::{push_sdk_json, schema_uri};
pub(super) use schemas::Registries;
use selection::Selection;
use wait::Wait;

/// What is asked before anything is looked up.
#[derive(Debug)]
pub(crate) struct Micro {
    pub(super) api: MicroApi,
    /// Whether events are shown at all.
    pub(super) is_shown: bool,
    pub(super) registries: Arc<Registries>,
}

impl Micro {
    /// Whether a path is answered here: the page has a few of Micro's for itself.
    pub(super) fn takes(&self, path: &str) -> bool {
        let is_below = |root: &str| {
            path.strip_prefix(root).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        is_below("/micro") && (!self.is_shown || !is_below("/micro/ui"))
    }
}

/// Answers a request for one of Micro's paths.
pub(super) async fn answer(
    door: &Arc<Door>,
    request: &Request<'_>,
    (space, path): (&str, &str),
) -> Answer {
    if request.method == Method::Options {
        return preflight();
    }
    let asked = Asked { door, request, space: space.into(), query: Query::of(request) };
    let answer = respond(&asked, path).await.unwrap_or_else(|refused| refused);
    gzip::compressed(answer.for_every_origin(), request)
}

/// A request and what it is asked of.
struct Asked<'a> {
    door: &'a Arc<Door>,
    request: &'a Request<'a>,
    space: Arc<str>,
    query: Query,
}

/// An answer, or one that says what is wrong with the request.
type Answered = Result<Answer, Answer>;

async fn respond(asked: &Asked<'_>, path: &str) -> Answered {
    let micro = &asked.door.micro;
    if !micro.is_shown {
        return Err(Answer::text(404, "no events are shown with --no-storage\n"));
    }
    let is_read = matches!(asked.request.method, Method::Get | Method::Head);
    let is_post = asked.request.method == Method::Post;
    let (is_either, is_4) = (is_read || is_post, micro.api == MicroApi::V4);
    match path.strip_prefix("/micro/").unwrap_or_default() {
        "all" if is_either => all(asked).await,
        "good" if is_either => {
            let filter = GoodFilter::of(asked)?;
            let selection = filter.selection(Arc::clone(&asked.space));
            let parts = good::listing(selection.clone(), filter.limit);
            Ok(answer_when(asked.door, (Wait::of(&asked.query)?, selection), parts))
        }
        "bad" if is_either => {
            let filter = BadFilter::of(asked)?;
            let selection = filter.selection(Arc::clone(&asked.space));
            let parts = bad::listing(selection.clone(), filter.limit);
            Ok(answer_when(asked.door, (Wait::of(&asked.query)?, selection), parts))
        }
        "reset" if asked.request.method == Method::Get || is_post => reset(asked).await,
        "events" if is_post && is_4 => events::paged(asked),
        "events" if is_read && !is_4 => events::all(asked),
        "timeline" if is_post && is_4 => timeline::answer(asked).await,
        "columns" if is_read && is_4 => columns::names(asked).await,
        "columnStats" if is_post && is_4 => columns::stats(asked).await,
        "auth-config" if is_read && is_4 => {
            let config = json!({"domain": "", "audience": "", "clientId": "", "enabled": false});
            Ok(Answer::json(200, &config))
        }
        other => match other.strip_prefix("iglu/") {
            Some(name) if is_read => schemas::answer(&micro.registries, name).await,
            _ => Err(Answer::text(404, paths(micro.api))),
        },
    }
}

/// How many events there are, in the order in which Micro says it.
#[derive(Default, Serialize)]
struct Counts {
    total: u64,
    good: u64,
    bad: u64,
}

/// How many events there are.
async fn all(asked: &Asked<'_>) -> Answered {
    let space = Arc::clone(&asked.space);
    let counts = move |db: &rusqlite::Connection| {
        let count = |kind: Kind| {
            let one = Selection { kinds: vec![kind], ..Selection::of(Arc::clone(&space)) };
            one.count(db, 0).map(|(count, _)| count)
        };
        let (good, bad) = (count(Kind::Good)?, count(Kind::Bad)?);
        Ok(Counts { total: good + bad, good, bad })
    };
    if let Some(wait) = Wait::of(&asked.query)? {
        let selection = Selection {
            kinds: vec![Kind::Good, Kind::Bad],
            event_id: asked.query.text("event_id").map(str::to_owned),
            ..Selection::of(Arc::clone(&asked.space))
        };
        return Ok(answer_when(asked.door, (Some(wait), selection), Once::new(counts)));
    }
    let counted = asked.door.reader.read(counts).await;
    counted.map(|counted| Answer::json(200, &counted)).map_err(|error| Answer::unreadable(&error))
}

async fn reset(asked: &Asked<'_>) -> Answered {
    let done = asked.door.reset(&asked.space).await;
    done.map_err(|problem| Answer::text(503, problem))?;
    Ok(match asked.door.micro.api {
        MicroApi::V4 => Answer::json(200, &"Reset completed"),
        MicroApi::V3 => Answer::json(200, &Counts::default()),
    })
}

/// What a browser asks before it lets a page ask.
fn preflight() -> Answer {
    Answer::text(200, "")
        .with("Access-Control-Allow-Methods", "GET, POST, OPTIONS")
        .with("Access-Control-Allow-Headers", "Content-Type, X-Whiteout-Space")
        .with("Access-Control-Max-Age", "3600")
        .for_every_origin()
}

fn paths(api: MicroApi) -> String {
    let own = match api {
        MicroApi::V4 => {
            "  GET       /micro/columns, /micro/auth-config\n  \
             POST      /micro/events, /micro/timeline, /micro/columnStats\n"
        }
        MicroApi::V3 => "  GET       /micro/events\n",
    };
    format!(
        "nothing is here; there are\n  \
         GET, POST /micro/all, /micro/good, /micro/bad, /micro/reset\n\
         {own}  \
         GET       /micro/iglu/VENDOR/NAME/jsonschema/VERSION\n  \
         GET       /micro/ui\n"
    )
}
