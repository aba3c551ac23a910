//! The stages of a request, in order: the file to open first.

use std::borrow::Cow;

use crate::address::{self, client_address};
use crate::config::{Bounce, Config, Dialect};
use crate::cookie::set_cookies;
use crate::cors::add_cors;
use crate::identity::{ANONYMOUS, Identity, fresh_id, identify, refuses_tracking};
use crate::outcome::{Outcome, body_too_large, illegal_query, outcome};
use crate::pages;
use crate::payload::{Findings, payload};
use crate::query::{first_illegal, legalized};
use crate::redirect;
use crate::request::{Method, Request};
use crate::response::{Body, PIXEL, PIXEL_2X, Response};
use crate::route::{Route, route};

/// What a request may not find out for itself: when it came, and random bytes for fresh ids.
#[derive(Clone, Copy)]
pub struct Moment {
    /// Microseconds since 1970.
    pub epoch_micros: i64,
    /// For the visitor's id.
    pub visitor_entropy: [u8; 16],
    /// For the partition key.
    pub partition_entropy: [u8; 16],
}

/// What a request leads to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Collected {
    /// The answer, once every record is acknowledged.
    pub response: Response,
    /// The records to write before.
    pub outcome: Outcome,
    /// The partition key of all of them.
    pub partition_key: String,
    /// Whether the answer depends on the health of the streams.
    pub asks_for_sink_health: bool,
}

/// Decides what a request leads to.
pub fn collect(config: &Config, request: &Request<'_>, moment: &Moment) -> Collected {
    let mut collected = match route(config, request.method, &request.path) {
        Route::Post(path) | Route::Pixel(path) => track(config, request, &path, moment),
        Route::SinkHealth => {
            Collected { asks_for_sink_health: true, ..Collected::page(pages::health(config)) }
        }
        Route::Health => Collected::page(pages::health(config)),
        Route::Preflight => Collected::page(crate::cors::preflight(&config.cors, request)),
        Route::RedirectsDisabled => Collected::page(Response::text(404, "redirects disabled")),
        Route::Root => Collected::page(pages::root(config)),
        Route::CrossDomain => Collected::page(pages::cross_domain(config)),
        Route::Robots => Collected::page(pages::robots(config)),
        Route::NotFound => Collected::page(pages::not_found(config)),
    };
    pages::finish(&mut collected.response, config, request);
    collected
}

impl Collected {
    fn page(response: Response) -> Self {
        Self {
            response,
            outcome: Outcome::default(),
            partition_key: String::new(),
            asks_for_sink_health: false,
        }
    }
}

fn track(config: &Config, request: &Request<'_>, path: &str, moment: &Moment) -> Collected {
    let identity = identify(config, request);
    let fresh;
    let network_user_id = match &identity {
        Identity::Anonymous => ANONYMOUS,
        Identity::Known(id) => id.as_ref(),
        Identity::KeepsNoCookie => {
            config.bounce.as_ref().map_or(ANONYMOUS, |bounce| bounce.fallback_id.as_str())
        }
        Identity::New => {
            fresh = fresh_id(moment.visitor_entropy).to_string();
            &fresh
        }
    };
    let refused = refuses_tracking(config, request);
    let is_redirect = path.starts_with("/r/");
    let bounce = config
        .bounce
        .as_ref()
        .filter(|_| identity == Identity::New && request.method != Method::Post && !is_redirect);

    let mut response = match bounce {
        Some(bounce) => bounced(config, request, bounce),
        None if is_redirect => redirected(config, request, network_user_id),
        None => answer(config, request.method),
    };
    dress(&mut response, config, request, |response| {
        if !refused {
            let now_seconds = moment.epoch_micros.div_euclid(1_000_000);
            set_cookies(response, config, request, (&identity, network_user_id), now_seconds);
        }
    });

    let client = client_address(&config.address, request);
    let outcome = if refused || bounce.is_some() {
        Outcome::default()
    } else {
        let findings = Findings {
            path,
            query: legalized(request.query.as_deref().unwrap_or_default()),
            client,
            network_user_id,
            epoch_millis: moment.epoch_micros.div_euclid(1_000),
        };
        record(config, request, findings, moment.epoch_micros)
    };
    let partition_key = match client {
        Some(_) if config.address.is_partition_key => address::as_text(client).into_owned(),
        _ => fresh_id(moment.partition_entropy).to_string(),
    };
    Collected { response, outcome, partition_key, asks_for_sink_health: false }
}

