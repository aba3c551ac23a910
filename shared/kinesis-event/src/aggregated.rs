//! Records that the Kinesis Producer Library has packed into one: taken apart again.

use md5::{Digest, Md5};

/// What an aggregated record begins with.
const MAGIC: [u8; 4] = [0xf3, 0x89, 0x9a, 0xc2];
const CHECKSUM_BYTES: usize = 16;
/// Most records that are taken out of one; the producer library packs a few thousand at most.
const RECORDS_MAX: usize = 100_000;

/// The records that a producer put into one, or the record itself if nobody packed it.
pub fn user_records(data: &[u8]) -> Vec<&[u8]> {
    aggregated(data).unwrap_or_else(|| vec![data])
}

/// Bytes that are the same for the same record and differ for any other: to derive ids from.
pub fn fingerprint(record: &[u8]) -> [u8; 16] {
    Md5::digest(record).into()
}

fn aggregated(data: &[u8]) -> Option<Vec<&[u8]>> {
    let rest = data.strip_prefix(&MAGIC)?;
    let (message, checksum) = rest.split_at_checked(rest.len().checked_sub(CHECKSUM_BYTES)?)?;
    if Md5::digest(message).as_slice() != checksum {
        return None;
    }
    let mut records = Vec::new();
    let mut fields = Fields(message);
    while let Some((number, value)) = fields.next()? {
        if let (3, Value::Bytes(record)) = (number, value) {
            if records.len() == RECORDS_MAX {
                return None;
            }
            records.push(data_of(record)?);
        }
    }
    Some(records)
}

/// The data of one packed record; its keys concern nobody here.
fn data_of(record: &[u8]) -> Option<&[u8]> {
    let mut fields = Fields(record);
    let mut data = None;
    while let Some((number, value)) = fields.next()? {
        if let (3, Value::Bytes(bytes)) = (number, value) {
            data = Some(bytes);
        }
    }
    data
}

/// A protobuf message, field by field.
struct Fields<'a>(&'a [u8]);

enum Value<'a> {
    Bytes(&'a [u8]),
    Other,
}

impl<'a> Fields<'a> {
    /// The next field; the outer `None` means that the bytes are no message.
    #[allow(clippy::option_option, reason = "the end of a message and a broken one differ")]
    fn next(&mut self) -> Option<Option<(u64, Value<'a>)>> {
        if self.0.is_empty() {
            return Some(None);
        }
        let tag = self.varint()?;
        let value = match tag & 7 {
            0 => {
                self.varint()?;
                Value::Other
            }
            1 => {
                self.take(8)?;
                Value::Other
            }
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                Value::Bytes(self.take(length)?)
            }
            5 => {
                self.take(4)?;
                Value::Other
            }
            _ => return None,
        };
        Some(Some((tag >> 3, value)))
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let [byte] = *self.take(1)? else { return None };
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn field(number: u8, bytes: &[u8]) -> Vec<u8> {
        let mut out = vec![number << 3 | 2];
        let mut length = bytes.len();
        while length >= 0x80 {
            out.push(u8::try_from(length & 0x7f).unwrap() | 0x80);
            length >>= 7;
        }
        out.push(u8::try_from(length).unwrap());
        out.extend_from_slice(bytes);
        out
    }

    fn packed(records: &[Vec<u8>]) -> Vec<u8> {
        let mut message = field(1, b"partition key");
        for record in records {
            // The index of the partition key, then the data.
            message.extend(field(3, &[vec![1 << 3, 0], field(3, record)].concat()));
        }
        let checksum = Md5::digest(&message);
        [&MAGIC[..], &message, checksum.as_slice()].concat()
    }

    #[test]
    fn other_records_come_out_as_they_are() {
        for data in [&b""[..], b"\x0b\x00\x64", &MAGIC, b"\xf3\x89\x9a\xc20123456789abcdef"] {
            assert_eq!(user_records(data), [data]);
        }
    }

    #[test]
    fn a_wrong_checksum_means_that_nobody_packed_it() {
        let mut data = packed(&[b"one".to_vec()]);
        *data.last_mut().unwrap() ^= 1;
        assert_eq!(user_records(&data), [data.as_slice()]);
    }

    proptest! {
        #[test]
        fn what_was_packed_comes_out_again(
            records in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..20),
        ) {
            let data = packed(&records);
            prop_assert_eq!(user_records(&data), records);
        }

        #[test]
        fn no_bytes_make_it_panic(mut data in prop::collection::vec(any::<u8>(), 0..200)) {
            let checksum = Md5::digest(&data);
            data.splice(0..0, MAGIC);
            data.extend_from_slice(checksum.as_slice());
            user_records(&data);
        }
    }
}
