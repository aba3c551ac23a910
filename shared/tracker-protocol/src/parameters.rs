//! The parameters of one event: the last value of each name, in the order of a Scala map.

use std::borrow::Cow;
use std::fmt;

/// A name and its value; `None` is a name without `=`.
pub type Pair<'a> = (Cow<'a, str>, Option<Cow<'a, str>>);

/// Up to this many entries, a Scala 2.12 map is visited in the order of insertion.
const ORDERED_ENTRIES_MAX: usize = 4;

/// The parameters of one event. A name given twice keeps its first place and its last value.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Parameters<'a> {
    /// In the order of insertion, each name once.
    pairs: Vec<Pair<'a>>,
    /// `map_key` above, place in `pairs` below, ascending: the order of a Scala hash map.
    order: Vec<u64>,
}

impl<'a> Parameters<'a> {
    /// Takes the pairs in the order in which they were sent.
    pub fn new(mut pairs: Vec<Pair<'a>>) -> Self {
        let mut order = sorted(&pairs);
        if order.windows(2).any(|two| matches!(two, [a, b] if a >> 32 == b >> 32))
            && merge_repeated(&mut pairs, &order)
        {
            order = sorted(&pairs);
        }
        Self { pairs, order }
    }

    /// How many names there are.
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// Whether the name was sent, with a value or without.
    pub fn contains(&self, name: &str) -> bool {
        self.find(name).is_some()
    }

    /// The value of that name, if it was sent with one.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.find(name)?.1.as_deref()
    }

    fn find(&self, name: &str) -> Option<&Pair<'a>> {
        let key = u64::from(map_key(name));
        let start = self.order.partition_point(|slot| slot >> 32 < key);
        let candidates = self.order.get(start..)?.iter().take_while(|slot| *slot >> 32 == key);
        candidates.filter_map(|slot| self.pairs.get(place(*slot))).find(|pair| pair.0 == name)
    }

    /// The pairs as they were sent.
    pub fn in_sent_order(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.pairs.iter().map(|(name, value)| (name.as_ref(), value.as_deref()))
    }

    /// The pairs as a Scala 2.12 immutable map is visited. It decides which of two competing
    /// parameters wins, and the order of what a bad event lists.
    pub fn in_map_order(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.keyed_in_map_order().map(|(_, name, value)| (name, value))
    }

    /// As `in_map_order`, each with its `map_key`.
    pub(crate) fn keyed_in_map_order(&self) -> impl Iterator<Item = (u32, &str, Option<&str>)> {
        let as_sent = self.order.len() <= ORDERED_ENTRIES_MAX;
        let sent = self.pairs.iter().take(if as_sent { ORDERED_ENTRIES_MAX } else { 0 });
        let hashed = self.order.iter().take(if as_sent { 0 } else { usize::MAX });
        let sent = sent.map(|(name, value)| (map_key(name), name.as_ref(), value.as_deref()));
        sent.chain(hashed.filter_map(|slot| {
            let (name, value) = self.pairs.get(place(*slot))?;
            // The upper half of 64 bits always fits.
            Some(((slot >> 32) as u32, name.as_ref(), value.as_deref()))
        }))
    }

    /// Gives the pairs back, in the order of insertion.
    pub fn into_pairs(self) -> Vec<Pair<'a>> {
        self.pairs
    }
}

impl<'a> FromIterator<Pair<'a>> for Parameters<'a> {
    fn from_iter<I: IntoIterator<Item = Pair<'a>>>(pairs: I) -> Self {
        Self::new(pairs.into_iter().collect())
    }
}

impl fmt::Debug for Parameters<'_> {
    /// How many, never what: a name may come from a person as well.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Parameters").field("len", &self.pairs.len()).finish_non_exhaustive()
    }
}

