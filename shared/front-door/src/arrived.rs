//! Trigger events become requests.
//!
//! The structs are our own because the published ones panic on hostile hosts and query strings and
//! lose cookies.

use std::borrow::Cow;
use std::fmt;

use crate::answer::Door;
use crate::event::{Context, Event, Pairs};
use crate::percent::push_strict;

/// A header line: name and value.
pub type Header<'a> = (Cow<'a, str>, Cow<'a, str>);

/// A request as it arrived. The texts are as the client sent them, as far as the front door tells.
pub struct Arrived<'a> {
    /// The method.
    pub method: Cow<'a, str>,
    /// The path without stage and base path, still percent-encoded.
    pub path: Cow<'a, str>,
    /// The text after the question mark, if there was one.
    pub query: Option<Cow<'a, str>>,
    /// Header lines in the order of the event, cookies joined into one line again.
    pub headers: Vec<Header<'a>>,
    /// The body; empty when there was none.
    pub body: Cow<'a, [u8]>,
    /// The address of whoever opened the connection to the front door.
    pub peer: Option<Cow<'a, str>>,
}

impl fmt::Debug for Arrived<'_> {
    /// Sizes only: a request is payload.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Arrived")
            .field("headers", &self.headers.len())
            .field("body_bytes", &self.body.len())
            .finish_non_exhaustive()
    }
}

/// The event is of no front door that is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UnknownFrontDoor {
    /// It is no JSON of the right shape; says where, never what.
    Malformed {
        /// The line.
        line: usize,
        /// The column.
        column: usize,
    },
    /// It says that its body is base64, and the body is not.
    BodyIsNotBase64,
    /// It has none of the fields by which the front doors are told apart.
    NoneFits,
}

impl fmt::Display for UnknownFrontDoor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Malformed { line, column } => {
                write!(f, "the event has an unexpected shape at line {line} column {column}")?;
            }
            Self::BodyIsNotBase64 => f.write_str("the event's body is not the base64 it claims")?,
            Self::NoneFits => f.write_str("the event has no method and path")?,
        }
        f.write_str(
            "; accepted are events of an HTTP API (payload 2.0 or 1.0), a REST API, \
             a load balancer or a Function URL",
        )
    }
}

impl std::error::Error for UnknownFrontDoor {}

/// Reads a trigger event.
pub fn read<'a>(event: &'a [u8], base_path: &str) -> Result<(Arrived<'a>, Door), UnknownFrontDoor> {
    let mut event: Event<'a> = serde_json::from_slice(event).map_err(|error| {
        UnknownFrontDoor::Malformed { line: error.line(), column: error.column() }
    })?;
    let body = body(&mut event)?;
    let context = event.context.take().unwrap_or_default();
    let (door, method, path, query) =
        match context.http.as_ref().and_then(|http| http.method.clone()) {
            Some(method) => (
                Door::PayloadV2,
                Some(method.0),
                event.raw_path.take().map(|path| path.0),
                event.raw_query.take().map(|query| query.0),
            ),
            None => (
                v1_door(&event, &context),
                event.method.take().map(|method| method.0),
                event.path.take().map(|path| path.0),
                query_of_v1(&mut event, context.elb.is_some()),
            ),
        };
    let (Some(method), Some(path)) = (method, path) else { return Err(UnknownFrontDoor::NoneFits) };
    let path = without_prefix(path, stage(&event, &context).as_deref());
    let path = without_prefix(path, Some(base_path));
    let headers = headers(&mut event);
    let peer = peer(context, &headers);
    Ok((Arrived { method, path, query, headers, body, peer }, door))
}

fn v1_door(event: &Event<'_>, context: &Context<'_>) -> Door {
    match (context.elb.is_some(), event.multi_headers.is_some()) {
        (false, _) => Door::PayloadV1,
        (true, true) => Door::AlbMultiValue,
        (true, false) => Door::AlbSingleValue,
    }
}

/// The stage's path prefix, where the front door leaves it in the path: everywhere but in REST APIs.
fn stage(event: &Event<'_>, context: &Context<'_>) -> Option<String> {
    event.version.as_ref()?;
    let stage = context.stage.as_ref()?;
    (stage.0 != "$default").then(|| format!("/{}", stage.0))
}

fn without_prefix<'a>(path: Cow<'a, str>, prefix: Option<&str>) -> Cow<'a, str> {
    let Some(prefix) = prefix.filter(|prefix| !prefix.is_empty()) else { return path };
    let Some(rest) = path.strip_prefix(prefix) else { return path };
    match rest.as_bytes().first() {
        None => Cow::Borrowed("/"),
        Some(b'/') => match &path {
            Cow::Borrowed(text) => Cow::Borrowed(text.get(prefix.len()..).unwrap_or("/")),
            Cow::Owned(_) => Cow::Owned(rest.to_owned()),
        },
        Some(_) => path,
    }
}

/// The query string of front doors that give parameters instead: decoded ones are encoded strictly,
/// a load balancer's are still encoded and stay as they are.
fn query_of_v1<'a>(event: &mut Event<'a>, is_encoded: bool) -> Option<Cow<'a, str>> {
    let parameters = event.multi_parameters.take().or_else(|| event.parameters.take())?;
    let mut query = String::new();
    for (key, value) in &parameters.0 {
        if !query.is_empty() {
            query.push('&');
        }
        if is_encoded {
            query.push_str(key);
            query.push('=');
            query.push_str(value);
        } else {
            push_strict(&mut query, key);
            query.push('=');
            push_strict(&mut query, value);
        }
    }
    Some(Cow::Owned(query))
}

fn body<'a>(event: &mut Event<'a>) -> Result<Cow<'a, [u8]>, UnknownFrontDoor> {
    let Some(body) = event.body.take() else { return Ok(Cow::Borrowed(b"")) };
    if event.is_base64 != Some(true) {
        return Ok(body.0);
    }
    base64_simd::STANDARD
        .decode_to_vec(body.0)
        .map(Cow::Owned)
        .map_err(|_| UnknownFrontDoor::BodyIsNotBase64)
}

/// The header lines, cookies joined into one line again.
fn headers<'a>(event: &mut Event<'a>) -> Vec<Header<'a>> {
    let multi = event.multi_headers.take().filter(|headers| !headers.0.is_empty());
    let Pairs(mut headers) = multi.or_else(|| event.headers.take()).unwrap_or_default();
    if let Some(cookies) = event.cookies.take().filter(|cookies| !cookies.is_empty()) {
        let cookies: Vec<_> = cookies.into_iter().map(|cookie| cookie.0).collect();
        headers.push((Cow::Borrowed("Cookie"), Cow::Owned(cookies.join("; "))));
    }
    headers
}

/// Who opened the connection; a load balancer says so only in the last entry of X-Forwarded-For.
fn peer<'a>(context: Context<'a>, headers: &[Header<'a>]) -> Option<Cow<'a, str>> {
    let from_http = context.http.and_then(|http| http.source_ip);
    let from_identity = context.identity.and_then(|identity| identity.source_ip);
    if let Some(address) = from_http.or(from_identity) {
        return Some(address.0);
    }
    context.elb?;
    let is_forwarded = |name: &str| name.eq_ignore_ascii_case("X-Forwarded-For");
    let (_, forwarded) = headers.iter().rev().find(|(name, _)| is_forwarded(name))?;
    Some(Cow::Owned(forwarded.rsplit(',').next()?.trim().to_owned()))
}
