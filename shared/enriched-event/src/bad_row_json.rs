//! The event as a bad row carries it: every column, null where it is empty.

use serde_json::value::RawValue;

use crate::columns::{Column, Kind};
use crate::event::EnrichedEvent;
use crate::json_text::{is_number, push_key, push_text};

/// Keys, quotes and commas of an empty event take about this much.
const EMPTY_EVENT_BYTES: usize = 2_800;

impl EnrichedEvent<'_> {
    /// The event as compact JSON, for a bad row's payload.
    pub fn to_bad_row_json(&self) -> Box<RawValue> {
        let mut out = Vec::new();
        self.write_bad_row_json(&mut out);
        // Texts are UTF-8 and all else is written here; null would be the sign that it was not JSON.
        let text = String::from_utf8(out).unwrap_or_default();
        RawValue::from_string(text).unwrap_or_default()
    }

    /// Appends the same JSON.
    pub fn write_bad_row_json(&self, out: &mut Vec<u8>) {
        let bytes: usize = self.iter().map(|(_, text)| text.len()).sum();
        out.reserve(EMPTY_EVENT_BYTES + bytes);
        out.push(b'{');
        for (column, text) in self.iter() {
            push_key(out, column.name());
            if text.is_empty() {
                out.extend_from_slice(b"null");
            } else if is_number_here(column) && is_number(text) {
                out.extend_from_slice(text.as_bytes());
            } else {
                push_text(out, text);
            }
        }
        out.push(b'}');
    }
}

/// Decimals stay texts, and so does the one whole number that its schema calls a text.
fn is_number_here(column: Column) -> bool {
    match column.kind() {
        Kind::Int => column != Column::TxnId,
        Kind::Float | Kind::Bool01 => true,
        Kind::Text | Kind::Timestamp | Kind::Decimal | Kind::Json => false,
    }
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;
    use serde_json::{Map, Value, json};

    use super::*;
    use crate::columns::COLUMN_COUNT;

    #[test]
    fn each_kind_is_written_its_way() {
        let mut event = EnrichedEvent::new();
        for (column, text) in [
            (Column::AppId, "a\"b"),
            (Column::EtlTstamp, "2026-01-02 03:04:05.678"),
            (Column::TxnId, "41828"),
            (Column::DomainSessionidx, "7"),
            (Column::GeoLatitude, "-37.40"),
            (Column::GeoLongitude, "NaN"),
            (Column::SeValue, "1E-7"),
            (Column::BrCookies, "0"),
            (Column::Contexts, r#"{"schema":1}"#),
        ] {
            event.set(column, text);
        }
        let text = event.to_bad_row_json();
        for part in [
            r#"{"app_id":"a\"b","platform":null,"etl_tstamp":"2026-01-02 03:04:05.678","#,
            r#""txn_id":"41828""#,
            r#""domain_sessionidx":7,"#,
            r#""geo_latitude":-37.40,"geo_longitude":"NaN","#,
            r#""se_value":"1E-7","#,
            r#""br_cookies":0,"#,
            r#""contexts":"{\"schema\":1}","#,
            r#""true_tstamp":null}"#,
        ] {
            assert!(text.get().contains(part), "{part}");
        }
        let mut empty = Vec::new();
        EnrichedEvent::new().write_bad_row_json(&mut empty);
        assert!(
            (EMPTY_EVENT_BYTES - 400..EMPTY_EVENT_BYTES).contains(&empty.len()),
            "{}",
            empty.len()
        );
    }

    proptest! {
        #[test]
        fn it_is_json_with_every_key(texts in vec("\\PC{0,6}|[0-9.e-]{0,4}|[\\x00-\\x1f\"\\\\]", COLUMN_COUNT)) {
            let mut event = EnrichedEvent::new();
            for (column, text) in Column::ALL.into_iter().zip(&texts) {
                event.set(column, &**text);
            }
            let mut out = Vec::new();
            event.write_bad_row_json(&mut out);
            let read: Map<String, Value> = serde_json::from_slice(&out).unwrap();
            prop_assert_eq!(read.len(), COLUMN_COUNT);
            for (column, text) in event.iter() {
                let value = &read[column.name()];
                let is_right = if text.is_empty() {
                    value.is_null()
                } else {
                    *value == json!(text) || value.is_number() && is_number_here(column)
                };
                prop_assert!(is_right, "{column}");
            }
        }
    }
}
