//! Lookups in databases that `writer.rs` wrote, and databases that are refused.

use std::sync::Arc;

use serde_json::{Value, json};

use super::*;
use crate::enrichments::maxmind::writer::Writer;

fn database(kind: &str, lookup: Lookup, bits: usize, data: &Value) -> Database {
    let mut writer = Writer::new(kind);
    for network in ["175.16.199.0/24", "2001:db8:1::/48"] {
        writer.insert(network, data);
    }
    writer.insert("18.0.0.0/8", &json!({}));
    let bytes: Arc<[u8]> = writer.bytes(bits).into();
    Database::open(&bytes, lookup).expect("a database")
}

fn city() -> Value {
    let name = |en: &str, de: &str| json!({"de": de, "en": en});
    json!({
        "city": {"geoname_id": 2_038_180, "names": name("Changchun", "Changchun (Stadt)")},
        "country": {"iso_code": "CN", "names": name("China", "China")},
        "location": {"latitude": 43.88, "longitude": 125.3228, "time_zone": "Asia/Harbin", "accuracy_radius": 100},
        "postal": {"code": "130000"},
        "subdivisions": [{"iso_code": "X"}, {"iso_code": "22", "names": name("Jilin Sheng", "Jilin")}],
    })
}

/// All databases, with records of this many bits.
fn lookups(bits: usize) -> IpLookups {
    let isp = json!({"isp": "Provider", "organization": "Org", "autonomous_system_number": 3,
        "autonomous_system_organization": "Institute"});
    let asn = json!({"autonomous_system_number": 9});
    let connection = json!({"connection_type": "Cable/DSL"});
    IpLookups {
        geo: Some(database("GeoLite2-City", Lookup::Geo, bits, &city())),
        isp: Some(database("GeoIP2-ISP", Lookup::Isp, bits, &isp)),
        domain: Some(database(
            "GeoIP2-Domain",
            Lookup::Domain,
            bits,
            &json!({"domain": "a.example"}),
        )),
        connection_type: Some(database(
            "GeoIP2-Connection-Type",
            Lookup::ConnectionType,
            bits,
            &connection,
        )),
        asn: Some(database("GeoLite2-ASN", Lookup::Asn, bits, &asn)),
    }
}

fn look_up(lookups: &IpLookups, text: &str) -> (Vec<(Column, String)>, Option<String>) {
    let mut event = EnrichedEvent::new();
    let context = address(text).and_then(|address| lookups.look_up(address, &mut event));
    let filled = event.iter().filter(|(_, text)| !text.is_empty());
    let filled = filled.map(|(column, text)| (column, text.to_owned())).collect();
    (filled, context.map(|context| context.data().to_text()))
}

#[test]
fn every_column_is_found_in_trees_of_every_size() {
    for bits in [24, 28, 32] {
        let lookups = lookups(bits);
        for text in ["175.16.199.0", "175.16.199.255", "::ffff:175.16.199.7", "2001:db8:1:ffff::1"]
        {
            let (columns, context) = look_up(&lookups, text);
            let columns: Vec<_> =
                columns.iter().map(|(column, text)| (*column, text.as_str())).collect();
            assert_eq!(
                columns,
                [
                    (Column::GeoCountry, "CN"),
                    (Column::GeoRegion, "22"),
                    (Column::GeoCity, "Changchun"),
                    (Column::GeoZipcode, "130000"),
                    (Column::GeoLatitude, "43.88"),
                    (Column::GeoLongitude, "125.3228"),
                    (Column::GeoRegionName, "Jilin Sheng"),
                    (Column::IpIsp, "Provider"),
                    (Column::IpOrganization, "Org"),
                    (Column::IpDomain, "a.example"),
                    (Column::IpNetspeed, "Cable/DSL"),
                    (Column::GeoTimezone, "Asia/Harbin"),
                ],
                "{text} in {bits} bits"
            );
            assert_eq!(context.as_deref(), Some(r#"{"number":3,"organization":"Institute"}"#));
        }
    }
}

#[test]
fn what_is_not_known_fills_nothing() {
    let lookups = lookups(28);
    for text in ["", "localhost", ":::::::::::::::", "175.16.198.255", "2001:db8:2::1", "1.2.3.x"] {
        assert_eq!(look_up(&lookups, text), (Vec::new(), None), "{text}");
    }
    let (columns, context) = look_up(&lookups, "18.1.2.3");
    let zero = |column| (column, "0.0".to_owned());
    assert_eq!(columns, [zero(Column::GeoLatitude), zero(Column::GeoLongitude)]);
    assert_eq!(context, None);
}

#[test]
fn the_database_of_networks_helps_out_where_the_paid_one_is_not() {
    let asn = lookups(24).asn;
    let (_, context) = look_up(&IpLookups { asn, ..IpLookups::default() }, "175.16.199.0");
    assert_eq!(context.as_deref(), Some(r#"{"number":9}"#));
    let private = json!({"autonomous_system_number": 4_200_000_000_u32});
    let asn = Some(database("GeoLite2-ASN", Lookup::Asn, 24, &private));
    let (_, context) = look_up(&IpLookups { asn, ..IpLookups::default() }, "175.16.199.0");
    assert_eq!(context, None);
}

#[test]
fn other_files_are_refused() {
    let mut writer = Writer::new("GeoLite2-Country");
    writer.insert("1.0.0.0/8", &json!({}));
    let country: Arc<[u8]> = writer.bytes(24).into();
    writer.major_version = 3;
    let newer: Arc<[u8]> = writer.bytes(24).into();
    let open = |bytes: &Arc<[u8]>| Database::open(bytes, Lookup::Geo).err().unwrap_or_default();
    assert_eq!(
        open(&country),
        "a database of the type \"GeoLite2-Country\", where one with \"City\" is needed"
    );
    assert!(open(&newer).contains("version"), "{}", open(&newer));
    for bytes in
        [&b""[..], b"no database", b"\xab\xcd\xefMaxMind.com", &country[..country.len() / 2]]
    {
        assert!(open(&bytes.into()).starts_with("no database in MaxMind's format"), "{bytes:?}");
    }
}

#[test]
fn a_broken_database_fills_nothing_and_ends() {
    let mut writer = Writer::new("GeoLite2-City");
    writer.insert("175.16.199.0/24", &city());
    let whole = writer.bytes(24);
    for place in 0..whole.len() {
        let mut bytes = whole.clone();
        bytes[place] ^= 0xff;
        if let Ok(database) = Database::open(&bytes.into(), Lookup::Geo) {
            let lookups = IpLookups { geo: Some(database), ..IpLookups::default() };
            look_up(&lookups, "175.16.199.1");
            look_up(&lookups, "2001:db8::1");
        }
    }
}
