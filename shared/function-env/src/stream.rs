//! How large a record may be, so that no stream refuses it for its partition key.

use crate::Reader;

/// What a stream's record limit is, unless it was raised, and how far it can be raised.
const STREAM_RECORD_BYTES: (usize, usize) = (1_048_576, 10 * 1_048_576);
/// Kept back for partition keys, which count towards the limit: 256 characters of four bytes.
const KEY_BYTES: usize = 1_024;

/// The variable that says how large a record may be.
///
/// A limit just below a stream's own would let records through that the stream then refuses for
/// their partition key, at every retry; it is a problem.
pub fn record_bytes_max(r: &mut Reader<'_>, name: &str, default: usize, least: usize) -> usize {
    let (usual, raised) = STREAM_RECORD_BYTES;
    let found = r.size(name, default, (least, raised - KEY_BYTES));
    if (usual - KEY_BYTES + 1..=usual).contains(&found) {
        let accepted = "at most 1047552, or more than 1048576 for a stream whose limit was raised";
        r.problem(name, found.to_string(), accepted);
    }
    found
}

/// The largest record that the stream itself takes, partition key included, if it is to take records
/// of this size.
pub fn stream_bytes_max(record_bytes_max: usize) -> usize {
    let (usual, raised) = STREAM_RECORD_BYTES;
    if record_bytes_max < usual { usual } else { raised }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Variables;

    #[test]
    fn the_partition_key_always_has_room() {
        for (text, is_accepted) in [
            ("99", false),
            ("100", true),
            ("1047552", true),
            ("1047553", false),
            ("1048576", false),
            ("1048577", true),
            ("10484736", true),
            ("10484737", false),
        ] {
            let variables = Variables::from([("LIMIT", text)]);
            let mut reader = Reader::new(&variables);
            let found = record_bytes_max(&mut reader, "LIMIT", 1_000_000, 100);
            assert!(found + KEY_BYTES <= stream_bytes_max(found) || !is_accepted, "{text}");
            assert_eq!(reader.finish(()).is_ok(), is_accepted, "{text}");
        }
    }
}
