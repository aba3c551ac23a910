//! The places of an event as a policy treats them, in words and in numbers.

use std::collections::BTreeMap;

use enriched_event::Column;
use privacy::inventory::{Listed, Path, Step};
use privacy::policy::SchemaRules;
use privacy::{BucketsId, ClassId, Policy, Rule, Scheme, TimeUnit, Treatment, UrlId, UrlPart};

/// How much of a value can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exposure {
    /// Nothing, not even that it was there.
    Gone,
    /// Which values are equal, or that it was there.
    Linkable,
    /// Something of it.
    Shown,
}

/// What becomes of the values at a place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Effect {
    pub(crate) exposure: Exposure,
    /// In words.
    pub(crate) treatment: String,
    /// In words that are equal for equal treatments, whatever classes are called.
    pub(crate) definition: String,
    /// How many bits a value can tell at most.
    pub(crate) bits: f64,
    /// The domain of pseudonyms; none if it is that of the place alone.
    pub(crate) domain: Option<String>,
    /// What the bits are chosen by.
    pub(crate) scope: Scope,
    /// The policy's line; 0 for what no rule names.
    pub(crate) line: usize,
    /// The rules for the URL that stands here as a whole, or for the part of one.
    pub(crate) url: Option<(UrlId, UrlPart)>,
}

/// What chooses the part of a value that can be seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Scope {
    Class(ClassId),
    Ip {
        v4: u8,
        v6: u8,
    },
    Digits(u8),
    Unit(TimeUnit),
    Bounds(BucketsId),
    /// Something that is not compared.
    Other,
}

impl Scope {
    fn of(treatment: Treatment) -> Self {
        match treatment {
            Treatment::Keep(class) => Self::Class(class),
            Treatment::Ip { v4, v6 } => Self::Ip { v4, v6 },
            Treatment::Round(digits) => Self::Digits(digits),
            Treatment::Time(unit) => Self::Unit(unit),
            Treatment::Bucket(bounds) => Self::Bounds(bounds),
            Treatment::Pseudonymize | Treatment::Drop | Treatment::Url(..) | Treatment::Json => {
                Self::Other
            }
        }
    }

    /// Whether this certainly shows nothing that another policy's does not show.
    pub(crate) fn is_within(self, own: &Policy, wide: Self, other: &Policy) -> bool {
        let coarseness = |unit: TimeUnit| match unit {
            TimeUnit::Second => 0,
            TimeUnit::Minute => 1,
            TimeUnit::Hour => 2,
            TimeUnit::Day => 3,
        };
        match (self, wide) {
            (Self::Class(class), Self::Class(wide)) => {
                own.classes.is_within(class, &other.classes, wide)
            }
            (Self::Ip { v4, v6 }, Self::Ip { v4: wide_4, v6: wide_6 }) => {
                v4 <= wide_4 && v6 <= wide_6
            }
            (Self::Digits(digits), Self::Digits(wide)) => digits <= wide,
            (Self::Unit(unit), Self::Unit(wide)) => coarseness(unit) >= coarseness(wide),
            (Self::Bounds(bounds), Self::Bounds(wide)) => {
                let wide = other.buckets(wide);
                own.buckets(bounds).iter().all(|(_, bound)| wide.iter().any(|(_, it)| it == bound))
            }
            _ => false,
        }
    }
}

impl Effect {
    /// What the rule does.
    pub(crate) fn of(policy: &Policy, rule: &Rule) -> Self {
        let named = Some(policy.domain(rule.domain)).filter(|name| !name.starts_with('@'));
        let exposure = match rule.treatment {
            Treatment::Drop => Exposure::Gone,
            Treatment::Pseudonymize => Exposure::Linkable,
            Treatment::Keep(_)
            | Treatment::Ip { .. }
            | Treatment::Round(_)
            | Treatment::Time(_)
            | Treatment::Bucket(_)
            | Treatment::Url(..)
            | Treatment::Json => Exposure::Shown,
        };
        let (treatment, definition) = words(policy, rule);
        let bits = policy.capacity_bits(rule);
        let domain = named.map(str::to_owned);
        let url =
            if let Treatment::Url(id, part) = rule.treatment { Some((id, part)) } else { None };
        let scope = Scope::of(rule.treatment);
        Self { exposure, treatment, definition, bits, domain, scope, line: rule.line, url }
    }

    /// What stays if it is in the class.
    pub(crate) fn keep(policy: &Policy, class: ClassId, line: usize) -> Self {
        Self {
            exposure: Exposure::Shown,
            treatment: format!("keep {}", policy.classes.name(class)),
            definition: format!("keep {}", policy.classes.definition(class)),
            bits: policy.classes.capacity_bits(class),
            domain: None,
            scope: Scope::Class(class),
            line,
            url: None,
        }
    }

    /// What is described by one word.
    pub(crate) fn word(exposure: Exposure, word: &str, bits: f64) -> Self {
        let (treatment, definition) = (word.to_owned(), word.to_owned());
        let (domain, scope) = (None, Scope::Other);
        Self { exposure, treatment, definition, bits, domain, scope, line: 0, url: None }
    }

    /// What no rule names: keys and values become pseudonyms.
    pub(crate) fn unlisted() -> Self {
        Self::word(Exposure::Linkable, "pseudonymize", 0.0)
    }
}

