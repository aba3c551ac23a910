//! The fields that the collector takes from a trigger event; every one of them may be missing.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::text::{Raw, Text};

/// A trigger event of any front door.
#[derive(Deserialize)]
pub(super) struct Event<'a> {
    #[serde(borrow, default)]
    pub(super) version: Option<Text<'a>>,
    #[serde(borrow, default, rename = "requestContext")]
    pub(super) context: Option<Context<'a>>,
    #[serde(borrow, default, rename = "httpMethod")]
    pub(super) method: Option<Text<'a>>,
    #[serde(borrow, default, rename = "rawPath")]
    pub(super) raw_path: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) path: Option<Text<'a>>,
    #[serde(borrow, default, rename = "rawQueryString")]
    pub(super) raw_query: Option<Text<'a>>,
    #[serde(borrow, default, rename = "queryStringParameters")]
    pub(super) parameters: Option<Pairs<'a>>,
    #[serde(borrow, default, rename = "multiValueQueryStringParameters")]
    pub(super) multi_parameters: Option<Pairs<'a>>,
    #[serde(borrow, default)]
    pub(super) headers: Option<Pairs<'a>>,
    #[serde(borrow, default, rename = "multiValueHeaders")]
    pub(super) multi_headers: Option<Pairs<'a>>,
    #[serde(borrow, default)]
    pub(super) cookies: Option<Vec<Text<'a>>>,
    #[serde(borrow, default)]
    pub(super) body: Option<Raw<'a>>,
    #[serde(default, rename = "isBase64Encoded")]
    pub(super) is_base64: Option<bool>,
}

/// What the front door knows about the request.
#[derive(Default, Deserialize)]
pub(super) struct Context<'a> {
    #[serde(borrow, default)]
    pub(super) stage: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(super) http: Option<Http<'a>>,
    #[serde(borrow, default)]
    pub(super) identity: Option<Identity<'a>>,
    #[serde(default)]
    pub(super) elb: Option<IgnoredAny>,
}

/// The request line and its sender, in payload 2.0.
#[derive(Deserialize)]
pub(super) struct Http<'a> {
    #[serde(borrow, default)]
    pub(super) method: Option<Text<'a>>,
    #[serde(borrow, default, rename = "sourceIp")]
    pub(super) source_ip: Option<Text<'a>>,
}

/// The sender, in payload 1.0.
#[derive(Deserialize)]
pub(super) struct Identity<'a> {
    #[serde(borrow, default, rename = "sourceIp")]
    pub(super) source_ip: Option<Text<'a>>,
}

/// Names and values in the order of the event; a list of values gives one pair each.
#[derive(Default)]
pub(super) struct Pairs<'a>(pub(super) Vec<(Cow<'a, str>, Cow<'a, str>)>);

impl<'de: 'a, 'a> Deserialize<'de> for Pairs<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct PairsVisitor;
        impl<'de> Visitor<'de> for PairsVisitor {
            type Value = Pairs<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of texts or of lists of texts")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::with_capacity(map.size_hint().unwrap_or(16));
                while let Some(Text(name)) = map.next_key()? {
                    match map.next_value::<Option<Values<'de>>>()? {
                        None => {}
                        Some(Values::One(value)) => pairs.push((name, value.0)),
                        Some(Values::Many(values)) => {
                            pairs.extend(values.into_iter().map(|value| (name.clone(), value.0)));
                        }
                    }
                }
                Ok(Pairs(pairs))
            }
        }
        deserializer.deserialize_map(PairsVisitor)
    }
}

/// A header's or a parameter's value, or all of them.
enum Values<'a> {
    One(Text<'a>),
    Many(Vec<Text<'a>>),
}

impl<'de: 'a, 'a> Deserialize<'de> for Values<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct ValuesVisitor;
        impl<'de> Visitor<'de> for ValuesVisitor {
            type Value = Values<'de>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a text or a list of texts")
            }

            fn visit_borrowed_bytes<E>(self, bytes: &'de [u8]) -> Result<Self::Value, E> {
                Ok(Values::One(Text(String::from_utf8_lossy(bytes))))
            }

            fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Self::Value, E> {
                let text = String::from_utf8_lossy(bytes).into_owned();
                Ok(Values::One(Text(Cow::Owned(text))))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
                let mut values = Vec::new();
                while let Some(value) = list.next_element::<Option<Text<'de>>>()? {
                    values.extend(value);
                }
                Ok(Values::Many(values))
            }
        }
        // As bytes, because the parser then lets lone surrogates through; a list it visits as one.
        deserializer.deserialize_bytes(ValuesVisitor)
    }
}
