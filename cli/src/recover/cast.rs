//! A value of one type as a value of another, where nothing is guessed.

use json_tree::Json;

use super::recipe::Type;

/// The value as this type; nothing if it is that already, or cannot be.
pub(super) fn cast(value: &Json<'_>, to: Type) -> Option<Json<'static>> {
    let cast = match to {
        Type::Integer => Json::Number(whole(&number(value)?)?.to_owned().into()),
        Type::Number => Json::Number(number(value)?.into()),
        Type::Boolean => Json::Bool(truth(value)?),
        Type::Text => Json::text(plain(value)?),
    };
    (cast != *value).then_some(cast)
}

/// As JSON writes it.
fn number(value: &Json<'_>) -> Option<String> {
    match value {
        Json::Number(number) => Some(number.clone().into_owned()),
        Json::Bool(truth) => Some(u8::from(*truth).to_string()),
        Json::Text(text) => {
            let text = text.trim();
            Json::parse(text, 1).ok()?.as_number().map(str::to_owned)
        }
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

/// The digits before a fraction of zeros.
fn whole(number: &str) -> Option<&str> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = whole.strip_prefix('-').unwrap_or(whole);
    let is_whole = fraction.bytes().all(|byte| byte == b'0');
    (is_whole && digits.bytes().all(|byte| byte.is_ascii_digit())).then_some(whole)
}

fn truth(value: &Json<'_>) -> Option<bool> {
    match value {
        Json::Bool(truth) => Some(*truth),
        Json::Number(number) => truth_of(number),
        Json::Text(text) => truth_of(text.trim()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

fn truth_of(text: &str) -> Option<bool> {
    match text {
        "1" | "true" => Some(true),
        "0" | "false" => Some(false),
        _ => None,
    }
}

fn plain(value: &Json<'_>) -> Option<String> {
    match value {
        Json::Text(text) => Some(text.clone().into_owned()),
        Json::Number(_) | Json::Bool(_) => Some(value.to_text()),
        Json::Null | Json::Array(_) | Json::Object(_) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits_is_cast_and_the_rest_is_left() {
        use Type::{Boolean, Integer, Number, Text};
        for (value, to, expected) in [
            (r#""12""#, Integer, Some("12")),
            (r#"" -7 ""#, Integer, Some("-7")),
            ("12.00", Integer, Some("12")),
            ("true", Integer, Some("1")),
            ("12", Integer, None),
            (r#""12.5""#, Integer, None),
            (r#""1e3""#, Integer, None),
            (r#""""#, Integer, None),
            (r#""twelve""#, Number, None),
            (r#""012""#, Number, None),
            (r#""12.50""#, Number, Some("12.50")),
            (r#""1e3""#, Number, Some("1e3")),
            ("null", Number, None),
            ("[1]", Number, None),
            (r#""true""#, Boolean, Some("true")),
            ("0", Boolean, Some("false")),
            (r#""yes""#, Boolean, None),
            ("2", Boolean, None),
            ("12.50", Text, Some(r#""12.50""#)),
            ("false", Text, Some(r#""false""#)),
            (r#""a""#, Text, None),
            ("null", Text, None),
            ("{}", Text, None),
        ] {
            let found = cast(&Json::parse(value, 4).unwrap(), to).map(|it| it.to_text());
            assert_eq!(found.as_deref(), expected, "{value} {to:?}");
        }
    }
}
