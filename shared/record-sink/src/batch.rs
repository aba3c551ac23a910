//! Cuts records into calls that a destination takes: by count and by bytes, order kept.

use std::ops::Range;

/// What one call to the destination may carry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BatchLimits {
    /// The most records in one call.
    pub records_max: usize,
    /// The most bytes in one call, partition keys included.
    pub bytes_max: usize,
}

/// The ranges of consecutive items that make up one call each, given every item's size.
///
/// Every item is in exactly one range; an item larger than `bytes_max` gets a range of its own.
pub fn batches(
    sizes: impl IntoIterator<Item = usize>,
    limits: BatchLimits,
) -> impl Iterator<Item = Range<usize>> {
    let mut sizes = sizes.into_iter().enumerate().peekable();
    std::iter::from_fn(move || {
        let (start, first) = sizes.next()?;
        let mut bytes = first;
        let mut end = start + 1;
        while end - start < limits.records_max.max(1) {
            let Some(&(_, size)) = sizes.peek() else { break };
            if bytes.saturating_add(size) > limits.bytes_max {
                break;
            }
            bytes += size;
            end += 1;
            sizes.next();
        }
        Some(start..end)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(sizes: &[usize], records_max: usize, bytes_max: usize, expected: &[(usize, usize)]) {
        let limits = BatchLimits { records_max, bytes_max };
        let found = batches(sizes.iter().copied(), limits).map(|range| (range.start, range.end));
        let found: Vec<_> = found.collect();
        assert_eq!(found, expected, "sizes {sizes:?}, {limits:?}");
    }

    #[test]
    fn cuts_at_the_limit_and_one_past_it() {
        check(&[], 2, 10, &[]);
        check(&[5, 5], 2, 10, &[(0, 2)]);
        check(&[5, 5, 1], 3, 10, &[(0, 2), (2, 3)]);
        check(&[1, 1, 1], 2, 10, &[(0, 2), (2, 3)]);
        check(&[11, 1, 12], 5, 10, &[(0, 1), (1, 2), (2, 3)]);
        check(&[usize::MAX, 1], 5, 10, &[(0, 1), (1, 2)]);
    }

    proptest! {
        #[test]
        fn every_item_is_in_exactly_one_batch(
            sizes in prop::collection::vec(0usize..50, 0..200),
            records_max in 1usize..20,
            bytes_max in 1usize..200,
        ) {
            let limits = BatchLimits { records_max, bytes_max };
            let mut next = 0;
            for range in batches(sizes.iter().copied(), limits) {
                prop_assert_eq!(range.start, next);
                prop_assert!(!range.is_empty() && range.len() <= records_max);
                let bytes: usize = sizes[range.clone()].iter().sum();
                prop_assert!(bytes <= bytes_max || range.len() == 1);
                next = range.end;
            }
            prop_assert_eq!(next, sizes.len());
        }
    }
}
