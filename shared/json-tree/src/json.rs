//! The tree and how to look into it.

use std::borrow::Cow;
use std::fmt;

use crate::Object;

/// A JSON value.
#[derive(Clone, PartialEq, Eq)]
pub enum Json<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as its text; whoever builds one by hand passes valid JSON.
    Number(Cow<'a, str>),
    /// Text without its quotes and escapes.
    Text(Cow<'a, str>),
    /// Values in their order.
    Array(Vec<Json<'a>>),
    /// Keys and values in their order.
    Object(Object<'a>),
}

/// What a value is, without what it says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// `null`
    Null,
    /// `true` or `false`
    Bool,
    /// A number of any size.
    Number,
    /// Text.
    Text,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl<'a> Json<'a> {
    /// Text.
    pub fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    /// An integer.
    pub fn integer(number: impl Into<i64>) -> Self {
        Self::Number(Cow::Owned(number.into().to_string()))
    }

    /// An object of these pairs, in this order.
    pub fn object<K: Into<Cow<'a, str>>>(pairs: impl IntoIterator<Item = (K, Self)>) -> Self {
        Self::Object(pairs.into_iter().collect())
    }

    /// An array of these values.
    pub fn array(values: impl IntoIterator<Item = Self>) -> Self {
        Self::Array(values.into_iter().collect())
    }

    /// What it is.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Null => Kind::Null,
            Self::Bool(_) => Kind::Bool,
            Self::Number(_) => Kind::Number,
            Self::Text(_) => Kind::Text,
            Self::Array(_) => Kind::Array,
            Self::Object(_) => Kind::Object,
        }
    }

    /// Whether it is `null`.
    pub fn is_null(&self) -> bool {
        matches!(self, Self::Null)
    }

    /// The truth value, if it is one.
    pub fn as_bool(&self) -> Option<bool> {
        if let Self::Bool(truth) = self { Some(*truth) } else { None }
    }

    /// The number's text, if it is one.
    pub fn as_number(&self) -> Option<&str> {
        if let Self::Number(number) = self { Some(number) } else { None }
    }

    /// The number, if it is an integer written without point and exponent that fits.
    pub fn as_i64(&self) -> Option<i64> {
        self.as_number()?.parse().ok()
    }

    /// The text, if it is one.
    pub fn as_str(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// The values, if it is an array.
    pub fn as_array(&self) -> Option<&[Self]> {
        if let Self::Array(values) = self { Some(values) } else { None }
    }

    /// The values to change, if it is an array.
    pub fn as_array_mut(&mut self) -> Option<&mut Vec<Self>> {
        if let Self::Array(values) = self { Some(values) } else { None }
    }

    /// The pairs, if it is an object.
    pub fn as_object(&self) -> Option<&Object<'a>> {
        if let Self::Object(object) = self { Some(object) } else { None }
    }

    /// The pairs to change, if it is an object.
    pub fn as_object_mut(&mut self) -> Option<&mut Object<'a>> {
        if let Self::Object(object) = self { Some(object) } else { None }
    }

    /// The value of this key, if it is an object that has it.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.as_object()?.get(key)
    }

    /// The value of this key to change, if it is an object that has it.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Self> {
        self.as_object_mut()?.get_mut(key)
    }

    /// The same tree, independent of the text it was read from.
    pub fn into_owned(self) -> Json<'static> {
        match self {
            Self::Null => Json::Null,
            Self::Bool(truth) => Json::Bool(truth),
            Self::Number(number) => Json::Number(Cow::Owned(number.into_owned())),
            Self::Text(text) => Json::Text(Cow::Owned(text.into_owned())),
            Self::Array(values) => Json::Array(values.into_iter().map(Json::into_owned).collect()),
            Self::Object(object) => Json::Object(object.into_owned()),
        }
    }
}

impl fmt::Debug for Json<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => write!(f, "Null"),
            Self::Bool(_) => write!(f, "Bool"),
            Self::Number(number) => write!(f, "Number({} bytes)", number.len()),
            Self::Text(text) => write!(f, "Text({} bytes)", text.len()),
            Self::Array(values) => write!(f, "Array({} values)", values.len()),
            Self::Object(object) => write!(f, "{object:?}"),
        }
    }
}

impl<'a> From<&'a str> for Json<'a> {
    fn from(text: &'a str) -> Self {
        Self::Text(Cow::Borrowed(text))
    }
}

impl From<String> for Json<'_> {
    fn from(text: String) -> Self {
        Self::Text(Cow::Owned(text))
    }
}

impl From<bool> for Json<'_> {
    fn from(truth: bool) -> Self {
        Self::Bool(truth)
    }
}

impl From<i64> for Json<'_> {
    fn from(number: i64) -> Self {
        Self::integer(number)
    }
}

impl<'a> From<Object<'a>> for Json<'a> {
    fn from(object: Object<'a>) -> Self {
        Self::Object(object)
    }
}

impl<'a> From<Vec<Json<'a>>> for Json<'a> {
    fn from(values: Vec<Json<'a>>) -> Self {
        Self::Array(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accessors_answer_only_for_their_kind() {
        let json = Json::parse(r#"{"a":[1,1.0],"b":true,"c":null,"d":"x"}"#, 8).expect("valid");
        assert_eq!(json.get("a").and_then(Json::as_array).map(<[Json]>::len), Some(2));
        assert_eq!(json.get("b").and_then(Json::as_bool), Some(true));
        assert!(json.get("c").is_some_and(Json::is_null));
        assert_eq!(json.get("d").and_then(Json::as_str), Some("x"));
        assert_eq!(json.get("d").and_then(Json::as_i64), None);
        let numbers = json.get("a").and_then(Json::as_array).expect("an array");
        assert_eq!(numbers[0].as_i64(), Some(1));
        assert_eq!(numbers[1].as_i64(), None);
        assert_eq!(numbers[1].as_number(), Some("1.0"));
        assert_eq!(json.kind(), Kind::Object);
    }

    #[test]
    fn debug_shows_no_content() {
        let json = Json::parse(r#"["secret",{"secret":"secret"},12345]"#, 8).expect("valid");
        let values = json.as_array().expect("an array");
        let debug = format!("{json:?} {values:?}");
        assert!(!debug.contains("secret") && !debug.contains("12345"), "{debug}");
    }
}
