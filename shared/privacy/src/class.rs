//! Value classes: what a kept value may look like, and how much it can tell.

mod builtin;
mod pattern;

pub(crate) use builtin::Builtin;
pub(crate) use pattern::Pattern;

use crate::hash::TextSet;
use crate::memo::Memory;

/// A class by its place in the policy's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct ClassId(pub(crate) u16);

/// A set of texts.
#[derive(Clone, Debug)]
pub(crate) enum Class {
    /// These texts and no others.
    Enum(TextSet),
    /// Whole numbers as JSON writes them.
    Integer { min: i64, max: i64 },
    /// Plain decimal numbers with so many fraction digits at most.
    Decimal { min: f64, max: f64, digits: u32 },
    /// What a pattern matches as a whole.
    Pattern(Pattern),
    /// A kind of text that everybody knows.
    Builtin(Builtin),
    /// What any of these accepts.
    AnyOf(Vec<ClassId>),
}

/// The classes of a policy.
#[derive(Clone, Debug, Default)]
pub struct Classes {
    list: Vec<Class>,
    names: Vec<String>,
    /// The policy's lines of the classes that it defines by name; 0 for all others.
    lines: Vec<usize>,
}

impl Classes {
    /// Adds a class; none if there are too many.
    pub(crate) fn add(&mut self, name: String, class: Class) -> Option<ClassId> {
        let id = u16::try_from(self.list.len()).ok()?;
        self.list.push(class);
        self.names.push(name);
        self.lines.push(0);
        Some(ClassId(id))
    }

    /// Says that the policy defines the class by its name, in this line.
    pub(crate) fn set_line(&mut self, id: ClassId, line: usize) {
        if let Some(place) = self.lines.get_mut(usize::from(id.0)) {
            *place = line;
        }
    }

    /// The classes that the policy defines by name, with their lines.
    pub fn defined(&self) -> impl Iterator<Item = (ClassId, usize)> {
        let all = (0..).map(ClassId).zip(self.lines.iter().copied());
        all.filter(|(_, line)| *line > 0)
    }

    /// What a class consists of, if it is a union.
    pub fn members(&self, id: ClassId) -> &[ClassId] {
        match self.list.get(usize::from(id.0)) {
            Some(Class::AnyOf(ids)) => ids,
            _ => &[],
        }
    }

    /// What a class accepts, in words; the same for classes of other names and other policies.
    pub fn definition(&self, id: ClassId) -> String {
        match self.list.get(usize::from(id.0)) {
            None => String::new(),
            Some(Class::Enum(texts)) => {
                let mut texts: Vec<_> = texts.iter().map(|text| format!("{text:?}")).collect();
                texts.sort_unstable();
                format!("enum {}", texts.join(" "))
            }
            Some(Class::Integer { min, max }) => format!("integer {min} to {max}"),
            Some(Class::Decimal { min, max, digits }) => {
                format!("decimal {min} to {max} with {digits} digits")
            }
            Some(Class::Pattern(pattern)) => format!("regex {}", pattern.text()),
            Some(Class::Builtin(_)) => self.name(id).to_owned(),
            Some(Class::AnyOf(ids)) => {
                let mut parts: Vec<_> = ids.iter().map(|id| self.definition(*id)).collect();
                parts.sort_unstable();
                format!("any_of ({})", parts.join(", "))
            }
        }
    }

    /// The class of this name.
    pub(crate) fn named(&self, name: &str) -> Option<ClassId> {
        let place = self.names.iter().position(|known| known == name)?;
        u16::try_from(place).ok().map(ClassId)
    }

    /// What a class is called; an inline one by what it is.
    pub fn name(&self, id: ClassId) -> &str {
        self.names.get(usize::from(id.0)).map_or("", String::as_str)
    }

