//! Thrift's compact protocol, as far as Parquet's metadata needs it.

/// A struct that is being written; its fields come in the order of their numbers.
#[derive(Default)]
pub(super) struct Struct {
    bytes: Vec<u8>,
    last: i16,
}

const I32: u8 = 5;
const I64: u8 = 6;
const BINARY: u8 = 8;
const LIST: u8 = 9;
const STRUCT: u8 = 12;

impl Struct {
    pub(super) fn i32(mut self, number: i16, value: i32) -> Self {
        self.field(number, I32);
        varint(zigzag(value.into()), &mut self.bytes);
        self
    }

    pub(super) fn i64(mut self, number: i16, value: i64) -> Self {
        self.field(number, I64);
        varint(zigzag(value), &mut self.bytes);
        self
    }

    pub(super) fn text(mut self, number: i16, value: &str) -> Self {
        self.field(number, BINARY);
        binary(value, &mut self.bytes);
        self
    }

    pub(super) fn texts(mut self, number: i16, values: &[&str]) -> Self {
        self.list(number, BINARY, values.len());
        for value in values {
            binary(value, &mut self.bytes);
        }
        self
    }

    pub(super) fn i32s(mut self, number: i16, values: &[i32]) -> Self {
        self.list(number, I32, values.len());
        for value in values {
            varint(zigzag((*value).into()), &mut self.bytes);
        }
        self
    }

    pub(super) fn inner(mut self, number: i16, value: Self) -> Self {
        self.field(number, STRUCT);
        self.bytes.extend(value.end());
        self
    }

    pub(super) fn inners(
        mut self,
        number: i16,
        values: impl ExactSizeIterator<Item = Self>,
    ) -> Self {
        self.list(number, STRUCT, values.len());
        for value in values {
            self.bytes.extend(value.end());
        }
        self
    }

    /// The struct's bytes.
    pub(super) fn end(mut self) -> Vec<u8> {
        self.bytes.push(0);
        self.bytes
    }

    fn field(&mut self, number: i16, kind: u8) {
        if let Ok(step @ 1..=15) = u8::try_from(number - self.last) {
            self.bytes.push(step << 4 | kind);
        } else {
            self.bytes.push(kind);
            varint(zigzag(number.into()), &mut self.bytes);
        }
        self.last = number;
    }

    fn list(&mut self, number: i16, kind: u8, length: usize) {
        self.field(number, LIST);
        if let Ok(short @ 0..=14) = u8::try_from(length) {
            self.bytes.push(short << 4 | kind);
        } else {
            self.bytes.push(0xf0 | kind);
            varint(length as u64, &mut self.bytes);
        }
    }
}

fn binary(text: &str, out: &mut Vec<u8>) {
    varint(text.len() as u64, out);
    out.extend(text.as_bytes());
}

fn zigzag(value: i64) -> u64 {
    (value.cast_unsigned() << 1) ^ (value >> 63).cast_unsigned()
}

/// Seven bits in each byte, the lowest first.
pub(super) fn varint(mut value: u64, out: &mut Vec<u8>) {
    loop {
        let [low, ..] = value.to_le_bytes();
        value >>= 7;
        if value == 0 {
            out.push(low & 0x7f);
            return;
        }
        out.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_steps_and_numbers_zigzag() {
        let inner = Struct::default().i32(1, -1);
        let bytes = Struct::default().i32(1, 1).i64(3, 64).text(4, "ab").inner(20, inner).end();
        let expected = [0x15, 2, 0x26, 0x80, 1, 0x18, 2, b'a', b'b', 0x0c, 40, 0x15, 1, 0, 0];
        assert_eq!(bytes, expected);
    }

    #[test]
    fn long_lists_say_their_length_behind() {
        let short = Struct::default().i32s(1, &[0; 14]).end();
        assert_eq!(short.get(..3), Some(&[0x19, 0xe5, 0][..]));
        let long = Struct::default().i32s(1, &[0; 15]).end();
        assert_eq!(long.get(..4), Some(&[0x19, 0xf5, 15, 0][..]));
    }
}
