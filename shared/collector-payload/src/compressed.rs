//! Records that hold several payloads: one zstd frame or gzip member over length-prefixed payloads.

use std::fmt;
use std::io::{self, Read, Write};

use flate2::Compression;
use flate2::read::MultiGzDecoder;
use flate2::write::GzEncoder;

/// The first bytes inside the compression: format version, payload version.
const VERSIONS: [u8; 2] = [1, 1];
const ZSTD_MAGIC: [u8; 4] = [0x28, 0xb5, 0x2f, 0xfd];
const GZIP_MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Largest payload that a reader takes out of a record.
pub const PAYLOAD_BYTES_MAX: usize = 10_000_000;
/// Most bytes that a reader takes out of one record.
pub const RECORD_BYTES_MAX: u64 = 64 * 1024 * 1024;

/// How records are compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Codec {
    /// One zstd frame, with its level (1 to 22).
    Zstd(i32),
    /// One gzip member, with its level (0 to 9).
    Gzip(u32),
}

/// Why a compressed record cannot be read.
#[derive(Debug)]
pub enum ReadError {
    /// The compression is broken or the bytes end too early.
    Broken(io::ErrorKind),
    /// Versions that this reader does not know.
    UnknownVersion([u8; 2]),
    /// A payload that claims more bytes than are allowed.
    PayloadTooLarge {
        /// What it claims.
        bytes: usize,
    },
    /// A record that unpacks to more bytes than are allowed.
    RecordTooLarge,
}

impl fmt::Display for ReadError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Broken(kind) => write!(f, "broken compression: {kind}"),
            Self::UnknownVersion([format, payload]) => {
                write!(f, "unknown versions: format {format}, payload {payload}")
            }
            Self::PayloadTooLarge { bytes } => {
                write!(f, "a payload of {bytes} bytes is larger than {PAYLOAD_BYTES_MAX} bytes")
            }
            Self::RecordTooLarge => {
                write!(f, "the record unpacks to more than {RECORD_BYTES_MAX} bytes")
            }
        }
    }
}

impl std::error::Error for ReadError {}

/// Whether a record is compressed; a bare payload never begins like this.
pub fn is_compressed(record: &[u8]) -> bool {
    record.starts_with(&ZSTD_MAGIC) || record.starts_with(&GZIP_MAGIC)
}

/// Packs payloads into one record.
pub fn pack<'a>(payloads: impl IntoIterator<Item = &'a [u8]>, codec: Codec) -> io::Result<Vec<u8>> {
    match codec {
        Codec::Zstd(level) => {
            let mut encoder = zstd::Encoder::new(Vec::new(), level)?;
            write_payloads(&mut encoder, payloads)?;
            encoder.finish()
        }
        Codec::Gzip(level) => {
            let mut encoder = GzEncoder::new(Vec::new(), Compression::new(level.min(9)));
            write_payloads(&mut encoder, payloads)?;
            encoder.finish()
        }
    }
}

fn write_payloads<'a>(
    out: &mut impl Write,
    payloads: impl IntoIterator<Item = &'a [u8]>,
) -> io::Result<()> {
    out.write_all(&VERSIONS)?;
    for payload in payloads {
        let length = u32::try_from(payload.len()).map_err(io::Error::other)?;
        out.write_all(&length.to_be_bytes())?;
        out.write_all(payload)?;
    }
    Ok(())
}

/// Unpacks a record into its payloads, within limits.
pub fn unpack(record: &[u8]) -> Result<Vec<Vec<u8>>, ReadError> {
    if record.starts_with(&ZSTD_MAGIC) {
        read_payloads(zstd::Decoder::new(record).map_err(|error| ReadError::Broken(error.kind()))?)
    } else {
        read_payloads(MultiGzDecoder::new(record))
    }
}

fn read_payloads(unpacked: impl Read) -> Result<Vec<Vec<u8>>, ReadError> {
    let mut unpacked = unpacked.take(RECORD_BYTES_MAX);
    let mut versions = [0; 2];
    fill(&mut unpacked, &mut versions)?;
    if versions != VERSIONS {
        return Err(ReadError::UnknownVersion(versions));
    }
    let mut payloads = Vec::new();
    while let Some(length) = next_length(&mut unpacked)? {
        if length > PAYLOAD_BYTES_MAX {
            return Err(ReadError::PayloadTooLarge { bytes: length });
        }
        let mut payload = Vec::new();
        let wanted = u64::try_from(length).unwrap_or(u64::MAX);
        // Grows with what is really there, not with what the length claims.
        let found = io::copy(&mut unpacked.by_ref().take(wanted), &mut payload);
        if found.map_err(|error| ReadError::Broken(error.kind()))? < wanted {
            return Err(end_of(&unpacked));
        }
        payloads.push(payload);
    }
    if unpacked.limit() == 0 { Err(ReadError::RecordTooLarge) } else { Ok(payloads) }
}

