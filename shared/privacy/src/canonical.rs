//! The bytes that a pseudonym is made of: one form for each value, whatever its JSON type.

use std::borrow::Cow;

/// From here on two shortest decimals of a double can be equally near to it.
const DECIMAL_MAX: f64 = 1e15;

/// A JSON number's form: whole numbers as digits, others as the shortest decimal that reads back
/// as the same double. `1`, `1.0` and `1e0` are one value, and so is the text `"1"`.
pub(crate) fn number(token: &str) -> Cow<'_, str> {
    let digits = token.strip_prefix('-').unwrap_or(token);
    if digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Cow::Borrowed(if token == "-0" { "0" } else { token });
    }
    match token.parse::<f64>() {
        Ok(0.0) => Cow::Borrowed("0"),
        Ok(number) if number.is_finite() && number.abs() < DECIMAL_MAX => {
            Cow::Owned(number.to_string())
        }
        // Too large for a double, or so large that its digits would be made up: as it was written.
        _ => Cow::Borrowed(token),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_one_form() {
        for (token, expected) in [
            ("1", "1"),
            ("-1", "-1"),
            ("-0", "0"),
            ("0.0", "0"),
            ("1.0", "1"),
            ("1e0", "1"),
            ("10E-1", "1"),
            ("1.50", "1.5"),
            ("0.1", "0.1"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("1e400", "1e400"),
            ("1e21", "1e21"),
        ] {
            assert_eq!(number(token), expected, "{token}");
        }
    }
}
