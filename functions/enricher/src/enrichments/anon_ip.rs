//! Masks the end of the visitor's address.

use std::fmt::Write as _;
use std::net::{IpAddr, Ipv6Addr};

use enriched_event::Column;

use super::assets::Assets;
use super::document::Document;
use super::work::{Context, Enrichment, Facts, Fault, Work, replace};

const OCTETS: usize = 4;
const SEGMENTS: usize = 8;
const MASK: &str = "x";
/// What keeps standing before a masked address of the fourth version, written like this only.
const MAPPED: &str = "::FFFF:";

/// How much is masked.
pub(crate) struct AnonIp {
    octets: usize,
    segments: usize,
}

impl Enrichment for AnonIp {
    const IDENTIFIER: &'static str = "anon-ip";

    fn compile(document: &Document, _assets: &Assets) -> Result<Self, Vec<String>> {
        let parameters = document.parameters();
        let whole = "$.data.parameters.anonOctets: not a whole number";
        let octets = parameters.whole("anonOctets").ok_or_else(|| vec![whole.to_owned()])?;
        Ok(Self { octets, segments: parameters.whole("anonSegments").unwrap_or(octets) })
    }

    fn apply(&self, work: &mut Work<'_, '_>, _facts: &Facts<'_>) -> Result<Vec<Context>, Fault> {
        replace(work.event, Column::UserIpaddress, |address| self.masked(address));
        Ok(Vec::new())
    }
}

impl AnonIp {
    fn masked(&self, address: &str) -> String {
        match bare(address).parse() {
            // One of the fourth version inside, if it is written like one.
            Ok(IpAddr::V6(parsed))
                if parsed.to_ipv4_mapped().is_some() && address.contains('.') =>
            {
                self.masked_dotted(address)
            }
            Ok(IpAddr::V6(parsed)) => self.masked_segments(&expanded(parsed)),
            Ok(IpAddr::V4(_)) => self.masked_dotted(address),
            // Other text is masked like what it looks like.
            Err(_) if address.is_empty() || address.contains('.') => self.masked_dotted(address),
            Err(_) if address.contains(':') => self.masked_segments(address),
            Err(_) => address.to_owned(),
        }
    }

    fn masked_dotted(&self, address: &str) -> String {
        let (prefix, rest) =
            address.strip_prefix(MAPPED).map_or(("", address), |rest| (MAPPED, rest));
        let kept = OCTETS.saturating_sub(self.octets);
        // As Java splits: what is empty at the end does not count.
        let trimmed = if rest.is_empty() { rest } else { rest.trim_end_matches('.') };
        let parts = trimmed.split('.').enumerate();
        let parts: Vec<&str> =
            parts.map(|(at, part)| if at < kept { part } else { MASK }).collect();
        format!("{prefix}{}", parts.join("."))
    }

    fn masked_segments(&self, address: &str) -> String {
        let kept = SEGMENTS.saturating_sub(self.segments);
        let trimmed = address.trim_end_matches(':');
        let parts = trimmed.split(':').take(kept).chain(std::iter::repeat(MASK)).take(SEGMENTS);
        parts.collect::<Vec<_>>().join(":")
    }
}

/// Without the brackets of a URL and the zone of an interface, as far as they belong to an address.
fn bare(address: &str) -> &str {
    let inner = address.strip_prefix('[').and_then(|rest| rest.strip_suffix(']'));
    let inner = inner.unwrap_or(address);
    match inner.split_once('%') {
        Some((bare, _)) if bare.contains(':') => bare,
        _ => inner,
    }
}

/// All eight segments without leading zeros.
fn expanded(address: Ipv6Addr) -> String {
    let mut text = String::with_capacity(39);
    for (at, segment) in address.segments().into_iter().enumerate() {
        let colon = if at == 0 { "" } else { ":" };
        // Writing to a string does not fail.
        write!(text, "{colon}{segment:x}").unwrap_or_default();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_that_is_no_address_is_masked_as_far_as_it_looks_like_one() {
        let masked = |octets, segments, address| AnonIp { octets, segments }.masked(address);
        for (octets, segments, address, expected) in [
            (4, 4, "", "x"),
            (1, 1, "777.2", "777.2"),
            (3, 3, "999.123.777.2", "999.x.x.x"),
            (1, 1, "1.2.3.4.5", "1.2.3.x.x"),
            (4, 6, "zz:1", "zz:1:x:x:x:x:x:x"),
            (4, 1, "f334::40cb:152.16.24.142", "f334:0:0:0:0:40cb:9810:x"),
            (4, 1, "::ffff:192.0.2.1", "x.x.x.x"),
            (1, 1, "::ffff:c0a8:1", "0:0:0:0:0:ffff:c0a8:x"),
            (4, 3, "::FFFF:C0A8:1", "0:0:0:0:0:x:x:x"),
            (1, 1, "fe80::1%eth0", "fe80:0:0:0:0:0:0:x"),
            (1, 1, "[2001:db8::1]", "2001:db8:0:0:0:0:0:x"),
            (1, 1, "10.0.0.1%0", "10.0.0.x"),
            (1, 1, ".", ""),
        ] {
            assert_eq!(masked(octets, segments, address), expected, "{address}");
        }
    }
}
