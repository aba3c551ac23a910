//! Dates, times and durations as the formats of schemas want them.

/// The months at whose end a second was inserted, as year and month.
const LEAP_SECONDS: [(u32, u32); 27] = [
    (1972, 6),
    (1972, 12),
    (1973, 12),
    (1974, 12),
    (1975, 12),
    (1976, 12),
    (1977, 12),
    (1978, 12),
    (1979, 12),
    (1981, 6),
    (1982, 6),
    (1983, 6),
    (1985, 6),
    (1987, 12),
    (1989, 12),
    (1990, 12),
    (1992, 6),
    (1993, 6),
    (1994, 6),
    (1995, 12),
    (1997, 6),
    (1998, 12),
    (2005, 12),
    (2008, 12),
    (2012, 6),
    (2015, 6),
    (2016, 12),
];

/// `2024-02-29`
pub(crate) fn is_date(text: &str) -> bool {
    let mut reader = Reader { rest: text.as_bytes() };
    reader.date().is_some() && reader.rest.is_empty()
}

/// `2024-02-29T12:34:56.789+01:00`: seconds and an offset are needed.
pub(crate) fn is_date_time(text: &str) -> bool {
    Reader { rest: text.as_bytes() }.date_time().is_some()
}

/// `99:99:99`
pub(crate) fn is_time_of_digits(text: &str) -> bool {
    let parts: Vec<&str> = text.split(':').collect();
    let is_pair = |part: &&str| part.len() == 2 && part.bytes().all(|byte| byte.is_ascii_digit());
    parts.len() == 3 && parts.iter().all(is_pair)
}

/// `P3W` or `P1Y2M3DT4H5M6S`; every part may be missing, but not all after a `T`.
pub(crate) fn is_duration(text: &str) -> bool {
    let upper = text.to_ascii_uppercase();
    let Some(parts) = upper.strip_prefix('P') else { return false };
    if let Some(weeks) = parts.strip_suffix('W') {
        return !weeks.is_empty() && weeks.bytes().all(|byte| byte.is_ascii_digit());
    }
    let (date, time) = match parts.split_once('T') {
        Some((date, time)) => (date, Some(time)),
        None => (parts, None),
    };
    !parts.is_empty()
        && are_amounts(date, "YMD")
        && time.is_none_or(|time| !time.is_empty() && are_amounts(time, "HMS"))
}

/// Numbers, each with one of these letters, in the order of the letters.
fn are_amounts(text: &str, letters: &str) -> bool {
    let mut letters = letters.chars();
    let mut digits = 0;
    for character in text.chars() {
        if character.is_ascii_digit() {
            digits += 1;
        } else if digits == 0 || !letters.any(|letter| letter == character) {
            return false;
        } else {
            digits = 0;
        }
    }
    digits == 0
}

struct Reader<'a> {
    rest: &'a [u8],
}

impl Reader<'_> {
    fn one_of(&mut self, bytes: &[u8]) -> Option<u8> {
        let (first, rest) = self.rest.split_first()?;
        bytes.contains(first).then(|| {
            self.rest = rest;
            *first
        })
    }

    fn number(&mut self, digits: usize) -> Option<u32> {
        let (number, rest) = self.rest.split_at_checked(digits)?;
        self.rest = rest;
        number.iter().try_fold(0, |number, byte| {
            Some(number * 10 + u32::from(byte.is_ascii_digit().then(|| byte - b'0')?))
        })
    }

    fn date(&mut self) -> Option<(u32, u32, u32)> {
        let year = self.number(4)?;
        self.one_of(b"-")?;
        let month = self.number(2)?;
        self.one_of(b"-")?;
        let day = self.number(2)?;
        (day >= 1 && day <= days_in(year, month)?).then_some((year, month, day))
    }

    fn date_time(&mut self) -> Option<()> {
        let (year, month, day) = self.date()?;
        self.one_of(b"Tt ")?;
        let hour = self.number(2).filter(|hour| *hour < 24)?;
        self.one_of(b":")?;
        let minute = self.number(2).filter(|minute| *minute < 60)?;
        self.one_of(b":")?;
        let second = self.number(2).filter(|second| *second <= 60)?;
        if self.one_of(b".").is_some() {
            let digits = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
            if !(1..=9).contains(&digits) {
                return None;
            }
            self.rest = self.rest.get(digits..)?;
        }
        let offset = self.offset()?;
        let is_leap = || {
            let of_day = i64::from(hour * 60 + minute) - offset;
            let is_last_day = days_in(year, month) == Some(day);
            of_day == 23 * 60 + 59 && is_last_day && LEAP_SECONDS.contains(&(year, month))
        };
        (self.rest.is_empty() && (second < 60 || is_leap())).then_some(())
    }

    /// Minutes to the east.
    fn offset(&mut self) -> Option<i64> {
        let sign = self.one_of(b"Zz+-")?;
        if matches!(sign, b'Z' | b'z') {
            return Some(0);
        }
        let hours = self.number(2).filter(|hours| *hours <= 18)?;
        self.one_of(b":")?;
        let minutes = self.number(2).filter(|minutes| *minutes < 60)?;
        let offset = i64::from(hours * 60 + minutes);
        match (sign, offset) {
            // An offset that is unknown.
            (b'-', 0) => None,
            (b'-', offset) => Some(-offset),
            (_, offset) => Some(offset),
        }
    }
}

fn days_in(year: u32, month: u32) -> Option<u32> {
    let is_leap_year =
        year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400));
    match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => Some(31),
        4 | 6 | 9 | 11 => Some(30),
        2 => Some(if is_leap_year { 29 } else { 28 }),
        _ => None,
    }
}
