//! Fetches Iglu schemas over HTTP and from S3, each with every limit that a foreign server makes necessary.

mod assets;
mod place;
mod s3;
mod schemas;
mod url;
mod verdict;

use std::fmt;
use std::time::{Duration, Instant};

use aws_smithy_runtime_api::client::http::SharedHttpConnector;
use aws_smithy_runtime_api::client::orchestrator::HttpRequest;
use futures_util::{StreamExt, stream};
use tokio::time::Instant as Clock;

pub use self::place::{Fetched, Place, Secret};

use self::s3::S3;
use self::url::Url;
use crate::config::AwsSettings;
use crate::deliver::{Cut, limited};
use crate::exchange::{Reply, exchange};
use crate::http::{HttpSettings, USER_AGENT, lazy_connector};
use crate::sign::now;

/// Fetches of one `get_all` that run at the same time, and so the most bodies in memory that are
/// not yet the caller's.
const FETCHES_IN_FLIGHT_MAX: usize = 8;
/// How often one request is sent: once more, and at once, if its connection broke, as the pool may
/// have kept one that died while the function was frozen. Other retries are the caller's.
const SENDS_MAX: usize = 2;

/// What a fetch may cost and where it may lead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FetchLimits {
    /// The largest schema in bytes.
    pub body_bytes_max: usize,
    /// The most redirects that are followed.
    pub redirects_max: usize,
    /// One request, its body included, that takes longer is given up.
    pub attempt_timeout: Duration,
    /// Hosts other than the repository's to which a redirect may lead, each `host` (with the
    /// scheme's own port) or `host:port`.
    pub hosts: Option<Vec<String>>,
}

impl Default for FetchLimits {
    fn default() -> Self {
        Self {
            body_bytes_max: 1_048_576,
            redirects_max: 3,
            attempt_timeout: Duration::from_secs(5),
            hosts: None,
        }
    }
}

/// Gets schemas from where repositories keep them. Costs nothing before the first fetch.
pub struct Fetcher {
    connector: SharedHttpConnector,
    s3: S3,
    limits: FetchLimits,
}

impl fmt::Debug for Fetcher {
    /// Without the credentials.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Fetcher").field("limits", &self.limits).finish_non_exhaustive()
    }
}

impl Fetcher {
    /// A fetcher that connects and signs as the settings say.
    pub fn new(settings: &AwsSettings, limits: FetchLimits) -> Self {
        Self {
            connector: lazy_connector(settings, HttpSettings::default()),
            s3: S3::new(settings),
            limits,
        }
    }

    /// Fetches one schema; ends at the deadline at the latest.
    pub async fn get(&self, from: &Place, deadline: Instant) -> Fetched {
        let deadline = Clock::from_std(deadline);
        let fetched = match from {
            Place::Http { url, api_key } => self.get_http(url, api_key.as_ref(), deadline).await,
            Place::S3 { bucket, key } => self.get_s3(bucket, key, deadline).await,
        };
        fetched.unwrap_or_else(Fetched::ClientFailure)
    }

    /// Fetches several at the same time; the answers come in the order of the places.
    pub async fn get_all(&self, places: Vec<Place>, deadline: Instant) -> Vec<Fetched> {
        let gets = places
            .into_iter()
            .enumerate()
            .map(|(at, place)| async move { (at, self.get(&place, deadline).await) });
        // Unordered, so that one slow repository does not hold up the seven other fetches.
        let mut all: Vec<_> =
            stream::iter(gets).buffer_unordered(FETCHES_IN_FLIGHT_MAX).collect().await;
        all.sort_unstable_by_key(|(at, _)| *at);
        all.into_iter().map(|(_, fetched)| fetched).collect()
    }

    /// Follows redirects as far as the limits allow; an error is a `ClientFailure`.
    async fn get_http(
        &self,
        url: &str,
        api_key: Option<&Secret>,
        deadline: Clock,
    ) -> Result<Fetched, String> {
        let secrets: Vec<_> = api_key.map(Secret::reveal).into_iter().collect();
        verdict::of_http(self.follow(url, api_key, deadline).await?, &secrets)
    }

    /// The first answer that is no redirect.
    async fn follow(
        &self,
        url: &str,
        api_key: Option<&Secret>,
        deadline: Clock,
    ) -> Result<Reply, String> {
        let first = Url::parse(url).ok_or("InvalidUrl")?;
        let mut url = first.clone();
        let mut api_key = api_key;
        for _ in 0..=self.limits.redirects_max {
            let headers = api_key.map(|key| ("apikey", key.reveal()));
            let reply = self.ask(&url, headers, deadline).await?;
            let Some(location) = reply.redirect() else {
                return Ok(reply);
            };
            let next = url.join(location).ok_or("Redirect to an invalid URL")?;
            self.allow(&first, &url, &next)?;
            // Once elsewhere, the key is not sent again: another host would choose for which path.
            api_key = api_key.filter(|_| next.is_same_place(&first));
            url = next;
        }
        Err(format!("More than {} redirects", self.limits.redirects_max))
    }

