//! Pieces of compact JSON text.

/// Appends a text in quotes.
pub(crate) fn push_text(out: &mut Vec<u8>, text: &str) {
    // A text always serializes and memory always takes it.
    serde_json::to_writer(out, text).ok();
}

/// Appends a key with its colon, and the comma before it unless the object has just begun.
pub(crate) fn push_key(out: &mut Vec<u8>, key: &str) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    push_text(out, key);
    out.push(b':');
}

/// Whether JSON takes the text as a number as it stands.
pub(crate) fn is_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (mantissa, exponent) = match digits.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (digits, None),
    };
    let (whole, fraction) = match mantissa.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let exponent_digits = exponent.map(|text| text.strip_prefix(['+', '-']).unwrap_or(text));
    are_digits(whole)
        && (whole.len() == 1 || !whole.starts_with('0'))
        && fraction.is_none_or(are_digits)
        && exponent_digits.is_none_or(are_digits)
}

/// At least one digit and nothing else.
pub(crate) fn are_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_number_is_what_json_calls_one(text in "-?[0-9]{0,3}(\\.[0-9]{0,2})?([eE][+-]?[0-9]{0,2})?") {
            let parsed = serde_json::from_str::<&serde_json::value::RawValue>(&text);
            prop_assert_eq!(is_number(&text), parsed.is_ok(), "{}", text);
        }
    }
}
