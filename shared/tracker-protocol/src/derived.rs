//! Columns that follow from others: the derived timestamp, the schema, the cross-domain pair.

use std::borrow::Cow;
use std::fmt;

use crate::convert::{Cell, Message, Timestamp, timestamp, tsv_safe};

/// How many parts `_sp` has at most; one with more is passed over.
const CROSS_DOMAIN_PARTS_MAX: usize = 7;

/// When an event happened, as well as that can be known.
///
/// The true time if the tracker knew it; else the collector's, less what the event waited on the
/// device; else the collector's.
pub fn derived_timestamp(
    collector: Timestamp,
    created: Option<Timestamp>,
    sent: Option<Timestamp>,
    known: Option<Timestamp>,
) -> Timestamp {
    match (known, created, sent) {
        (Some(known), _, _) => known,
        (None, Some(created), Some(sent)) if sent > created => {
            let waited = sent.epoch_millis.saturating_sub(created.epoch_millis);
            Timestamp { epoch_millis: collector.epoch_millis.saturating_sub(waited) }
        }
        _ => collector,
    }
}

/// The four columns that name an event's schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EventSchema {
    /// `event_vendor`
    pub vendor: &'static str,
    /// `event_name`
    pub name: &'static str,
    /// `event_format`
    pub format: &'static str,
    /// `event_version`
    pub version: &'static str,
}

/// The schema of an event type that has one of its own. `Ok(None)` is an unstruct event, whose
/// schema is that of its payload.
pub fn event_schema(event: Option<&str>) -> Result<Option<EventSchema>, Message> {
    let of = |vendor, name| {
        Ok(Some(EventSchema { vendor, name, format: "jsonschema", version: "1-0-0" }))
    };
    let snowplow = |name| of("com.snowplowanalytics.snowplow", name);
    match event {
        Some("page_view") => snowplow("page_view"),
        Some("page_ping") => snowplow("page_ping"),
        Some("transaction") => snowplow("transaction"),
        Some("transaction_item") => snowplow("transaction_item"),
        Some("struct") => of("com.google.analytics", "event"),
        Some("unstruct") => Ok(None),
        other => Err(Cow::Owned(format!(
            "trying to extract the schema of the enriched event but event type [{}] doesn't match\n\
             {INDENT}any of page_view, page_ping, struct, transaction, transaction_item and unstruct\n\
             {INDENT}",
            other.unwrap_or("null")
        ))),
    }
}

const INDENT: &str = "          ";

/// What a link from another domain carries in `_sp`, split; decoding the user's parts is left to
/// whoever writes them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct CrossDomain<'a> {
    /// `refr_domain_userid`
    pub domain_user_id: Cell<'a>,
    /// `refr_dvce_tstamp`
    pub timestamp: Option<Timestamp>,
    /// The session on the other domain.
    pub session_id: Cell<'a>,
    /// The user there, in base64.
    pub user_id_base64: Option<&'a str>,
    /// Where the link stood, in base64.
    pub source_id_base64: Option<&'a str>,
    /// The platform there.
    pub source_platform: Cell<'a>,
    /// Why the link was decorated, in base64.
    pub reason_base64: Option<&'a str>,
}

/// Takes `_sp` apart. The error belongs to the field `sp_dtm` and its value is the second part.
pub fn cross_domain(value: &str) -> Result<CrossDomain<'_>, (&str, Message)> {
    // Java's split drops what is empty at the end.
    let value = value.trim_end_matches('.');
    let mut parts = value.split('.');
    let mut next = || parts.next().filter(|part| !part.is_empty());
    if value.split('.').nth(CROSS_DOMAIN_PARTS_MAX).is_some() {
        return Ok(CrossDomain::default());
    }
    let domain_user_id = next().and_then(tsv_safe);
    let at = next().map(|part| timestamp(part).map_err(|message| (part, message))).transpose()?;
    Ok(CrossDomain {
        domain_user_id,
        timestamp: at,
        session_id: next().and_then(tsv_safe),
        user_id_base64: next(),
        source_id_base64: next(),
        source_platform: next().and_then(tsv_safe),
        reason_base64: next(),
    })
}

impl fmt::Debug for CrossDomain<'_> {
    /// Which parts are there, never what they say.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CrossDomain")
            .field("domain_user_id", &self.domain_user_id.is_some())
            .field("timestamp", &self.timestamp.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn at(epoch_millis: i64) -> Timestamp {
        Timestamp { epoch_millis }
    }

    #[test]
    fn the_wait_on_the_device_is_taken_off() {
        let derived =
            |created, sent, known| derived_timestamp(at(1000), created, sent, known).epoch_millis;
        assert_eq!(derived(None, None, None), 1000);
        assert_eq!(derived(Some(at(10)), None, None), 1000);
        assert_eq!(derived(Some(at(10)), Some(at(30)), None), 980);
        assert_eq!(derived(Some(at(30)), Some(at(30)), None), 1000);
        assert_eq!(derived(Some(at(31)), Some(at(30)), None), 1000);
        assert_eq!(derived(Some(at(10)), Some(at(30)), Some(at(5))), 5);
    }

    #[test]
    fn event_types_name_their_schema() {
        let schema = event_schema(Some("struct")).unwrap().unwrap();
        assert_eq!((schema.vendor, schema.name), ("com.google.analytics", "event"));
        assert_eq!(event_schema(Some("unstruct")), Ok(None));
        assert_eq!(
            event_schema(None).unwrap_err(),
            "trying to extract the schema of the enriched event but event type [null] doesn't match\n          any of page_view, page_ping, struct, transaction, transaction_item and unstruct\n          "
        );
        event_schema(Some("ad_impression")).unwrap_err();
    }

    #[test]
    fn a_cross_domain_link_is_taken_apart() {
        let link = cross_domain("abc.1700000000000.s.dXNlcg.c3Jj.web.d2h5").unwrap();
        assert_eq!(link.domain_user_id.as_deref(), Some("abc"));
        assert_eq!(link.timestamp, Some(at(1_700_000_000_000)));
        assert_eq!(link.session_id.as_deref(), Some("s"));
        assert_eq!(link.source_platform.as_deref(), Some("web"));
        assert_eq!(link.reason_base64, Some("d2h5"));
        assert_eq!(cross_domain(""), Ok(CrossDomain::default()));
        assert_eq!(cross_domain("1.2.3.4.5.6.7.8"), Ok(CrossDomain::default()));
        let (value, message) = cross_domain("abc.x").unwrap_err();
        assert_eq!((value, &*message), ("x", "Not in the expected format: ms since epoch"));
    }

    #[test]
    fn debug_shows_no_content() {
        let shown = format!("{:?}", cross_domain("alex.1").unwrap());
        assert!(!shown.contains("alex"), "{shown}");
    }

    proptest! {
        #[test]
        fn no_link_makes_it_panic(any in "\\PC*", close in "[a1.]{0,20}") {
            for value in [&any, &close] {
                let _ignored = cross_domain(value).is_ok();
            }
        }
    }
}
