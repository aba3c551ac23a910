//! What events are found by: a few fields of rows and bad events.

use enriched_event::Column;
use serde::Deserialize;

use super::refused::Refused;

/// What a row is found by.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct RowFields<'a> {
    pub(super) app_id: Option<&'a str>,
    pub(super) event: Option<&'a str>,
    pub(super) event_id: Option<&'a str>,
}

/// The fields of a row of the enricher.
pub(super) fn good_fields(row: &[u8]) -> RowFields<'_> {
    let cell = |column: Column| {
        let cell = row.split(|byte| *byte == b'\t').nth(column.index())?;
        str::from_utf8(cell).ok().filter(|text| !text.is_empty())
    };
    RowFields {
        app_id: cell(Column::AppId),
        event: cell(Column::Event),
        event_id: cell(Column::EventId),
    }
}

/// What a bad event is found by.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct BadFields {
    pub(super) app_id: Option<String>,
    pub(super) event: Option<String>,
    pub(super) event_id: Option<String>,
}

/// The fields of a bad event: what enriching came to, or else what the tracker sent.
pub(super) fn bad_fields(line: &[u8]) -> BadFields {
    let Some(mut refused) = Refused::of(line) else { return BadFields::default() };
    let enriched = std::mem::take(&mut refused.enriched);
    let parameters = refused.parameters().unwrap_or_default();
    let sent = |name: &str| {
        let found = parameters.iter().find(|parameter| parameter.name == name);
        found.and_then(|parameter| parameter.value.clone())
    };
    BadFields {
        app_id: enriched.app_id.or_else(|| sent("aid")),
        event: enriched.event.or_else(|| sent("e")),
        event_id: enriched.event_id.or_else(|| sent("eid")),
    }
}

/// The fingerprint in what the classifier says.
pub(super) fn fingerprint(said: &[u8]) -> String {
    #[derive(Deserialize)]
    struct Class {
        fingerprint: String,
    }
    let first = said.split(|byte| *byte == b'\n').next().unwrap_or_default();
    serde_json::from_slice::<Class>(first).map(|class| class.fingerprint).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_and_bad_events_are_found_by_the_same_names() {
        let row = b"shop\tweb\t\t\t\tpage_view\tid-1\t";
        let fields = good_fields(row);
        assert_eq!(
            (fields.app_id, fields.event, fields.event_id),
            (Some("shop"), Some("page_view"), Some("id-1"))
        );
        assert_eq!(good_fields(b"\tweb"), RowFields::default());
        for (line, expected) in [
            (
                r#"{"data":{"payload":{"enriched":{"app_id":"shop","event":null,"event_id":"id-1"},"raw":{"parameters":[{"name":"e","value":"pv"}]}}}}"#,
                [Some("shop"), Some("pv"), Some("id-1")],
            ),
            (
                r#"{"data":{"payload":{"raw":{"parameters":[{"name":"aid","value":null}]}}}}"#,
                [None; 3],
            ),
            (r#"{"data":{"payload":"CwBk"}}"#, [None; 3]),
            ("no JSON", [None; 3]),
        ] {
            let BadFields { app_id, event, event_id } = bad_fields(line.as_bytes());
            assert_eq!([app_id.as_deref(), event.as_deref(), event_id.as_deref()], expected);
        }
    }

    #[test]
    fn a_fingerprint_is_in_the_first_line() {
        assert_eq!(fingerprint(b"{\"fingerprint\":\"a\"}\n{\"fingerprint\":\"b\"}\n"), "a");
        assert_eq!(fingerprint(b""), "");
    }
}
