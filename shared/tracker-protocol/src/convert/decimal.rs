//! Decimal numbers, read and written as `java.math.BigDecimal` does.

use std::borrow::Cow;

use super::number::digit;
use super::{Cell, Message};

/// How many zeros a positive exponent may add. Java has no such limit, and writes a gigabyte for
/// twelve characters.
pub const DECIMAL_ZEROS_MAX: usize = 10_000;

const EXPONENT_DIGITS_MAX: usize = 10;
const MANY_POINTS: &str = "Character array contains more than one decimal point.";

/// A decimal number as Java would write it after its scale was raised to zero; nothing for `null`.
pub fn decimal(value: &str) -> Result<Cell<'_>, Message> {
    if is_canonical(value.as_bytes()) {
        return Ok(Some(Cow::Borrowed(value)));
    }
    if value.eq_ignore_ascii_case("null") {
        return Ok(None);
    }
    let written = Decimal::parse(value)
        .and_then(|number| if number.scale < 0 { number.plain() } else { Ok(number.scientific()) });
    written.map(|text| Some(Cow::Owned(text))).map_err(|why| {
        Cow::Owned(format!("Cannot be converted to java.math.BigDecimal. Error : {why}"))
    })
}

/// A decimal number without an exponent; nothing for `null`.
pub fn double_like(value: &str) -> Result<Cell<'_>, Message> {
    if value == "null" {
        return Ok(None);
    }
    let written = Decimal::parse(value).and_then(|number| number.plain());
    let written = written.map(|text| Some(Cow::Owned(text)));
    written.map_err(|_| Cow::Borrowed("Cannot be converted to Double-like"))
}

/// Whether Java would write the number as it stands: no plus, no needless zeros in front, no
/// exponent, nothing so small that it gets one.
fn is_canonical(value: &[u8]) -> bool {
    let unsigned = value.strip_prefix(b"-").unwrap_or(value);
    let whole = unsigned.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (whole, rest) = unsigned.split_at_checked(whole).unwrap_or_default();
    match (whole, rest) {
        ([b'1'..=b'9', ..] | [b'0'], []) => value.len() == unsigned.len() || whole != b"0",
        ([b'1'..=b'9', ..], [b'.', fraction @ ..]) => {
            !fraction.is_empty() && fraction.iter().all(u8::is_ascii_digit)
        }
        ([b'0'], [b'.', fraction @ ..]) => {
            fraction.iter().all(u8::is_ascii_digit)
                && fraction.iter().take(6).any(|byte| *byte != b'0')
        }
        _ => false,
    }
}

/// Digits without zeros in front, and how many of them stand behind the point.
struct Decimal {
    negative: bool,
    digits: String,
    scale: i64,
}

impl Decimal {
    fn parse(value: &str) -> Result<Self, Cow<'static, str>> {
        let negative = value.starts_with('-');
        let unsigned = value.strip_prefix(['-', '+']).unwrap_or(value);
        // Java words one refusal differently for numbers that do not fit its short path.
        let long = unsigned.encode_utf16().take(19).count() > 18;
        let (mut digits, mut scale, mut point, mut any) = (String::new(), 0i64, false, false);
        let mut left = unsigned.chars();
        while let Some(character) = left.next() {
            if let Some(value) = digit(character) {
                any = true;
                if value > 0 || !digits.is_empty() {
                    digits.push(char::from(b'0' + value));
                }
                scale += i64::from(point);
            } else if character == '.' {
                if point {
                    return Err(Cow::Borrowed(MANY_POINTS));
                }
                point = true;
            } else if matches!(character, 'e' | 'E') {
                scale -= exponent(left.as_str())?;
                break;
            } else {
                return Err(stranger(character, long));
            }
        }
        if !any {
            return Err(Cow::Borrowed(if value.is_empty() {
                NO_MESSAGE
            } else {
                "No digits found."
            }));
        }
        if i32::try_from(scale).is_err() {
            return Err(Cow::Borrowed("Scale out of range."));
        }
        if digits.is_empty() {
            digits.push('0');
        }
        Ok(Self { negative: negative && digits != "0", digits, scale })
    }

    /// With every zero written out.
    fn plain(&self) -> Result<String, Cow<'static, str>> {
        let mut text = String::from(if self.negative { "-" } else { "" });
        if self.scale <= 0 {
            text.push_str(&self.digits);
            let zeros = if self.digits == "0" { 0 } else { self.scale.unsigned_abs() };
            let zeros = usize::try_from(zeros).ok().filter(|zeros| *zeros <= DECIMAL_ZEROS_MAX);
            let Some(zeros) = zeros else { return Err(Cow::Borrowed(TOO_LONG)) };
            text.extend(std::iter::repeat_n('0', zeros));
            return Ok(text);
        }
        let behind = usize::try_from(self.scale).unwrap_or(usize::MAX);
        if behind > self.digits.len() + DECIMAL_ZEROS_MAX {
            return Err(Cow::Borrowed(TOO_LONG));
        }
        self.write_fixed(&mut text, behind);
        Ok(text)
    }

    /// As Java's `toString`: with an exponent if the number is very small.
    fn scientific(&self) -> String {
        let length = i64::try_from(self.digits.len()).unwrap_or(i64::MAX);
        let exponent = length - 1 - self.scale;
        let mut text = String::from(if self.negative { "-" } else { "" });
        if exponent >= -6 {
            self.write_fixed(&mut text, usize::try_from(self.scale).unwrap_or_default());
            return text;
        }
        let (first, rest) = self.digits.split_at_checked(1).unwrap_or_default();
        text.push_str(first);
        if !rest.is_empty() {
            text.push('.');
            text.push_str(rest);
        }
        text.push('E');
        text.push_str(&exponent.to_string());
        text
    }

    fn write_fixed(&self, text: &mut String, behind: usize) {
        let whole = self.digits.len().saturating_sub(behind);
        let (whole, fraction) = self.digits.split_at_checked(whole).unwrap_or_default();
        text.push_str(if whole.is_empty() { "0" } else { whole });
        if behind > 0 {
            text.push('.');
            text.extend(std::iter::repeat_n('0', behind - fraction.len()));
            text.push_str(fraction);
        }
    }
}

