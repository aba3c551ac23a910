//! Decimal numbers as far as money needs them: exact, and rounded to the even neighbour.

use std::fmt;

/// Most digits of a number, and most of them behind the point.
const DIGITS_MAX: usize = 24;
/// How many decimals an inverse has, as in the library that Snowplow uses.
const INVERSE_SCALE: u32 = 6;

/// `units` divided by ten to the power of `scale`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Decimal {
    units: i128,
    scale: u32,
}

impl Decimal {
    /// Reads a number as Java's `BigDecimal` and JSON write it; none of one with too many digits.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (number, exponent) = match text.split_once(['e', 'E']) {
            Some((number, exponent)) => (number, exponent.parse::<i32>().ok()?),
            None => (text, 0),
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        if whole.len() + fraction.len() > DIGITS_MAX {
            return None;
        }
        let units: i128 = format!("{whole}{fraction}").parse().ok()?;
        let scale = i32::try_from(fraction.len()).ok()?.checked_sub(exponent)?;
        match u32::try_from(scale) {
            Ok(scale) if scale as usize <= DIGITS_MAX => Some(Self { units, scale }),
            Ok(_) => None,
            Err(_) => {
                let more = 10_i128.checked_pow(scale.unsigned_abs())?;
                Some(Self { units: units.checked_mul(more)?, scale: 0 })
            }
        }
    }

    pub(super) fn times(self, other: Self) -> Option<Self> {
        let scale = self.scale.checked_add(other.scale)?;
        Some(Self { units: self.units.checked_mul(other.units)?, scale })
    }

    /// One divided by it; none of zero.
    pub(super) fn inverse(self) -> Option<Self> {
        let one = 10_i128.checked_pow(self.scale.checked_add(INVERSE_SCALE)?)?;
        Some(Self { units: divided(one, self.units)?, scale: INVERSE_SCALE })
    }

    /// The same with so many decimals.
    pub(super) fn rounded(self, scale: u32) -> Option<Self> {
        let units = if self.scale > scale {
            divided(self.units, 10_i128.checked_pow(self.scale.checked_sub(scale)?)?)?
        } else {
            self.units.checked_mul(10_i128.checked_pow(scale.checked_sub(self.scale)?)?)?
        };
        Some(Self { units, scale })
    }
}

/// Rounded to the nearest whole number, and to the even one of two.
fn divided(number: i128, by: i128) -> Option<i128> {
    let (quotient, rest) = (number.checked_div(by)?, number.checked_rem(by)?);
    let twice = rest.unsigned_abs().checked_mul(2)?;
    let is_up = twice > by.unsigned_abs() || (twice == by.unsigned_abs() && quotient % 2 != 0);
    let away = if (number < 0) == (by < 0) { 1 } else { -1 };
    quotient.checked_add(if is_up { away } else { 0 })
}

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.units < 0 { "-" } else { "" };
        let width = self.scale as usize + 1;
        let digits = format!("{:0width$}", self.units.unsigned_abs());
        let point = digits.len().saturating_sub(self.scale as usize);
        let (whole, fraction) = digits.split_at_checked(point).unwrap_or((&digits, ""));
        let dot = if fraction.is_empty() { "" } else { "." };
        write!(f, "{sign}{whole}{dot}{fraction}")
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn rounded(text: &str, scale: u32) -> Option<String> {
        Decimal::parse(text)?.rounded(scale).map(|number| number.to_string())
    }

    #[test]
    fn halves_go_to_the_even_neighbour() {
        for (text, scale, expected) in [
            ("1.005", 2, "1.00"),
            ("1.015", 2, "1.02"),
            ("-1.015", 2, "-1.02"),
            ("1.0150001", 2, "1.02"),
            ("7", 2, "7.00"),
            ("0.5", 0, "0"),
            ("1.5", 0, "2"),
            ("1.2E3", 2, "1200.00"),
            ("1E-7", 6, "0.000000"),
        ] {
            assert_eq!(rounded(text, scale).as_deref(), Some(expected), "{text}");
        }
    }

    #[test]
    fn an_inverse_has_six_decimals() {
        let inverse = |text: &str| Decimal::parse(text)?.inverse().map(|number| number.to_string());
        assert_eq!(inverse("3").as_deref(), Some("0.333333"));
        assert_eq!(inverse("0.0000005").as_deref(), Some("2000000.000000"));
        assert_eq!(inverse("0"), None);
    }

    #[test]
    fn what_has_too_many_digits_is_none() {
        assert!(Decimal::parse(&"9".repeat(DIGITS_MAX)).is_some());
        for text in [&*"9".repeat(DIGITS_MAX + 1), "", "x", "1E999999999", "1E-25", "1E40"] {
            assert_eq!(Decimal::parse(text), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(a in "[-+0-9.eE]{0,30}", b in "[0-9]{1,12}\\.[0-9]{0,12}") {
            if let (Some(a), Some(b)) = (Decimal::parse(&a), Decimal::parse(&b)) {
                let product = b.inverse().and_then(|b| b.times(a)).and_then(|p| p.rounded(2));
                prop_assert!(product.is_none_or(|p| !p.to_string().is_empty()));
            }
        }
    }
}
