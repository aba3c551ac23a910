//! Finds the bytes of a text that need a closer look, eight bytes at a time.

const LANES: u64 = 0x0101_0101_0101_0101;
const HIGH_BITS: u64 = 0x8080_8080_8080_8080;

/// How many bytes stand before the next quote, backslash or control character below a space.
pub(crate) fn plain_bytes_to_read(bytes: &[u8]) -> usize {
    plain_bytes(
        bytes,
        |chunk| below_space(chunk) | equal(chunk, b'"') | equal(chunk, b'\\'),
        |byte| byte < 0x20 || matches!(byte, b'"' | b'\\'),
    )
}

/// The same, and before U+007F and every byte that may begin U+0080 to U+009F.
pub(crate) fn plain_bytes_to_write(bytes: &[u8]) -> usize {
    plain_bytes(
        bytes,
        |chunk| {
            let ascii = below_space(chunk) | equal(chunk, b'"') | equal(chunk, b'\\');
            ascii | equal(chunk, 0x7f) | equal(chunk, 0xc2)
        },
        |byte| byte < 0x20 || matches!(byte, b'"' | b'\\' | 0x7f | 0xc2),
    )
}

#[inline]
fn plain_bytes(bytes: &[u8], marks: impl Fn(u64) -> u64, is_special: impl Fn(u8) -> bool) -> usize {
    let mut plain = 0;
    let (chunks, rest) = bytes.as_chunks::<8>();
    for chunk in chunks {
        let marks = marks(u64::from_le_bytes(*chunk)) & HIGH_BITS;
        if marks != 0 {
            // The lowest mark is exact: a borrow only travels upwards.
            return plain + (marks.trailing_zeros() / 8) as usize;
        }
        plain += 8;
    }
    plain + rest.iter().position(|byte| is_special(*byte)).unwrap_or(rest.len())
}

/// Marks bytes below a space; only the lowest mark is sure to be right.
#[inline]
fn below_space(chunk: u64) -> u64 {
    chunk.wrapping_sub(LANES * 0x20) & !chunk
}

/// Marks bytes that are this one; only the lowest mark is sure to be right.
#[inline]
fn equal(chunk: u64, byte: u8) -> u64 {
    let zero_where_equal = chunk ^ (LANES * u64::from(byte));
    zero_where_equal.wrapping_sub(LANES) & !zero_where_equal
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn eight_at_a_time_finds_what_one_at_a_time_finds(
            bytes in proptest::collection::vec(
                prop_oneof![9 => b' '..=b'~', 1 => any::<u8>(), 1 => 0x7eu8..=0x82, 1 => 0xc1u8..=0xc3],
                0..40,
            )
        ) {
            let read = |byte: &u8| *byte < 0x20 || matches!(byte, b'"' | b'\\');
            let write = |byte: &u8| read(byte) || matches!(byte, 0x7f | 0xc2);
            let place = bytes.iter().position(read).unwrap_or(bytes.len());
            prop_assert_eq!(plain_bytes_to_read(&bytes), place);
            let place = bytes.iter().position(write).unwrap_or(bytes.len());
            prop_assert_eq!(plain_bytes_to_write(&bytes), place);
        }
    }
}
