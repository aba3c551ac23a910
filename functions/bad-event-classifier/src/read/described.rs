//! Bad rows that describe themselves: every type, every version.

use json_tree::Json;

use super::{report, sender, words};
use crate::failure::{FAILURES_MAX, Failure, Reading, Stage, cut, push};
use crate::pointer::Pointer;

/// Every type with the stage that it mostly comes from.
const KINDS: [(&str, Stage); 15] = [
    ("adapter_failures", Stage::Adapter),
    ("collector_payload_format_violation", Stage::Enrich),
    ("enrichment_failures", Stage::Enrich),
    ("event_forwarding_error", Stage::Load),
    ("generic_error", Stage::Load),
    ("loader_iglu_error", Stage::Load),
    ("loader_parsing_error", Stage::Load),
    ("loader_recovery_error", Stage::Load),
    ("loader_runtime_error", Stage::Load),
    ("recovery_error", Stage::Load),
    ("relay_failure", Stage::Load),
    ("schema_violations", Stage::Enrich),
    ("size_violation", Stage::Enrich),
    ("snowflake_error", Stage::Load),
    ("tracker_protocol_violations", Stage::Adapter),
];

/// Reads the data of a bad row of this type.
pub(super) fn read(name: &str, data: &Json<'_>) -> Reading {
    let (kind, usual) =
        KINDS.into_iter().find(|(kind, _)| *kind == name).unwrap_or(("unknown", Stage::Enrich));
    let artifact = data.get("processor").and_then(|it| it.get("artifact")).and_then(Json::as_str);
    let said = artifact.and_then(Stage::of_program);
    let is_by_program = matches!(kind, "size_violation" | "generic_error" | "unknown");
    let stage = said.filter(|_| is_by_program).unwrap_or(usual);
    let mut failures = Vec::new();
    let failure = data.get("failure").or_else(|| data.get("failures"));
    if let Some(failure) = failure {
        all(failure, &mut failures);
    }
    if let (Some(errors), true) = (data.get("errors"), failures.is_empty()) {
        all(errors, &mut failures);
    }
    if failures.is_empty() {
        push(&mut failures, Failure::default());
    }
    Reading { kind, stage, failures, sender: sender::of_row(kind, data) }
}

/// Whatever a bad row says about its failure.
fn all(failure: &Json<'_>, failures: &mut Vec<Failure>) {
    match failure {
        Json::Text(text) => push(failures, Failure { message: cut(text), ..Failure::default() }),
        Json::Array(items) => {
            for item in items.iter().take(FAILURES_MAX) {
                one(item, failures);
            }
        }
        Json::Object(object) => {
            let many = ["messages", "errors"].into_iter().find_map(|key| object.get(key));
            match (many, object.get("message")) {
                (Some(Json::Array(items)), _) => {
                    for item in items.iter().take(FAILURES_MAX) {
                        one(item, failures);
                    }
                }
                (_, Some(message)) => one(message, failures),
                _ => one(failure, failures),
            }
        }
        Json::Null | Json::Bool(_) | Json::Number(_) => {}
    }
}

/// One message. The kinds of messages share no key with two meanings.
fn one(message: &Json<'_>, failures: &mut Vec<Failure>) {
    if let Some(text) = message.as_str() {
        push(failures, Failure { message: cut(text), ..Failure::default() });
        return;
    }
    let text = |key: &str| message.get(key).and_then(Json::as_str);
    // An enrichment's message is one level further down.
    if let Some(enrichment) = message.get("enrichment") {
        let from = failures.len();
        one(message.get("message").unwrap_or(&Json::Null), failures);
        let key = enrichment.get("schemaKey").and_then(Json::as_str).and_then(words::schema);
        let name = key.map(|key| key.name().to_owned());
        for failure in failures.iter_mut().skip(from) {
            failure.code = failure.code.take().or_else(|| name.clone());
        }
        return;
    }
    let schema = text("schemaKey").or_else(|| text("schema")).and_then(words::schema);
    match message.get("error").or_else(|| message.get("valueError")) {
        Some(error @ Json::Object(_)) if error.get("error").is_some() => {
            return report::read(schema.as_ref(), error, failures);
        }
        Some(error @ Json::Object(_)) => return one(error, failures),
        _ => {}
    }
    let said = ["error", "expectation", "message", "messageText", "errorMessage", "expected"];
    let said: Vec<_> = said.into_iter().filter_map(text).collect();
    let field = ["field", "payloadField", "key", "column"].into_iter().find_map(text);
    push(
        failures,
        Failure {
            code: code(message, text("error").or_else(|| text("type"))),
            pointer: field.map(place).unwrap_or_default(),
            message: cut(said.first().copied().unwrap_or_default()),
            schema,
            ..Failure::default()
        },
    );
}

/// The place that a field's name means; vendor and version are the path.
fn place(field: &str) -> Pointer {
    Pointer::parse(if field == "vendor/version" { "path" } else { field })
}

/// What programs call it, by the shape of the message.
fn code(message: &Json<'_>, said: Option<&str>) -> Option<String> {
    let has = |key: &str| message.get(key).is_some();
    if has("schemaCriterion") {
        return Some("CriterionMismatch".to_owned());
    }
    if has("expectedMapping") {
        return Some("SchemaMapping".to_owned());
    }
    if has("field") && has("error") {
        return Some("NotJson".to_owned());
    }
    words::code(said.unwrap_or_default())
}
