//! The order in which the reference implementation goes through a map.
//!
//! Up to four entries stay as they came; more are visited in the order of a 32-bit hash trie,
//! which shows in reports and in which of two competing parameters wins.

/// Up to this many entries a map keeps the order in which they came.
pub const KEPT_ENTRIES_MAX: usize = 4;

/// Puts entries with distinct keys into that order.
pub fn sort<T>(entries: &mut [T], key: impl Fn(&T) -> &str) {
    if entries.len() > KEPT_ENTRIES_MAX {
        entries.sort_by_cached_key(|entry| rank(key(entry)));
    }
}

/// Where a key comes in a map of more than four: five bits of its hash at a time, lowest first.
fn rank(key: &str) -> u64 {
    let units = key.encode_utf16();
    let hash = units.fold(0u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(unit.into()));
    let mut mixed = hash.wrapping_add(!(hash << 9));
    mixed ^= mixed >> 14;
    mixed = mixed.wrapping_add(mixed << 4);
    mixed ^= mixed >> 10;
    (0..7).fold(0, |rank, group| rank << 5 | u64::from(mixed >> (group * 5) & 0x1f))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sorted(keys: &[&'static str]) -> Vec<&'static str> {
        let mut keys = keys.to_vec();
        sort(&mut keys, |key| key);
        keys
    }

    #[test]
    fn four_keys_stay() {
        assert_eq!(sorted(&["z", "b", "y", "a"]), ["z", "b", "y", "a"]);
    }

    #[test]
    fn five_keys_are_in_hash_order() {
        let sorted = sorted(&["required", "type", "additionalProperties", "self", "properties"]);
        let place = |key| sorted.iter().position(|found| *found == key);
        assert!(place("additionalProperties") < place("type"));
        assert!(place("type") < place("required"));
    }
}
