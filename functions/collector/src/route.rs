//! What a method and a path ask for.

use std::borrow::Cow;

use crate::config::Config;
use crate::query::percent_decoded;
use crate::request::Method;

/// What a request asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    /// Events in a POST body, under the path that the payload will name.
    Post(Cow<'a, str>),
    /// An event in the query string, under the path that the payload will name.
    Pixel(Cow<'a, str>),
    /// `/r/...` while redirects are off.
    RedirectsDisabled,
    /// A browser asks what it may send.
    Preflight,
    /// `/`, if the operator wants it answered.
    Root,
    /// `/crossdomain.xml`, if the operator wants it answered.
    CrossDomain,
    /// Is the function alive?
    Health,
    /// Can the streams be written to?
    SinkHealth,
    /// Robots are not wanted.
    Robots,
    /// Nothing is here.
    NotFound,
}

/// Finds out what is asked for; the first rule that fits wins.
pub(crate) fn route<'a>(config: &Config, method: Method, path: &'a str) -> Route<'a> {
    let segments = two_segments(path);
    if let Some(("r", _)) = segments
        && !config.redirect.enabled
    {
        return Route::RedirectsDisabled;
    }
    match (method, segments, path) {
        (Method::Options, _, _) => Route::Preflight,
        (Method::Post, Some((vendor, version)), _) => Route::Post(mapped(config, vendor, version)),
        (Method::Get | Method::Head, Some((vendor, version)), _) => {
            Route::Pixel(mapped(config, vendor, version))
        }
        (Method::Get | Method::Head, None, "/i" | "/ice.png") => Route::Pixel(path.into()),
        (Method::Get, None, "/") if config.root.is_some() => Route::Root,
        (Method::Get, None, "/crossdomain.xml") if config.cross_domain.is_some() => {
            Route::CrossDomain
        }
        // HEAD is what many load balancers and monitors ask with.
        (Method::Get | Method::Head, None, "/health") => Route::Health,
        (Method::Get | Method::Head, None, "/sink-health") => Route::SinkHealth,
        (Method::Get, None, "/robots.txt") => Route::Robots,
        _ => Route::NotFound,
    }
}

/// Vendor and version of a path of exactly two segments; the last one may be empty.
fn two_segments(path: &str) -> Option<(&str, &str)> {
    let (vendor, version) = path.strip_prefix('/')?.split_once('/')?;
    (!version.contains('/')).then_some((vendor, version))
}

fn mapped<'a>(config: &Config, vendor: &str, version: &str) -> Cow<'a, str> {
    let path = format!("/{}/{}", percent_decoded(vendor), percent_decoded(version));
    match config.paths.get(&path) {
        Some(target) => Cow::Owned(target.clone()),
        None => Cow::Owned(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(method: Method, path: &str, expected: &Route<'_>) {
        assert_eq!(&route(&Config::for_tests(&[]), method, path), expected, "{method:?} {path}");
    }

    #[test]
    fn tracking_paths_have_two_segments() {
        check(Method::Get, "/i", &Route::Pixel("/i".into()));
        check(Method::Head, "/ice.png", &Route::Pixel("/ice.png".into()));
        check(Method::Get, "/i/", &Route::Pixel("/i/".into()));
        check(Method::Get, "/com.acme%2Ex/v%201", &Route::Pixel("/com.acme.x/v 1".into()));
        check(Method::Post, "/a/b", &Route::Post("/a/b".into()));
        for path in ["/a", "/a/b/c", "/", "", "a/b"] {
            check(Method::Post, path, &Route::NotFound);
        }
        check(Method::Other, "/a/b", &Route::NotFound);
        check(Method::Post, "/i", &Route::NotFound);
    }

    #[test]
    fn redirects_are_refused_before_anything_else() {
        check(Method::Options, "/r/abc", &Route::RedirectsDisabled);
        check(Method::Other, "/r/abc", &Route::RedirectsDisabled);
        check(Method::Get, "/r/a/b", &Route::NotFound);
        check(Method::Options, "/any/thing/at/all", &Route::Preflight);
    }
}
