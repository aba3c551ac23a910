//! The event as the analytics SDKs give it.

use std::fmt;

use serde_json::value::RawValue;

use crate::columns::{Column, Kind};
use crate::entities::{self, Entities};
use crate::event::EnrichedEvent;
use crate::json_text::{push_key, push_text};
use crate::sdk_values::{number, push_value};

/// Which analytics SDK to agree with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SdkFlavour {
    /// Python: no empty columns, entities as columns of their own, the event is not checked.
    Python,
    /// Scala, "lossy": nulls, entities as columns of their own with their schema's name inside.
    ScalaFlat,
    /// Scala, not lossy: nulls, self-describing objects in their columns.
    ScalaNested,
}

/// A column that has no place in the JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SdkDefect {
    /// Which one.
    pub column: Column,
    /// Why.
    pub reason: SdkReason,
}

/// Why a column has no place in the JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SdkReason {
    /// It must not be empty.
    Empty,
    /// It is no whole number of 32 bits.
    NotInteger,
    /// It is no finite number.
    NotNumber,
    /// It is neither 0 nor 1.
    NotBoolean,
    /// It is no UUID.
    NotUuid,
    /// It is no date with a time.
    NotTimestamp,
    /// It is no JSON with a schema and data, or an entity in it is none.
    NotSelfDescribing,
    /// It is wrapped in a schema that is not this column's.
    UnknownWrapper,
}

impl EnrichedEvent<'_> {
    /// The event as compact JSON, or everything that stands against it.
    pub fn to_sdk_json(&self, flavour: SdkFlavour) -> Result<Box<RawValue>, Vec<SdkDefect>> {
        let mut out = vec![b'{'];
        let mut entities = Entities::new();
        let mut defects = Vec::new();
        for (column, text) in self.iter() {
            let pushed = match (column.kind(), flavour) {
                (_, SdkFlavour::Python) if text.is_empty() => Ok(()),
                (Kind::Json, SdkFlavour::Python | SdkFlavour::ScalaFlat) => {
                    entities::collect(&mut entities, column, text, flavour)
                }
                (Kind::Json, SdkFlavour::ScalaNested) => {
                    push_key(&mut out, column.name());
                    entities::push_nested(&mut out, column, text)
                }
                (
                    Kind::Text
                    | Kind::Timestamp
                    | Kind::Int
                    | Kind::Float
                    | Kind::Decimal
                    | Kind::Bool01,
                    _,
                ) => {
                    push_key(&mut out, name(column, flavour));
                    push_value(&mut out, column, text, flavour)
                }
            };
            defects.extend(pushed.err().map(|reason| SdkDefect { column, reason }));
        }
        if !defects.is_empty() {
            return Err(defects);
        }
        entities::push_flat(&mut out, &entities, flavour);
        self.push_geo_location(&mut out, flavour);
        out.push(b'}');
        // Cells are UTF-8 and all else is written here; null would be the sign that it was not JSON.
        let text = String::from_utf8(out).unwrap_or_default();
        Ok(RawValue::from_string(text).unwrap_or_default())
    }

    /// Latitude and longitude in one text, if both are known.
    fn push_geo_location(&self, out: &mut Vec<u8>, flavour: SdkFlavour) {
        let place = (self.filled(Column::GeoLatitude), self.filled(Column::GeoLongitude));
        let (Some(latitude), Some(longitude)) = place else { return };
        let text = match (flavour, number(latitude), number(longitude)) {
            (SdkFlavour::ScalaNested, _, _) => return,
            (SdkFlavour::ScalaFlat, Some(latitude), Some(longitude)) => {
                format!("{latitude:?},{longitude:?}")
            }
            (SdkFlavour::Python | SdkFlavour::ScalaFlat, _, _) => format!("{latitude},{longitude}"),
        };
        push_key(out, "geo_location");
        push_text(out, &text);
    }
}

/// The Python SDK has one name of its own.
fn name(column: Column, flavour: SdkFlavour) -> &'static str {
    if flavour == SdkFlavour::Python && column == Column::RefrDvceTstamp {
        "refr_device_tstamp"
    } else {
        column.name()
    }
}

