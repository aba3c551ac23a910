//! What was wrong, as bad events and failed events say it.

use std::borrow::Cow;

use bad_event::{
    EnrichmentMessage, EventPayload, FailureCause, FailureEntity, Message, Parameter, RawEvent,
    oversized_enriched_event,
};
use iglu::SchemaKey;
use json_tree::Json;
use serde_json::value::RawValue;
use tracker_protocol::Parameters;

use crate::columns::AtomicDefect;
use crate::enrich::{Batch, Source};
use crate::entities::{Entity, Violation};
use crate::outcome::Row;

const ATOMIC: &str = "iglu:com.snowplowanalytics.snowplow/atomic/jsonschema/1-0-0";

/// Values that do not fit their columns, all in one violation.
pub(crate) fn atomic_violation(defects: &[AtomicDefect]) -> Option<Violation> {
    if defects.is_empty() {
        return None;
    }
    let reports = defects.iter().map(|defect| {
        Json::object([
            ("message", Json::text(defect.message.as_str())),
            ("path", Json::text(defect.field.as_ref())),
            ("keyword", Json::text(defect.keyword)),
            ("targets", Json::array([])),
        ])
    });
    let error = Json::object([
        ("error", Json::text("ValidationError")),
        ("dataReports", Json::array(reports)),
    ]);
    let data = Json::object(
        defects.iter().map(|defect| (defect.field.as_ref(), Json::text(defect.value.as_str()))),
    );
    let message =
        Message::IgluError { schema_key: Cow::Borrowed(ATOMIC), error: Cow::Owned(raw(&error)) };
    Some(Violation { message, source: "atomic_field", data: Some(raw(&data)) })
}

fn raw(json: &Json<'_>) -> Box<RawValue> {
    // A tree always prints valid JSON; null would be the sign that it did not.
    RawValue::from_string(json.to_text()).unwrap_or_default()
}

/// A violation as an entity of the failed event.
pub(crate) fn violation_entity<S>(violation: &Violation, batch: &Batch<'_, S>) -> String {
    entity(
        FailureCause::Violation {
            message: &violation.message,
            source: violation.source,
            data: violation.data.as_deref(),
        },
        batch,
    )
}

/// What enriching could not do, as an entity of the failed event.
pub(crate) fn enrichment_entity<S>(
    message: &EnrichmentMessage<'_>,
    batch: &Batch<'_, S>,
) -> String {
    entity(FailureCause::Enrichment(message), batch)
}

fn entity<S>(cause: FailureCause<'_>, batch: &Batch<'_, S>) -> String {
    let component = batch.settings.envelope().processor;
    let entity = FailureEntity { epoch_micros: batch.epoch_micros, component, cause };
    String::from(Box::<str>::from(entity.to_json()))
}

/// Tells that a newer schema judged an entity.
pub(crate) fn validation_info(entity: &Entity) -> Option<String> {
    Some(superseded_info(entity.superseded.as_ref()?, &entity.key))
}

/// Tells which schema was asked for, and which newer one judged.
pub(crate) fn superseded_info(original: &SchemaKey, newer: &SchemaKey) -> String {
    let info = Json::object([
        ("schema", Json::text("iglu:com.snowplowanalytics.iglu/validation_info/jsonschema/1-0-0")),
        (
            "data",
            Json::object([
                ("originalSchema", Json::text(original.as_str())),
                ("validatedWith", Json::text(newer.version().to_string())),
            ]),
        ),
    ]);
    info.to_text()
}

/// The event as a bad event carries it: as far as it came, and as it was sent.
pub(crate) fn event_payload<T>(
    enriched: &RawValue,
    source: &Source<'_>,
    parameters: &Parameters<'_>,
    use_it: impl FnOnce(EventPayload<'_>) -> T,
) -> T {
    let payload = source.payload;
    let parameters: Vec<Parameter<'_>> =
        parameters.in_map_order().map(|(name, value)| Parameter { name, value }).collect();
    use_it(EventPayload {
        enriched,
        raw: RawEvent {
            vendor: source.route.vendor,
            version: source.route.version,
            parameters: &parameters,
            content_type: payload.content_type.as_deref(),
            loader_name: payload.collector.as_deref().unwrap_or_default(),
            encoding: payload.encoding.as_deref().unwrap_or_default(),
            hostname: payload.hostname.as_deref(),
            epoch_millis: Some(payload.timestamp),
            ip_address: source.client_address.as_deref(),
            useragent: payload.user_agent.as_deref(),
            referer_uri: payload.referer_uri.as_deref(),
            headers: payload.headers.as_deref().unwrap_or_default(),
            user_id: payload.network_user_id.as_deref(),
        },
    })
}

/// A row that no record can hold.
pub(crate) fn oversized_row<S>(row: &Row, batch: &Batch<'_, S>) -> Vec<u8> {
    let text = str::from_utf8(&row.tsv).unwrap_or_default();
    let processor = batch.settings.envelope().processor;
    oversized_enriched_event(text, batch.settings.record_bytes_max, batch.epoch_micros, processor)
}
