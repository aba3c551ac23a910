//! The fields that are taken from a trigger event; every one of them may be missing.

use std::borrow::Cow;
use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use crate::text::{Raw, Text};

/// A trigger event of any front door.
#[derive(Deserialize)]
pub(crate) struct Event<'a> {
    #[serde(borrow, default)]
    pub(crate) version: Option<Text<'a>>,
    #[serde(borrow, default, rename = "requestContext")]
    pub(crate) context: Option<Context<'a>>,
    #[serde(borrow, default, rename = "httpMethod")]
    pub(crate) method: Option<Text<'a>>,
    #[serde(borrow, default, rename = "rawPath")]
    pub(crate) raw_path: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(crate) path: Option<Text<'a>>,
    #[serde(borrow, default, rename = "rawQueryString")]
    pub(crate) raw_query: Option<Text<'a>>,
    #[serde(borrow, default, rename = "queryStringParameters")]
    pub(crate) parameters: Option<Pairs<'a>>,
    #[serde(borrow, default, rename = "multiValueQueryStringParameters")]
    pub(crate) multi_parameters: Option<Pairs<'a>>,
    #[serde(borrow, default)]
    pub(crate) headers: Option<Pairs<'a>>,
    #[serde(borrow, default, rename = "multiValueHeaders")]
    pub(crate) multi_headers: Option<Pairs<'a>>,
    #[serde(borrow, default)]
    pub(crate) cookies: Option<Vec<Text<'a>>>,
    #[serde(borrow, default)]
    pub(crate) body: Option<Raw<'a>>,
    #[serde(default, rename = "isBase64Encoded")]
    pub(crate) is_base64: Option<bool>,
}

/// What the front door knows about the request.
#[derive(Default, Deserialize)]
pub(crate) struct Context<'a> {
    #[serde(borrow, default)]
    pub(crate) stage: Option<Text<'a>>,
    #[serde(borrow, default)]
    pub(crate) http: Option<Http<'a>>,
    #[serde(borrow, default)]
    pub(crate) identity: Option<Identity<'a>>,
    #[serde(default)]
    pub(crate) elb: Option<IgnoredAny>,
}

/// The request line and its sender, in payload 2.0.
#[derive(Deserialize)]
pub(crate) struct Http<'a> {
    #[serde(borrow, default)]
    pub(crate) method: Option<Text<'a>>,
    #[serde(borrow, default, rename = "sourceIp")]
    pub(crate) source_ip: Option<Text<'a>>,
}

/// The sender, in payload 1.0.
#[derive(Deserialize)]
pub(crate) struct Identity<'a> {
    #[serde(borrow, default, rename = "sourceIp")]
    pub(crate) source_ip: Option<Text<'a>>,
}

/// Names and values in the order of the event; a list of values gives one pair each.
#[derive(Default)]
pub(crate) struct Pairs<'a>(pub(crate) Vec<(Cow<'a, str>, Cow<'a, str>)>);

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
