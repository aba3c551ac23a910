//! Changes in a tree of JSON: the act of a step at the places that its path names.

use json_tree::{Json, Object};

use super::cast::cast;
use super::recipe::{Act, PathStep};

/// Does it at every such place; whether anything is another than before.
pub(super) fn change(json: &mut Json<'static>, path: &[PathStep], act: &Act) -> bool {
    match path.split_first() {
        None => change_value(json, act),
        Some((step, [])) => change_below(json, step, act),
        Some((step, rest)) => match (json, step) {
            (Json::Object(object), PathStep::Name(name)) => {
                object.get_mut(name).is_some_and(|inner| change(inner, rest, act))
            }
            (Json::Array(items), PathStep::Items) => each(items, |item| change(item, rest, act)),
            (Json::Array(items), PathStep::Name(name)) => {
                item(items, name).is_some_and(|inner| change(inner, rest, act))
            }
            (Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_), _)
            | (Json::Object(_), PathStep::Items) => false,
        },
    }
}

/// Changes a field or an item of what is there.
fn change_below(json: &mut Json<'static>, step: &PathStep, act: &Act) -> bool {
    match (json, step) {
        (Json::Object(object), PathStep::Name(name)) => change_field(object, name, act),
        (Json::Array(items), PathStep::Items) => match act {
            Act::Remove => {
                let changed = !items.is_empty();
                items.clear();
                changed
            }
            Act::Cast(_) | Act::Rename(_) | Act::Set(_) | Act::Replace(..) => {
                each(items, |item| change_value(item, act))
            }
        },
        (Json::Array(items), PathStep::Name(name)) => match act {
            Act::Remove => {
                let place = name.parse().ok().filter(|place: &usize| *place < items.len());
                place.map(|place| items.remove(place)).is_some()
            }
            Act::Cast(_) | Act::Rename(_) | Act::Set(_) | Act::Replace(..) => {
                item(items, name).is_some_and(|item| change_value(item, act))
            }
        },
        (Json::Null | Json::Bool(_) | Json::Number(_) | Json::Text(_), _)
        | (Json::Object(_), PathStep::Items) => false,
    }
}

/// Changes a field, or sets it.
pub(super) fn change_field(object: &mut Object<'static>, name: &str, act: &Act) -> bool {
    match act {
        Act::Remove => object.remove(name).is_some(),
        Act::Rename(to) => rename(object, name, to),
        Act::Set(value) => {
            object.get(name) != Some(value) && {
                object.insert(name.to_owned(), value.clone());
                true
            }
        }
        Act::Cast(_) | Act::Replace(..) => {
            object.get_mut(name).is_some_and(|value| change_value(value, act))
        }
    }
}

fn change_value(value: &mut Json<'static>, act: &Act) -> bool {
    let changed = match act {
        Act::Cast(to) => cast(value, *to),
        Act::Set(wanted) => (wanted != value).then(|| wanted.clone()),
        Act::Replace(pattern, with) => value.as_str().and_then(|text| {
            let replaced = pattern.replace_all(text, with.as_str());
            (replaced != text).then(|| Json::text(replaced.into_owned()))
        }),
        // These need the object around it.
        Act::Remove | Act::Rename(_) => None,
    };
    changed.map(|changed| *value = changed).is_some()
}

/// The field keeps its place. A field that has the new name already is not overwritten.
fn rename(object: &mut Object<'static>, name: &str, to: &str) -> bool {
    if !object.contains_key(name) || object.contains_key(to) {
        return false;
    }
    let pairs = std::mem::take(object).into_iter();
    *object = pairs
        .map(|(key, value)| (if key == name { to.to_owned().into() } else { key }, value))
        .collect();
    true
}

/// All of them, also behind the first that is changed.
fn each(items: &mut [Json<'static>], mut change: impl FnMut(&mut Json<'static>) -> bool) -> bool {
    let mut changed = false;
    for item in items {
        changed |= change(item);
    }
    changed
}

fn item<'t>(items: &'t mut [Json<'static>], name: &str) -> Option<&'t mut Json<'static>> {
    items.get_mut(name.parse::<usize>().ok()?)
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::super::recipe::Type;
    use super::*;

    fn path(text: &str) -> Vec<PathStep> {
        let step = |name: &str| match name {
            "[*]" => PathStep::Items,
            name => PathStep::Name(name.to_owned()),
        };
        text.split('/').skip(1).filter(|name| !name.is_empty()).map(step).collect()
    }

    #[test]
    fn an_act_is_done_at_its_path_only() {
        let start = r#"{"a":[{"p":"1"},{"p":"x"}],"b":{"c":1.0}}"#;
        let number = || Act::Cast(Type::Number);
        let replace = || Act::Replace(Regex::new("^x(.*)").unwrap(), "y$1".to_owned());
        for (at, act, expected) in [
            ("/a/[*]/p", number(), Some(r#"{"a":[{"p":1},{"p":"x"}],"b":{"c":1.0}}"#)),
            ("/a/1/p", number(), None),
            ("/a/0/p", number(), Some(r#"{"a":[{"p":1},{"p":"x"}],"b":{"c":1.0}}"#)),
            ("/a/[*]/p", replace(), Some(r#"{"a":[{"p":"1"},{"p":"y"}],"b":{"c":1.0}}"#)),
            ("/a/[*]", Act::Remove, Some(r#"{"a":[],"b":{"c":1.0}}"#)),
            ("/a/0", Act::Remove, Some(r#"{"a":[{"p":"x"}],"b":{"c":1.0}}"#)),
            ("/a/2", Act::Remove, None),
            ("/b/[*]", Act::Remove, None),
            ("/b/c/d", Act::Remove, None),
            ("/b/c", Act::Rename("d".into()), Some(r#"{"a":[{"p":"1"},{"p":"x"}],"b":{"d":1.0}}"#)),
            ("/a", Act::Rename("z".into()), Some(r#"{"z":[{"p":"1"},{"p":"x"}],"b":{"c":1.0}}"#)),
            ("/a", Act::Rename("b".into()), None),
            ("/b/d", Act::Rename("e".into()), None),
            (
                "/b/d",
                Act::Set(Json::Null),
                Some(r#"{"a":[{"p":"1"},{"p":"x"}],"b":{"c":1.0,"d":null}}"#),
            ),
            ("/b", Act::Set(Json::Null), Some(r#"{"a":[{"p":"1"},{"p":"x"}],"b":null}"#)),
            ("/b/c", Act::Set(Json::Number("1.0".into())), None),
            ("/q/d", Act::Set(Json::Null), None),
            ("/", Act::Set(Json::Null), Some("null")),
        ] {
            let mut json = Json::parse(start, 8).unwrap().into_owned();
            let changed = change(&mut json, &path(at), &act);
            assert_eq!(json.to_text(), expected.unwrap_or(start), "{at}");
            assert_eq!(changed, expected.is_some(), "{at}");
        }
    }
}
