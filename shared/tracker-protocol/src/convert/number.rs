//! Whole numbers, flags and sizes, as Java parses them.

use std::borrow::Cow;

use super::{Cell, Message};

/// Where each set of ten decimal digits of Unicode's first plane begins; Java reads them all.
const DIGIT_ZEROS: [u32; 37] = [
    0x30, 0x660, 0x6f0, 0x7c0, 0x966, 0x9e6, 0xa66, 0xae6, 0xb66, 0xbe6, 0xc66, 0xce6, 0xd66,
    0xde6, 0xe50, 0xed0, 0xf20, 0x1040, 0x1090, 0x17e0, 0x1810, 0x1946, 0x19d0, 0x1a80, 0x1a90,
    0x1b50, 0x1bb0, 0x1c40, 0x1c50, 0xa620, 0xa8d0, 0xa900, 0xa9d0, 0xa9f0, 0xaa50, 0xabf0, 0xff10,
];

/// The value of a decimal digit of any script of the first plane.
pub(super) fn digit(character: char) -> Option<u8> {
    if character.is_ascii() {
        return character.is_ascii_digit().then(|| character as u8 - b'0');
    }
    let code = u32::from(character);
    let zero = DIGIT_ZEROS.iter().rev().find(|zero| **zero <= code)?;
    u8::try_from(code - zero).ok().filter(|value| *value < 10)
}

/// A whole number with an optional sign, by Java's rules, within the limits.
pub(super) fn java_integer(value: &str, min: i64, max: i64) -> Option<i64> {
    let (negative, digits) = match value.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, value.strip_prefix('+').unwrap_or(value)),
    };
    if digits.is_empty() {
        return None;
    }
    // Counted below zero, where there is room for one more.
    let below = digits.chars().try_fold(0i64, |sum, character| {
        sum.checked_mul(10)?.checked_sub(i64::from(digit(character)?))
    })?;
    let number = if negative { below } else { below.checked_neg()? };
    (min..=max).contains(&number).then_some(number)
}

fn java_int(value: &str) -> Option<i64> {
    java_integer(value, i64::from(i32::MIN), i64::from(i32::MAX))
}

/// The text of the number, borrowed if it stands there already.
fn canonical(value: &str, number: i64) -> Cow<'_, str> {
    let digits = value.strip_prefix('-').unwrap_or(value).as_bytes();
    match digits {
        [b'0'] if number == 0 && digits.len() == value.len() => Cow::Borrowed(value),
        [b'1'..=b'9', ..] if digits.is_ascii() => Cow::Borrowed(value),
        _ => Cow::Owned(number.to_string()),
    }
}

/// A whole number of 32 bits; nothing for `null` in any case.
pub fn int(value: &str) -> Result<Cell<'_>, Message> {
    match java_int(value) {
        Some(number) => Ok(Some(canonical(value, number))),
        None if value.eq_ignore_ascii_case("null") => Ok(None),
        None => Err(Cow::Borrowed("Cannot be converted to java.lang.Integer")),
    }
}

/// A text that is a whole number of 32 bits and stays as it is.
pub fn integer_text(value: &str) -> Result<&str, Message> {
    java_int(value).map(|_| value).ok_or(Cow::Borrowed("Not a valid integer"))
}

/// `0` or `1`, nothing else.
pub fn bool01(value: &str) -> Result<&'static str, Message> {
    match value {
        "0" => Ok("0"),
        "1" => Ok("1"),
        _ => Err(Cow::Borrowed("Cannot be converted to Boolean-like java.lang.Byte")),
    }
}

/// Width and height, with an `x` between them.
pub fn dimensions(value: &str) -> Result<(Cow<'_, str>, Cow<'_, str>), Message> {
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let sides = value.split_once('x').filter(|(width, height)| digits(width) && digits(height));
    let Some((width, height)) = sides else {
        return Err(Cow::Borrowed(r"Does not conform to regex (\d+)x(\d+)"));
    };
    let side = |text| java_int(text).map(|number| canonical(text, number));
    match (side(width), side(height)) {
        (Some(width), Some(height)) => Ok((width, height)),
        _ => Err(Cow::Borrowed("Could not be converted to java.lang.Integer s")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_int_is_what_java_takes_for_one() {
        for (value, text) in [
            ("0", "0"),
            ("-0", "0"),
            ("+7", "7"),
            ("007", "7"),
            ("٣٤", "34"),
            ("２", "2"),
            ("2147483647", "2147483647"),
            ("-2147483648", "-2147483648"),
        ] {
            assert_eq!(int(value).unwrap().unwrap(), text);
        }
        for null in ["null", "NULL", "Null"] {
            assert_eq!(int(null), Ok(None));
        }
        for wrong in
            ["", "+", "-", "--1", "+-1", " 1", "1.", "1e3", "2147483648", "-2147483649", "0x1", "𝟏"]
        {
            assert_eq!(
                int(wrong).unwrap_err(),
                "Cannot be converted to java.lang.Integer",
                "{wrong}"
            );
        }
        assert_eq!(integer_text("+1"), Ok("+1"));
        assert_eq!(integer_text("null").unwrap_err(), "Not a valid integer");
    }

    #[test]
    fn flags_are_one_digit() {
        assert_eq!(bool01("1"), Ok("1"));
        for wrong in ["", "true", "01", "2", "null"] {
            assert_eq!(
                bool01(wrong).unwrap_err(),
                "Cannot be converted to Boolean-like java.lang.Byte"
            );
        }
    }

    #[test]
    fn a_size_is_two_numbers() {
        assert_eq!(dimensions("0800x2147483647").unwrap(), ("800".into(), "2147483647".into()));
        for wrong in ["", "x", "1x", "x1", "1X1", "1x1x1", "1.5x1", "-1x1", "٣x1"] {
            let message = dimensions(wrong).unwrap_err();
            assert_eq!(message, r"Does not conform to regex (\d+)x(\d+)", "{wrong}");
        }
        let message = dimensions("1x2147483648").unwrap_err();
        assert_eq!(message, "Could not be converted to java.lang.Integer s");
    }

    proptest! {
        #[test]
        fn a_number_is_its_own_text(number: i32, zeros in "0{0,3}", sign in "\\+?") {
            let text = number.to_string();
            prop_assert_eq!(int(&text), Ok(Some(Cow::Borrowed(&*text))));
            let positive = number.unsigned_abs() >> 1;
            let dressed = format!("{sign}{zeros}{positive}");
            prop_assert_eq!(int(&dressed), Ok(Some(positive.to_string().into())));
        }
    }
}
