//! The text of a parameter -> the value that its field must have.

use std::borrow::Cow;

use json_tree::Json;
use tracker_protocol::convert;

use super::tables::Kind;

/// The value, or what it should have been.
pub(super) fn converted(value: &str, kind: Kind) -> Result<Json<'static>, Cow<'static, str>> {
    match kind {
        Kind::Text => Ok(Json::text(value.to_owned())),
        Kind::Integer => {
            let number = convert::int(value)?;
            Ok(number.map_or(Json::Null, |number| Json::Number(number.into_owned().into())))
        }
        Kind::Double => {
            let number = value.parse().ok().filter(|number: &f64| number.is_finite());
            number.map(double).ok_or("cannot be converted to Double-like".into())
        }
        Kind::Money => hundredths(value).map(double).ok_or("cannot be converted to Double".into()),
        Kind::Flag => match value {
            "0" => Ok(Json::Bool(false)),
            "1" => Ok(Json::Bool(true)),
            _ => Err("cannot be converted to boolean".into()),
        },
    }
}

/// With a point or an exponent, as Java writes it.
fn double(number: f64) -> Json<'static> {
    Json::Number(format!("{number:?}").into())
}

/// Rounds to two decimals; what lies in the middle goes to the even neighbour.
fn hundredths(value: &str) -> Option<f64> {
    let number: f64 = value.parse().ok().filter(|number: &f64| number.is_finite())?;
    let unsigned = value.trim_start_matches(['+', '-']);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let Some((kept, cut)) = fraction.split_at_checked(2).filter(|(_, cut)| !cut.is_empty()) else {
        // Nothing to cut, or an exponent: then it is rounded as it is.
        return Some(if value.contains(['e', 'E']) { rounded(number) } else { number });
    };
    let Ok(down) = format!("{whole}{kept}").parse::<u32>() else { return Some(rounded(number)) };
    if !cut.bytes().all(|byte| byte.is_ascii_digit()) {
        return Some(rounded(number));
    }
    let is_up = match cut.trim_end_matches('0') {
        "5" => down % 2 == 1,
        cut => cut >= "5",
    };
    let hundreds = f64::from(down) + f64::from(u8::from(is_up));
    Some(if value.starts_with('-') { -hundreds / 100.0 } else { hundreds / 100.0 })
}

/// As exact as a double is.
fn rounded(number: f64) -> f64 {
    let hundreds = (number * 100.0).round_ties_even();
    if hundreds.is_finite() { hundreds / 100.0 } else { number }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn money_has_two_decimals() {
        for (value, money) in [
            ("12.228", "12.23"),
            ("1", "1.0"),
            ("1.5", "1.5"),
            ("1.005", "1.0"),
            ("1.015", "1.02"),
            ("1.0150", "1.02"),
            ("1.01500001", "1.02"),
            ("1.0049", "1.0"),
            ("-0.999", "-1.0"),
            ("-1.235", "-1.24"),
            ("+7.125", "7.12"),
            (".125", "0.12"),
            ("1.", "1.0"),
            ("12345678901.239", "12345678901.24"),
            ("1.2345e2", "123.45"),
            ("1.23456e1", "12.35"),
        ] {
            let json = converted(value, Kind::Money).unwrap();
            assert_eq!(json.to_text(), money, "{value}");
        }
        for value in ["", "EUR", "1,5", "NaN", "inf", "1 "] {
            assert!(converted(value, Kind::Money).is_err(), "{value}");
        }
    }

    #[test]
    fn flags_and_numbers_are_what_they_should_be() {
        assert_eq!(converted("1", Kind::Flag), Ok(Json::Bool(true)));
        assert_eq!(converted("0", Kind::Flag), Ok(Json::Bool(false)));
        assert!(converted("true", Kind::Flag).is_err());
        assert_eq!(converted("7", Kind::Integer).unwrap().to_text(), "7");
        assert!(converted("7.0", Kind::Integer).is_err());
        assert_eq!(converted("7", Kind::Double).unwrap().to_text(), "7.0");
        assert!(converted("x", Kind::Double).is_err());
    }

    proptest! {
        #[test]
        fn what_comes_out_is_json(text in "[-+0-9.eE]{0,12}|\\PC{0,8}") {
            for kind in [Kind::Text, Kind::Integer, Kind::Double, Kind::Money, Kind::Flag] {
                if let Ok(json) = converted(&text, kind) {
                    let written = json.to_text();
                    prop_assert_eq!(Json::parse(&written, 2).unwrap(), json);
                }
            }
        }
    }
}
