//! The wire form against known bytes, against hostile bytes, and against itself.

use proptest::prelude::*;

use super::*;
use crate::SCHEMA;

const G1: &str = "0b00640000000b3230332e302e3131332e370a00c80000018bcfe568000b00d2000000055554462d380b00dc000000157373632d332e342e302d6b696e6573697373696e6b0b012c000000086375726c2f382e300b0140000000022f690b014a0000000f653d707626703d7765622674763d740f015e0b0000000200000010486f73743a20632e61636d652e636f6d00000014557365722d4167656e743a206375726c2f382e300b019a0000002431313131313131312d313131312d343131312d383131312d3131313131313131313131310b7a690000004169676c753a636f6d2e736e6f77706c6f77616e616c79746963732e736e6f77706c6f772f436f6c6c6563746f725061796c6f61642f7468726966742f312d302d3000";

fn unhex(text: &str) -> Vec<u8> {
    (0..text.len())
        .step_by(2)
        .map(|i| u8::from_str_radix(text.get(i..i + 2).unwrap(), 16).unwrap())
        .collect()
}

fn pixel() -> CollectorPayload<'static> {
    CollectorPayload {
        ip_address: Some("203.0.113.7".into()),
        timestamp: 1_700_000_000_000,
        encoding: Some("UTF-8".into()),
        collector: Some("ssc-3.4.0-kinesissink".into()),
        user_agent: Some("curl/8.0".into()),
        path: Some("/i".into()),
        querystring: Some("e=pv&p=web&tv=t".into()),
        headers: Some(vec!["Host: c.acme.com".into(), "User-Agent: curl/8.0".into()]),
        network_user_id: Some("11111111-1111-4111-8111-111111111111".into()),
        schema: Some(SCHEMA.into()),
        ..CollectorPayload::default()
    }
}

/// A tp2 POST; its size is known from an independent model of the format.
fn post() -> CollectorPayload<'static> {
    CollectorPayload {
        user_agent: None,
        path: Some("/com.snowplowanalytics.snowplow/tp2".into()),
        querystring: Some("".into()),
        body: Some(
            br#"{"schema":"iglu:com.snowplowanalytics.snowplow/payload_data/jsonschema/1-0-4","data":[{"e":"pv","p":"web","tv":"t"}]}"#.into(),
        ),
        headers: Some(vec![
            "Host: c.acme.com".into(),
            "Content-Type: application/json".into(),
            "application/json".into(),
        ]),
        content_type: Some("application/json".into()),
        ..pixel()
    }
}

#[test]
fn encodes_the_known_vectors() {
    assert_eq!(CollectorPayload::default().encode(), unhex("0a00c8000000000000000000"));
    assert_eq!(pixel().encode(), unhex(G1));
    assert_eq!(post().encode().len(), 463);
    let only_query = CollectorPayload {
        querystring: Some("x".repeat(1000).into()),
        ..CollectorPayload::default()
    };
    assert_eq!(only_query.encode().len(), 1019);
}

#[test]
fn decodes_what_it_encodes() {
    for payload in [CollectorPayload::default(), pixel(), post()] {
        let bytes = payload.encode();
        assert_eq!(bytes.len(), payload.encoded_bytes());
        assert_eq!(CollectorPayload::decode(&bytes), Ok(payload));
    }
}

#[test]
fn passes_over_fields_that_it_does_not_know() {
    // Field 1: map<string, list<i32>> with one entry; field 2: struct holding a bool; field 3: double.
    let unknown = "0d00010b0f00000001000000016b080000000100000007 0c0002 020001 01 00 040003 4000000000000000";
    let mut bytes = unhex(&unknown.replace(' ', ""));
    bytes.extend(pixel().encode());
    assert_eq!(CollectorPayload::decode(&bytes), Ok(pixel()));
}

#[test]
fn refuses_what_is_no_payload() {
    let check = |hex: &str, error: DecodeError| {
        assert_eq!(CollectorPayload::decode(&unhex(hex)), Err(error), "{hex}");
    };
    check("", DecodeError::Truncated { offset: 0 });
    check("0b0064000000", DecodeError::Truncated { offset: 6 });
    check("0b006400000009616263", DecodeError::Truncated { offset: 10 });
    check("0b0064ffffffff", DecodeError::BadLength { offset: 3 });
    check("0800640000000100", DecodeError::UnexpectedType { code: 8, offset: 0 });
    check("0f015e0b7fffffff", DecodeError::BadLength { offset: 3 });
    check("0f015e080000000100000001", DecodeError::UnexpectedType { code: 8, offset: 3 });
    check("990001", DecodeError::UnexpectedType { code: 0x99, offset: 3 });
    check(&format!("{}00", "0c0001".repeat(40)), DecodeError::TooDeep);
    check("0f0001020fffffff", DecodeError::BadLength { offset: 4 });
}

#[test]
fn repairs_text_that_is_not_utf8_and_keeps_the_body_as_it_is() {
    let bytes = unhex("0b014000000002fffe0b015400000002fffe00");
    let payload = CollectorPayload::decode(&bytes).unwrap();
    assert_eq!(payload.path.as_deref(), Some("\u{fffd}\u{fffd}"));
    assert_eq!(payload.body.as_deref(), Some(&b"\xff\xfe"[..]));
}

fn text() -> impl Strategy<Value = Option<Cow<'static, str>>> {
    prop::option::of(".{0,40}".prop_map(Cow::Owned))
}

prop_compose! {
    fn any_payload()(
        texts in prop::collection::vec(text(), 11),
        timestamp in any::<i64>(),
        body in prop::option::of(prop::collection::vec(any::<u8>(), 0..200)),
        headers in prop::option::of(prop::collection::vec(".{0,30}", 0..6)),
    ) -> CollectorPayload<'static> {
        let mut payload = CollectorPayload {
            timestamp,
            body: body.map(Cow::Owned),
            headers: headers.map(|list| list.into_iter().map(Cow::Owned).collect()),
            ..CollectorPayload::default()
        };
        let ids = [100, 210, 220, 300, 310, 320, 330, 360, 400, 410, 31337];
        for (id, text) in ids.into_iter().zip(texts) {
            *payload.text_field(id).unwrap() = text;
        }
        payload
    }
}

proptest! {
    #[test]
    fn every_payload_survives_the_round_trip(payload in any_payload()) {
        let bytes = payload.encode();
        prop_assert_eq!(bytes.len(), payload.encoded_bytes());
        prop_assert_eq!(CollectorPayload::decode(&bytes), Ok(payload));
    }

    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        drop(CollectorPayload::decode(&bytes));
    }

    #[test]
    fn no_cut_or_flip_of_a_payload_makes_it_panic(
        payload in any_payload(), cut in any::<prop::sample::Index>(), flip in any::<u8>(),
    ) {
        let mut bytes = payload.encode();
        let at = cut.index(bytes.len());
        bytes[at] ^= flip;
        drop(CollectorPayload::decode(&bytes));
        drop(CollectorPayload::decode(&bytes[..at]));
    }
}
