//! Points in time as clients and rows write them.

use serde_json::Value;

/// Milliseconds since 1970 of a text such as `2026-01-02T03:04:05.678Z`; without an offset it is UTC.
pub(super) fn millis(text: &str) -> Option<i64> {
    let (date, rest) = text.split_once(['T', ' '])?;
    let [year, month, day] = numbers(date, '-', [4, 2, 2])?;
    let (clock, offset_minutes) = offset(rest)?;
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, "0"));
    let [hour, minute, second] = numbers(clock, ':', [2, 2, 2])?;
    let is_real = (1..=12).contains(&month) && (1..=31).contains(&day);
    if !is_real || hour > 23 || minute > 59 || second > 60 || !is_fraction(fraction) {
        return None;
    }
    let thousandths: i64 = format!("{fraction:0<3}").get(..3)?.parse().ok()?;
    let minutes = (days(year, month, day) * 24 + hour) * 60 + minute - offset_minutes;
    Some((minutes * 60 + second) * 1_000 + thousandths)
}

/// The same of what JSON may hold: such a text, or the milliseconds themselves.
pub(super) fn of_json(value: &Value) -> Option<i64> {
    value.as_i64().or_else(|| millis(value.as_str()?))
}

fn offset(text: &str) -> Option<(&str, i64)> {
    if let Some(clock) = text.strip_suffix(['Z', 'z']) {
        return Some((clock, 0));
    }
    let Some(at) = text.find(['+', '-']) else { return Some((text, 0)) };
    let (clock, offset) = text.split_at_checked(at)?;
    let sign = if offset.starts_with('-') { -1 } else { 1 };
    let [hours, minutes] = numbers(offset.get(1..)?, ':', [2, 2])?;
    Some((clock, sign * (hours * 60 + minutes)))
}

fn is_fraction(text: &str) -> bool {
    (1..=9).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Numbers of so many digits each.
fn numbers<const N: usize>(text: &str, between: char, digits: [usize; N]) -> Option<[i64; N]> {
    let mut parts = text.split(between);
    let mut numbers = [0; N];
    for (number, digits) in numbers.iter_mut().zip(digits) {
        let part = parts.next().filter(|part| part.len() == digits)?;
        let is_number = part.bytes().all(|byte| byte.is_ascii_digit());
        *number = part.parse().ok().filter(|_| is_number)?;
    }
    parts.next().is_none().then_some(numbers)
}

/// Days since 1970-01-01.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years begin in March here, so that a leap day is the last day of one.
    let year = if month <= 2 { year - 1 } else { year };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year.rem_euclid(400) * 365 + year.rem_euclid(400) / 4
        - year.rem_euclid(400) / 100
        + day_of_year;
    year.div_euclid(400) * 146_097 + day_of_era - 719_468
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_printed_is_read_back() {
        for at in [0, -1, 951_782_400_000, 1_709_251_199_999, 1_767_323_045_678, 4_107_542_399_001]
        {
            assert_eq!(millis(&timestamps::iso_millis(at)), Some(at));
        }
    }

    #[test]
    fn offsets_and_fractions_are_understood() {
        let at = Some(1_767_323_045_000);
        for text in [
            "2026-01-02 03:04:05.000",
            "2026-01-02T03:04:05Z",
            "2026-01-02T03:04:05",
            "2026-01-02T05:04:05+02:00",
            "2026-01-01T21:34:05.000000000-05:30",
        ] {
            assert_eq!(millis(text), at, "{text}");
        }
        assert_eq!(millis("2026-01-02T03:04:05.6789Z"), Some(1_767_323_045_678));
        for text in
            ["", "2026-01-02", "2026-13-02T03:04:05Z", "2026-01-02T24:04:05Z", "2026-1-2T3:4:5Z"]
        {
            assert_eq!(millis(text), None, "{text}");
        }
    }
}
