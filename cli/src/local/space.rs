//! Spaces: parallel tests that share a pipeline see only what they sent themselves.

use std::borrow::Cow;

use collector::request::Request;
use rusqlite::Connection;

use crate::warehouse;

/// The header that names a space.
const HEADER: &str = "X-Whiteout-Space";
/// The path that names a space, for clients that cannot set a header.
const PREFIX: &str = "/whiteout/space/";
/// The longest name of a space.
const NAME_BYTES_MAX: usize = 64;

/// Where a request belongs, and the path that it asks for there.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Place<'r> {
    /// The name of the space; empty for the one of everybody who names none.
    pub(super) space: &'r str,
    pub(super) path: &'r str,
}

/// A space has a name that is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct BadName;

/// Finds the space of a request.
pub(super) fn place<'r>(request: &'r Request<'_>) -> Result<Place<'r>, BadName> {
    let place = match request.path.strip_prefix(PREFIX) {
        Some(rest) => {
            let end = rest.find('/').unwrap_or(rest.len());
            let (space, path) = rest.split_at_checked(end).ok_or(BadName)?;
            if space.is_empty() {
                return Err(BadName);
            }
            Place { space, path: if path.is_empty() { "/" } else { path } }
        }
        None => Place { space: request.header(HEADER).unwrap_or_default(), path: &request.path },
    };
    if place.space.is_empty() || is_name(place.space) { Ok(place) } else { Err(BadName) }
}

/// Whether a space can have this name.
pub(crate) fn is_name(text: &str) -> bool {
    let is_of_name = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    (1..=NAME_BYTES_MAX).contains(&text.len()) && text.bytes().all(is_of_name)
}

/// Hides from a connection to the warehouse what other spaces delivered, if they did.
pub(crate) fn narrow(db: &Connection, space: &str) -> rusqlite::Result<()> {
    let is_shared: bool = db
        .prepare("SELECT EXISTS (SELECT 1 FROM _objects WHERE space <> ?)")?
        .query_row([space], |row| row.get(0))?;
    if !is_shared {
        return Ok(());
    }
    db.pragma_update(None, "query_only", false)?;
    // A name of a space has no quotes.
    warehouse::narrow(db, &format!("SELECT key FROM main._objects WHERE space = '{space}'"))
}

/// The request as the collector sees it in its space: without the prefix and the header.
pub(super) fn within<'r>(request: &'r Request<'_>, path: &'r str) -> Request<'r> {
    let headers = request.headers.iter().filter(|(name, _)| !name.eq_ignore_ascii_case(HEADER));
    Request {
        method: request.method,
        path: Cow::Borrowed(path),
        query: request.query.as_deref().map(Cow::Borrowed),
        headers: headers
            .map(|(name, value)| (Cow::Borrowed(&**name), Cow::Borrowed(&**value)))
            .collect(),
        body: Cow::Borrowed(&request.body),
        peer: request.peer.as_deref().map(Cow::Borrowed),
    }
}

#[cfg(test)]
mod tests {
    use collector::request::Method;

    use super::*;

    fn check(path: &str, header: Option<&str>, expected: Option<(&str, &str)>) {
        let headers = header.map(|name| (Cow::Borrowed("x-whiteout-space"), Cow::Borrowed(name)));
        let request = Request {
            method: Method::Get,
            path: Cow::Borrowed(path),
            query: None,
            headers: headers.into_iter().collect(),
            body: Cow::Borrowed(b""),
            peer: None,
        };
        let found = place(&request);
        let expected = expected.map(|(space, path)| Place { space, path }).ok_or(BadName);
        assert_eq!(found, expected, "{path} {header:?}");
    }

    #[test]
    fn a_space_is_named_by_header_or_path() {
        check("/i", None, Some(("", "/i")));
        check("/i", Some("test-1"), Some(("test-1", "/i")));
        check("/whiteout/space/a.b/micro/all", None, Some(("a.b", "/micro/all")));
        check("/whiteout/space/a/micro/all", Some("b"), Some(("a", "/micro/all")));
        check("/whiteout/space/a", None, Some(("a", "/")));
        check("/whiteout/space//i", None, None);
        check("/i", Some("a b"), None);
        check("/i", Some("é"), None);
        check("/i", Some(&"x".repeat(NAME_BYTES_MAX)), Some((&"x".repeat(NAME_BYTES_MAX), "/i")));
        check("/i", Some(&"x".repeat(NAME_BYTES_MAX + 1)), None);
    }
}
