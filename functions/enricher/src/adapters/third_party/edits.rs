//! Changes to JSON that several adapters make.

use std::borrow::Cow;

use json_tree::Json;

use super::dates;

/// Takes away every field that says the type once more, and makes dates of fields with seconds.
pub(super) fn cleaned<'a>(json: Json<'a>, repeated: (&str, &str), times: &[&str]) -> Json<'a> {
    let within = |value| cleaned(value, repeated, times);
    match json {
        Json::Object(object) => {
            let kept = object
                .into_iter()
                .filter(|(key, value)| *key != repeated.0 || value.as_str() != Some(repeated.1));
            Json::object(kept.map(|(key, value)| {
                let is_time = times.contains(&key.as_ref());
                let is_one = is_time && matches!(value, Json::Text(_) | Json::Number(_));
                (key, if is_one { dates::from_seconds(value) } else { within(value) })
            }))
        }
        Json::Array(values) => Json::array(values.into_iter().map(within)),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) => json,
    }
}

/// Gives every field of every object another name.
pub(super) fn renamed<'a>(json: Json<'a>, rename: fn(Cow<'a, str>) -> Cow<'a, str>) -> Json<'a> {
    match json {
        Json::Object(object) => Json::object(
            object.into_iter().map(|(key, value)| (rename(key), renamed(value, rename))),
        ),
        Json::Array(values) => Json::array(values.into_iter().map(|value| renamed(value, rename))),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_) => json,
    }
}

/// Names with dashes and underscores become `camelCase`.
pub(super) fn camelized(json: Json<'_>) -> Json<'_> {
    renamed(json, camel_case)
}

/// `X-Mailgun-Sid` becomes `xMailgunSid`.
fn camel_case(name: Cow<'_, str>) -> Cow<'_, str> {
    let is_joined =
        name.contains(['-', '_']) || name.starts_with(|first: char| !first.is_lowercase());
    if !is_joined {
        return name;
    }
    let mut out = String::with_capacity(name.len());
    let mut characters = name.chars().peekable();
    // The first character is a joint as well, if it is one.
    if let Some(first) = characters.next_if(|first| !is_joint(*first)) {
        out.extend(lower(first));
    }
    while let Some(character) = characters.next() {
        let is_joint = is_joint(character);
        match characters.next_if(|next| is_joint && (next.is_ascii_alphanumeric() || *next == '_'))
        {
            Some(next) => out.push(next.to_ascii_uppercase()),
            None => out.push(character),
        }
    }
    Cow::Owned(out)
}

fn is_joint(character: char) -> bool {
    matches!(character, '-' | '_')
}

/// One character for one, as Java does it.
fn lower(character: char) -> impl Iterator<Item = char> {
    character.to_lowercase().take(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> Json<'_> {
        Json::parse(text, 10).unwrap()
    }

    #[test]
    fn the_type_goes_and_seconds_become_dates_wherever_they_are() {
        let json = parsed(
            r#"{"event":"open","ts":1,"more":{"event":"open","list":[{"ts":"2","event":"click"}],"ts":{"ts":3}}}"#,
        );
        assert_eq!(
            cleaned(json, ("event", "open"), &["ts"]).to_text(),
            r#"{"ts":"1970-01-01T00:00:01.000Z","more":{"list":[{"ts":"1970-01-01T00:00:02.000Z","event":"click"}],"ts":{"ts":"1970-01-01T00:00:03.000Z"}}}"#
        );
    }

    #[test]
    fn names_become_camel_case() {
        for (name, camel) in [
            ("X-Mailgun-Sid", "xMailgunSid"),
            ("x_mailgun_sid", "xMailgunSid"),
            ("my_var_1", "myVar1"),
            ("already", "already"),
            ("alreadyCamel", "alreadyCamel"),
            ("data.json", "data.json"),
            ("_tags", "Tags"),
            ("a__b", "a_b"),
            ("a-", "a-"),
            ("a-é", "a-é"),
            ("Éa", "éa"),
            ("", ""),
        ] {
            assert_eq!(camel_case(Cow::Borrowed(name)), camel, "{name}");
        }
        assert_eq!(
            camelized(parsed(r#"{"a_b":[{"c-d":1}],"e":{"f_g":"h_i"}}"#)).to_text(),
            r#"{"aB":[{"cD":1}],"e":{"fG":"h_i"}}"#
        );
    }
}
