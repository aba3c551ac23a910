//! Milliseconds since 1970 -> `yyyy-MM-dd HH:mm:ss.SSS` in UTC, as every timestamp column has it.

use std::borrow::Cow;
use std::fmt;

use super::Message;
use super::number::java_integer;

const MILLIS_PER_SECOND: i64 = 1_000;
const MILLIS_PER_DAY: i64 = 86_400_000;
/// The last year that the warehouse takes.
const YEAR_MAX: i64 = 9999;

/// A point in time as a column holds it. `Display` is the column's text.
///
/// Written and read by hand because an event has half a dozen of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Timestamp {
    /// Milliseconds since 1970.
    pub epoch_millis: i64,
}

impl Timestamp {
    /// The point in time, if its year has a place in the warehouse; else its text.
    fn in_range(epoch_millis: i64) -> Result<Self, String> {
        let at = Self { epoch_millis };
        if (0..=YEAR_MAX).contains(&at.date().0) { Ok(at) } else { Err(at.to_string()) }
    }

    /// Reads a column's text back.
    pub fn from_column(text: &str) -> Option<Self> {
        let mut rest = text.as_bytes();
        let mut next = |digits: usize, after: &[u8]| -> Option<i64> {
            let (number, left) = rest.split_at_checked(digits)?;
            rest = left.strip_prefix(after)?;
            number.iter().try_fold(0, |sum, byte| {
                byte.is_ascii_digit().then(|| sum * 10 + i64::from(byte - b'0'))
            })
        };
        let (year, month, day) = (next(4, b"-")?, next(2, b"-")?, next(2, b" ")?);
        let (hour, minute, second) = (next(2, b":")?, next(2, b":")?, next(2, b".")?);
        let millis = next(3, b"")?;
        let clock = hour < 24 && minute < 60 && second < 60;
        if !rest.is_empty() || !clock || !(1..=12).contains(&month) {
            return None;
        }
        let of_day = ((hour * 60 + minute) * 60 + second) * MILLIS_PER_SECOND + millis;
        let at = Self { epoch_millis: day_number(year, month, day) * MILLIS_PER_DAY + of_day };
        (at.date() == (year, month, day)).then_some(at)
    }

    fn date(self) -> (i64, i64, i64) {
        timestamps::calendar_date(self.epoch_millis.div_euclid(MILLIS_PER_DAY))
    }
}

fn day_number(year: i64, month: i64, day: i64) -> i64 {
    let year = year - i64::from(month <= 2);
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let from_march = if month > 2 { month - 3 } else { month + 9 };
    let day_of_year = (153 * from_march + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = self.date();
        let of_day = self.epoch_millis.rem_euclid(MILLIS_PER_DAY);
        let seconds = of_day / MILLIS_PER_SECOND;
        if !(0..=YEAR_MAX).contains(&year) {
            let sign = if year < 0 { "-" } else { "" };
            write!(f, "{sign}{:04}", year.unsigned_abs())?;
        }
        let mut text = *b"0000-00-00 00:00:00.000";
        put(&mut text, 0, 4, year);
        put(&mut text, 5, 2, month);
        put(&mut text, 8, 2, day);
        put(&mut text, 11, 2, seconds / 3_600);
        put(&mut text, 14, 2, seconds / 60 % 60);
        put(&mut text, 17, 2, seconds % 60);
        put(&mut text, 20, 3, of_day % MILLIS_PER_SECOND);
        let text = str::from_utf8(&text).map_err(|_| fmt::Error)?;
        let shown = if (0..=YEAR_MAX).contains(&year) { Some(text) } else { text.get(4..) };
        f.write_str(shown.unwrap_or_default())
    }
}

fn put(text: &mut [u8], start: usize, digits: usize, number: i64) {
    let mut left = number.unsigned_abs();
    for place in text.iter_mut().skip(start).take(digits).rev() {
        *place = b'0' + (left % 10) as u8;
        left /= 10;
    }
}

/// A tracker's timestamp: milliseconds since 1970, in the years that the warehouse takes.
pub fn timestamp(value: &str) -> Result<Timestamp, Message> {
    let Some(millis) = java_integer(value, i64::MIN, i64::MAX) else {
        return Err(Cow::Borrowed("Not in the expected format: ms since epoch"));
    };
    Timestamp::in_range(millis)
        .map_err(|text| Cow::Owned(format!("Formatting as {text} is not Redshift-compatible")))
}

/// The collector's timestamp; the message differs by a word.
pub fn collector_timestamp(epoch_millis: i64) -> Result<Timestamp, Message> {
    Timestamp::in_range(epoch_millis)
        .map_err(|text| Cow::Owned(format!("Formatted as {text} is not Redshift-compatible")))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn milliseconds_become_a_columns_text() {
        for (value, text) in [
            ("0", "1970-01-01 00:00:00.000"),
            ("-1", "1969-12-31 23:59:59.999"),
            ("951782400123", "2000-02-29 00:00:00.123"),
            ("253402300799999", "9999-12-31 23:59:59.999"),
            ("-62167219200000", "0000-01-01 00:00:00.000"),
            ("+1767323045678", "2026-01-02 03:04:05.678"),
        ] {
            assert_eq!(timestamp(value).unwrap().to_string(), text);
        }
    }

    #[test]
    fn other_years_are_refused_with_their_text() {
        for (value, text) in [
            ("253402300800000", "10000-01-01 00:00:00.000"),
            ("-62167219200001", "-0001-12-31 23:59:59.999"),
            ("9223372036854775807", "292278994-08-17 07:12:55.807"),
        ] {
            let message = timestamp(value).unwrap_err();
            assert_eq!(message, format!("Formatting as {text} is not Redshift-compatible"));
        }
        let message = collector_timestamp(253_402_300_800_000).unwrap_err();
        assert_eq!(message, "Formatted as 10000-01-01 00:00:00.000 is not Redshift-compatible");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for value in ["", "null", "1.5", " 1", "1e3", "9223372036854775808"] {
            let message = timestamp(value).unwrap_err();
            assert_eq!(message, "Not in the expected format: ms since epoch", "{value}");
        }
    }

    proptest! {
        #[test]
        fn a_column_is_read_back(epoch_millis in -62_167_219_200_000i64..=253_402_300_799_999) {
            let at = Timestamp { epoch_millis };
            prop_assert_eq!(Timestamp::from_column(&at.to_string()), Some(at));
        }

        #[test]
        fn no_text_makes_it_panic(text in "[-0-9 :.]{0,30}", any in "\\PC*", epoch_millis: i64) {
            Timestamp::from_column(&text);
            Timestamp::from_column(&any);
            let shown = Timestamp { epoch_millis }.to_string();
            prop_assert!(shown.len() >= 23);
        }
    }
}
