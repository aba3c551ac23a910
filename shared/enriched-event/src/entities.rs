//! Self-describing JSON as the analytics SDKs take it apart.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use crate::columns::Column;
use crate::json_text::{are_digits, push_key, push_text};
use crate::sdk_json::{SdkFlavour, SdkReason};

const WRAPPER_VENDOR: &str = "com.snowplowanalytics.snowplow";

/// Entities and the event's own data by the columns that they become.
pub(crate) type Entities<'a> = BTreeMap<String, Vec<SelfDescribing<'a>>>;

/// Data and the name of its schema.
#[derive(Deserialize)]
pub(crate) struct SelfDescribing<'a> {
    #[serde(borrow)]
    schema: Cow<'a, str>,
    #[serde(borrow)]
    data: &'a RawValue,
}

/// A schema's name in its parts.
struct SchemaKey<'a> {
    vendor: &'a str,
    name: &'a str,
    format: &'a str,
    version: [&'a str; 3],
}

/// Adds what a column of JSON holds. An entity of the pipeline replaces those that a tracker sent
/// with the same schema, as in the SDKs.
pub(crate) fn collect<'a>(
    entities: &mut Entities<'a>,
    column: Column,
    text: &'a str,
    flavour: SdkFlavour,
) -> Result<(), SdkReason> {
    let mut found = Entities::new();
    for entity in unwrapped(column, text, flavour)? {
        let key = column_name(column, &entity.schema, flavour);
        found.entry(key.ok_or(SdkReason::NotSelfDescribing)?).or_default().push(entity);
    }
    entities.append(&mut found);
    Ok(())
}

/// Appends every entity as a column of its own.
pub(crate) fn push_flat(out: &mut Vec<u8>, entities: &Entities<'_>, flavour: SdkFlavour) {
    for (key, group) in entities {
        push_key(out, key);
        if key.starts_with("unstruct_event_") {
            out.extend(group.iter().flat_map(|event| event.data.get().bytes()));
            continue;
        }
        out.push(b'[');
        for (index, entity) in group.iter().enumerate() {
            if index > 0 {
                out.push(b',');
            }
            match flavour {
                SdkFlavour::Python => out.extend_from_slice(entity.data.get().as_bytes()),
                SdkFlavour::ScalaFlat | SdkFlavour::ScalaNested => push_versioned(out, entity),
            }
        }
        out.push(b']');
    }
}

/// Appends a column of JSON as it stands.
pub(crate) fn push_nested(out: &mut Vec<u8>, column: Column, text: &str) -> Result<(), SdkReason> {
    unwrapped(column, text, SdkFlavour::ScalaNested)?;
    out.extend_from_slice(match (text, column) {
        ("", Column::UnstructEvent) => b"null",
        ("", _) => b"{}",
        (text, _) => text.as_bytes(),
    });
    Ok(())
}

/// Appends an entity with its schema's name as one more property, the last, so that it wins.
fn push_versioned(out: &mut Vec<u8>, entity: &SelfDescribing<'_>) {
    let data = entity.data.get();
    let object = data.strip_prefix('{').and_then(|data| data.strip_suffix('}'));
    out.push(b'{');
    if let Some(properties) = object.map(str::trim).filter(|properties| !properties.is_empty()) {
        out.extend_from_slice(properties.as_bytes());
        out.push(b',');
    }
    push_text(out, "_schema_version");
    out.push(b':');
    push_text(out, &entity.schema);
    out.push(b'}');
}

/// What is inside the column's wrapper.
fn unwrapped(
    column: Column,
    text: &str,
    flavour: SdkFlavour,
) -> Result<Vec<SelfDescribing<'_>>, SdkReason> {
    if text.is_empty() {
        return Ok(Vec::new());
    }
    let wrapper: SelfDescribing<'_> = parsed(text)?;
    let wrapper_name = if column == Column::UnstructEvent { "unstruct_event" } else { "contexts" };
    if flavour != SdkFlavour::Python && !is_wrapper(&wrapper.schema, wrapper_name)? {
        return Err(SdkReason::UnknownWrapper);
    }
    if column == Column::UnstructEvent {
        Ok(vec![parsed(wrapper.data.get())?])
    } else {
        parsed(wrapper.data.get())
    }
}

fn parsed<'a, T: Deserialize<'a>>(text: &'a str) -> Result<T, SdkReason> {
    serde_json::from_str(text).map_err(|_| SdkReason::NotSelfDescribing)
}