/// The next payload's length, or `None` at the end of the record.
fn next_length(unpacked: &mut io::Take<impl Read>) -> Result<Option<usize>, ReadError> {
    let mut first = [0; 1];
    loop {
        match unpacked.read(&mut first) {
            Ok(0) => return Ok(None),
            Ok(_) => break,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(ReadError::Broken(error.kind())),
        }
    }
    let mut rest = [0; 3];
    fill(unpacked, &mut rest)?;
    let ([a], [b, c, d]) = (first, rest);
    Ok(Some(usize::try_from(u32::from_be_bytes([a, b, c, d])).unwrap_or(usize::MAX)))
}

fn fill(unpacked: &mut io::Take<impl Read>, buffer: &mut [u8]) -> Result<(), ReadError> {
    unpacked.read_exact(buffer).map_err(|error| {
        let is_end = error.kind() == io::ErrorKind::UnexpectedEof;
        if is_end { end_of(unpacked) } else { ReadError::Broken(error.kind()) }
    })
}

fn end_of<R>(unpacked: &io::Take<R>) -> ReadError {
    if unpacked.limit() == 0 {
        ReadError::RecordTooLarge
    } else {
        ReadError::Broken(io::ErrorKind::UnexpectedEof)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const CODECS: [Codec; 2] = [Codec::Zstd(9), Codec::Gzip(6)];

    fn pack_raw(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn records_begin_with_their_magic() {
        let zstd = pack([&b"a"[..]], Codec::Zstd(9)).unwrap();
        let gzip = pack([&b"a"[..]], Codec::Gzip(6)).unwrap();
        assert!(zstd.starts_with(&ZSTD_MAGIC) && gzip.starts_with(&GZIP_MAGIC));
        assert!(is_compressed(&zstd) && is_compressed(&gzip) && !is_compressed(&[0x0b, 0, 100]));
    }

    #[test]
    fn refuses_other_versions_and_lies_about_lengths() {
        assert!(matches!(unpack(&pack_raw(&[2, 1])), Err(ReadError::UnknownVersion([2, 1]))));
        assert!(matches!(unpack(&pack_raw(&[1])), Err(ReadError::Broken(_))));
        assert!(matches!(unpack(&pack_raw(&[1, 1, 0, 0])), Err(ReadError::Broken(_))));
        assert!(matches!(unpack(&pack_raw(&[1, 1, 0, 0, 0, 9, 7])), Err(ReadError::Broken(_))));
        assert!(matches!(
            unpack(&pack_raw(&[1, 1, 255, 255, 255, 255])),
            Err(ReadError::PayloadTooLarge { bytes: 4_294_967_295 })
        ));
        assert!(matches!(unpack(b"\x28\xb5\x2f\xfdnothing"), Err(ReadError::Broken(_))));
    }

    #[test]
    fn a_record_that_unpacks_beyond_the_limit_is_refused() {
        let large = vec![0; 9_000_000];
        let payloads = std::iter::repeat_n(&large[..], 8);
        for codec in [Codec::Zstd(1), Codec::Gzip(1)] {
            let record = pack(payloads.clone(), codec).unwrap();
            assert!(matches!(unpack(&record), Err(ReadError::RecordTooLarge)));
        }
    }

    proptest! {
        #[test]
        fn what_is_packed_comes_out_again(
            payloads in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..8),
        ) {
            for codec in CODECS {
                let record = pack(payloads.iter().map(Vec::as_slice), codec).unwrap();
                prop_assert_eq!(unpack(&record).unwrap(), payloads.clone());
            }
        }

        #[test]
        fn no_bytes_make_it_panic(
            mut bytes in prop::collection::vec(any::<u8>(), 0..200), zstd in any::<bool>(),
        ) {
            let magic: &[u8] = if zstd { &ZSTD_MAGIC } else { &GZIP_MAGIC };
            bytes.splice(0..0, magic.iter().copied());
            drop(unpack(&bytes));
        }
    }
}
