//! Choices that come from bytes, so that whoever makes the bytes can vary and shrink what is chosen.

/// Bytes to choose by. When they are used up, the first of everything is chosen.
pub(crate) struct Choices<'a> {
    bytes: std::slice::Iter<'a, u8>,
}

impl<'a> Choices<'a> {
    pub(crate) fn new(bytes: &'a [u8]) -> Self {
        Self { bytes: bytes.iter() }
    }

    fn byte(&mut self) -> usize {
        self.bytes.next().copied().unwrap_or(0).into()
    }

    /// A number below this one.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        let number = if count > 256 { self.byte() << 8 | self.byte() } else { self.byte() };
        number % count.max(1)
    }

    /// True once in so many times, and never when the bytes are used up.
    pub(crate) fn one_in(&mut self, count: usize) -> bool {
        self.below(count) == count - 1
    }

    pub(crate) fn pick<'t, T>(&mut self, list: &'t [T]) -> &'t T {
        &list[self.below(list.len())]
    }

    pub(crate) fn word<'t>(&mut self, list: &[&'t str]) -> &'t str {
        list[self.below(list.len())]
    }
}
