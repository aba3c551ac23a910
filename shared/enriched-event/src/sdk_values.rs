//! One cell as the analytics SDKs give it.

use crate::columns::{Column, Kind};
use crate::json_text::{are_digits, push_text};
use crate::sdk_json::{SdkFlavour, SdkReason};

/// Appends the value of a column that is no JSON.
pub(crate) fn push_value(
    out: &mut Vec<u8>,
    column: Column,
    text: &str,
    flavour: SdkFlavour,
) -> Result<(), SdkReason> {
    if text.is_empty() {
        if is_required(column) {
            return Err(SdkReason::Empty);
        }
        out.extend_from_slice(b"null");
        return Ok(());
    }
    let is_python = flavour == SdkFlavour::Python;
    match column.kind() {
        Kind::Int => {
            let number: i32 = text.parse().map_err(|_| SdkReason::NotInteger)?;
            out.extend_from_slice(number.to_string().as_bytes());
        }
        Kind::Float | Kind::Decimal if !is_python || column != Column::SeValue => {
            let number = number(text).ok_or(SdkReason::NotNumber)?;
            serde_json::to_writer(out, &number).map_err(|_| SdkReason::NotNumber)?;
        }
        Kind::Bool01 => match text {
            "0" => out.extend_from_slice(b"false"),
            "1" => out.extend_from_slice(b"true"),
            _ => return Err(SdkReason::NotBoolean),
        },
        Kind::Timestamp if is_python => push_text(out, &(text.replace(' ', "T") + "Z")),
        Kind::Timestamp => push_text(out, &instant(text).ok_or(SdkReason::NotTimestamp)?),
        Kind::Text if !is_python && column == Column::EventId && !is_uuid(text) => {
            return Err(SdkReason::NotUuid);
        }
        Kind::Text | Kind::Float | Kind::Decimal | Kind::Json => push_text(out, text),
    }
    Ok(())
}

/// The number that a text stands for; JSON knows no others than finite ones.
pub(crate) fn number(text: &str) -> Option<f64> {
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// What the Scala SDK's event cannot be without.
fn is_required(column: Column) -> bool {
    [Column::CollectorTstamp, Column::EventId, Column::VCollector, Column::VEtl].contains(&column)
}

/// Five groups of hexadecimal digits.
fn is_uuid(text: &str) -> bool {
    let groups = text
        .split('-')
        .map(|group| group.bytes().all(|byte| byte.is_ascii_hexdigit()).then_some(group.len()));
    groups.eq([8, 4, 4, 4, 12].map(Some))
}

/// `2026-01-02 03:04:05.678` as ISO 8601, with a fraction of 0, 3, 6 or 9 digits as Java prints it.
fn instant(text: &str) -> Option<String> {
    let (date, time) = text.split_once([' ', 'T'])?;
    let (time, fraction) = time.split_once('.').unwrap_or((time, "0"));
    if !is_date(date) || !is_time(time) || !are_digits(fraction) || fraction.len() > 9 {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    Some(match fraction.len().div_ceil(3) * 3 {
        0 => format!("{date}T{time}Z"),
        digits => format!("{date}T{time}.{fraction:0<digits$}Z"),
    })
}

fn is_date(text: &str) -> bool {
    let Some([year, month, day]) = numbers(text, '-', [4, 2, 2]) else { return false };
    let leap_year = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap_year => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

fn is_time(text: &str) -> bool {
    numbers(text, ':', [2, 2, 2])
        .is_some_and(|[hour, minute, second]| hour < 24 && minute < 60 && second < 60)
}

/// Three numbers of so many digits each.
fn numbers(text: &str, separator: char, digits: [usize; 3]) -> Option<[u32; 3]> {
    let mut parts = text.split(separator);
    let mut found = [0; 3];
    for (number, digits) in found.iter_mut().zip(digits) {
        let part = parts.next().filter(|part| part.len() == digits && are_digits(part))?;
        *number = part.parse().ok()?;
    }
    parts.next().is_none().then_some(found)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_timestamp_becomes_an_instant() {
        for (text, expected) in [
            ("2013-11-26 00:03:57.885", Some("2013-11-26T00:03:57.885Z")),
            ("2013-11-26 00:03:57", Some("2013-11-26T00:03:57Z")),
            ("2013-11-26 00:03:57.000", Some("2013-11-26T00:03:57Z")),
            ("2013-11-26 00:03:57.1", Some("2013-11-26T00:03:57.100Z")),
            ("2013-11-26 00:03:57.1234", Some("2013-11-26T00:03:57.123400Z")),
            ("2024-02-29 23:59:59.999", Some("2024-02-29T23:59:59.999Z")),
            ("2023-02-29 00:00:00", None),
            ("2013-13-01 00:00:00", None),
            ("2013-11-26 24:00:00", None),
            ("2013-11-26 00:00", None),
            ("2013-11-26 00:00:00.", None),
            ("value", None),
        ] {
            assert_eq!(instant(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn a_uuid_has_five_groups() {
        assert!(is_uuid("d2161fd1-ffed-41df-ac3e-a729012105f5"));
        for text in
            ["value", "d2161fd1ffed41dfac3ea729012105f5", "d2161fd1-ffed-41df-ac3e-a729012105fg"]
        {
            assert!(!is_uuid(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_a_value_or_a_defect(index in 0usize..131, text in "\\PC{0,12}|[0-9:. -]{0,24}") {
            let column = Column::ALL[index];
            for flavour in [SdkFlavour::Python, SdkFlavour::ScalaFlat] {
                let mut out = Vec::new();
                if push_value(&mut out, column, &text, flavour).is_ok() {
                    prop_assert!(serde_json::from_slice::<serde_json::Value>(&out).is_ok());
                }
            }
        }
    }
}
