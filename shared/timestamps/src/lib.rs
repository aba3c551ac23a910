#![doc = include_str!("../README.md")]

const SECONDS_PER_DAY: i64 = 86_400;
const WEEKDAYS: [&str; 7] = ["Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"];
const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

/// `2026-01-02T03:04:05.678Z`
pub fn iso_millis(epoch_millis: i64) -> String {
    let at = Civil::at(epoch_millis.div_euclid(1_000));
    format!("{}.{:03}Z", at.iso_seconds(), epoch_millis.rem_euclid(1_000))
}

/// `2026-01-02T03:04:05.678901Z`
pub fn iso_micros(epoch_micros: i64) -> String {
    let at = Civil::at(epoch_micros.div_euclid(1_000_000));
    format!("{}.{:06}Z", at.iso_seconds(), epoch_micros.rem_euclid(1_000_000))
}

/// `Fri, 02 Jan 2026 03:04:05 GMT`, as HTTP and its cookies write it.
pub fn http_date(epoch_seconds: i64) -> String {
    let at = Civil::at(epoch_seconds);
    let weekday = usize::try_from(epoch_seconds.div_euclid(SECONDS_PER_DAY).rem_euclid(7));
    let weekday = weekday.ok().and_then(|day| WEEKDAYS.get(day)).unwrap_or(&"");
    let month = usize::try_from(at.month - 1).ok().and_then(|month| MONTHS.get(month));
    format!(
        "{weekday}, {:02} {} {:04} {:02}:{:02}:{:02} GMT",
        at.day,
        month.unwrap_or(&""),
        at.year,
        at.hour,
        at.minute,
        at.second
    )
}

/// Year, month and day of a day that is counted from 1970-01-01.
pub fn calendar_date(epoch_day: i64) -> (i64, i64, i64) {
    // Counted from 0000-03-01, so that a leap day is the last day of a year of the count.
    let days = epoch_day + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let month = if from_march < 10 { from_march + 3 } else { from_march - 9 };
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    (year_of_era + era * 400 + i64::from(month <= 2), month, day)
}

/// A point in time as a calendar and a clock show it.
struct Civil {
    year: i64,
    month: i64,
    day: i64,
    hour: i64,
    minute: i64,
    second: i64,
}

impl Civil {
    fn at(epoch_seconds: i64) -> Self {
        let second_of_day = epoch_seconds.rem_euclid(SECONDS_PER_DAY);
        let (year, month, day) = calendar_date(epoch_seconds.div_euclid(SECONDS_PER_DAY));
        Self {
            year,
            month,
            day,
            hour: second_of_day / 3_600,
            minute: second_of_day / 60 % 60,
            second: second_of_day % 60,
        }
    }

    fn iso_seconds(&self) -> String {
        format!(
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}",
            self.year, self.month, self.day, self.hour, self.minute, self.second
        )
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn is_right_around_leap_days_and_before_1970() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),
            (951_782_399_999, "2000-02-28T23:59:59.999Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (951_868_800_000, "2000-03-01T00:00:00.000Z"),
            (1_767_323_045_678, "2026-01-02T03:04:05.678Z"),
            (4_107_542_400_000, "2100-03-01T00:00:00.000Z"),
        ] {
            assert_eq!(iso_millis(millis), text);
        }
        assert_eq!(iso_micros(1_743_508_800_123_456), "2025-04-01T12:00:00.123456Z");
    }

    #[test]
    fn writes_dates_as_http_does() {
        assert_eq!(http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(http_date(784_111_777), "Sun, 06 Nov 1994 08:49:37 GMT");
        assert_eq!(http_date(1_798_859_045), "Sat, 02 Jan 2027 03:04:05 GMT");
        assert_eq!(http_date(-1), "Wed, 31 Dec 1969 23:59:59 GMT");
    }

    proptest! {
        #[test]
        fn a_later_moment_has_a_later_text(a in 0i64..4_000_000_000_000, b in 0i64..4_000_000_000_000) {
            prop_assert_eq!(a.cmp(&b), iso_millis(a).cmp(&iso_millis(b)));
        }
    }
}