    /// Whether the text is in the class.
    #[inline]
    pub fn accepts(&self, id: ClassId, text: &str) -> bool {
        let Some(class) = self.list.get(usize::from(id.0)) else { return false };
        match class {
            Class::Enum(texts) => texts.contains(text),
            Class::Integer { min, max } => {
                integer(text).is_some_and(|number| (*min..=*max).contains(&number))
            }
            Class::Decimal { min, max, digits } => {
                decimal(text, *digits).is_some_and(|number| (*min..=*max).contains(&number))
            }
            Class::Pattern(pattern) => pattern.accepts(text),
            Class::Builtin(builtin) => builtin.accepts(text),
            Class::AnyOf(ids) => ids.iter().any(|id| self.accepts(*id, text)),
        }
    }

    /// How many bits a value of the class can carry at most.
    pub fn capacity_bits(&self, id: ClassId) -> f64 {
        match self.list.get(usize::from(id.0)) {
            None => 0.0,
            Some(Class::Enum(texts)) => count_bits(texts.len()),
            Some(Class::Integer { min, max }) => {
                #[allow(clippy::cast_precision_loss, reason = "a figure for people")]
                let values = (i128::from(*max) - i128::from(*min) + 1) as f64;
                values.log2()
            }
            Some(Class::Decimal { min, max, digits }) => {
                ((max - min) * 10_f64.powi(i32::try_from(*digits).unwrap_or(i32::MAX)) + 1.0).log2()
            }
            Some(Class::Pattern(pattern)) => pattern.capacity_bits(),
            Some(Class::Builtin(builtin)) => builtin.capacity_bits(),
            Some(Class::AnyOf(ids)) => any_bits(ids.iter().map(|id| self.capacity_bits(*id))),
        }
    }

    /// Whether everything that a class accepts is certainly accepted by a class of another policy.
    pub fn is_within(&self, id: ClassId, others: &Self, other: ClassId) -> bool {
        let of = |classes: &Self, id: ClassId| classes.list.get(usize::from(id.0)).cloned();
        let (Some(class), Some(wide)) = (of(self, id), of(others, other)) else { return false };
        match (class, wide) {
            (Class::Enum(texts), _) => texts.iter().all(|text| others.accepts(other, text)),
            (Class::AnyOf(ids), _) => ids.iter().all(|id| self.is_within(*id, others, other)),
            (_, Class::AnyOf(ids)) => ids.iter().any(|it| self.is_within(id, others, *it)),
            (Class::Integer { min, max }, Class::Integer { min: least, max: most }) => {
                least <= min && max <= most
            }
            (
                Class::Decimal { min, max, digits },
                Class::Decimal { min: least, max: most, digits: digits_most },
            ) => least <= min && max <= most && digits <= digits_most,
            (Class::Builtin(own), Class::Builtin(wide)) => own == wide,
            (Class::Pattern(own), Class::Pattern(wide)) => own.text() == wide.text(),
            _ => false,
        }
    }

    /// Whether the class is a closed list, so that nothing new can ever come through it.
    pub fn is_closed(&self, id: ClassId) -> bool {
        match self.list.get(usize::from(id.0)) {
            Some(Class::Enum(_)) => true,
            Some(Class::Builtin(builtin)) => *builtin == Builtin::Boolean,
            Some(Class::AnyOf(ids)) => ids.iter().all(|id| self.is_closed(*id)),
            _ => false,
        }
    }

    /// What is worth remembering of its answers.
    pub(crate) fn memory(&self, id: ClassId) -> Memory {
        match self.list.get(usize::from(id.0)) {
            // Ids and times, mostly, which do not come again.
            None | Some(Class::Builtin(_)) => Memory::Nothing,
            Some(Class::Enum(_) | Class::Integer { .. }) => Memory::Last,
            Some(Class::Pattern(pattern)) if pattern.is_quick() => Memory::Last,
            Some(Class::Pattern(_) | Class::Decimal { .. } | Class::AnyOf(_)) => Memory::LastAndAll,
        }
    }

