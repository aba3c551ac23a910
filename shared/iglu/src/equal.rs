//! When two values are the same: numbers by size, objects in any order.

use json_tree::Json;

use crate::number::{Decimal, is_integer};

/// Whether two values are equal, `1` and `1.0` included.
pub(crate) fn are_equal(a: &Json<'_>, b: &Json<'_>) -> bool {
    match (a, b) {
        (Json::Number(a), Json::Number(b)) => a == b || Decimal::new(a) == Decimal::new(b),
        (Json::Array(a), Json::Array(b)) => {
            a.len() == b.len() && a.iter().zip(b).all(|(a, b)| are_equal(a, b))
        }
        (Json::Object(a), Json::Object(b)) => {
            let has = |(key, a): (&str, &Json<'_>)| b.get(key).is_some_and(|b| are_equal(a, b));
            a.len() == b.len() && a.iter().all(has)
        }
        _ => a == b,
    }
}

/// Whether no two values are the same; here `1` and `1.0` are two.
pub(crate) fn are_distinct(values: &[Json<'_>]) -> bool {
    let mut texts: Vec<String> = values.iter().map(canonical).collect();
    texts.sort_unstable();
    texts.iter().zip(texts.iter().skip(1)).all(|(text, next)| text != next)
}

/// A text that two values share exactly when they are the same.
fn canonical(json: &Json<'_>) -> String {
    let mut out = String::new();
    write(json, &mut out);
    out
}

fn write(json: &Json<'_>, out: &mut String) {
    match json {
        Json::Number(number) => {
            out.push(if is_integer(number) { 'i' } else { 'd' });
            out.push_str(&Decimal::new(number).canonical());
        }
        Json::Array(values) => {
            out.push('[');
            for value in values {
                write(value, out);
                out.push(',');
            }
            out.push(']');
        }
        Json::Object(object) => {
            let mut pairs: Vec<(&str, &Json<'_>)> = object.iter().collect();
            pairs.sort_unstable_by_key(|(key, _)| *key);
            out.push('{');
            for (key, value) in pairs {
                json_tree::write_text(key, out);
                out.push(':');
                write(value, out);
                out.push(',');
            }
            out.push('}');
        }
        Json::Null | Json::Bool(_) | Json::Text(_) => json.write(out),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sameness_is_by_content() {
        let json = |text| Json::parse(text, 9).expect("valid");
        for (a, b, equal, distinct) in [
            ("1", "1.0", true, true),
            ("1.0", "1.00", true, false),
            ("\"1\"", "1", false, true),
            (r#"{"a":1,"b":[2]}"#, r#"{"b":[2],"a":1}"#, true, false),
            (r#"{"a":null}"#, r#"{"b":null}"#, false, true),
            ("[1,2]", "[2,1]", false, true),
        ] {
            assert_eq!(are_equal(&json(a), &json(b)), equal, "{a} {b}");
            assert_eq!(are_distinct(&[json(a), json("true"), json(b)]), distinct, "{a} {b}");
        }
    }
}
