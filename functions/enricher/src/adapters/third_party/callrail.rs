//! `CallRail`: calls, in a query string.

use std::borrow::Cow;

use json_tree::Json;

use super::{dates, missing, one};
use crate::adapters::{Outcome, Request, webhook};

pub(super) fn adapt(request: Request<'_>) -> Outcome<'_> {
    let query = request.query;
    if query.is_empty() {
        return Err(vec![missing("querystring", "empty querystring")]);
    }
    let said = query.in_map_order().filter(|(name, _)| !webhook::NO_DATA.contains(name));
    let data = Json::object(said.map(|(name, value)| {
        let value = value.filter(|value| !value.is_empty());
        (name.to_owned(), value.map_or(Json::Null, |value| converted(name, value).into_owned()))
    }));
    Ok(one("com.callrail-v1", "iglu:com.callrail/call_complete/jsonschema/1-0-2", data, query))
}

/// What is none of what its field should be stays text.
fn converted<'a>(name: &str, value: &'a str) -> Json<'a> {
    match (name, value) {
        ("first_call" | "answered", "true") => Json::Bool(true),
        ("first_call" | "answered", "false") => Json::Bool(false),
        ("duration", _) => integer(value).map_or(Json::text(value), Json::Number),
        ("datetime", _) => dates::from_spaced(value).map_or(Json::text(value), Json::text),
        _ => Json::text(value),
    }
}

/// A whole number of any size.
fn integer(value: &str) -> Option<Cow<'_, str>> {
    let unsigned = value.strip_prefix(['-', '+']).unwrap_or(value);
    let is_number = !unsigned.is_empty() && unsigned.bytes().all(|byte| byte.is_ascii_digit());
    let digits = unsigned.trim_start_matches('0');
    let sign = if value.starts_with('-') && !digits.is_empty() { "-" } else { "" };
    let digits = if digits.is_empty() { "0" } else { digits };
    is_number.then(|| Cow::Owned(format!("{sign}{digits}")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_of_any_size_is_one() {
        for (value, number) in [
            ("247", Some("247")),
            ("+007", Some("7")),
            ("-1", Some("-1")),
            ("-0", Some("0")),
            ("123456789012345678901234567890", Some("123456789012345678901234567890")),
            ("1.5", None),
            ("-", None),
            ("", None),
            ("٣", None),
        ] {
            assert_eq!(integer(value).as_deref(), number, "{value}");
        }
    }
}
