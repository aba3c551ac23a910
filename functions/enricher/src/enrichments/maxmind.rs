//! What is known of the visitor's address, and whether it looks like that of a machine.

mod asn_lookups;
mod bot_detection;
mod database;
mod ip_lookups;
#[cfg(test)]
pub(super) mod writer;

pub(super) use self::asn_lookups::AsnLookups;
pub(super) use self::bot_detection::BotDetection;
pub(super) use self::ip_lookups::IpLookups;

/// Vendor and name of the entity that names the network of an address.
const ASN: (&str, &str) = ("com.snowplowanalytics.snowplow", "asn");
