//! The address of a page or a referrer: strictly as Java reads it, leniently where Java refuses.

mod authority;
mod grammar;
mod ipv6;
mod lenient;
mod strict;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;

use crate::Charset;
use crate::parameters::Pair;
use crate::query;

pub(crate) use grammar::{Class, Refusal, require};

const HTTPS_PORT: i32 = 443;
const OTHER_PORT: i32 = 80;

/// A parsed address. Its parts are as they stand in the text, percent signs and all.
#[derive(Clone, PartialEq, Eq)]
pub struct Uri<'a> {
    text: Cow<'a, str>,
    parts: Parts,
}

/// Where the parts of a URI stand in its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Parts {
    scheme: Option<Range<usize>>,
    host: Option<Range<usize>>,
    port: Option<i32>,
    path: Option<Range<usize>>,
    query: Option<Range<usize>>,
    fragment: Option<Range<usize>>,
}

/// Which address describes the page: the tracker's, else the one that the browser sent along.
pub fn page_address<'a>(tracker: Option<&'a str>, referer: Option<&'a str>) -> Option<&'a str> {
    tracker.or(referer).filter(|address| !address.is_empty())
}

impl<'a> Uri<'a> {
    /// Parses an address; the error is the text that a bad event carries, which quotes it.
    pub fn parse(address: &'a str) -> Result<Self, String> {
        let text = if address.contains(' ') {
            Cow::Owned(address.replace(' ', "%20"))
        } else {
            Cow::Borrowed(address)
        };
        let java = match strict::parse(&text) {
            Ok(parts) => return Ok(Self { text, parts }),
            Err(refusal) => refusal.message(&text),
        };
        let scala = match lenient::rewrite(address) {
            None => "Invalid URL could not be parsed.".to_owned(),
            Some(text) => match strict::parse(&text) {
                Ok(parts) => return Ok(Self { text: Cow::Owned(text), parts }),
                Err(refusal) => refusal.message(&text),
            },
        };
        Err(format!(
            "Provided URI [{address}] could not be parsed, neither by Java parsing (error: [{java}]) \
             nor by Scala parsing (error: [{scala}])."
        ))
    }

    /// The text of the parsed address, which becomes `page_url`.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Such as `https`; none in a relative address.
    pub fn scheme(&self) -> Option<&str> {
        self.part(self.parts.scheme.as_ref())
    }

    /// The host, if it is a name or number that Java takes for one; it takes no `_`, for example.
    pub fn host(&self) -> Option<&str> {
        self.part(self.parts.host.as_ref())
    }

    /// The port, or 443 for `https` and 80 for everything else, files included.
    pub fn port(&self) -> i32 {
        match self.parts.port {
            Some(port) => port,
            None if self.scheme() == Some("https") => HTTPS_PORT,
            None => OTHER_PORT,
        }
    }

    /// The path; none if it is empty or the address is like `mailto:`.
    pub fn path(&self) -> Option<&str> {
        self.part(self.parts.path.as_ref())
    }

    /// What stands behind `?`; none if it is empty.
    pub fn query(&self) -> Option<&str> {
        self.part(self.parts.query.as_ref())
    }

    /// What stands behind `#`; none if it is empty.
    pub fn fragment(&self) -> Option<&str> {
        self.part(self.parts.fragment.as_ref())
    }

    /// The parameters of the query, decoded, in the order in which they stand there.
    pub fn query_parameters(&self, charset: Charset) -> Vec<Pair<'_>> {
        self.query().map(|text| query::pairs(text, charset)).unwrap_or_default()
    }

    fn part(&self, range: Option<&Range<usize>>) -> Option<&str> {
        self.text.get(range?.clone()).filter(|part| !part.is_empty())
    }
}

impl fmt::Debug for Uri<'_> {
    /// The size only: addresses carry names and keys.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Uri").field("bytes", &self.text.len()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
