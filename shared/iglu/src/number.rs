//! Numbers of any size and precision, compared as they are written.

use std::cmp::Ordering;

/// A JSON number: digits without zeros at either end, times a power of ten.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Decimal {
    is_negative: bool,
    digits: String,
    exponent: i64,
}

impl Decimal {
    /// Reads the text of a JSON number.
    pub(crate) fn new(text: &str) -> Self {
        let (is_negative, text) = match text.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, text),
        };
        let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        let all: String = [whole, fraction].concat();
        let from_first = all.trim_start_matches('0');
        let digits = from_first.trim_end_matches('0');
        if digits.is_empty() {
            return Self { is_negative: false, digits: String::new(), exponent: 0 };
        }
        let length = |text: &str| i64::try_from(text.len()).unwrap_or(i64::MAX);
        let exponent = power(exponent)
            .saturating_add(length(from_first) - length(digits))
            .saturating_sub(length(fraction));
        Self { is_negative, digits: digits.to_owned(), exponent }
    }

    /// The larger this is, the further the number is from zero, whatever its digits.
    fn magnitude(&self) -> i64 {
        self.exponent.saturating_add(i64::try_from(self.digits.len()).unwrap_or(i64::MAX))
    }

    /// Whether the number is the divisor times an integer; the divisor is not zero.
    pub(crate) fn is_multiple_of(&self, divisor: &Self) -> bool {
        if self.digits.is_empty() {
            return true;
        }
        let shift = self.exponent.saturating_sub(divisor.exponent);
        let Ok(modulus) = divisor.digits.parse::<u64>() else {
            // So many digits are never meant as a step; only the same number is a multiple.
            return self.digits == divisor.digits && shift >= 0;
        };
        // The digits do not end in zero, so nothing that shifts them right divides them.
        let (Ok(shift), true) = (u64::try_from(shift), modulus > 0) else { return false };
        let modulus = u128::from(modulus);
        let digit = |byte: u8| u128::from(byte.wrapping_sub(b'0'));
        let rest = self.digits.bytes().fold(0, |rest, byte| (rest * 10 + digit(byte)) % modulus);
        (rest * power_of_ten(shift, modulus)).is_multiple_of(modulus)
    }

    /// The number in one way of writing, so that equal numbers have equal texts.
    pub(crate) fn canonical(&self) -> String {
        let sign = if self.is_negative { "-" } else { "" };
        format!("{sign}{}e{}", self.digits, self.exponent)
    }
}

/// An exponent; whatever does not fit is further away than any number of digits reaches.
fn power(text: &str) -> i64 {
    const FAR: i64 = i64::MAX / 4;
    let number: Result<i64, _> = text.parse();
    let far = if text.starts_with('-') { -FAR } else { FAR };
    number.map_or(far, |number| number.clamp(-FAR, FAR))
}

fn power_of_ten(mut exponent: u64, modulus: u128) -> u128 {
    let (mut base, mut result) = (10 % modulus, 1 % modulus);
    while exponent > 0 {
        if exponent & 1 == 1 {
            result = result * base % modulus;
        }
        base = base * base % modulus;
        exponent >>= 1;
    }
    result
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let sign = |number: &Self| match (number.digits.is_empty(), number.is_negative) {
            (true, _) => 0,
            (false, true) => -1,
            (false, false) => 1,
        };
        let size = || {
            let by_magnitude = self.magnitude().cmp(&other.magnitude());
            by_magnitude.then_with(|| self.digits.cmp(&other.digits))
        };
        sign(self).cmp(&sign(other)).then_with(|| match sign(self) {
            1 => size(),
            -1 => size().reverse(),
            _ => Ordering::Equal,
        })
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// Whether a number is written as an integer.
pub(crate) fn is_integer(text: &str) -> bool {
    !text.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E'))
}

/// The value of an integer of up to 18 digits, as nearly all are.
pub(crate) fn small_integer(text: &str) -> Option<i64> {
    let bytes = text.as_bytes();
    let (is_negative, digits) = match bytes.split_first() {
        Some((b'-', rest)) => (true, rest),
        _ => (false, bytes),
    };
    if digits.len() > 18 {
        return None;
    }
    let mut number = 0;
    for byte in digits {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        number = number * 10 + i64::from(digit);
    }
    Some(if is_negative { -number } else { number })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn compare(a: &str, b: &str) -> Ordering {
        Decimal::new(a).cmp(&Decimal::new(b))
    }

    #[test]
    fn size_is_what_counts() {
        for (a, b) in
            [("1", "1.0"), ("100", "1e2"), ("-0", "0.000"), ("0e9", "0"), ("1.50", "15e-1")]
        {
            assert_eq!(compare(a, b), Ordering::Equal, "{a} {b}");
        }
        for (a, b) in [
            ("-2", "-1.9"),
            ("-1", "0"),
            ("0", "1e-400"),
            ("9.99", "10"),
            ("9223372036854775807", "9223372036854775808"),
            ("1e400", "1e99999999999999999999"),
            ("-1e99999999999999999999", "-1"),
            ("0.1", "0.11"),
        ] {
            assert_eq!(compare(a, b), Ordering::Less, "{a} {b}");
            assert_eq!(compare(b, a), Ordering::Greater, "{a} {b}");
        }
    }

    #[test]
    fn multiples_are_exact() {
        let is_multiple = |a: &str, b: &str| Decimal::new(a).is_multiple_of(&Decimal::new(b));
        for (a, b) in [("0.3", "0.1"), ("10", "5"), ("0", "7"), ("1e999999", "5"), ("1.10", "0.01")]
        {
            assert!(is_multiple(a, b), "{a} {b}");
        }
        for (a, b) in [("0.35", "0.1"), ("10", "3"), ("1e-999999", "5"), ("1e30", "7")] {
            assert!(!is_multiple(a, b), "{a} {b}");
        }
    }

    proptest! {
        #[test]
        fn integers_compare_as_integers(a in any::<i64>(), b in any::<i64>(), c in 1i64..100_000) {
            prop_assert_eq!(compare(&a.to_string(), &b.to_string()), a.cmp(&b));
            let small = small_integer(&a.to_string());
            prop_assert!(small == Some(a) || small.is_none() && a.unsigned_abs() >= 10u64.pow(18));
            let (a_text, c_text) = (a.to_string(), c.to_string());
            let is_multiple = Decimal::new(&a_text).is_multiple_of(&Decimal::new(&c_text));
            prop_assert_eq!(is_multiple, a % c == 0);
        }
    }
}
