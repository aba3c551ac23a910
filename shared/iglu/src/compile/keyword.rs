//! What each keyword of a schema adds to its rules.

use json_tree::{Json, Object};

use super::Compiler;
use crate::format::Format;
use crate::map_order;
use crate::node::{
    Additional, ArrayKeyword, Bound, Combination, Combined, Dependency, Enumeration, Items,
    Keyword, NodeId, NumberKeyword, ObjectKeyword, ObjectRules, Rules, TYPES, TextKeyword, Types,
};
use crate::number::Decimal;
use crate::pattern::Pattern;

const KEYWORDS: [(&str, Keyword); 24] = [
    ("properties", Keyword::Object(ObjectKeyword::Properties)),
    ("patternProperties", Keyword::Object(ObjectKeyword::PatternProperties)),
    ("additionalProperties", Keyword::Object(ObjectKeyword::AdditionalProperties)),
    ("required", Keyword::Object(ObjectKeyword::Required)),
    ("minProperties", Keyword::Object(ObjectKeyword::MinProperties)),
    ("maxProperties", Keyword::Object(ObjectKeyword::MaxProperties)),
    ("dependencies", Keyword::Object(ObjectKeyword::Dependencies)),
    ("type", Keyword::Type),
    ("enum", Keyword::Enum),
    ("items", Keyword::Array(ArrayKeyword::Items)),
    ("minItems", Keyword::Array(ArrayKeyword::MinItems)),
    ("maxItems", Keyword::Array(ArrayKeyword::MaxItems)),
    ("uniqueItems", Keyword::Array(ArrayKeyword::UniqueItems)),
    ("minLength", Keyword::Text(TextKeyword::MinLength)),
    ("maxLength", Keyword::Text(TextKeyword::MaxLength)),
    ("pattern", Keyword::Text(TextKeyword::Pattern)),
    ("format", Keyword::Text(TextKeyword::Format)),
    ("minimum", Keyword::Number(NumberKeyword::Minimum)),
    ("maximum", Keyword::Number(NumberKeyword::Maximum)),
    ("multipleOf", Keyword::Number(NumberKeyword::MultipleOf)),
    ("allOf", Keyword::Combined(Combination::AllOf)),
    ("anyOf", Keyword::Combined(Combination::AnyOf)),
    ("oneOf", Keyword::Combined(Combination::OneOf)),
    ("not", Keyword::Combined(Combination::Not)),
];

impl Keyword {
    pub(super) fn named(name: &str) -> Option<Self> {
        KEYWORDS.iter().find(|(known, _)| *known == name).map(|(_, keyword)| *keyword)
    }
}

impl<'s> Compiler<'s> {
    pub(super) fn keyword(
        &mut self,
        rules: &mut Rules,
        keyword: Keyword,
        value: &'s Json<'s>,
        schema: &'s Object<'s>,
    ) {
        match keyword {
            Keyword::Type => rules.types = types(value, schema),
            Keyword::Enum => rules.values = Some(Box::new(enumeration(value, schema))),
            Keyword::Object(keyword) => {
                self.object(rules.object.get_or_insert_default(), keyword, value);
            }
            Keyword::Array(keyword) => {
                let array = rules.array.get_or_insert_default();
                match keyword {
                    ArrayKeyword::Items => array.items = self.items(value, schema),
                    ArrayKeyword::MinItems => array.size.min = size(value),
                    ArrayKeyword::MaxItems => array.size.max = size(value),
                    ArrayKeyword::UniqueItems => array.is_unique = value.as_bool() == Some(true),
                }
            }
            Keyword::Text(keyword) => {
                let text = rules.text.get_or_insert_default();
                match keyword {
                    TextKeyword::MinLength => text.length.min = size(value),
                    TextKeyword::MaxLength => text.length.max = size(value),
                    TextKeyword::Pattern => text.pattern = self.pattern(value.as_str()),
                    TextKeyword::Format => {
                        let name = value.as_str().unwrap_or_default();
                        text.format = Format::named(name).map(|format| (format, name.into()));
                    }
                }
            }
            Keyword::Number(keyword) => {
                let number = rules.number.get_or_insert_default();
                match keyword {
                    NumberKeyword::Minimum => {
                        number.minimum = bound(value, schema.get("exclusiveMinimum"));
                    }
                    NumberKeyword::Maximum => {
                        number.maximum = bound(value, schema.get("exclusiveMaximum"));
                    }
                    NumberKeyword::MultipleOf => number.multiple_of = bound(value, None),
                }
            }
            Keyword::Combined(keyword) => {
                self.combined(rules.combined.get_or_insert_default(), keyword, value);
            }
        }
    }

    fn object(&mut self, object: &mut ObjectRules, keyword: ObjectKeyword, value: &'s Json<'s>) {
        match keyword {
            ObjectKeyword::Properties => {
                for (name, schema) in pairs(value) {
                    object.properties.push((name.into(), self.child(schema, name)));
                }
            }
            ObjectKeyword::PatternProperties => {
                for (source, schema) in pairs(value) {
                    let id = self.child(schema, source);
                    object.patterns.extend(self.pattern(Some(source)).map(|pattern| (pattern, id)));
                }
            }
            ObjectKeyword::AdditionalProperties => {
                object.additional = Additional::of(self, Some(value));
            }
            ObjectKeyword::Required => object.required = texts(value),
            ObjectKeyword::MinProperties => object.size.min = size(value),
            ObjectKeyword::MaxProperties => object.size.max = size(value),
            ObjectKeyword::Dependencies => self.dependencies(object, value),
        }
    }