fn is_wrapper(schema: &str, name: &str) -> Result<bool, SdkReason> {
    let key = schema_key(schema).ok_or(SdkReason::NotSelfDescribing)?;
    let is_ours = key.vendor == WRAPPER_VENDOR && key.name == name && key.format == "jsonschema";
    Ok(is_ours && matches!(key.version, ["1", "0", _]))
}

/// The parts of `iglu:vendor/name/format/1-0-0`.
fn schema_key(schema: &str) -> Option<SchemaKey<'_>> {
    let mut parts = schema.strip_prefix("iglu:")?.split('/');
    let [vendor, name, format, version] =
        [parts.next()?, parts.next()?, parts.next()?, parts.next()?];
    let mut numbers = version.split('-');
    let version = [numbers.next()?, numbers.next()?, numbers.next()?];
    let is_word = |text: &str, more: &str| {
        !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
    };
    let is_number = |text: &str| are_digits(text) && (text == "0" || !text.starts_with('0'));
    let [model, _, _] = version;
    let is_valid = parts.next().is_none()
        && numbers.next().is_none()
        && is_word(vendor, "-_.")
        && is_word(name, "-_")
        && is_word(format, "-_")
        && version.into_iter().all(is_number)
        && model != "0";
    is_valid.then_some(SchemaKey { vendor, name, format, version })
}

/// The column that data of this schema becomes.
fn column_name(column: Column, schema: &str, flavour: SdkFlavour) -> Option<String> {
    let SchemaKey { vendor, name, version: [model, _, _], .. } = schema_key(schema)?;
    let prefix = if column == Column::UnstructEvent { "unstruct_event" } else { "contexts" };
    let dashes = if flavour == SdkFlavour::Python { "" } else { "-" };
    let vendor = vendor.replace(|c| c == '.' || dashes.contains(c), "_").to_ascii_lowercase();
    let name = snake_case(&name.replace(|c| dashes.contains(c), "_"));
    Some(format!("{prefix}_{vendor}_{name}_{model}"))
}

/// `WebPage` becomes `web_page`; a capital after a capital stays with it.
fn snake_case(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    let mut before = '_';
    for character in name.chars() {
        if character.is_ascii_uppercase() && !before.is_ascii_uppercase() && before != '_' {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
        before = character;
    }
    snake
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(schema: &str) -> [Option<String>; 2] {
        [SdkFlavour::Python, SdkFlavour::ScalaFlat]
            .map(|flavour| column_name(Column::Contexts, schema, flavour))
    }

    #[test]
    fn a_schema_becomes_a_column() {
        for (schema, python, scala) in [
            (
                "iglu:org.w3/PerformanceTiming/jsonschema/1-0-0",
                "contexts_org_w3_performance_timing_1",
                "contexts_org_w3_performance_timing_1",
            ),
            (
                "iglu:com.acme/ContextUK/jsonschema/12-0-3",
                "contexts_com_acme_context_uk_12",
                "contexts_com_acme_context_uk_12",
            ),
            (
                "iglu:com.acme-it/event_Name-dash/jsonschema/1-10-1",
                "contexts_com_acme-it_event_name-dash_1",
                "contexts_com_acme_it_event_name_dash_1",
            ),
        ] {
            assert_eq!(names(schema), [Some(python.to_owned()), Some(scala.to_owned())]);
        }
    }

    #[test]
    fn what_is_no_schema_becomes_none() {
        for schema in [
            "iglu:com.acme/x/jsonschema/0-0-1",
            "iglu:com.acme/x/jsonschema/1-0",
            "iglu:com.acme/x/jsonschema/1-00-0",
            "iglu:com.acme/x/jsonschema/1-0-0-0",
            "iglu:com.acme/x/jsonschema/1-0-0/",
            "iglu:com acme/x/jsonschema/1-0-0",
            "iglu:/x/jsonschema/1-0-0",
            "com.acme/x/jsonschema/1-0-0",
            "",
        ] {
            assert_eq!(names(schema), [None, None], "{schema}");
        }
    }

    #[test]
    fn an_entity_without_properties_is_its_version() {
        let schema = "iglu:a/b/jsonschema/1-0-0";
        for (data, expected) in [
            ("{ }", r#"{"_schema_version":"iglu:a/b/jsonschema/1-0-0"}"#),
            ("7", r#"{"_schema_version":"iglu:a/b/jsonschema/1-0-0"}"#),
            (r#"{"a": 1 }"#, r#"{"a": 1,"_schema_version":"iglu:a/b/jsonschema/1-0-0"}"#),
        ] {
            let mut out = Vec::new();
            let data = serde_json::from_str(data).unwrap();
            push_versioned(&mut out, &SelfDescribing { schema: schema.into(), data });
            assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}
