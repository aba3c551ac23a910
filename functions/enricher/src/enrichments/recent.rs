//! Answers that are likely to be asked for again, as many as a limit allows.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::{Mutex, PoisonError};

/// Keys with what was found for them. What nobody asked for since `entries_max` other keys came
/// in is forgotten.
pub(crate) struct Recent<V> {
    entries_max: usize,
    key_bytes_max: usize,
    generations: Mutex<Generations<V>>,
}

/// By the keys' hashes, because comparing long keys costs more; the key says whether it is the one.
type Entries<V> = BTreeMap<u64, (Box<str>, V)>;

struct Generations<V> {
    young: Entries<V>,
    old: Entries<V>,
}

impl<V: Clone> Recent<V> {
    /// So many keys at most, none longer than so many bytes.
    pub(crate) fn new(entries_max: usize, key_bytes_max: usize) -> Self {
        let generations = Generations { young: BTreeMap::new(), old: BTreeMap::new() };
        Self { entries_max, key_bytes_max, generations: Mutex::new(generations) }
    }

    /// What was found for a key, or is found now.
    pub(crate) fn get_or(&self, key: &str, find: impl FnOnce() -> V) -> V {
        if key.len() > self.key_bytes_max {
            return find();
        }
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        let hash = hasher.finish();
        // Nothing that holds the lock leaves the maps half-changed.
        let mut guard = self.generations.lock().unwrap_or_else(PoisonError::into_inner);
        let Generations { young, old } = &mut *guard;
        if let Some((known, value)) = young.get(&hash)
            && **known == *key
        {
            return value.clone();
        }
        let kept = old.remove(&hash).filter(|(known, _)| **known == *key);
        let value = kept.map_or_else(find, |(_, value)| value);
        if young.len() >= self.entries_max.div_ceil(2) {
            *old = std::mem::take(young);
        }
        young.insert(hash, (key.into(), value.clone()));
        value
    }
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use super::*;

    #[test]
    fn what_is_asked_for_stays_and_the_rest_goes() {
        let recent = Recent::new(4, 2);
        let found = Cell::new(0);
        let ask = |key: &str| {
            recent.get_or(key, || {
                found.set(found.get() + 1);
                key.to_owned()
            })
        };
        for key in ["a", "b", "a", "c", "a", "d", "a", "e", "a"] {
            assert_eq!(ask(key), key);
        }
        assert_eq!(found.get(), 5);
        assert_eq!((ask("b"), found.get()), ("b".to_owned(), 6));
        let size =
            |generations: &Generations<String>| generations.young.len() + generations.old.len();
        assert!(size(&recent.generations.lock().unwrap()) <= 4);
        assert_eq!((ask("long"), ask("long"), found.get()), ("long".into(), "long".into(), 8));
    }
}