/// What a rule does, as policies write it, and what that means without names of classes.
fn words(policy: &Policy, rule: &Rule) -> (String, String) {
    let same = |text: String| (text.clone(), text);
    match rule.treatment {
        Treatment::Keep(class) => {
            let kept = Effect::keep(policy, class, 0);
            (kept.treatment, kept.definition)
        }
        Treatment::Pseudonymize => {
            let domain = policy.domain(rule.domain);
            let named = if domain.starts_with('@') {
                "pseudonymize".to_owned()
            } else {
                format!("pseudonymize {domain}")
            };
            (named, "pseudonymize".to_owned())
        }
        Treatment::Drop => same("drop".to_owned()),
        Treatment::Ip { v4, v6 } => same(format!("ip {v4} {v6}")),
        Treatment::Round(digits) => same(format!("round {digits}")),
        Treatment::Time(unit) => same(format!("time {unit:?}").to_lowercase()),
        Treatment::Bucket(bounds) => {
            let bounds: Vec<_> = policy.buckets(bounds).iter().map(|(_, it)| it.as_str()).collect();
            same(format!("bucket {}", bounds.join(" ")))
        }
        Treatment::Url(id, part) => {
            let rules = policy.url_rules().find(|(other, _)| *other == id);
            let name = rules.map_or("", |(_, rules)| rules.name.as_str());
            let part = match part {
                UrlPart::Whole => String::new(),
                UrlPart::Scheme
                | UrlPart::Host
                | UrlPart::Port
                | UrlPart::Path
                | UrlPart::Query
                | UrlPart::Fragment => format!(" ({part:?})").to_lowercase(),
            };
            same(format!("url {name}{part}"))
        }
        Treatment::Json => same("by schema".to_owned()),
    }
}

/// `1-*-*`
pub(crate) fn criterion(versions: [Option<u32>; 3]) -> String {
    let part = |part: Option<u32>| part.map_or("*".to_owned(), |number| number.to_string());
    versions.map(part).join("-")
}

/// Whether one criterion holds for every version for which another one does.
pub(crate) fn covers(wide: [Option<u32>; 3], narrow: [Option<u32>; 3]) -> bool {
    wide.iter().zip(narrow).all(|(wide, narrow)| wide.is_none() || *wide == narrow)
}

/// Each column with its effect.
pub(crate) fn columns(policy: &Policy) -> Vec<(Column, Effect)> {
    let effect = |column| (column, Effect::of(policy, policy.column(column)));
    Column::ALL.into_iter().map(effect).collect()
}

/// What a schema's rules do at their paths. A walk is two places: its keys and its values.
pub(crate) fn fields(policy: &Policy, rules: &SchemaRules) -> BTreeMap<Path, Effect> {
    let mut fields = BTreeMap::new();
    for (path, listed) in policy.places(rules) {
        let effect = Effect::of(policy, listed.rule());
        if let Listed::Walk { keys, .. } = listed {
            let keys = keys
                .map_or_else(Effect::unlisted, |class| Effect::keep(policy, class, effect.line));
            fields.insert(keys_of(&path), keys);
            fields.insert(values_of(&path), effect);
        } else {
            fields.insert(path, effect);
        }
    }
    fields
}

fn below(path: &Path, name: &str) -> Path {
    let mut path = path.clone();
    path.0.push(Step::Key(name.to_owned()));
    path
}

/// The place of a walk's keys. No key of an event can be in its way: this one is made up.
pub(crate) fn keys_of(path: &Path) -> Path {
    below(path, "* (keys)")
}

/// The place of a walk's values.
pub(crate) fn values_of(path: &Path) -> Path {
    below(path, "* (values)")
}

/// The effect at a path: its own, or that of the walk above it, or that of what no rule names.
pub(crate) fn effect_at(fields: &BTreeMap<Path, Effect>, path: &Path) -> Effect {
    if let Some(effect) = fields.get(path) {
        return effect.clone();
    }
    let mut above = path.clone();
    let is_keys = above.0.last() == keys_of(&Path::default()).0.last();
    while above.0.pop().is_some() {
        let walk = if is_keys { keys_of(&above) } else { values_of(&above) };
        if let Some(effect) = fields.get(&walk) {
            return effect.clone();
        }
    }
    Effect::unlisted()
}

/// How many characters a pseudonym has, with a key's id of two characters.
pub(crate) fn pseudonym_chars(scheme: Scheme) -> u32 {
    match scheme {
        Scheme::HmacSha256Hex => 64,
        // `p1`, the id, `_`, and 128 bits in base64.
        Scheme::V1 => 27,
    }
}

/// What policies call a scheme.
pub(crate) fn scheme_name(scheme: Scheme) -> &'static str {
    match scheme {
        Scheme::HmacSha256Hex => "hmac-sha256-hex",
        Scheme::V1 => "v1",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use privacy::Key;
    use privacy::{Keyed, Pseudonyms};

    #[test]
    fn a_pseudonym_is_as_long_as_it_says() {
        for name in ["gitlab", "strict"] {
            let policy = Policy::parse(privacy::shipped(name).unwrap()).unwrap();
            let mut keyed = Keyed::new(&policy, &Key::new("k1", (0..32).collect()).unwrap());
            let mut out = String::new();
            keyed.write_unlisted("@x", b"y", &mut out);
            assert_eq!(out.len(), usize::try_from(pseudonym_chars(policy.scheme)).unwrap());
        }
    }
}
