//! The stages that an event goes through once its columns are filled, in Snowplow's order.

use bad_event::Message;
use enriched_event::Column;
use tracker_protocol::Parameters;
use tracker_protocol::uri::{Uri, page_address};

use crate::columns::{derive_time, input_data, name_event, set_page, set_referrer};
use crate::enrich::Source;
use crate::enrichments::{Enrichments, Facts, Work, cross_navigation};
use crate::entities::NotLoaded;

/// Runs every stage, whatever fails on the way.
pub(crate) fn run(
    enrichments: &Enrichments,
    work: &mut Work<'_, '_>,
    source: &Source<'_>,
    parameters: &Parameters<'_>,
) -> Result<(), NotLoaded> {
    let payload = source.payload;
    let tracker = work.event.filled(Column::PageUrl).map(str::to_owned);
    let page = page_address(tracker.as_deref(), payload.referer_uri.as_deref());
    let page = page.map(Uri::parse).transpose();
    let referrer = work.event.filled(Column::PageReferrer).map(str::to_owned);
    let referrer = referrer.as_deref().map(Uri::parse).transpose();
    let read = page.as_ref().ok().and_then(Option::as_ref);
    let query = read.map(|page| page.query_parameters(source.charset)).unwrap_or_default();
    let facts = Facts {
        payload,
        parameters,
        page: read,
        referrer: referrer.as_ref().ok().and_then(Option::as_ref),
        query: &query,
        of_request: &source.of_request,
    };

    if work.event.get(Column::VCollector).is_empty() {
        work.fail(None, input_data("v_collector", None, "should be set"));
    }
    if let Some(page) = facts.page {
        set_page(work.event, page);
    }
    note_unreadable(work, page.as_ref().err());
    derive_time(work.event, payload.timestamp);
    client_stages(enrichments, work, &facts)?;
    if let Some(referrer) = facts.referrer {
        set_referrer(work.event, referrer);
    }
    note_unreadable(work, referrer.as_ref().err());
    attribution_stages(enrichments, work, &facts)?;
    if let Some(message) = name_event(work.event) {
        work.fail(None, message);
    }
    address_stages(enrichments, work, &facts)?;
    privacy_stages(enrichments, work, &facts)
}

/// What follows from the visitor's browser, and amounts in the base currency.
fn client_stages(
    enrichments: &Enrichments,
    work: &mut Work<'_, '_>,
    facts: &Facts<'_>,
) -> Result<(), NotLoaded> {
    work.apply(enrichments.ua_parser.as_ref(), facts)?;
    work.apply(enrichments.currency.as_ref(), facts)
}

/// Where the visitor came from, and what the request carried.
fn attribution_stages(
    enrichments: &Enrichments,
    work: &mut Work<'_, '_>,
    facts: &Facts<'_>,
) -> Result<(), NotLoaded> {
    work.apply(enrichments.referer_parser.as_ref(), facts)?;
    work.apply(enrichments.campaign.as_ref(), facts)?;
    cross_navigation::run(enrichments.cross_navigation.as_ref(), work, facts);
    work.apply(enrichments.fingerprint.as_ref(), facts)?;
    work.apply(enrichments.cookies.as_ref(), facts)?;
    work.apply(enrichments.headers.as_ref(), facts)
}

/// What concerns the visitor's address: what is known of it, then a mask over it.
fn address_stages(
    enrichments: &Enrichments,
    work: &mut Work<'_, '_>,
    facts: &Facts<'_>,
) -> Result<(), NotLoaded> {
    work.apply(enrichments.ip_lookups.as_ref(), facts)?;
    work.apply(enrichments.asn_lookups.as_ref(), facts)?;
    work.apply(enrichments.bot_detection.as_ref(), facts)?;
    for script in &enrichments.scripts {
        work.apply(Some(script), facts)?;
    }
    work.apply(enrichments.anon_ip.as_ref(), facts)
}

/// What hides the visitor, last so that everything before sees the truth.
fn privacy_stages(
    enrichments: &Enrichments,
    work: &mut Work<'_, '_>,
    facts: &Facts<'_>,
) -> Result<(), NotLoaded> {
    work.apply(enrichments.pii.as_ref(), facts)
}

fn note_unreadable(work: &mut Work<'_, '_>, error: Option<&String>) {
    if let Some(error) = error {
        work.fail(None, Message::Simple { error: error.clone().into() });
    }
}
