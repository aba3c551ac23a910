//! Which texts a script may put into a column.

use std::borrow::Cow;

use enriched_event::{Column, Kind};
use tracker_protocol::convert::{Timestamp, bool01, decimal, int};

use crate::enrichments::number::java_float;

/// Whether scripts see the column as a number.
pub(super) fn is_number(column: Column) -> bool {
    match column.kind() {
        // A text in Snowplow's event, whatever it holds.
        Kind::Int => column != Column::TxnId,
        Kind::Float | Kind::Decimal | Kind::Bool01 => true,
        Kind::Text | Kind::Timestamp | Kind::Json => false,
    }
}

/// The column's text for what a script gives, or why there is none.
pub(super) fn accepted(column: Column, text: String) -> Result<String, &'static str> {
    if text.is_empty() {
        return Ok(text);
    }
    let owned = |cell: Option<Cow<'_, str>>| cell.map(Cow::into_owned);
    let found = match column.kind() {
        Kind::Text | Kind::Json => return Ok(text),
        Kind::Timestamp => Timestamp::from_column(&text).map(|_| text),
        Kind::Int => int(&text).ok().and_then(owned),
        Kind::Float => {
            text.trim().parse().ok().filter(|number: &f32| number.is_finite()).map(java_float)
        }
        Kind::Decimal => decimal(&text).ok().and_then(owned),
        Kind::Bool01 => truth(&text).map(str::to_owned),
    };
    found.ok_or(match column.kind() {
        Kind::Timestamp => "takes a time as 2026-01-02 03:04:05.678",
        Kind::Int => "takes a whole number of 32 bits",
        Kind::Bool01 => "takes 0, 1 or a boolean",
        Kind::Float | Kind::Decimal | Kind::Text | Kind::Json => "takes a number",
    })
}

fn truth(text: &str) -> Option<&'static str> {
    match text {
        "true" => Some("1"),
        "false" => Some("0"),
        _ => bool01(text).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_kind_takes_its_own() {
        for (column, given, expected) in [
            (Column::AppId, "shop", Some("shop")),
            (Column::AppId, "", Some("")),
            (Column::DomainSessionidx, "7", Some("7")),
            (Column::DomainSessionidx, "7.5", None),
            (Column::DomainSessionidx, "NaN", None),
            (Column::DomainSessionidx, "", Some("")),
            (Column::GeoLatitude, "43.88", Some("43.88")),
            (Column::GeoLatitude, "43", Some("43.0")),
            (Column::GeoLatitude, "Infinity", None),
            (Column::SeValue, "1e+21", Some("1000000000000000000000")),
            (Column::SeValue, "dear", None),
            (Column::BrCookies, "true", Some("1")),
            (Column::BrCookies, "0", Some("0")),
            (Column::BrCookies, "2", None),
            (Column::TrueTstamp, "2026-01-02 03:04:05.678", Some("2026-01-02 03:04:05.678")),
            (Column::TrueTstamp, "2026-01-02T03:04:05Z", None),
            (Column::Contexts, "no JSON", Some("no JSON")),
        ] {
            let found = accepted(column, given.to_owned());
            assert_eq!(found.ok().as_deref(), expected, "{column} {given}");
        }
    }
}
