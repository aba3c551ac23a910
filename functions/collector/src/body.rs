//! The body as a payload carries it: unpacked if the client had packed it.

use std::borrow::Cow;
use std::io::Read;

use flate2::read::{DeflateDecoder, MultiGzDecoder, ZlibDecoder};

use crate::request::Request;

/// A body, and whether it had to be unpacked.
pub(crate) struct DecodedBody<'a> {
    /// The bytes that the payload carries.
    pub bytes: Cow<'a, [u8]>,
    /// Whether the header `Content-Encoding` no longer holds.
    pub was_packed: bool,
}

/// Unpacks a gzip or deflate body, as long as it stays below the limit.
///
/// What cannot be unpacked stays as it came, header and all, so that nothing is lost.
pub(crate) fn decoded_body<'a>(request: &'a Request<'_>, bytes_max: usize) -> DecodedBody<'a> {
    let body = request.body.as_ref();
    let encoding = request.header("Content-Encoding").unwrap_or_default().trim();
    let unpacked = match encoding.to_ascii_lowercase().as_str() {
        "gzip" | "x-gzip" => unpacked(MultiGzDecoder::new(body), bytes_max),
        // Some clients send the bare stream where the standard wants the zlib format.
        "deflate" => unpacked(ZlibDecoder::new(body), bytes_max)
            .or_else(|| unpacked(DeflateDecoder::new(body), bytes_max)),
        _ => None,
    };
    match unpacked {
        Some(bytes) => DecodedBody { bytes: Cow::Owned(bytes), was_packed: true },
        None => DecodedBody { bytes: Cow::Borrowed(body), was_packed: false },
    }
}

fn unpacked(stream: impl Read, bytes_max: usize) -> Option<Vec<u8>> {
    let one_past = u64::try_from(bytes_max).unwrap_or(u64::MAX).saturating_add(1);
    let mut bytes = Vec::new();
    std::io::copy(&mut stream.take(one_past), &mut bytes).ok()?;
    (bytes.len() <= bytes_max).then_some(bytes)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};

    use super::*;
    use crate::request::Method;

    fn check(encoding: &str, body: &[u8], expected: Option<&[u8]>) {
        let request = Request {
            method: Method::Post,
            path: "/a/b".into(),
            query: None,
            headers: vec![("content-encoding".into(), encoding.into())],
            body: body.into(),
            peer: None,
        };
        let decoded = decoded_body(&request, 100);
        assert_eq!(decoded.was_packed, expected.is_some(), "{encoding}");
        assert_eq!(decoded.bytes, expected.unwrap_or(body), "{encoding}");
    }

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    #[test]
    fn unpacks_what_it_knows() {
        check("gzip", &gzip(b"hello"), Some(b"hello"));
        check("X-GZIP", &[gzip(b"he"), gzip(b"llo")].concat(), Some(b"hello"));
        let mut zlib = ZlibEncoder::new(Vec::new(), Compression::new(6));
        zlib.write_all(b"hello").unwrap();
        check("deflate", &zlib.finish().unwrap(), Some(b"hello"));
        let mut bare = DeflateEncoder::new(Vec::new(), Compression::new(6));
        bare.write_all(b"hello").unwrap();
        check("deflate", &bare.finish().unwrap(), Some(b"hello"));
    }

    #[test]
    fn leaves_alone_what_it_cannot_unpack() {
        check("gzip", b"not gzip", None);
        check("br", b"anything", None);
        check("identity", b"anything", None);
        check("gzip", &gzip(&[0; 200])[..15], None);
    }

    #[test]
    fn a_body_may_grow_to_the_limit_and_no_further() {
        check("gzip", &gzip(&[7; 100]), Some(&[7; 100]));
        check("gzip", &gzip(&[7; 101]), None);
    }
}
