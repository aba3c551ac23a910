//! Google Analytics: hits of the measurement protocol, one a line.

mod tables;
mod values;

use std::collections::BTreeMap;

use json_tree::{Json, Object};
use tracker_protocol::{Pair, Parameters};

use super::{MESSAGES_MAX, Messages, SERVER, form_body, input_data, missing, schema_of};
use crate::adapters::envelope::{contexts, self_describing, unstruct_event};
use crate::adapters::{Adapted, Make, Many, Outcome, Request, webhook};
use tables::{COUNTED, Counted, FLAT, Field, HITS};

const TRACKER: &str = "com.google.analytics.measurement-protocol-v1";

#[expect(clippy::needless_pass_by_value, reason = "the signature is that of all adapters")]
pub(super) fn adapt(request: Request<'_>) -> Outcome<'_> {
    let body = request.body.filter(|body| !body.is_empty());
    let Some(body) = body else { return Err(vec![missing("body", "empty body")]) };
    // Every line is read twice, so that what one hit becomes is never held for all of them.
    let wrong = body.lines().filter_map(|line| hit(line).err()).flatten();
    let messages: Vec<_> = wrong.take(MESSAGES_MAX).collect();
    if !messages.is_empty() {
        return Err(messages);
    }
    let items = body.lines().map(Json::text).collect();
    Ok(Adapted::Many(Many { items, make: Make::Hit }))
}

/// The parameters of a line that holds a hit.
pub(in crate::adapters) fn parameters(line: &Json<'_>) -> Parameters<'static> {
    hit(line.as_str().unwrap_or_default()).unwrap_or_default().into_iter().collect()
}

/// The parameters of a hit, or all that is wrong with it.
fn hit(line: &str) -> Result<Vec<Pair<'static>>, Messages<'_>> {
    let sent = form_body(line)?;
    let Some(hit) = sent.get("t") else {
        let expectation = "no t parameter provided: cannot determine hit type";
        return Err(vec![input_data("body", Some(line), expectation)]);
    };
    let Some((_, schema, fields)) = HITS.iter().find(|(name, ..)| *name == hit) else {
        let types: Vec<_> = HITS.iter().map(|(name, schema, _)| (*name, *schema)).collect();
        let unknown = input_data("t", Some(hit.to_owned()), "no matching hit type");
        let unmapped = schema_of(Some(hit), None, &types).err();
        return Err([unknown].into_iter().chain(unmapped).collect());
    };
    let mut wrong = Vec::new();
    let data = event_data(fields, &sent, &mut wrong);
    let mut entities = flat_entities(&sent, &mut wrong);
    entities.extend(counted_entities(&sent, &mut wrong));
    if !wrong.is_empty() {
        return Err(wrong);
    }
    let mut pairs = webhook::common(TRACKER, SERVER, Parameters::default());
    let event = unstruct_event(self_describing(*schema, data));
    pairs.push(("ue_pr".into(), Some(event.into())));
    pairs.push(("co".into(), Some(contexts(entities).into())));
    for (name, value) in sent.in_map_order() {
        if let (Some(name), Some(value)) = (tables::tracker_parameter(name, hit), value) {
            pairs.push((name.into(), Some(value.to_owned().into())));
        }
    }
    Ok(pairs)
}

/// Puts a value into its field.
fn put(
    data: &mut Object<'static>,
    (name, value): (&str, &str),
    field: &Field,
    wrong: &mut Messages<'_>,
) {
    match values::converted(value, field.2) {
        Ok(value) => {
            data.insert(field.1, value);
        }
        Err(expectation) => {
            wrong.push(input_data(name.to_owned(), Some(value.to_owned()), expectation));
        }
    }
}

fn event_data(fields: &[Field], sent: &Parameters<'_>, wrong: &mut Messages<'_>) -> Json<'static> {
    let mut data = Object::new();
    for field in fields {
        if let Some(value) = sent.get(field.0) {
            put(&mut data, (field.0, value), field, wrong);
        }
    }
    Json::Object(data)
}

/// In the order in which each is first spoken of.
fn flat_entities(sent: &Parameters<'_>, wrong: &mut Messages<'_>) -> Vec<Json<'static>> {
    let mut entities: Vec<(&'static str, Object<'static>)> = Vec::new();
    for (name, value) in sent.in_map_order() {
        let of = |fields: &'static [Field]| fields.iter().find(|field| field.0 == name);
        let found = FLAT.iter().find_map(|(schema, fields)| Some((*schema, of(fields)?)));
        let (Some((schema, field)), Some(value)) = (found, value) else { continue };
        let known = entities.iter().position(|(known, _)| *known == schema);
        let place = known.unwrap_or_else(|| {
            entities.push((schema, Object::new()));
            entities.len() - 1
        });
        if let Some((_, data)) = entities.get_mut(place) {
            put(data, (name, value), field, wrong);
        }
    }
    entities.into_iter().map(|(schema, data)| self_describing(schema, Json::Object(data))).collect()
}

