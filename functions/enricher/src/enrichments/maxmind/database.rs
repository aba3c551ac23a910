//! A database in MaxMind's format, checked to be of the kind that its lookup needs.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use maxminddb::Reader;
use maxminddb::geoip2::{Asn, City, ConnectionType, Domain, Isp};

/// Largest database; the paid one of cities has some 150 MB.
pub(super) const DATABASE_BYTES_MAX: usize = 512 * 1024 * 1024;

/// What a database is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lookup {
    Geo,
    Isp,
    Domain,
    ConnectionType,
    Asn,
}

impl Lookup {
    pub(super) const ALL: [Self; 5] =
        [Self::Geo, Self::Isp, Self::Domain, Self::ConnectionType, Self::Asn];

    /// Its field in the configuration.
    pub(super) fn field(self) -> &'static str {
        match self {
            Self::Geo => "geo",
            Self::Isp => "isp",
            Self::Domain => "domain",
            Self::ConnectionType => "connectionType",
            Self::Asn => "asn",
        }
    }

    /// What the type of a fitting database contains.
    fn kind(self) -> &'static str {
        match self {
            Self::Geo => "City",
            Self::Isp => "ISP",
            Self::Domain => "Domain",
            Self::ConnectionType => "Connection-Type",
            Self::Asn => "ASN",
        }
    }
}

/// An open database.
pub(super) struct Database(Reader<Arc<[u8]>>);

impl Database {
    /// Opens a database; an error says why it cannot be used.
    pub(super) fn open(bytes: &Arc<[u8]>, lookup: Lookup) -> Result<Self, String> {
        let reader = Reader::from_source(Arc::clone(bytes))
            .map_err(|error| format!("no database in MaxMind's format: {error}"))?;
        let metadata = reader.metadata();
        if metadata.binary_format_major_version != 2 {
            let version = metadata.binary_format_major_version;
            return Err(format!("version {version} of MaxMind's format, where 2 is needed"));
        }
        if !metadata.database_type.contains(lookup.kind()) {
            let (found, kind) = (&metadata.database_type, lookup.kind());
            return Err(format!(
                "a database of the type {found:?}, where one with {kind:?} is needed"
            ));
        }
        Ok(Self(reader))
    }

    pub(super) fn city(&self, address: IpAddr) -> Option<City<'_>> {
        self.0.lookup(address).ok()?.decode().ok()?
    }

    pub(super) fn isp(&self, address: IpAddr) -> Option<Isp<'_>> {
        self.0.lookup(address).ok()?.decode().ok()?
    }

    pub(super) fn domain(&self, address: IpAddr) -> Option<Domain<'_>> {
        self.0.lookup(address).ok()?.decode().ok()?
    }

    pub(super) fn connection_type(&self, address: IpAddr) -> Option<ConnectionType<'_>> {
        self.0.lookup(address).ok()?.decode().ok()?
    }

    pub(super) fn asn(&self, address: IpAddr) -> Option<Asn<'_>> {
        self.0.lookup(address).ok()?.decode().ok()?
    }
}

/// The address in a text, also with brackets, a port or a zone.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(text);
    let bare = bare.split_once('%').map_or(bare, |(address, _)| address);
    let found = bare.parse().ok();
    found
        .or_else(|| text.parse().ok().map(|socket: SocketAddr| socket.ip()))
        .map(|ip| ip.to_canonical())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_in_texts() {
        for (text, expected) in [
            ("1.2.3.4", Some("1.2.3.4")),
            ("1.2.3.4:80", Some("1.2.3.4")),
            ("::ffff:1.2.3.4", Some("1.2.3.4")),
            ("[2001:db8::1]:443", Some("2001:db8::1")),
            ("[2001:db8::1]", Some("2001:db8::1")),
            ("fe80::1%eth0", Some("fe80::1")),
            ("", None),
            ("localhost", None),
            ("1.2.3", None),
            ("1.2.3.x", None),
            (":::::::::::::::", None),
        ] {
            let expected = expected.map(|text| text.parse().expect("an address"));
            assert_eq!(address(text), expected, "{text}");
        }
    }
}
