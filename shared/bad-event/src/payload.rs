//! What was refused.

use std::borrow::Cow;
use std::fmt;

use serde::{Serialize, Serializer};
use serde_json::value::RawValue;
use timestamps::iso_millis;

/// A name with its value, from a query string or a body.
#[derive(Clone, Copy, Serialize)]
pub struct Parameter<'a> {
    /// The name.
    pub name: &'a str,
    /// The value, if there was an equals sign.
    pub value: Option<&'a str>,
}

/// A whole request, whose events could not be told apart.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestPayload<'a> {
    /// The first part of the path.
    pub vendor: &'a str,
    /// The second part of the path.
    pub version: &'a str,
    /// The query string, decoded.
    pub querystring: &'a [Parameter<'a>],
    /// The content type.
    pub content_type: Option<&'a str>,
    /// The body.
    pub body: Option<&'a str>,
    /// Which collector took it.
    pub collector: &'a str,
    /// The text encoding.
    pub encoding: &'a str,
    /// The host that was asked.
    pub hostname: Option<&'a str>,
    /// When the collector took it, in milliseconds since 1970.
    #[serde(rename = "timestamp", serialize_with = "timestamp")]
    pub epoch_millis: Option<i64>,
    /// The client's address.
    pub ip_address: Option<&'a str>,
    /// The client's name for itself.
    pub useragent: Option<&'a str>,
    /// The page that the request came from.
    pub referer_uri: Option<&'a str>,
    /// Header lines.
    pub headers: &'a [Cow<'a, str>],
    /// The visitor's id.
    pub network_user_id: Option<&'a str>,
}

/// One event as its tracker sent it.
#[derive(Clone, Copy, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RawEvent<'a> {
    /// The first part of the path.
    pub vendor: &'a str,
    /// The second part of the path.
    pub version: &'a str,
    /// The parameters.
    pub parameters: &'a [Parameter<'a>],
    /// The content type.
    pub content_type: Option<&'a str>,
    /// Which collector took it.
    pub loader_name: &'a str,
    /// The text encoding.
    pub encoding: &'a str,
    /// The host that was asked.
    pub hostname: Option<&'a str>,
    /// When the collector took it, in milliseconds since 1970.
    #[serde(rename = "timestamp", serialize_with = "timestamp")]
    pub epoch_millis: Option<i64>,
    /// The client's address.
    pub ip_address: Option<&'a str>,
    /// The client's name for itself.
    pub useragent: Option<&'a str>,
    /// The page that the request came from.
    pub referer_uri: Option<&'a str>,
    /// Header lines.
    pub headers: &'a [Cow<'a, str>],
    /// The visitor's id.
    pub user_id: Option<&'a str>,
}

/// One event, as far as it came and as it was sent.
#[derive(Clone, Copy, Serialize)]
pub struct EventPayload<'a> {
    /// The columns that were filled, as JSON.
    pub enriched: &'a RawValue,
    /// What the tracker sent.
    pub raw: RawEvent<'a>,
}

/// Unlike a failure's, this moment always has its milliseconds.
#[expect(clippy::ref_option, reason = "serde calls it with a reference to the field")]
fn timestamp<S: Serializer>(epoch_millis: &Option<i64>, serializer: S) -> Result<S::Ok, S::Error> {
    epoch_millis.map(iso_millis).serialize(serializer)
}

/// Shows a type's name only: all that it holds is personal data.
macro_rules! redacted {
    ($($name:ident)*) => {
        $(impl fmt::Debug for $name<'_> {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.debug_struct(stringify!($name)).finish_non_exhaustive()
            }
        })*
    };
}

redacted! { Parameter RequestPayload RawEvent EventPayload }
