//! Answers that have nothing to do with events.

use crate::config::{Config, Dialect};
use crate::request::{Method, Request};
use crate::response::{Body, Response};

/// The function is alive.
pub(crate) fn health(config: &Config) -> Response {
    let text = match config.dialect {
        Dialect::V3 => "ok",
        Dialect::V2 => "OK",
    };
    Response::text(200, text)
}

/// Something that is needed does not answer; the client should come again.
pub(crate) fn unavailable() -> Response {
    Response::text(503, "Service Unavailable")
}

pub(crate) fn not_found(config: &Config) -> Response {
    match config.dialect {
        Dialect::V3 => Response::text(404, "Not found"),
        Dialect::V2 => Response::text(404, "404 not found"),
    }
}

pub(crate) fn robots(config: &Config) -> Response {
    Response::text(
        200,
        match config.dialect {
            Dialect::V3 => {
                "User-agent: *\nDisallow: /\n\nUser-agent: Googlebot\nDisallow: /\n\nUser-agent: AdsBot-Google\nDisallow: /"
            }
            Dialect::V2 => "User-agent: *\nDisallow: /",
        },
    )
}

pub(crate) fn root(config: &Config) -> Response {
    let Some(root) = &config.root else { return not_found(config) };
    let body =
        if root.body.is_empty() { Body::Empty } else { Body::Text(root.body.clone().into()) };
    let mut response = Response::new(root.status, body);
    response.headers.extend(
        root.headers.iter().map(|(name, value)| (name.clone().into(), value.clone().into())),
    );
    response
}

pub(crate) fn cross_domain(config: &Config) -> Response {
    let Some(cross_domain) = &config.cross_domain else { return not_found(config) };
    let (indent, content_type) = match config.dialect {
        Dialect::V3 => ("", "text/xml"),
        Dialect::V2 => ("  ", "text/xml; charset=ISO-8859-1"),
    };
    let lines: Vec<_> = cross_domain
        .domains
        .iter()
        .map(|domain| {
            let secure = cross_domain.secure;
            format!("{indent}<allow-access-from domain=\"{domain}\" secure=\"{secure}\" />")
        })
        .collect();
    let body = format!(
        "<?xml version=\"1.0\"?>\n<cross-domain-policy>\n{}\n</cross-domain-policy>",
        lines.join("\n")
    );
    let mut response = Response::new(200, Body::Text(body.into()));
    response.add("Content-Type", content_type);
    response
}

/// Adds the header lines that every answer carries, and takes the body from those to HEAD.
pub(crate) fn finish(response: &mut Response, config: &Config, request: &Request<'_>) {
    if let Some(seconds) = config.hsts_seconds {
        response.add("Strict-Transport-Security", format!("max-age={seconds}; includeSubDomains"));
    }
    for (name, value) in &config.response_headers {
        response.remove(name);
        response.headers.push((name.clone().into(), value.clone().into()));
    }
    if request.method == Method::Head {
        response.body = Body::Empty;
    }
}
