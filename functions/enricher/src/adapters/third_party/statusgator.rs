//! `StatusGator`: services that went up or down.

use super::{FORM, edits, filled_body, form_body, one, webhook};
use crate::adapters::{Outcome, Request};

pub(super) fn adapt(request: Request<'_>) -> Outcome<'_> {
    let fields = form_body(filled_body(&request, FORM)?)?;
    let data = edits::camelized(webhook::object_of(&fields));
    let schema = "iglu:com.statusgator/status_change/jsonschema/1-0-0";
    Ok(one("com.statusgator-v1", schema, data, request.query))
}