/// Java runs past the end of the text there, and has nothing to say about it.
const NO_MESSAGE: &str = "null";
const TOO_LONG: &str = "BigInteger would overflow supported range";

fn stranger(character: char, long: bool) -> Cow<'static, str> {
    if long {
        return Cow::Borrowed("Character array is missing \"e\" notation exponential mark.");
    }
    Cow::Owned(format!(
        "Character {character} is neither a decimal digit number, decimal point, nor \"e\" notation \
         exponential mark."
    ))
}

fn exponent(text: &str) -> Result<i64, Cow<'static, str>> {
    let negative = text.starts_with('-');
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    if digits.is_empty() {
        return Err(Cow::Borrowed(NO_MESSAGE));
    }
    let count = digits.chars().count();
    let zeros = digits.chars().take_while(|character| digit(*character) == Some(0)).count();
    let significant = count - zeros.min(count.saturating_sub(EXPONENT_DIGITS_MAX));
    if significant > EXPONENT_DIGITS_MAX {
        return Err(Cow::Borrowed("Too many nonzero exponent digits."));
    }
    let mut value = 0i64;
    for character in digits.chars() {
        let digit = digit(character).ok_or(Cow::Borrowed("Not a digit."))?;
        value = value * 10 + i64::from(digit);
    }
    let value = if negative { -value } else { value };
    if i32::try_from(value).is_err() {
        return Err(Cow::Borrowed("Exponent overflow."));
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn numbers_are_written_as_java_does() {
        for (value, text) in [
            ("42", "42"),
            ("-42.50", "-42.50"),
            ("+7", "7"),
            ("007.10", "7.10"),
            (".5", "0.5"),
            ("23.", "23"),
            ("-0", "0"),
            ("-0.0", "0.0"),
            ("1e3", "1000"),
            ("1.25E1", "12.5"),
            ("0E5", "0"),
            ("0.000001", "0.000001"),
            ("0.0000001", "1E-7"),
            ("-0.00000012", "-1.2E-7"),
            ("0.0000000", "0E-7"),
            ("12E-10", "1.2E-9"),
            ("٤٥.٦", "45.6"),
        ] {
            assert_eq!(decimal(value).unwrap().unwrap(), text, "{value}");
        }
        assert_eq!(decimal("NULL"), Ok(None));
        assert_eq!(double_like("0.0000001").unwrap().unwrap(), "0.0000001");
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for (value, why) in [
            (
                "f",
                "Character f is neither a decimal digit number, decimal point, nor \"e\" notation exponential mark.",
            ),
            ("1.2.3", MANY_POINTS),
            (".", "No digits found."),
            ("", "null"),
            ("1e", "null"),
            ("1234567890123456789x", "Character array is missing \"e\" notation exponential mark."),
            ("1ex", "Not a digit."),
        ] {
            let message = decimal(value).unwrap_err();
            assert_eq!(
                message,
                format!("Cannot be converted to java.math.BigDecimal. Error : {why}")
            );
        }
        assert_eq!(double_like("1,5").unwrap_err(), "Cannot be converted to Double-like");
    }

    #[test]
    fn zeros_are_limited() {
        let most = format!("1E{DECIMAL_ZEROS_MAX}");
        assert_eq!(decimal(&most).unwrap().unwrap().len(), DECIMAL_ZEROS_MAX + 1);
        decimal(&format!("1E{}", DECIMAL_ZEROS_MAX + 1)).unwrap_err();
        decimal("1E2147483647").unwrap_err();
        assert_eq!(decimal("1E-2147483647").unwrap().unwrap(), "1E-2147483647");
    }

    proptest! {
        #[test]
        fn what_is_borrowed_is_what_would_be_written(value in "-?[0-9]{0,4}\\.?0{0,8}[0-9]{0,3}") {
            if is_canonical(value.as_bytes()) {
                let number = Decimal::parse(&value).unwrap();
                prop_assert_eq!(number.scientific(), value);
            }
        }
    }
}
