//! Moments as rows have them, and what is reckoned with them.

use timestamps::calendar_date;

const SECONDS_PER_DAY: i64 = 86_400;

/// A unit of time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Second,
    Minute,
    Hour,
    Day,
    Week,
    Month,
    Quarter,
    Year,
}

impl Unit {
    /// The unit with this name, in the singular or the plural.
    pub(super) fn named(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        match name.strip_suffix('s').unwrap_or(&name) {
            "second" => Some(Self::Second),
            "minute" => Some(Self::Minute),
            "hour" => Some(Self::Hour),
            "day" => Some(Self::Day),
            "week" => Some(Self::Week),
            "month" => Some(Self::Month),
            "quarter" => Some(Self::Quarter),
            "year" => Some(Self::Year),
            _ => None,
        }
    }

    /// Its length: seconds, or months.
    fn length(self) -> Length {
        match self {
            Self::Second => Length::Seconds(1),
            Self::Minute => Length::Seconds(60),
            Self::Hour => Length::Seconds(3_600),
            Self::Day => Length::Seconds(SECONDS_PER_DAY),
            Self::Week => Length::Seconds(7 * SECONDS_PER_DAY),
            Self::Month => Length::Months(1),
            Self::Quarter => Length::Months(3),
            Self::Year => Length::Months(12),
        }
    }
}

enum Length {
    Seconds(i64),
    Months(i64),
}

/// A moment, or a day.
#[derive(Clone, Copy, Debug)]
pub(super) struct Moment {
    /// Since 1970.
    seconds: i64,
    millis: i64,
    is_day: bool,
}

impl Moment {
    /// Reads `2026-01-02`, `2026-01-02 03:04:05.678`, and the same with a T and a Z.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (date, time) = match text.find([' ', 'T']) {
            Some(at) => (text.get(..at)?, text.get(at + 1..)?.trim_end_matches('Z')),
            None => (text, ""),
        };
        let mut numbers = date.split('-').map(str::parse::<i64>);
        let (year, month, day) =
            (numbers.next()?.ok()?, numbers.next()?.ok()?, numbers.next()?.ok()?);
        let epoch_day = epoch_day(year, month, day)?;
        let (clock, fraction) = time.split_once('.').unwrap_or((time, "0"));
        let mut seconds = 0;
        for (part, unit) in clock.split(':').filter(|part| !part.is_empty()).zip([3_600, 60, 1]) {
            seconds += part.parse::<i64>().ok().filter(|number| (0..=60).contains(number))? * unit;
        }
        let millis = format!("{fraction:0<3.3}").parse().ok()?;
        Some(Self {
            seconds: epoch_day * SECONDS_PER_DAY + seconds,
            millis,
            is_day: time.is_empty(),
        })
    }

    pub(super) fn to_text(self) -> String {
        let (year, month, day) = calendar_date(self.seconds.div_euclid(SECONDS_PER_DAY));
        let date = format!("{year:04}-{month:02}-{day:02}");
        if self.is_day {
            return date;
        }
        let second = self.seconds.rem_euclid(SECONDS_PER_DAY);
        let (hour, minute, second) = (second / 3_600, second / 60 % 60, second % 60);
        format!("{date} {hour:02}:{minute:02}:{second:02}.{:03}", self.millis)
    }

    /// How many boundaries of the unit lie between a fixed moment and this one. A week begins on Monday, as 1970-01-05.
    pub(super) fn count(self, unit: Unit) -> i64 {
        match unit.length() {
            Length::Seconds(length) => (self.seconds + monday(unit)).div_euclid(length),
            Length::Months(length) => self.months().div_euclid(length),
        }
    }

    /// The beginning of its unit.
    pub(super) fn truncated(self, unit: Unit) -> Self {
        let count = self.count(unit);
        let seconds = match unit.length() {
            Length::Seconds(length) => count * length - monday(unit),
            Length::Months(length) => first_of(count * length) * SECONDS_PER_DAY,
        };
        Self { seconds, millis: 0, ..self }
    }

    /// So many units later; a day that the month does not have becomes its last one.
    pub(super) fn plus(self, unit: Unit, count: i64) -> Option<Self> {
        let length = match unit.length() {
            Length::Seconds(length) => {
                let seconds = self.seconds.checked_add(count.checked_mul(length)?)?;
                let is_day = self.is_day && length % SECONDS_PER_DAY == 0;
                return (seconds.abs() < YEARS_MAX * 366 * SECONDS_PER_DAY).then_some(Self {
                    seconds,
                    is_day,
                    ..self
                });
            }
            Length::Months(length) => length,
        };
        let months = self.months().checked_add(count.checked_mul(length)?)?;
        if months.abs() > YEARS_MAX * 12 {
            return None;
        }
        let (_, _, day) = calendar_date(self.seconds.div_euclid(SECONDS_PER_DAY));
        let (first, next) = (first_of(months), first_of(months + 1));
        let seconds = (first + day - 1).min(next - 1) * SECONDS_PER_DAY
            + self.seconds.rem_euclid(SECONDS_PER_DAY);
        Some(Self { seconds, ..self })
    }

    /// The months since the year 0.
    fn months(self) -> i64 {
        let (year, month, _) = calendar_date(self.seconds.div_euclid(SECONDS_PER_DAY));
        year * 12 + month - 1
    }
}

/// No moment is further from the year 0 than this.
const YEARS_MAX: i64 = 9_999;

/// What makes weeks begin on Monday; 1970 began on a Thursday.
fn monday(unit: Unit) -> i64 {
    if unit == Unit::Week { 3 * SECONDS_PER_DAY } else { 0 }
}

/// The first day of a month that is counted from the year 0.
fn first_of(months: i64) -> i64 {
    epoch_day(months.div_euclid(12), months.rem_euclid(12) + 1, 1).unwrap_or(0)
}

/// The day, counted from 1970-01-01, if there is such a one.
fn epoch_day(year: i64, month: i64, day: i64) -> Option<i64> {
    if !(0..=YEARS_MAX + 1).contains(&year.abs())
        || !(1..=12).contains(&month)
        || !(1..=31).contains(&day)
    {
        return None;
    }
    // Counted from 0000-03-01, so that a leap day is the last day of a year of the count.
    let year = if month > 2 { year } else { year - 1 };
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let days = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    let epoch_day = days + day_of_year - 719_468;
    (calendar_date(epoch_day).2 == day).then_some(epoch_day)
}
