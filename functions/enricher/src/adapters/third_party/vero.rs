//! Vero: what became of emails, and what happens to their readers.

use json_tree::Json;

use super::{EventTypes, any_body, edits, json_body, one, schema_of};
use crate::adapters::{Outcome, Request};

const TYPES: EventTypes = &[
    ("bounced", "iglu:com.getvero/bounced/jsonschema/1-0-0"),
    ("clicked", "iglu:com.getvero/clicked/jsonschema/1-0-0"),
    ("delivered", "iglu:com.getvero/delivered/jsonschema/1-0-0"),
    ("opened", "iglu:com.getvero/opened/jsonschema/1-0-0"),
    ("sent", "iglu:com.getvero/sent/jsonschema/1-0-0"),
    ("unsubscribed", "iglu:com.getvero/unsubscribed/jsonschema/1-0-0"),
    ("user_created", "iglu:com.getvero/created/jsonschema/1-0-0"),
    ("user_updated", "iglu:com.getvero/updated/jsonschema/1-0-0"),
];

pub(super) fn adapt(request: Request<'_>) -> Outcome<'_> {
    let json = json_body(any_body(&request)?)?;
    let name = json.get("type").and_then(Json::as_str).map(str::to_owned);
    let schema = schema_of(name.as_deref(), None, TYPES).map_err(|message| vec![message])?;
    let name = name.unwrap_or_default();
    let time = format!("{name}_at");
    let data = edits::cleaned(json, ("type", &name), &[&time, "triggered_at"]);
    // The schema of updates knows them without the underscore.
    let data = edits::renamed(data, |key| if key == "_tags" { "tags".into() } else { key });
    Ok(one("com.getvero-v1", schema, data, request.query))
}
