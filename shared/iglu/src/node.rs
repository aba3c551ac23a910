//! A schema as it is checked: rules by the kind of value they concern.

use std::cmp::Ordering;
use std::fmt;

use json_tree::Json;

use crate::format::Format;
use crate::number::Decimal;
use crate::pattern::Pattern;

/// A compiled schema; the first node is the whole.
#[derive(Debug, Default)]
pub(crate) struct Program {
    pub(crate) nodes: Vec<Node>,
}

/// Where a node stands in its program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct NodeId(pub(crate) usize);

#[derive(Debug)]
pub(crate) enum Node {
    /// Accepts everything.
    Anything,
    /// Stands for another one.
    Same(NodeId),
    Rules(Box<Rules>),
}

/// What a schema object says. Every group is there only if one of its keywords is.
#[derive(Debug, Default)]
pub(crate) struct Rules {
    pub(crate) types: Option<Types>,
    pub(crate) object: Option<Box<ObjectRules>>,
    pub(crate) array: Option<Box<ArrayRules>>,
    pub(crate) text: Option<Box<TextRules>>,
    pub(crate) number: Option<Box<NumberRules>>,
    pub(crate) values: Option<Box<Enumeration>>,
    pub(crate) combined: Option<Box<Combined>>,
    /// The keywords in the order in which they report.
    pub(crate) order: Vec<Keyword>,
}

/// A keyword that may report, by the kind of value it concerns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Keyword {
    Type,
    Enum,
    Object(ObjectKeyword),
    Array(ArrayKeyword),
    Text(TextKeyword),
    Number(NumberKeyword),
    Combined(Combination),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ObjectKeyword {
    Properties,
    PatternProperties,
    AdditionalProperties,
    Required,
    MinProperties,
    MaxProperties,
    Dependencies,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum ArrayKeyword {
    Items,
    MinItems,
    MaxItems,
    UniqueItems,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TextKeyword {
    MinLength,
    MaxLength,
    Pattern,
    Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NumberKeyword {
    Minimum,
    Maximum,
    MultipleOf,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Combination {
    AllOf,
    AnyOf,
    OneOf,
    Not,
}

/// The names of types and their bits; an integer is a number as well.
pub(crate) const TYPES: [(&str, u8); 7] = [
    ("null", 1),
    ("boolean", 2),
    ("integer", 4),
    ("number", 8),
    ("string", 16),
    ("array", 32),
    ("object", 64),
];

/// The types that are allowed.
#[derive(Debug)]
pub(crate) struct Types {
    pub(crate) bits: u8,
    /// As a report shows them.
    pub(crate) shown: String,
    pub(crate) is_list: bool,
}

#[derive(Debug, Default)]
pub(crate) struct ObjectRules {
    /// In the order of [`Property::order`], so that one pass over an object checks it.
    pub(crate) known: Vec<Property>,
    pub(crate) required_count: usize,
    /// In the order in which they report.
    pub(crate) properties: Vec<(Box<str>, NodeId)>,
    pub(crate) patterns: Vec<(Pattern, NodeId)>,
    pub(crate) additional: Additional,
    pub(crate) required: Vec<Box<str>>,
    pub(crate) size: Range,
    pub(crate) dependencies: Vec<(Box<str>, Dependency)>,
    /// The dependencies as a report shows them.
    pub(crate) dependencies_shown: String,
}

/// A length and the first letters: they tell most names apart, and short ones from all others.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Mark(usize, u64);

impl Mark {
    #[inline]
    pub(crate) fn of(name: &str) -> Self {
        let bytes = name.as_bytes();
        let first = bytes.first_chunk().map_or_else(
            || bytes.iter().fold(0, |word, byte| word << 8 | u64::from(*byte)),
            |first| u64::from_be_bytes(*first),
        );
        Self(bytes.len(), first)
    }
}

#[derive(Debug)]
pub(crate) struct Property {
    pub(crate) mark: Mark,
    pub(crate) name: Box<str>,
    pub(crate) node: Option<NodeId>,
    pub(crate) is_required: bool,
}

impl Property {
    /// Where it stands beside a name with its mark.
    #[inline]
    pub(crate) fn order(&self, mark: Mark, name: &str) -> Ordering {
        self.mark.cmp(&mark).then_with(|| {
            if name.len() <= size_of::<u64>() { Ordering::Equal } else { (*self.name).cmp(name) }
        })
    }
}

/// What may stand beside what is named.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Additional {
    #[default]
    Anything,
    Nothing,
    Checked(NodeId),
}

#[derive(Debug)]
pub(crate) enum Dependency {
    Keys(Vec<Box<str>>),
    Node(NodeId),
}

/// Bounds of a size.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Range {
    pub(crate) min: Option<u64>,
    pub(crate) max: Option<u64>,
}

impl Range {
    pub(crate) fn contains(self, size: usize) -> bool {
        !self.is_below(size) && !self.is_above(size)
    }

    pub(crate) fn is_below(self, size: usize) -> bool {
        self.min.is_some_and(|min| (size as u64) < min)
    }

    pub(crate) fn is_above(self, size: usize) -> bool {
        self.max.is_some_and(|max| (size as u64) > max)
    }
}

#[derive(Debug, Default)]
pub(crate) struct ArrayRules {
    pub(crate) items: Items,
    pub(crate) size: Range,
    pub(crate) is_unique: bool,
}

#[derive(Debug, Default)]
pub(crate) enum Items {
    #[default]
    Anything,
    All(NodeId),
    Places(Vec<NodeId>, Additional),
}

#[derive(Debug, Default)]
pub(crate) struct TextRules {
    pub(crate) length: Range,
    pub(crate) pattern: Option<Pattern>,
    pub(crate) format: Option<(Format, Box<str>)>,
}

#[derive(Debug, Default)]
pub(crate) struct NumberRules {
    pub(crate) minimum: Option<Bound>,
    pub(crate) maximum: Option<Bound>,
    pub(crate) multiple_of: Option<Bound>,
}

#[derive(Debug)]
pub(crate) struct Bound {
    pub(crate) shown: Box<str>,
    pub(crate) small: Option<i64>,
    pub(crate) number: Decimal,
    pub(crate) is_exclusive: bool,
}

/// The values that are allowed.
pub(crate) struct Enumeration {
    pub(crate) values: Vec<Json<'static>>,
    pub(crate) shown: String,
    pub(crate) has_null: bool,
}

impl fmt::Debug for Enumeration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Enumeration({})", self.values.len())
    }
}

#[derive(Debug, Default)]
pub(crate) struct Combined {
    pub(crate) all_of: Vec<NodeId>,
    pub(crate) any_of: Vec<NodeId>,
    pub(crate) one_of: Vec<NodeId>,
    /// The alternatives as a report shows them.
    pub(crate) one_of_shown: String,
    pub(crate) not: Option<(NodeId, String)>,
}
