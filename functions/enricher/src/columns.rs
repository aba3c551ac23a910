//! Fills the columns that need no schema: what the collector saw, what the tracker sent, what follows.

use std::borrow::Cow;

use bad_event::Message;
use collector_payload::CollectorPayload;
use enriched_event::{Column, EnrichedEvent};
use tracker_protocol::convert::{Timestamp, collector_timestamp, extract_ip, tsv_safe, uuid};
use tracker_protocol::derived::{derived_timestamp, event_schema};
use tracker_protocol::uri::Uri;
use tracker_protocol::{Parameters, mapping};

/// A column that its value does not fit.
pub(crate) struct AtomicDefect {
    /// The parameter, or the column where there is none.
    pub(crate) field: Cow<'static, str>,
    /// What was sent.
    pub(crate) value: String,
    /// What is wrong with it.
    pub(crate) message: String,
    /// `atomic_field_parse_error` or `atomic_field_length_exceeded`.
    pub(crate) keyword: &'static str,
}

/// The keyword of values that cannot be read.
const PARSE_ERROR: &str = "atomic_field_parse_error";
/// The keyword of values that are too long.
pub(crate) const TOO_LONG: &str = "atomic_field_length_exceeded";

/// What the collector saw.
pub(crate) fn fill_from_payload<'a>(
    event: &mut EnrichedEvent<'a>,
    payload: &'a CollectorPayload<'_>,
    client_address: Option<&str>,
) -> Option<AtomicDefect> {
    set(event, Column::VCollector, payload.collector.as_deref().and_then(tsv_safe));
    if let Some(id) = payload.network_user_id.as_deref().and_then(|id| uuid(id).ok()) {
        event.set(Column::NetworkUserid, id);
    }
    if let Some(address) = client_address.and_then(extract_ip) {
        event.set(Column::UserIpaddress, address.into_owned());
    }
    if let Some(agent) = payload.user_agent.as_deref() {
        set(event, Column::Useragent, user_agent(agent));
    }
    match collector_timestamp(payload.timestamp) {
        Ok(at) => {
            event.set(Column::CollectorTstamp, at.to_string());
            None
        }
        Err(message) => Some(AtomicDefect {
            field: Cow::Borrowed("collector_tstamp"),
            value: payload.timestamp.to_string(),
            message: message.into_owned(),
            keyword: PARSE_ERROR,
        }),
    }
}

/// A header cannot hold a line end; a tab would end the column.
fn user_agent(text: &str) -> Option<Cow<'_, str>> {
    let clean = if text.contains(['\r', '\n', '\t']) {
        Cow::Owned(text.replace(['\r', '\n'], "").replace('\t', "    "))
    } else {
        Cow::Borrowed(text)
    };
    (!clean.is_empty()).then_some(clean)
}

/// What the tracker sent.
pub(crate) fn fill_from_parameters<'a>(
    event: &mut EnrichedEvent<'a>,
    parameters: &'a Parameters<'_>,
) -> Vec<AtomicDefect> {
    let defects = mapping::fill(parameters, |column, cell| {
        if let Some(column) = Column::ALL.get(column.index) {
            set(event, *column, cell);
        }
    });
    defects
        .into_iter()
        .map(|defect| AtomicDefect {
            field: Cow::Borrowed(defect.parameter),
            value: defect.value.to_owned(),
            message: defect.message.into_owned(),
            keyword: PARSE_ERROR,
        })
        .collect()
}

/// When the event happened.
pub(crate) fn derive_time(event: &mut EnrichedEvent<'_>, collector_millis: i64) {
    let Ok(collector) = collector_timestamp(collector_millis) else { return };
    let read = |column| event.filled(column).and_then(Timestamp::from_column);
    let derived = derived_timestamp(
        collector,
        read(Column::DvceCreatedTstamp),
        read(Column::DvceSentTstamp),
        read(Column::TrueTstamp),
    );
    event.set(Column::DerivedTstamp, derived.to_string());
}

/// The page's address and its parts.
pub(crate) fn set_page(event: &mut EnrichedEvent<'_>, page: &Uri<'_>) {
    event.set(Column::PageUrl, page.text().to_owned());
    set_parts(event, page, &PAGE_PARTS);
}

/// The parts of the referrer's address.
pub(crate) fn set_referrer(event: &mut EnrichedEvent<'_>, referrer: &Uri<'_>) {
    set_parts(event, referrer, &REFERRER_PARTS);
}

/// The four columns that name the event's schema; an unstruct event's come from its payload.
pub(crate) fn name_event(event: &mut EnrichedEvent<'_>) -> Option<Message<'static>> {
    let kind = event.filled(Column::Event).map(str::to_owned);
    match event_schema(kind.as_deref()) {
        Ok(Some(schema)) => {
            event.set(Column::EventVendor, schema.vendor);
            event.set(Column::EventName, schema.name);
            event.set(Column::EventFormat, schema.format);
            event.set(Column::EventVersion, schema.version);
            None
        }
        Ok(None) => None,
        Err(message) => Some(input_data("event", kind.as_deref(), &message)),
    }
}

struct PartColumns {
    scheme: Column,
    host: Column,
    port: Column,
    path: Column,
    query: Column,
    fragment: Column,
}

const PAGE_PARTS: PartColumns = PartColumns {
    scheme: Column::PageUrlscheme,
    host: Column::PageUrlhost,
    port: Column::PageUrlport,
    path: Column::PageUrlpath,
    query: Column::PageUrlquery,
    fragment: Column::PageUrlfragment,
};

const REFERRER_PARTS: PartColumns = PartColumns {
    scheme: Column::RefrUrlscheme,
    host: Column::RefrUrlhost,
    port: Column::RefrUrlport,
    path: Column::RefrUrlpath,
    query: Column::RefrUrlquery,
    fragment: Column::RefrUrlfragment,
};

fn set_parts(event: &mut EnrichedEvent<'_>, uri: &Uri<'_>, columns: &PartColumns) {
    let mut part =
        |column, text: Option<&str>| set(event, column, text.and_then(tsv_safe).map(owned));
    part(columns.scheme, uri.scheme());
    part(columns.host, uri.host());
    part(columns.path, uri.path());
    part(columns.query, uri.query());
    part(columns.fragment, uri.fragment());
    event.set(columns.port, uri.port().to_string());
}

/// Puts a cell into a column, or nothing.
pub(crate) fn set<'a>(event: &mut EnrichedEvent<'a>, column: Column, cell: Option<Cow<'a, str>>) {
    match cell {
        Some(text) => event.set(column, text),
        None => event.clear(column),
    }
}

fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

/// A value that is not what it should be.
pub(crate) fn input_data(
    field: &'static str,
    value: Option<&str>,
    expectation: &str,
) -> Message<'static> {
    Message::InputData {
        field: Cow::Borrowed(field),
        value: value.map(|value| Cow::Owned(value.to_owned())),
        expectation: Cow::Owned(expectation.to_owned()),
    }
}