/// The records of a request that shall be recorded.
fn record(
    config: &Config,
    request: &Request<'_>,
    findings: Findings<'_>,
    epoch_micros: i64,
) -> Outcome {
    let query = request.query.as_deref().unwrap_or_default();
    if config.dialect == Dialect::V2
        && let Some(illegal_at) = first_illegal(query)
    {
        return illegal_query(query, illegal_at, epoch_micros);
    }
    let payload = payload(config, request, findings);
    let body_bytes = request.body.len();
    if request.method == Method::Post && body_bytes >= config.limits.body_bytes_max {
        return body_too_large(config, &payload, body_bytes, epoch_micros);
    }
    outcome(config, &payload, epoch_micros)
}

/// The ordinary answer to an event.
fn answer(config: &Config, method: Method) -> Response {
    match (method, config.dialect) {
        (Method::Post, _) => Response::new(200, Body::Text(Cow::Borrowed("ok"))),
        (_, Dialect::V3) => Response::new(200, Body::Pixel(&PIXEL)),
        (_, Dialect::V2) => Response::new(200, Body::Pixel(&PIXEL_2X)),
    }
}

fn redirected(config: &Config, request: &Request<'_>, network_user_id: &str) -> Response {
    let query = request.query.as_deref().unwrap_or_default();
    match redirect::target(config, query, network_user_id) {
        Some(location) => {
            let mut response = Response::new(302, Body::Empty);
            response.add("Location", location);
            response
        }
        None => Response::new(400, Body::Empty),
    }
}

/// Sends a visitor without a cookie once around, to see whether the cookie comes back.
fn bounced(config: &Config, request: &Request<'_>, bounce: &Bounce) -> Response {
    let query = legalized(request.query.as_deref().unwrap_or_default());
    let separator = if query.is_empty() { "" } else { "&" };
    let path = legalized(&request.path);
    let location = format!("{path}?{query}{separator}{}=true", bounce.name);
    let mut response = Response::new(302, Body::Empty);
    response.add("Location", absolute(config, request, bounce, &location).unwrap_or(location));
    response
}

/// The older dialect names the protocol, if a header tells which one the visitor used.
fn absolute(
    config: &Config,
    request: &Request<'_>,
    bounce: &Bounce,
    location: &str,
) -> Option<String> {
    if config.dialect != Dialect::V2 {
        return None;
    }
    let protocol = request.header(bounce.protocol_header.as_deref()?)?;
    let host = request.header("Host").filter(|host| {
        !host.is_empty()
            && host.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._:[]".contains(&b))
    })?;
    ["http", "https"].contains(&protocol).then(|| format!("{protocol}://{host}{location}"))
}

/// Adds what every answer to an event carries, in the order that Snowplow's collector has.
fn dress(
    response: &mut Response,
    config: &Config,
    request: &Request<'_>,
    add_cookies: impl FnOnce(&mut Response),
) {
    if config.dialect == Dialect::V2 {
        response.add("P3P", config.p3p.clone());
    }
    add_cookies(response);
    if request.method != Method::Post {
        response.add("Cache-Control", "no-cache, no-store, must-revalidate");
    }
    add_cors(response, &config.cors, request);
    if response.status == 200 {
        let is_post = request.method == Method::Post;
        response.add("Content-Type", if is_post { "text/plain" } else { "image/gif" });
    }
}
