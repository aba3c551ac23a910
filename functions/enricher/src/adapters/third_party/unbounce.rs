//! Unbounce: forms that were sent from a landing page.

use json_tree::Json;

use super::{FORM, edits, filled_body, form_body, json_field, missing, one};
use crate::adapters::{Outcome, Request};

const DATA: &str = "data.json";
const REQUIRED: [&str; 5] = ["page_id", "page_name", "variant", "page_url", DATA];

pub(super) fn adapt(request: Request<'_>) -> Outcome<'_> {
    let fields = form_body(filled_body(&request, FORM)?)?;
    let lacks = |name: &&&str| fields.get(name).is_none();
    if let Some(name) = REQUIRED.iter().find(lacks) {
        return Err(vec![missing(name, format!("missing '{name}' field in body"))]);
    }
    let text = fields.get(DATA).unwrap_or_default();
    if text.is_empty() {
        return Err(vec![missing(DATA, format!("empty '{DATA}' field in body"))]);
    }
    // The same data comes as XML once more.
    let others = fields.in_map_order().filter(|(name, _)| ![DATA, "data.xml"].contains(name));
    let others = others.map(|(name, value)| (name, value.map_or(Json::Null, Json::text)));
    let data = Json::object([(DATA, json_field(DATA, text)?)].into_iter().chain(others));
    let schema = "iglu:com.unbounce/form_post/jsonschema/1-0-0";
    Ok(one("com.unbounce-v1", schema, edits::camelized(data), request.query))
}