/// In the order of the parameters' names.
fn counted_entities(sent: &Parameters<'_>, wrong: &mut Messages<'_>) -> Vec<Json<'static>> {
    let mut counted: Vec<_> = sent
        .in_map_order()
        .filter_map(|(name, value)| Some((name, value?, parts(name)?)))
        .collect();
    counted.sort_unstable_by_key(|(name, ..)| *name);
    let mut entities: Vec<(&Counted, Object<'static>)> = Vec::new();
    let mut places = BTreeMap::new();
    for (name, value, (parts, rest)) in counted {
        let Some((table, field)) =
            COUNTED.iter().find_map(|it| Some((it, it.field(&parts, rest)?)))
        else {
            continue;
        };
        let numbers: Vec<i64> = parts.iter().map(|(_, number)| *number).collect();
        let place = *places.entry((table.schema, numbers)).or_insert_with_key(|(_, numbers)| {
            let numbers = numbers.iter().map(|number| Json::integer(*number));
            let mut data: Object<'static> =
                table.prefixes.iter().map(|(_, field)| *field).zip(numbers).collect();
            if let Some(currency) = sent.get("cu").filter(|_| table.has_currency) {
                data.insert("currencyCode", Json::text(currency.to_owned()));
            }
            entities.push((table, data));
            entities.len() - 1
        });
        if let Some((_, data)) = entities.get_mut(place) {
            put(data, (name, value), field, wrong);
        }
    }
    let entity = |(table, data): (&Counted, _)| self_describing(table.schema, Json::Object(data));
    entities.into_iter().map(entity).collect()
}

/// A word and the number behind it.
type Part<'n> = (&'n str, i64);

/// `il1pi2nm` is `il` 1, `pi` 2 and `nm`; a name without a number is none of these.
fn parts(name: &str) -> Option<(Vec<Part<'_>>, &str)> {
    let mut parts = Vec::new();
    let mut rest = name;
    while let Some(at) = rest.find(|character: char| character.is_ascii_digit()) {
        let (word, behind) = rest.split_at_checked(at)?;
        let end = behind.find(|character: char| !character.is_ascii_digit());
        let (number, left) = behind.split_at_checked(end.unwrap_or(behind.len()))?;
        parts.push((word, number.parse().ok()?));
        rest = left;
    }
    (!parts.is_empty()).then_some((parts, rest))
}

impl Counted {
    /// The field that a name in parts means, if it is one of this table.
    fn field(&self, parts: &[Part<'_>], rest: &str) -> Option<&'static Field> {
        let prefixes = self.prefixes.iter().map(|(prefix, _)| *prefix);
        let fits = prefixes.eq(parts.iter().map(|(word, _)| *word));
        self.fields.iter().find(|field| fits && field.0 == rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_falls_apart_at_its_numbers() {
        assert_eq!(parts("cd12"), Some((vec![("cd", 12)], "")));
        assert_eq!(parts("il1pi20nm"), Some((vec![("il", 1), ("pi", 20)], "nm")));
        assert_eq!(parts("12"), Some((vec![("", 12)], "")));
        for name in ["", "cd", "cd99999999999999999999"] {
            assert_eq!(parts(name), None, "{name}");
        }
    }

    #[test]
    fn no_parameter_is_in_two_tables() {
        let mut seen = BTreeMap::new();
        for (schema, fields) in FLAT {
            for (name, ..) in fields {
                assert_eq!(seen.insert(*name, schema), None, "{name}");
            }
        }
    }
}