    fn dependencies(&mut self, object: &mut ObjectRules, value: &'s Json<'s>) {
        let mut shown = Vec::new();
        for (name, json) in pairs(value) {
            let dependency = if let Json::Array(_) = json {
                let keys = texts(json);
                shown.push(format!("{name}=[{}]", keys.join(", ")));
                Dependency::Keys(keys)
            } else {
                Dependency::Node(self.child(json, name))
            };
            object.dependencies.push((name.into(), dependency));
        }
        object.dependencies_shown = format!("{{{}}}", shown.join(", "));
    }

    fn items(&mut self, value: &'s Json<'s>, schema: &'s Object<'s>) -> Items {
        let Json::Array(places) = value else { return Items::All(self.child(value, "items")) };
        let ids = self.children(places);
        Items::Places(ids, Additional::of(self, schema.get("additionalItems")))
    }

    fn children(&mut self, schemas: &'s [Json<'s>]) -> Vec<NodeId> {
        let child = |(place, schema): (usize, _)| self.child(schema, &place.to_string());
        schemas.iter().enumerate().map(child).collect()
    }

    fn combined(&mut self, combined: &mut Combined, keyword: Combination, value: &'s Json<'s>) {
        let schemas = value.as_array().unwrap_or_default();
        match keyword {
            Combination::AllOf => combined.all_of = self.children(schemas),
            Combination::AnyOf => combined.any_of = self.children(schemas),
            Combination::OneOf => {
                combined.one_of = self.children(schemas);
                combined.one_of_shown = schemas.iter().map(Json::to_text).collect();
            }
            Combination::Not => combined.not = Some((self.child(value, "not"), value.to_text())),
        }
    }

    fn pattern(&mut self, source: Option<&str>) -> Option<Pattern> {
        match Pattern::new(source?) {
            Ok(pattern) => Some(pattern),
            Err(problem) => {
                self.issue(format!("{}: {problem}", self.path));
                None
            }
        }
    }
}

/// The schemas below a keyword, in the order in which they report.
fn pairs<'s>(value: &'s Json<'s>) -> Vec<(&'s str, &'s Json<'s>)> {
    let mut pairs: Vec<_> = value.as_object().into_iter().flat_map(Object::iter).collect();
    map_order::sort(&mut pairs, |(name, _)| name);
    pairs
}

fn texts(value: &Json<'_>) -> Vec<Box<str>> {
    let values = value.as_array().unwrap_or_default();
    values.iter().filter_map(Json::as_str).map(Into::into).collect()
}

/// A size; one that does not fit 64 bits is as good as the largest.
fn size(value: &Json<'_>) -> Option<u64> {
    value.as_number().map(|number| number.parse().unwrap_or(u64::MAX))
}

fn bound(value: &Json<'_>, is_exclusive: Option<&Json<'_>>) -> Option<Bound> {
    let text = value.as_number()?;
    Some(Bound {
        shown: text.into(),
        small: text.parse().ok(),
        number: Decimal::new(text),
        is_exclusive: is_exclusive.and_then(Json::as_bool) == Some(true),
    })
}

fn is_nullable(schema: &Object<'_>) -> bool {
    schema.get("nullable").and_then(Json::as_bool) == Some(true)
}

fn types(value: &Json<'_>, schema: &Object<'_>) -> Option<Types> {
    let names: Vec<&str> = match value {
        Json::Text(name) => vec![name],
        Json::Array(names) => names.iter().filter_map(Json::as_str).collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::Object(_) => return None,
    };
    let bit =
        |name: &&str| TYPES.iter().find(|(known, _)| known == name).map_or(0, |(_, bit)| *bit);
    let bits = names.iter().map(bit).fold(u8::from(is_nullable(schema)), |bits, bit| bits | bit);
    let is_list = matches!(value, Json::Array(_));
    let names = names.join(", ");
    Some(Types { bits, shown: if is_list { format!("[{names}]") } else { names }, is_list })
}

fn enumeration(value: &Json<'_>, schema: &Object<'_>) -> Enumeration {
    let values = value.as_array().unwrap_or_default();
    let mut shown: Vec<String> = values.iter().map(shown).collect();
    let has_null = is_nullable(schema);
    if has_null {
        shown.push("null".to_owned());
    }
    Enumeration {
        values: values.iter().map(|value| value.clone().into_owned()).collect(),
        shown: format!("[{}]", shown.join(", ")),
        has_null,
    }
}

/// A value without quotes; arrays and objects are not shown.
fn shown(value: &Json<'_>) -> String {
    match value {
        Json::Text(text) => text.clone().into_owned(),
        Json::Array(_) | Json::Object(_) => String::new(),
        Json::Null | Json::Bool(_) | Json::Number(_) => value.to_text(),
    }
}
