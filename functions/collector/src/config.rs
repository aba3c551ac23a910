//! Every choice that an operator has, read once at start; `table.rs` lists the variables.

mod keys;
mod read;
mod table;

use std::collections::BTreeMap;
use std::time::Duration;

use collector_payload::compressed::Codec;
use function_env::{ConfigError, Reader, Variables};
use regex_lite::Regex;

pub use keys::{FromKeys, variables_from_keys};
pub use table::VARIABLES;

/// The collector's choices.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where payloads go.
    pub good: StreamConfig,
    /// Where bad events go.
    pub bad: StreamConfig,
    /// How long the retries of a refused write wait, at least and at most.
    pub backoff: (Duration, Duration),
    /// Largest record that the fallback queue takes.
    pub queue_record_bytes_max: usize,
    /// Which generation of Snowplow's collector is imitated where they differ.
    pub dialect: Dialect,
    /// What a client can make grow, and how far.
    pub limits: Limits,
    /// Paths that stand for other paths.
    pub paths: BTreeMap<String, String>,
    /// A path prefix that a custom domain adds.
    pub base_path: String,
    /// The visitor's cookie.
    pub cookie: CookieConfig,
    /// A cookie by which a visitor refuses to be recorded.
    pub do_not_track: Option<DoNotTrack>,
    /// A second request for visitors without a cookie, to find out whether they keep one.
    pub bounce: Option<Bounce>,
    /// Click redirects.
    pub redirect: RedirectConfig,
    /// What `/` answers.
    pub root: Option<RootResponse>,
    /// What `/crossdomain.xml` answers.
    pub cross_domain: Option<CrossDomain>,
    /// What browsers are told.
    pub cors: CorsConfig,
    /// The max-age of Strict-Transport-Security, in seconds.
    pub hsts_seconds: Option<u64>,
    /// The P3P header of 2.x.
    pub p3p: String,
    /// Whose address counts, and how much of it.
    pub address: AddressConfig,
    /// Records that are compressed.
    pub compression: Option<Codec>,
    /// Header lines that every answer gets.
    pub response_headers: Vec<(String, String)>,
    /// The name that payloads carry, `<name>-<version>-<sink>`.
    pub collector_name: String,
}

/// One of the two streams.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamConfig {
    /// Its name or ARN.
    pub stream: String,
    /// A record stays below this size.
    pub record_bytes_max: usize,
    /// The queue that takes records while the stream refuses them.
    pub queue_url: Option<String>,
}

/// Which generation of Snowplow's collector is imitated where they differ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dialect {
    /// 3.0 and later.
    V3,
    /// 2.10 and its forks.
    V2,
}

/// What a client can make grow, and how far.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A payload larger than this is not split but refused as a whole.
    pub payload_bytes_max: usize,
    /// A body of this size or more is refused before it is looked at.
    pub body_bytes_max: usize,
    /// What a compressed body may grow to.
    pub decoded_body_bytes_max: usize,
}

/// The visitor's cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CookieConfig {
    /// Whether it is set; it is read in any case.
    pub enabled: bool,
    /// Its name.
    pub name: String,
    /// How long it lives.
    pub expiration: Duration,
    /// Domains that it may be set for, if the page's origin is in one of them.
    pub domains: Vec<String>,
    /// The domain if none of them fits.
    pub fallback_domain: Option<String>,
    /// The attribute `Secure`.
    pub secure: bool,
    /// The attribute `HttpOnly`.
    pub http_only: bool,
    /// The attribute `SameSite`: `None`, `Lax` or `Strict`.
    pub same_site: Option<&'static str>,
    /// A second cookie of this name that scripts may read.
    pub client_name: Option<String>,
}

/// A cookie by which a visitor refuses to be recorded.
#[derive(Clone, Debug)]
pub struct DoNotTrack {
    /// Its name.
    pub name: String,
    /// What its whole value must match.
    pub value: Regex,
}

/// A second request for visitors without a cookie.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bounce {
    /// The parameter that marks the second request.
    pub name: String,
    /// The id of visitors who keep no cookie.
    pub fallback_id: String,
    /// The header that says which protocol the visitor used.
    pub protocol_header: Option<String>,
}

/// Click redirects.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RedirectConfig {
    /// Whether `/r/...` redirects.
    pub enabled: bool,
    /// The only hosts that may be redirected to; empty means any.
    pub domains: Vec<String>,
    /// The text in a target that is replaced by the visitor's id (2.x).
    pub placeholder: Option<String>,
}

/// What `/` answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RootResponse {
    /// The status.
    pub status: u16,
    /// Header lines.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: String,
}

/// What `/crossdomain.xml` answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CrossDomain {
    /// The domains that are let in.
    pub domains: Vec<String>,
    /// Whether only over TLS.
    pub secure: bool,
}

/// What browsers are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CorsConfig {
    /// How long they may remember it; may be negative.
    pub max_age_seconds: i64,
    /// The only origins that are let in; empty means any.
    pub allowed_origins: Vec<String>,
}

/// Whose address counts, and how much of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddressConfig {
    /// Where the address is taken from.
    pub source: AddressSource,
    /// How many octets of an IPv4 address are zeroed.
    pub anonymize_octets: u8,
    /// How many segments of an IPv6 address are zeroed.
    pub anonymize_segments: u8,
    /// Whether the address decides the shard.
    pub is_partition_key: bool,
}

impl AddressConfig {
    /// Whether any part of an address is taken away.
    pub fn anonymizes(&self) -> bool {
        self.anonymize_octets > 0 || self.anonymize_segments > 0
    }
}

/// Where the client's address is taken from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressSource {
    /// The first entry of X-Forwarded-For, as Snowplow does; a client can forge it.
    Leftmost,
    /// The n-th entry from the right, for a known number of proxies.
    FromTheRight(usize),
    /// Whoever opened the connection to the front door.
    Gateway,
}

impl Config {
    /// Reads the configuration; says everything that is wrong with it.
    pub fn from_variables(variables: &Variables) -> Result<Self, ConfigError> {
        let mut reader = Reader::new(variables);
        let config = Self::read(&mut reader);
        reader.finish(config)
    }

    /// Reads the configuration along with whatever else the reader is used for.
    pub fn read(reader: &mut Reader<'_>) -> Self {
        read::read(reader)
    }

    /// A configuration with the defaults and these variables.
    #[cfg(test)]
    pub(crate) fn for_tests(settings: &[(&str, &str)]) -> Self {
        let mut variables = Variables::from([("STREAM_GOOD", "good"), ("STREAM_BAD", "bad")]);
        for (name, value) in settings {
            variables.set(*name, *value);
        }
        Self::from_variables(&variables).unwrap()
    }
}