    /// Whether every value of the class may stand unquoted in JSON, so that a schema's integer
    /// stays one.
    pub fn is_numeric(&self, id: ClassId) -> bool {
        matches!(
            self.list.get(usize::from(id.0)),
            Some(Class::Integer { .. } | Class::Decimal { .. })
        )
    }
}

#[allow(clippy::cast_precision_loss, reason = "a figure for people")]
pub(crate) fn count_bits(count: usize) -> f64 {
    if count == 0 { 0.0 } else { (count as f64).log2() }
}

/// How many bits tell one value of several sets, of which each has its own number of bits.
pub(crate) fn any_bits(bits: impl IntoIterator<Item = f64>) -> f64 {
    let bits: Vec<f64> = bits.into_iter().collect();
    let most = bits.iter().copied().fold(0.0, f64::max);
    // Sets may have more values than a double holds, so all are counted in terms of the largest.
    let sets: f64 = bits.iter().map(|bits| (bits - most).exp2()).sum();
    if bits.is_empty() { 0.0 } else { most + sets.log2() }
}

/// A whole number without a plus, leading zeros, a fraction or an exponent.
pub(crate) fn integer(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let is_plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_short = digits == "0" && text == "0" || !digits.starts_with('0');
    (is_plain && is_short).then(|| text.parse().ok()).flatten()
}

/// A number in plain notation with so many fraction digits at most.
pub(crate) fn decimal(text: &str, digits_max: u32) -> Option<f64> {
    let unsigned = text.strip_prefix('-').unwrap_or(text);
    let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, "0"));
    let is_plain = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    let is_short = whole == "0" || !whole.starts_with('0');
    let fits = fraction == "0" || fraction.len() <= usize::try_from(digits_max).unwrap_or(0);
    (is_plain(whole) && is_plain(fraction) && is_short && fits && text.len() <= 40)
        .then(|| text.parse().ok())
        .flatten()
        .filter(|number: &f64| number.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_taken_as_json_writes_them() {
        for (text, expected) in [
            ("0", Some(0)),
            ("-1", Some(-1)),
            ("9223372036854775807", Some(i64::MAX)),
            ("9223372036854775808", None),
            ("-0", None),
            ("01", None),
            ("+1", None),
            ("1.0", None),
            ("", None),
            ("-", None),
            (" 1", None),
            ("١", None),
        ] {
            assert_eq!(integer(text), expected, "{text:?}");
        }
        for (text, is_one) in [
            ("1.25", true),
            ("1.256", false),
            ("-0.5", true),
            ("1e3", false),
            (".5", false),
            ("1.", false),
        ] {
            assert_eq!(decimal(text, 2).is_some(), is_one, "{text:?}");
        }
    }

    #[test]
    fn classes_accept_and_count() {
        let mut classes = Classes::default();
        let texts = ["a", "b"].map(Box::from);
        let listed =
            classes.add("listed".into(), Class::Enum(texts.into_iter().collect())).unwrap();
        let number = classes.add("n".into(), Class::Integer { min: 1, max: 8 }).unwrap();
        let any = classes.add("any".into(), Class::AnyOf(vec![listed, number])).unwrap();
        assert!(classes.accepts(any, "a") && classes.accepts(any, "8"));
        assert!(!classes.accepts(any, "9") && !classes.accepts(any, "A"));
        assert!((classes.capacity_bits(listed) - 1.0).abs() < 1e-9);
        assert!((classes.capacity_bits(number) - 3.0).abs() < 1e-9);
        assert!((classes.capacity_bits(any) - 10_f64.log2()).abs() < 1e-9);
        let long = classes.add("l".into(), Class::Pattern(Pattern::new("[a-p]{1000}").unwrap()));
        let any_long = classes.add("m".into(), Class::AnyOf(vec![long.unwrap(); 2])).unwrap();
        assert!(classes.capacity_bits(any_long).is_finite());
        assert!(classes.is_closed(listed) && !classes.is_closed(any));
        assert_eq!(classes.named("any"), Some(any));
    }
}
