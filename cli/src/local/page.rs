//! The page of the local pipeline, and the JSON behind it.
//!
//! `api.rs` says which path gives what; everything here only reads, and each answer is about one space.

mod api;
mod assets;
mod attempt;
mod bad_groups;
mod counts;
mod delivered;
mod event;
mod events;
mod live;
mod payload;
mod policy;
mod spaces;
mod sql;
mod summary;
mod timeline;

use collector::request::{Method, Request};

use super::answer::Answer;
use super::routes::Door;

pub(super) use policy::InUse;

/// The page, if this path is one of its own that a browser asks for.
///
/// The collector's own answer for `/` is not hidden.
pub(super) fn page(door: &Door, method: Method, path: &str) -> Option<Answer> {
    let is_read = matches!(method, Method::Get | Method::Head);
    match path {
        "/" if is_read && door.config.root.is_none() => Some(assets::index()),
        "/micro/ui" | "/micro/ui/" | "/micro/ui/index.html" if is_read => Some(assets::index()),
        _ if is_read => path.strip_prefix("/micro/ui/").map(assets::asset),
        _ => None,
    }
}

/// What is below `/whiteout/` and the page's.
pub(super) async fn own(
    door: &Door,
    request: &Request<'_>,
    (space, path): (&str, &str),
) -> Option<Answer> {
    if let Some(name) = path.strip_prefix("assets/") {
        return Some(assets::asset(name));
    }
    let path = path.strip_prefix("api/")?;
    let answer = api::answer(door, request, (space, path)).await;
    Some(answer.unwrap_or_else(api::Problem::into_answer).with("Cache-Control", "no-store"))
}