fn sorted(pairs: &[Pair<'_>]) -> Vec<u64> {
    let slots = pairs.iter().zip(0u64..);
    let mut order: Vec<u64> =
        slots.map(|((name, _), place)| u64::from(map_key(name)) << 32 | place).collect();
    order.sort_unstable();
    order
}

/// The place in `pairs` that a slot of the order names.
fn place(slot: u64) -> usize {
    // A place that does not fit is none; there is no such list.
    usize::try_from(slot & u64::from(u32::MAX)).unwrap_or(usize::MAX)
}

/// Moves each repeated name's last value to its first place and drops the rest; says whether any
/// was. Names with one hash code are sorted, because whoever sends them can make them many.
fn merge_repeated(pairs: &mut Vec<Pair<'_>>, order: &[u64]) -> bool {
    let mut dropped = Vec::new();
    for bucket in order.chunk_by(|a, b| a >> 32 == b >> 32).filter(|bucket| bucket.len() > 1) {
        let mut places: Vec<usize> = bucket.iter().map(|slot| place(*slot)).collect();
        let name = |place: usize| pairs.get(place).map(|(name, _)| name);
        places.sort_by(|a, b| name(*a).cmp(&name(*b)));
        let repeated: Vec<_> = places.chunk_by(|a, b| name(*a) == name(*b)).collect();
        for same in repeated {
            if let [first, between @ .., last] = same {
                let value = pairs.get_mut(*last).and_then(|(_, value)| value.take());
                if let Some(pair) = pairs.get_mut(*first) {
                    pair.1 = value;
                }
                dropped.extend(between);
                dropped.push(*last);
            }
        }
    }
    dropped.sort_unstable();
    let mut dropped = dropped.into_iter().peekable();
    let repeated = dropped.peek().is_some();
    let mut at = 0;
    pairs.retain(|_| {
        let keep = dropped.next_if_eq(&at).is_none();
        at += 1;
        keep
    });
    repeated
}

/// Where Scala 2.12 puts a name in an immutable hash map: ascending keys are the order of a visit.
/// It is Java's hash code, mixed, with its groups of five bits turned round, the lowest first.
pub(crate) fn map_key(name: &str) -> u32 {
    let step = |hash: u32, unit: u32| hash.wrapping_mul(31).wrapping_add(unit);
    let hash = if name.is_ascii() {
        name.bytes().fold(0, |hash, byte| step(hash, u32::from(byte)))
    } else {
        name.encode_utf16().fold(0, |hash, unit| step(hash, u32::from(unit)))
    };
    let mut mixed = hash.wrapping_add(!(hash << 9));
    mixed ^= mixed >> 14;
    mixed = mixed.wrapping_add(mixed << 4);
    mixed ^= mixed >> 10;
    let group = |number: u32| (mixed >> (5 * number)) & 31;
    group(0) << 27
        | group(1) << 22
        | group(2) << 17
        | group(3) << 12
        | group(4) << 7
        | group(5) << 2
        | mixed >> 30
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parameters<'a>(pairs: &[(&'a str, Option<&'a str>)]) -> Parameters<'a> {
        pairs.iter().map(|(name, value)| ((*name).into(), value.map(Cow::from))).collect()
    }

    fn visited(names: &[&'static str]) -> Vec<String> {
        let pairs: Vec<_> = names.iter().map(|name| (*name, Some("v"))).collect();
        parameters(&pairs).in_map_order().map(|(name, _)| name.to_owned()).collect()
    }

    #[test]
    fn four_keep_their_order_and_five_do_not() {
        assert_eq!(visited(&["z", "y", "x", "a"]), ["z", "y", "x", "a"]);
        // As a Scala 2.12 shell answers for `Set("a", "b", "c", "d", "e")`.
        assert_eq!(visited(&["a", "b", "c", "d", "e"]), ["e", "a", "b", "c", "d"]);
    }

    #[test]
    fn of_two_names_for_a_column_the_known_one_comes_last() {
        for (first, last) in [
            ("co", "cx"),
            ("ue_pr", "ue_px"),
            ("ev_ca", "se_ca"),
            ("ev_ac", "se_ac"),
            ("se_la", "ev_la"),
            ("se_pr", "ev_pr"),
            ("se_va", "ev_va"),
            ("ti_na", "ti_nm"),
        ] {
            assert!(map_key(first) < map_key(last), "{first} before {last}");
        }
    }

    #[test]
    fn a_repeated_name_keeps_its_place_and_its_last_value() {
        let given =
            parameters(&[("a", Some("1")), ("b", Some("2")), ("a", Some("3")), ("b", None)]);
        let left: Vec<_> = given.in_map_order().collect();
        assert_eq!(left, [("a", Some("3")), ("b", None)]);
        assert_eq!(given.get("a"), Some("3"));
        assert_eq!(given.get("b"), None);
        assert!(given.contains("b") && !given.contains("c"));
    }

    #[test]
    fn names_with_one_hash_code_stay_apart_in_the_order_sent() {
        // "Aa" and "BB" have the same Java hash code.
        let given = parameters(&[
            ("BB", Some("1")),
            ("Aa", Some("2")),
            ("BB", Some("3")),
            ("x", None),
            ("y", None),
            ("z", None),
        ]);
        assert_eq!(given.len(), 5);
        assert_eq!((given.get("Aa"), given.get("BB")), (Some("2"), Some("3")));
        let twins: Vec<_> = given.in_map_order().filter(|(name, _)| name.len() == 2).collect();
        assert_eq!(twins, [("BB", Some("3")), ("Aa", Some("2"))]);
    }

    #[test]
    fn many_names_with_one_hash_code_are_no_trouble() {
        let twins = |number: usize| -> String {
            (0..14).map(|bit| if number >> bit & 1 == 1 { "Aa" } else { "BB" }).collect()
        };
        let names = (0..1 << 14).chain(0..1 << 14);
        let given: Parameters = names.map(|number| (twins(number).into(), None)).collect();
        assert_eq!(given.len(), 1 << 14);
    }

    #[test]
    fn debug_shows_no_content() {
        let shown = format!("{:?}", parameters(&[("uid", Some("alex"))]));
        assert!(!shown.contains("alex"), "{shown}");
    }

    proptest! {
        #[test]
        fn behaves_as_a_map(pairs in prop::collection::vec(("[a-eé]{0,2}", prop::option::of("[a-c]")), 0..30)) {
            let mut model: Vec<(String, Option<String>)> = Vec::new();
            for (name, value) in &pairs {
                match model.iter_mut().find(|(known, _)| known == name) {
                    Some(known) => known.1.clone_from(value),
                    None => model.push((name.clone(), value.clone())),
                }
            }
            let given: Parameters = pairs.into_iter().map(|(n, v)| (n.into(), v.map(Cow::from))).collect();
            let sent: Vec<_> = given.in_sent_order().map(|(n, v)| (n.to_owned(), v.map(str::to_owned))).collect();
            prop_assert_eq!(&sent, &model);
            let mut by_map: Vec<_> = given.in_map_order().map(|(n, v)| (n.to_owned(), v.map(str::to_owned))).collect();
            by_map.sort();
            model.sort();
            prop_assert_eq!(by_map, model.clone());
            for (name, value) in &model {
                prop_assert_eq!(given.get(name), value.as_deref());
            }
        }
    }
}