impl fmt::Display for SdkDefect {
    /// As the Scala SDK words it, without the value.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { column, reason } = self;
        match reason {
            SdkReason::Empty => write!(f, "Field {column} cannot be empty"),
            SdkReason::NotInteger => write!(f, "Cannot parse key {column} into integer"),
            SdkReason::NotNumber => write!(f, "Cannot parse key {column} into double"),
            SdkReason::NotBoolean => write!(f, "Cannot parse key {column} into boolean"),
            SdkReason::NotUuid => write!(f, "Cannot parse key {column} into UUID"),
            SdkReason::NotTimestamp => write!(f, "Cannot parse key {column} into datetime"),
            SdkReason::NotSelfDescribing => write!(f, "Field {column} is not self-describing JSON"),
            SdkReason::UnknownWrapper => write!(f, "Unknown payload in field {column}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::columns::COLUMN_COUNT;

    const CONTEXTS: &str = r#"{"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1","data":[{"schema":"iglu:com.acme-it/WebPage/jsonschema/2-0-1","data":{"id":1.0}},{"schema":"iglu:com.acme-it/WebPage/jsonschema/2-0-0","data":{}}]}"#;
    const UNSTRUCT: &str = r#"{"schema":"iglu:com.snowplowanalytics.snowplow\/unstruct_event\/jsonschema\/1-0-0","data":{"schema":"iglu:com.acme/click/jsonschema/1-0-0","data":{"x":"y"}}}"#;

    fn event() -> EnrichedEvent<'static> {
        let mut event = EnrichedEvent::new();
        for (column, text) in [
            (Column::CollectorTstamp, "2026-01-02 03:04:05.000"),
            (Column::EventId, "c6ef3124-b53a-4b13-a233-0088f79dcbcb"),
            (Column::VCollector, "collector"),
            (Column::VEtl, "etl"),
            (Column::TxnId, "7"),
            (Column::GeoLatitude, "37.443604"),
            (Column::GeoLongitude, "-12"),
            (Column::Contexts, CONTEXTS),
            (Column::SeValue, "42.5"),
            (Column::UnstructEvent, UNSTRUCT),
            (Column::TrTotal, "10"),
            (Column::BrCookies, "1"),
            (Column::RefrDvceTstamp, "2026-01-02 03:04:05.120"),
        ] {
            event.set(column, text);
        }
        event
    }

    fn json_of(event: &EnrichedEvent<'_>, flavour: SdkFlavour) -> Map<String, Value> {
        serde_json::from_str(event.to_sdk_json(flavour).unwrap().get()).unwrap()
    }

    #[test]
    fn python_leaves_empty_columns_out() {
        let expected = json!({
            "collector_tstamp": "2026-01-02T03:04:05.000Z",
            "event_id": "c6ef3124-b53a-4b13-a233-0088f79dcbcb",
            "v_collector": "collector", "v_etl": "etl", "txn_id": 7,
            "geo_latitude": 37.443_604, "geo_longitude": -12.0,
            "geo_location": "37.443604,-12",
            "se_value": "42.5", "tr_total": 10.0, "br_cookies": true,
            "refr_device_tstamp": "2026-01-02T03:04:05.120Z",
            "contexts_com_acme-it_web_page_2": [{"id": 1.0}, {}],
            "unstruct_event_com_acme_click_1": {"x": "y"},
        });
        assert_eq!(Value::Object(json_of(&event(), SdkFlavour::Python)), expected);
        assert_eq!(EnrichedEvent::new().to_sdk_json(SdkFlavour::Python).unwrap().get(), "{}");
    }

    #[test]
    fn scala_keeps_nulls_and_names_the_schemas_of_entities() {
        let json = json_of(&event(), SdkFlavour::ScalaFlat);
        assert_eq!(json.len(), COLUMN_COUNT - 3 + 3);
        for (key, value) in [
            ("app_id", json!(null)),
            ("collector_tstamp", json!("2026-01-02T03:04:05Z")),
            ("refr_dvce_tstamp", json!("2026-01-02T03:04:05.120Z")),
            ("se_value", json!(42.5)),
            ("geo_location", json!("37.443604,-12.0")),
            ("unstruct_event_com_acme_click_1", json!({"x": "y"})),
            (
                "contexts_com_acme_it_web_page_2",
                json!([
                    {"id": 1.0, "_schema_version": "iglu:com.acme-it/WebPage/jsonschema/2-0-1"},
                    {"_schema_version": "iglu:com.acme-it/WebPage/jsonschema/2-0-0"},
                ]),
            ),
        ] {
            assert_eq!(json[key], value, "{key}");
        }
    }

    #[test]
    fn scala_can_keep_self_describing_objects() {
        let json = json_of(&event(), SdkFlavour::ScalaNested);
        assert_eq!(json.len(), COLUMN_COUNT);
        assert_eq!(json["contexts"], serde_json::from_str::<Value>(CONTEXTS).unwrap());
        assert_eq!(json["unstruct_event"], serde_json::from_str::<Value>(UNSTRUCT).unwrap());
        assert_eq!(json["derived_contexts"], json!({}));
    }

    #[test]
    fn every_defect_is_named_and_no_value_is() {
        let mut event = EnrichedEvent::new();
        event.set(Column::EventId, "secret");
        event.set(Column::TxnId, "secret");
        event.set(Column::TrTax, "inf");
        event.set(Column::BrCookies, "2");
        event.set(Column::Contexts, "secret");
        event.set(Column::UnstructEvent, CONTEXTS);
        event.set(Column::TrueTstamp, "secret");
        let defects = event.to_sdk_json(SdkFlavour::ScalaFlat).unwrap_err();
        let texts: Vec<_> = defects.iter().map(ToString::to_string).collect();
        assert_eq!(
            texts,
            [
                "Field collector_tstamp cannot be empty",
                "Cannot parse key event_id into UUID",
                "Cannot parse key txn_id into integer",
                "Field v_collector cannot be empty",
                "Field v_etl cannot be empty",
                "Field contexts is not self-describing JSON",
                "Unknown payload in field unstruct_event",
                "Cannot parse key tr_tax into double",
                "Cannot parse key br_cookies into boolean",
                "Cannot parse key true_tstamp into datetime",
            ]
        );
        assert_eq!(event.to_sdk_json(SdkFlavour::ScalaNested).unwrap_err(), defects);
        assert_eq!(event.to_sdk_json(SdkFlavour::Python).unwrap_err().len(), 5);
    }
}