    fn allow(&self, first: &Url, from: &Url, to: &Url) -> Result<(), String> {
        if from.is_https() && !to.is_https() {
            return Err("Redirect refused: from https to http".to_owned());
        }
        let hosts = self.limits.hosts.as_deref().unwrap_or_default();
        if to.is_same_place(first) || to.is_listed(hosts) {
            return Ok(());
        }
        Err(format!("Redirect refused: to {}", to.authority()))
    }

    async fn get_s3(&self, bucket: &str, key: &str, deadline: Clock) -> Result<Fetched, String> {
        let url = self.s3.url(bucket, key).ok_or("InvalidBucketOrKey")?;
        verdict::of_s3(self.ask_s3(&url, deadline).await?, self.s3.session_token())
    }

    /// Follows no redirect: the signature is for one host.
    async fn ask_s3(&self, url: &Url, deadline: Clock) -> Result<Reply, String> {
        let signed = self.s3.sign(&url.to_string(), now()).ok_or("RequestNotSigned")?;
        let headers = signed.headers().collect::<Vec<_>>();
        self.ask(url, headers, deadline).await
    }

    async fn ask<'a>(
        &self,
        url: &Url,
        headers: impl IntoIterator<Item = (&'a str, &'a str)> + Clone,
        deadline: Clock,
    ) -> Result<Reply, String> {
        let mut failure = String::new();
        for _ in 0..SENDS_MAX {
            let request = request(url, headers.clone()).ok_or("RequestNotBuilt")?;
            let call = exchange(&self.connector, request, Vec::new(), self.limits.body_bytes_max);
            match limited(call, self.limits.attempt_timeout, deadline).await {
                Ok(Ok(reply)) => return Ok(reply),
                Ok(Err(lost)) if lost.connection_lost => failure = lost.code,
                Ok(Err(other)) => return Err(other.code),
                Err(Cut::ByItsOwnLimit) => return Err("AttemptTimeout".to_owned()),
                // What the first connection broke of is worth more than that time was up then.
                Err(Cut::BeforeTheCall) if !failure.is_empty() => return Err(failure),
                Err(Cut::ByTheDeadline | Cut::BeforeTheCall) => {
                    return Err("DeadlineReached".to_owned());
                }
            }
        }
        Err(failure)
    }
}

/// A header that cannot be one, such as a key with a line break, gives no request.
fn request<'a>(
    url: &Url,
    headers: impl IntoIterator<Item = (&'a str, &'a str)>,
) -> Option<HttpRequest> {
    let mut request = HttpRequest::get(url.to_string()).ok()?;
    // Without `identity`, a server would be free to compress.
    let ours = [("accept-encoding", "identity"), ("user-agent", USER_AGENT)];
    for (name, value) in ours.into_iter().chain(headers) {
        request.headers_mut().try_insert(name.to_owned(), value.to_owned()).ok()?;
    }
    Some(request)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::wire_tests::aws_settings;

    fn allow(hosts: &[&str], first: &str, from: &str, to: &str) -> Result<(), String> {
        let hosts = hosts.iter().map(|&host| host.to_owned()).collect();
        let limits = FetchLimits { hosts: Some(hosts), ..FetchLimits::default() };
        let [first, from, to] = [first, from, to].map(|url| Url::parse(url).unwrap());
        Fetcher::new(&aws_settings([]), limits).allow(&first, &from, &to)
    }

    #[test]
    fn a_redirect_stays_where_it_may() {
        for (first, to) in [
            ("https://a.b/x", "https://a.b/y"),
            ("https://a.b/x", "https://a.b:443/y"),
            ("http://a.b/x", "https://a.b/x"),
            ("http://a.b/x", "https://CDN.org/x"),
            ("http://a.b/x", "http://cdn.org/x"),
            ("http://a.b/x", "http://c.d:8080/x"),
        ] {
            assert_eq!(allow(&["cdn.org", "C.d:8080"], first, first, to), Ok(()), "{to}");
        }
        for to in [
            "https://x.a.b/",
            "https://a.b:8443/",
            "https://cdn.org.evil.org/",
            "https://cdn.org:8443/",
            "https://c.d/",
            "https://169.254.169.254/latest/meta-data",
        ] {
            let found = allow(&["cdn.org", "c.d:8080"], "https://a.b/", "https://a.b/", to);
            assert!(found.unwrap_err().starts_with("Redirect refused: to "), "{to}");
        }
    }

    #[test]
    fn a_redirect_never_goes_from_https_to_http() {
        let refused = Err("Redirect refused: from https to http".to_owned());
        assert_eq!(allow(&[], "https://a.b/", "https://a.b/", "http://a.b/"), refused);
        assert_eq!(allow(&["c.d"], "http://a.b/", "https://c.d/", "http://a.b/"), refused);
    }

    #[test]
    fn shows_no_secret() {
        let settings = aws_settings([("AWS_SESSION_TOKEN", "tokensecret")]);
        let text = format!("{:?}", Fetcher::new(&settings, FetchLimits::default()));
        assert!(text.contains("1048576") && !text.contains("secret"), "{text}");
        assert!(!text.contains("AKID"), "{text}");
    }

    #[test]
    fn a_key_that_is_no_header_gives_no_request() {
        let url = Url::parse("http://a.b/").unwrap();
        assert!(request(&url, [("apikey", "good-1")]).is_some());
        assert!(request(&url, [("apikey", "two\r\nlines")]).is_none());
    }
}
