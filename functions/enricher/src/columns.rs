//! Fills the columns that need no schema: what the collector saw, what the tracker sent, what follows.

use std::borrow::Cow;

use bad_event::{EnrichmentMessage, Message};
use collector_payload::CollectorPayload;
use enriched_event::{Column, EnrichedEvent};
use tracker_protocol::convert::{Timestamp, collector_timestamp, extract_ip, tsv_safe, uuid};
use tracker_protocol::derived::{cross_domain, derived_timestamp, event_schema};
use tracker_protocol::uri::{Uri, page_address};
use tracker_protocol::{Charset, Parameters, mapping};

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

/// What follows from the rest: the parts of addresses, the derived time, the other domain.
///
/// The failures come out newest first, as bad events list them.
pub(crate) fn derive(
    event: &mut EnrichedEvent<'_>,
    payload: &CollectorPayload<'_>,
    charset: Charset,
) -> Vec<EnrichmentMessage<'static>> {
    let mut failures = Vec::new();
    if event.get(Column::VCollector).is_empty() {
        failures.push(input_data("v_collector", None, "should be set"));
    }
    let tracker = event.filled(Column::PageUrl).map(str::to_owned);
    let page = page_address(tracker.as_deref(), payload.referer_uri.as_deref()).map(str::to_owned);
    let page = page.as_deref().map(Uri::parse).transpose();
    let page = page.unwrap_or_else(|error| {
        failures.push(simple(error));
        None
    });
    if let Some(page) = &page {
        event.set(Column::PageUrl, page.text().to_owned());
        set_parts(event, page, &PAGE_PARTS);
    }
    derive_time(event, payload.timestamp);
    let referrer = event.filled(Column::PageReferrer).map(str::to_owned);
    match referrer.as_deref().map(Uri::parse).transpose() {
        Ok(Some(referrer)) => set_parts(event, &referrer, &REFERRER_PARTS),
        Ok(None) => {}
        Err(error) => failures.push(simple(error)),
    }
    failures.extend(page.and_then(|page| derive_cross_domain(event, &page, charset)));
    failures.reverse();
    failures
}

fn derive_time(event: &mut EnrichedEvent<'_>, collector_millis: i64) {
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

fn derive_cross_domain(
    event: &mut EnrichedEvent<'_>,
    page: &Uri<'_>,
    charset: Charset,
) -> Option<EnrichmentMessage<'static>> {
    let parameters = page.query_parameters(charset);
    let (_, value) = parameters.iter().rev().find(|(name, _)| name == "_sp")?;
    match cross_domain(value.as_deref()?) {
        Ok(found) => {
            set(event, Column::RefrDomainUserid, found.domain_user_id.map(owned));
            let at = found.timestamp.map(|at| Cow::Owned(at.to_string()));
            set(event, Column::RefrDvceTstamp, at);
            None
        }
        Err((value, message)) => Some(input_data("sp_dtm", Some(value), &message)),
    }
}

/// The four columns that name the event's schema; an unstruct event's come from its payload.
pub(crate) fn name_event(event: &mut EnrichedEvent<'_>) -> Option<EnrichmentMessage<'static>> {
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

fn set<'a>(event: &mut EnrichedEvent<'a>, column: Column, cell: Option<Cow<'a, str>>) {
    match cell {
        Some(text) => event.set(column, text),
        None => event.clear(column),
    }
}

fn owned(text: Cow<'_, str>) -> Cow<'static, str> {
    Cow::Owned(text.into_owned())
}

fn simple(error: String) -> EnrichmentMessage<'static> {
    EnrichmentMessage { enrichment: None, message: Message::Simple { error: Cow::Owned(error) } }
}

fn input_data(
    field: &'static str,
    value: Option<&str>,
    expectation: &str,
) -> EnrichmentMessage<'static> {
    let message = Message::InputData {
        field: Cow::Borrowed(field),
        value: value.map(|value| Cow::Owned(value.to_owned())),
        expectation: Cow::Owned(expectation.to_owned()),
    };
    EnrichmentMessage { enrichment: None, message }
}
