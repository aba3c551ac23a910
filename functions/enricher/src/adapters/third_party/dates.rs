//! Dates of third parties, as JSON Schema wants them: `2026-01-02T03:04:05.678Z`.

use json_tree::Json;
use timestamps::{calendar_date, iso_millis};

const DAY_MILLIS: i64 = 86_400_000;

/// Seconds since 1970, a number or the text of one; anything else stays as it is.
pub(super) fn from_seconds(value: Json<'_>) -> Json<'_> {
    let seconds = match &value {
        Json::Text(text) => text.parse().ok(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => {
            whole(&value)
        }
    };
    let millis = seconds.and_then(|seconds: i64| seconds.checked_mul(1_000));
    millis.map_or(value, |millis| Json::text(iso_millis(millis)))
}

/// Milliseconds since 1970, a number or the text of one.
pub(super) fn from_millis(value: Json<'_>) -> Json<'_> {
    let millis = whole(&value).or_else(|| value.as_str()?.parse().ok());
    millis.map_or(value, |millis| Json::text(iso_millis(millis)))
}

/// `2026-01-02 03:04:05`, which is UTC; anything else stays as it is.
pub(super) fn from_spaced(text: &str) -> Option<String> {
    let (date, clock) = text.split_once(' ')?;
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(clock, ':')?;
    let millis = day_millis(year, month, day)? + clock_millis(hour, minute, second)?;
    Some(iso_millis(millis))
}

/// Milliseconds since 1970 of a date and time of ISO 8601; without an offset it is UTC.
pub(super) fn iso_to_millis(text: &str) -> Option<i64> {
    let (date, rest) = text.split_once('T')?;
    let [year, month, day] = numbers(date, '-')?;
    let zone = rest.find(['Z', '+', '-']).unwrap_or(rest.len());
    let (clock, zone) = rest.split_at_checked(zone)?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let [hour, minute, second] = numbers(clock, ':')?;
    let millis = day_millis(year, month, day)? + clock_millis(hour, minute, second)?;
    Some(millis + fraction_millis(fraction)? - offset_millis(zone)?)
}

/// Seconds with a fraction, such as `1307116667.1`; of that only milliseconds count.
pub(super) fn from_fractional_seconds(text: &str) -> Option<String> {
    let (seconds, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let seconds: i64 = seconds.parse().ok()?;
    let millis = seconds.checked_mul(1_000)?.checked_add(fraction_millis(fraction)?)?;
    Some(iso_millis(millis))
}

/// A whole number, however it is written.
pub(super) fn whole(value: &Json<'_>) -> Option<i64> {
    let text = value.as_number()?;
    value.as_i64().or_else(|| exact(text.parse().ok()?))
}

/// A number that is whole and small enough to be exact.
#[expect(clippy::cast_possible_truncation, reason = "it is whole and below 2^53")]
fn exact(number: f64) -> Option<i64> {
    let is_exact = number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0;
    is_exact.then_some(number as i64)
}

/// Three numbers between separators.
fn numbers(text: &str, separator: char) -> Option<[i64; 3]> {
    let mut pieces = text.split(separator).map(digits);
    let three = [pieces.next()??, pieces.next()??, pieces.next()??];
    pieces.next().is_none().then_some(three)
}

/// A number of up to nine digits, without a sign.
fn digits(text: &str) -> Option<i64> {
    let fits = (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|_| fits)
}

fn fraction_millis(text: &str) -> Option<i64> {
    let all_digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let first = format!("{:0<3}", text.chars().take(3).collect::<String>());
    first.parse().ok().filter(|_| all_digits)
}

/// Nothing, `Z`, `+02:00` or `+0200`.
fn offset_millis(zone: &str) -> Option<i64> {
    if matches!(zone, "" | "Z") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let zone: String = zone.chars().skip(1).filter(|character| *character != ':').collect();
    let (hour, minute) = zone.split_at_checked(2)?;
    let minute = if minute.is_empty() { 0 } else { digits(minute)? };
    Some(sign * clock_millis(digits(hour)?, minute, 0)?)
}

fn clock_millis(hour: i64, minute: i64, second: i64) -> Option<i64> {
    let is_a_time = hour < 24 && minute < 60 && second < 60;
    is_a_time.then_some(((hour * 60 + minute) * 60 + second) * 1_000)
}

/// The beginning of a day, if the calendar has it.
fn day_millis(year: i64, month: i64, day: i64) -> Option<i64> {
    // Counted from March, so that a leap day is the last day of a year.
    let (from_march, since) = if month > 2 { (month - 3, year) } else { (month + 9, year - 1) };
    let leap_days = since.div_euclid(4) - since.div_euclid(100) + since.div_euclid(400);
    let days = since * 365 + leap_days + (153 * from_march + 2) / 5 + day - 1 - 719_468;
    (calendar_date(days) == (year, month, day)).then_some(days * DAY_MILLIS)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn seconds_are_numbers_or_text() {
        for (json, date) in [
            ("1415709559", r#""2014-11-11T12:39:19.000Z""#),
            ("\"1415709559\"", r#""2014-11-11T12:39:19.000Z""#),
            ("1415709559.0", r#""2014-11-11T12:39:19.000Z""#),
            ("-1", r#""1969-12-31T23:59:59.000Z""#),
            ("1.5", "1.5"),
            ("1e300", "1e300"),
            ("9223372036854775807", "9223372036854775807"),
            ("\"soon\"", "\"soon\""),
            ("\"\"", "\"\""),
            ("null", "null"),
            ("[1]", "[1]"),
        ] {
            let value = Json::parse(json, 5).unwrap();
            assert_eq!(from_seconds(value).to_text(), date);
        }
    }

    #[test]
    fn a_date_that_the_calendar_has_not_is_none() {
        for (text, date) in [
            ("2014-10-09 16:23:45", Some("2014-10-09T16:23:45.000Z")),
            ("2016-02-29 00:00:00", Some("2016-02-29T00:00:00.000Z")),
            ("2014-1-9 1:2:3", Some("2014-01-09T01:02:03.000Z")),
            ("2015-02-29 00:00:00", None),
            ("2014-13-01 00:00:00", None),
            ("2014-10-09 24:00:00", None),
            ("2014-10-09T16:23:45", None),
            ("2014-10-09", None),
            ("2014-10-09 16:23", None),
            ("2014-10-09 16:23:45:1", None),
            ("-2014-10-09 16:23:45", None),
            ("2014-10-+9 16:23:45", None),
            ("", None),
        ] {
            assert_eq!(from_spaced(text).as_deref(), date, "{text}");
        }
    }

    #[test]
    fn iso_dates_have_offsets_and_fractions() {
        for (text, millis) in [
            ("2015-11-13T16:31:52.393Z", Some(1_447_432_312_393)),
            ("2015-11-13T16:31:52", Some(1_447_432_312_000)),
            ("2015-11-13T18:31:52.393999+02:00", Some(1_447_432_312_393)),
            ("2015-11-13T14:01:52-0230", Some(1_447_432_312_000)),
            ("2015-11-13T14:31:52-02", Some(1_447_432_312_000)),
            ("1970-01-01T00:00:00Z", Some(0)),
            ("aTb", None),
            ("2015-11-13", None),
            ("2015-11-13T16:31:52é", None),
            ("2015-11-13T16:31:52+é", None),
            ("2015-11-13T16:31:52.Z", None),
        ] {
            assert_eq!(iso_to_millis(text), millis, "{text}");
        }
        assert_eq!(
            from_fractional_seconds("1307116667.1").as_deref(),
            Some("2011-06-03T15:57:47.100Z")
        );
        assert_eq!(from_fractional_seconds("1.").as_deref(), None);
        assert_eq!(from_fractional_seconds("0").as_deref(), Some("1970-01-01T00:00:00.000Z"));
    }

    proptest! {
        #[test]
        fn what_is_written_is_read(seconds in -62_000_000_000_i64..250_000_000_000) {
            let text = iso_millis(seconds * 1_000);
            prop_assert_eq!(iso_to_millis(&text), Some(seconds * 1_000));
        }

        #[test]
        fn nothing_makes_it_panic(text in "[0-9T:+Z. -]{0,30}|\\PC{0,20}") {
            from_spaced(&text);
            iso_to_millis(&text);
            from_fractional_seconds(&text);
        }
    }
}
