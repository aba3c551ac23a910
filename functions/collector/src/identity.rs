//! Who sent it: the visitor's id, and what a visitor may refuse.

use std::borrow::Cow;

use uuid::{Builder, Uuid};

use crate::config::{Config, Dialect};
use crate::query::parameter;
use crate::request::Request;

/// The id of everybody who asked not to be identified.
pub(crate) const ANONYMOUS: &str = "00000000-0000-0000-0000-000000000000";

/// The visitor's id, and where it comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Identity<'a> {
    /// The visitor asked not to be identified.
    Anonymous,
    /// The request says who it is.
    Known(Cow<'a, str>),
    /// The visitor keeps no cookie, as a bounce has shown.
    KeepsNoCookie,
    /// Nothing says who it is.
    New,
}

/// Finds out who sent the request: by the parameter `nuid`, else by the cookie.
pub(crate) fn identify<'a>(config: &Config, request: &'a Request<'_>) -> Identity<'a> {
    if request.is_anonymous() {
        return Identity::Anonymous;
    }
    let query = request.query.as_deref().unwrap_or_default();
    if let Some(id) = parameter(query, "nuid").filter(|id| is_uuid(id)) {
        return Identity::Known(id);
    }
    let is_usable = |id: &&str| match config.dialect {
        // Whatever else stands there would make every event of this visitor a bad one.
        Dialect::V3 => is_uuid(id),
        Dialect::V2 => !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_graphic()),
    };
    if let Some(id) = cookies(request, &config.cookie.name).find(is_usable) {
        return Identity::Known(Cow::Borrowed(id));
    }
    match &config.bounce {
        Some(bounce) if query.contains(&bounce.name) => Identity::KeepsNoCookie,
        _ => Identity::New,
    }
}

/// The values of every cookie of this name, read as leniently as possible.
pub(crate) fn cookies<'a>(request: &'a Request<'_>, name: &str) -> impl Iterator<Item = &'a str> {
    request.header_values("Cookie").flat_map(|line| line.split(';')).filter_map(move |part| {
        let (found, value) = part.split_once('=')?;
        (found.trim() == name).then(|| value.trim().trim_matches('"'))
    })
}

/// Whether the visitor carries the cookie by which one refuses to be recorded.
pub(crate) fn refuses_tracking(config: &Config, request: &Request<'_>) -> bool {
    config.do_not_track.as_ref().is_some_and(|refusal| {
        cookies(request, &refusal.name).any(|value| refusal.value.is_match(value))
    })
}

/// An id from random bytes that were drawn elsewhere.
pub(crate) fn fresh_id(random: [u8; 16]) -> Uuid {
    Builder::from_random_bytes(random).into_uuid()
}

/// Whether the text is an id as the enricher demands it: five groups with hyphens.
pub(crate) fn is_uuid(text: &str) -> bool {
    text.len() == ANONYMOUS.len() && Uuid::try_parse(text).is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::request::Method;

    const U1: &str = "dfdb716e-ecf9-4d00-8b10-44edfbc8a108";

    fn check(settings: &[(&str, &str)], query: &str, cookie: &str, expected: &Identity<'_>) {
        let request = Request {
            method: Method::Get,
            path: "/i".into(),
            query: Some(query.into()),
            headers: vec![("cookie".into(), cookie.into())],
            body: Cow::Borrowed(b""),
            peer: None,
        };
        let config = Config::for_tests(settings);
        assert_eq!(&identify(&config, &request), expected, "{query} {cookie}");
    }

    #[test]
    fn reads_odd_cookies_leniently() {
        let known = Identity::Known(U1.into());
        for cookie in [
            format!("a=1; sp={U1}; b=2"),
            format!("sp={U1};b=2"),
            format!("junk;; sp = \"{U1}\""),
            format!("b={{\"k\":\"v,w\"}}; sp={U1}"),
            format!("sp=broken; sp={U1}"),
        ] {
            check(&[], "", &cookie, &known);
        }
        for cookie in ["", "sp", "sp=", "sp=1234", "spx=1"] {
            check(&[], "", cookie, &Identity::New);
        }
        check(&[("DIALECT", "2.x")], "", "sp=1234", &Identity::Known("1234".into()));
    }

    #[test]
    fn an_id_in_the_query_wins_unless_it_is_none() {
        check(&[], &format!("nuid={U1}"), "", &Identity::Known(U1.into()));
        check(&[], "nuid=", &format!("sp={U1}"), &Identity::Known(U1.into()));
        check(&[], "nuid=x%0d%0a", "", &Identity::New);
        check(&[], &format!("nuid={{{U1}}}"), "", &Identity::New);
    }

    #[test]
    fn a_bounced_visitor_keeps_no_cookie() {
        let bounce = [("BOUNCE_ENABLED", "true")];
        check(&bounce, "e=pv", "", &Identity::New);
        check(&bounce, "e=pv&n3pc=true", "", &Identity::KeepsNoCookie);
    }
}
