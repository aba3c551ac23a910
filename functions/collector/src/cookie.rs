//! The visitor's cookie as an answer sets it.

use crate::config::{Config, CookieConfig, Dialect};
use crate::cors::origin_hosts;
use crate::identity::{Identity, cookies};
use crate::request::Request;
use crate::response::Response;

/// Adds the cookies that an answer to this visitor carries.
pub(crate) fn set_cookies(
    response: &mut Response,
    config: &Config,
    request: &Request<'_>,
    (identity, network_user_id): (&Identity<'_>, &str),
    now_seconds: i64,
) {
    let cookie = &config.cookie;
    if !cookie.enabled {
        return;
    }
    let lifetime = i64::try_from(cookie.expiration.as_secs()).unwrap_or(i64::MAX);
    let (value, expires) = match identity {
        Identity::Anonymous => {
            let was_sent = cookies(request, &cookie.name).next().is_some();
            if config.dialect == Dialect::V2 || !was_sent {
                return;
            }
            ("", now_seconds.saturating_sub(lifetime))
        }
        Identity::Known(_) | Identity::KeepsNoCookie | Identity::New => {
            (network_user_id, now_seconds.saturating_add(lifetime))
        }
    };
    let attributes = attributes(cookie, request, expires);
    let http_only = if cookie.http_only { "; HttpOnly" } else { "" };
    response.add("Set-Cookie", format!("{}={value}{attributes}{http_only}", cookie.name));
    if let Some(name) = &cookie.client_name {
        response.add("Set-Cookie", format!("{name}={value}{attributes}"));
    }
}

fn attributes(cookie: &CookieConfig, request: &Request<'_>, expires: i64) -> String {
    let mut out = format!("; Expires={}", timestamps::http_date(expires.min(LATEST_SECONDS)));
    if let Some(domain) = domain(cookie, request) {
        out.push_str("; Domain=");
        out.push_str(domain);
    }
    out.push_str("; Path=/");
    if let Some(same_site) = cookie.same_site {
        out.push_str("; SameSite=");
        out.push_str(same_site);
    }
    // Browsers refuse SameSite=None without it.
    if cookie.secure || cookie.same_site == Some("None") {
        out.push_str("; Secure");
    }
    out
}

/// The end of the year 9999, beyond which the date has no agreed form.
const LATEST_SECONDS: i64 = 253_402_300_799;

/// The first configured domain that one of the origin's hosts belongs to, else the fallback.
fn domain<'a>(cookie: &'a CookieConfig, request: &Request<'_>) -> Option<&'a str> {
    let origin = request.header("Origin").unwrap_or_default();
    let belongs = |domain: &&String| {
        origin_hosts(origin).any(|host| {
            host.strip_suffix(domain.as_str())
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
        })
    };
    cookie.domains.iter().find(belongs).or(cookie.fallback_domain.as_ref()).map(String::as_str)
}
