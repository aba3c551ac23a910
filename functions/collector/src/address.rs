//! Whose request it is: the client's address, and what of it may be kept.

use std::borrow::Cow;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::config::{AddressConfig, AddressSource};
use crate::request::Request;

/// What a payload says when the address is not known or not wanted.
pub(crate) const UNKNOWN: &str = "unknown";

/// The client's address, if it is known and wanted.
pub(crate) fn client_address(config: &AddressConfig, request: &Request<'_>) -> Option<IpAddr> {
    if request.is_anonymous() {
        return None;
    }
    let address = match config.source {
        AddressSource::Leftmost => match forwarded_for(request) {
            Some(Forwarded::Unknown) => None,
            Some(Forwarded::Address(address)) => Some(address),
            None => peer(request),
        },
        AddressSource::FromTheRight(n) => nth_from_the_right(request, n).or_else(|| peer(request)),
        AddressSource::Gateway => peer(request),
    };
    address.map(|address| anonymized(config, address))
}

/// The address as a payload writes it: IPv6 in square brackets.
pub(crate) fn as_text(address: Option<IpAddr>) -> Cow<'static, str> {
    match address {
        None => Cow::Borrowed(UNKNOWN),
        Some(IpAddr::V4(address)) => Cow::Owned(address.to_string()),
        Some(IpAddr::V6(address)) => Cow::Owned(format!("[{address}]")),
    }
}

/// The address with as many of its last octets or segments zeroed as the operator wants.
pub(crate) fn anonymized(config: &AddressConfig, address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(address) => {
            let keep = u32::MAX.checked_shl(8 * u32::from(config.anonymize_octets)).unwrap_or(0);
            Ipv4Addr::from_bits(address.to_bits() & keep).into()
        }
        IpAddr::V6(address) => {
            let zeros = 16 * u32::from(config.anonymize_segments);
            let keep = u128::MAX.checked_shl(zeros).unwrap_or(0);
            Ipv6Addr::from_bits(address.to_bits() & keep).into()
        }
    }
}

enum Forwarded {
    Unknown,
    Address(IpAddr),
}

/// The first entry of X-Forwarded-For, if every entry is a bare address or `unknown`.
fn forwarded_for(request: &Request<'_>) -> Option<Forwarded> {
    let mut first = None;
    for entry in entries(request) {
        let parsed = if entry.eq_ignore_ascii_case(UNKNOWN) {
            Forwarded::Unknown
        } else {
            Forwarded::Address(entry.parse().ok()?)
        };
        first.get_or_insert(parsed);
    }
    first
}

fn nth_from_the_right(request: &Request<'_>, n: usize) -> Option<IpAddr> {
    let entries: Vec<_> = entries(request).collect();
    parse_with_port(entries.get(entries.len().checked_sub(n)?)?)
}

fn entries<'a>(request: &'a Request<'_>) -> impl Iterator<Item = &'a str> {
    request.header_values("X-Forwarded-For").flat_map(|value| value.split(',')).map(str::trim)
}

fn peer(request: &Request<'_>) -> Option<IpAddr> {
    parse_with_port(request.peer.as_deref()?)
}

/// An address that may carry brackets or a port, as load balancers add them.
fn parse_with_port(text: &str) -> Option<IpAddr> {
    let bare = text.trim().trim_start_matches('[').split(']').next()?;
    bare.parse().ok().or_else(|| bare.rsplit_once(':')?.0.parse::<Ipv4Addr>().ok().map(IpAddr::V4))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;
    use crate::request::Method;

    fn check(settings: &[(&str, &str)], forwarded: &[&str], peer: Option<&str>, expected: &str) {
        let config = Config::for_tests(settings);
        let request = Request {
            method: Method::Get,
            path: "/i".into(),
            query: None,
            headers: forwarded.iter().map(|v| ("X-Forwarded-For".into(), (*v).into())).collect(),
            body: Cow::Borrowed(b""),
            peer: peer.map(Cow::from),
        };
        let found = as_text(client_address(&config.address, &request));
        assert_eq!(found, expected, "{forwarded:?} {peer:?}");
    }

    #[test]
    fn trusts_the_leftmost_entry_of_a_clean_list() {
        let peer = Some("192.0.2.2");
        check(&[], &[], peer, "192.0.2.2");
        check(&[], &["192.0.2.4, 10.0.0.1"], peer, "192.0.2.4");
        check(&[], &["192.0.2.4", "10.0.0.1"], peer, "192.0.2.4");
        check(&[], &["2001:DB8:0::1"], peer, "[2001:db8::1]");
        check(&[], &["198.51.100.9:443"], peer, "192.0.2.2");
        check(&[], &["198.51.100.9, junk"], peer, "192.0.2.2");
        check(&[], &["unknown, 10.0.0.1"], peer, UNKNOWN);
        check(&[], &[""], None, UNKNOWN);
        check(&[], &[], Some("not an address"), UNKNOWN);
    }

    #[test]
    fn can_trust_the_gateway_or_a_place_from_the_right() {
        let peer = Some("[2001:db8::2]:443");
        check(&[("IP_SOURCE", "gateway")], &["192.0.2.4"], peer, "[2001:db8::2]");
        check(&[("IP_SOURCE", "right-1")], &["junk, 192.0.2.4:80"], peer, "192.0.2.4");
        check(&[("IP_SOURCE", "right-2")], &["192.0.2.9, 192.0.2.4"], peer, "192.0.2.9");
        check(&[("IP_SOURCE", "right-3")], &["192.0.2.9, 192.0.2.4"], peer, "[2001:db8::2]");
    }

    #[test]
    fn zeroes_what_the_operator_does_not_want() {
        let octets = |n: &'static str| [("IP_ANONYMIZE_OCTETS", n)];
        check(&octets("1"), &["192.0.2.4"], None, "192.0.2.0");
        check(&octets("4"), &["192.0.2.4"], None, "0.0.0.0");
        check(&octets("4"), &["2001:db8::1"], None, "[2001:db8::1]");
        check(&[("IP_ANONYMIZE_SEGMENTS", "5")], &["2001:db8:1:2:3:4:5:6"], None, "[2001:db8:1::]");
        check(&[("IP_ANONYMIZE_SEGMENTS", "8")], &["2001:db8::1"], None, "[::]");
    }
}
