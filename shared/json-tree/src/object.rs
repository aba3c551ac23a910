//! Pairs in their order, each key once.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;

use crate::Json;

/// Up to this many keys, comparing each with each is faster than sorting them.
const PAIRWISE_KEYS_MAX: usize = 32;

type Pair<'a> = (Cow<'a, str>, Json<'a>);

/// The pairs of a JSON object. A key given twice keeps its first place and its last value.
///
/// Looking up a key passes over the pairs, which is fastest for the objects that events hold;
/// whoever looks up many keys in a foreign object goes through the pairs once instead.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Object<'a> {
    pairs: Vec<Pair<'a>>,
}

impl<'a> Object<'a> {
    /// An object without pairs.
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes pairs that are known to have distinct keys.
    pub(crate) fn from_distinct(pairs: Vec<Pair<'a>>) -> Self {
        Self { pairs }
    }

    /// Takes any pairs.
    pub(crate) fn from_pairs(pairs: Vec<Pair<'a>>) -> Self {
        if !has_duplicates(&pairs) {
            return Self { pairs };
        }
        let mut places: BTreeMap<Cow<'a, str>, usize> = BTreeMap::new();
        let mut kept: Vec<Pair<'a>> = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            let known = places.get(&key).and_then(|place| kept.get_mut(*place));
            if let Some(pair) = known {
                pair.1 = value;
            } else {
                places.insert(key.clone(), kept.len());
                kept.push((key, value));
            }
        }
        Self { pairs: kept }
    }

    /// The number of pairs.
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether there are no pairs.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// The value of this key.
    pub fn get(&self, key: &str) -> Option<&Json<'a>> {
        self.pairs.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The value of this key, to change.
    pub fn get_mut(&mut self, key: &str) -> Option<&mut Json<'a>> {
        self.pairs.iter_mut().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// Whether the key is there.
    pub fn contains_key(&self, key: &str) -> bool {
        self.get(key).is_some()
    }

    /// Puts a value in the place of the old one, which it returns, or at the end.
    pub fn insert(&mut self, key: impl Into<Cow<'a, str>>, value: Json<'a>) -> Option<Json<'a>> {
        let key = key.into();
        if let Some(old) = self.get_mut(&key) {
            return Some(std::mem::replace(old, value));
        }
        self.pairs.push((key, value));
        None
    }

    /// Takes a key away; the others keep their order.
    pub fn remove(&mut self, key: &str) -> Option<Json<'a>> {
        let place = self.pairs.iter().position(|(name, _)| name == key)?;
        Some(self.pairs.remove(place).1)
    }

    /// The pairs in their order.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &Json<'a>)> {
        self.pairs.iter().map(|(key, value)| (key.as_ref(), value))
    }

    /// The pairs in their order, the values to change.
    pub fn iter_mut(&mut self) -> impl ExactSizeIterator<Item = (&str, &mut Json<'a>)> {
        self.pairs.iter_mut().map(|(key, value)| (&**key, value))
    }

    /// The keys in their order.
    pub fn keys(&self) -> impl ExactSizeIterator<Item = &str> {
        self.pairs.iter().map(|(key, _)| key.as_ref())
    }

    /// The same pairs, independent of the text they were read from.
    pub fn into_owned(self) -> Object<'static> {
        let own = |(key, value): Pair<'a>| (Cow::Owned(key.into_owned()), value.into_owned());
        Object { pairs: self.pairs.into_iter().map(own).collect() }
    }
}

fn has_duplicates(pairs: &[Pair<'_>]) -> bool {
    if pairs.len() <= PAIRWISE_KEYS_MAX {
        let mut rest = pairs.iter();
        while let Some((key, _)) = rest.next() {
            if rest.as_slice().iter().any(|(other, _)| other == key) {
                return true;
            }
        }
        return false;
    }
    let mut keys: Vec<&str> = pairs.iter().map(|(key, _)| key.as_ref()).collect();
    keys.sort_unstable();
    keys.iter().zip(keys.iter().skip(1)).any(|(key, next)| key == next)
}

impl fmt::Debug for Object<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Object({} keys)", self.pairs.len())
    }
}

impl<'a, K: Into<Cow<'a, str>>> FromIterator<(K, Json<'a>)> for Object<'a> {
    fn from_iter<I: IntoIterator<Item = (K, Json<'a>)>>(pairs: I) -> Self {
        Self::from_pairs(pairs.into_iter().map(|(key, value)| (key.into(), value)).collect())
    }
}

impl<'a> IntoIterator for Object<'a> {
    type Item = (Cow<'a, str>, Json<'a>);
    type IntoIter = std::vec::IntoIter<Self::Item>;

    fn into_iter(self) -> Self::IntoIter {
        self.pairs.into_iter()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_key_keeps_its_first_place_and_its_last_value(
            keys in proptest::collection::vec("[a-e]{1,2}", 0..80)
        ) {
            let pairs = keys.iter().zip(0i64..).map(|(key, n)| (key.as_str(), Json::integer(n)));
            let bulk: Object = pairs.clone().collect();
            let mut single = Object::new();
            for (key, value) in pairs {
                single.insert(key, value);
            }
            prop_assert!(bulk == single);
        }
    }

    #[test]
    fn pairs_can_be_taken_away() {
        let mut object: Object =
            [("a", Json::Null), ("b", Json::Bool(true)), ("c", Json::Null)].into_iter().collect();
        assert_eq!(object.remove("b"), Some(Json::Bool(true)));
        assert_eq!(object.remove("b"), None);
        assert_eq!(object.keys().collect::<Vec<_>>(), ["a", "c"]);
        assert!(object.contains_key("c") && !object.is_empty() && object.len() == 2);
    }

    #[test]
    fn a_huge_object_of_one_key_takes_no_time() {
        let text = format!("{{{}\"k\":2}}", "\"k\":1,".repeat(200_000));
        let json = Json::parse(&text, 2).expect("valid");
        assert_eq!(json.as_object().map(Object::len), Some(1));
        assert_eq!(json.get("k").and_then(Json::as_i64), Some(2));
    }
}
