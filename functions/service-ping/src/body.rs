//! The body of a request, unpacked if the client had packed it, and never larger than a ping may be.

use std::borrow::Cow;
use std::io::Read as _;

use flate2::read::MultiGzDecoder;

use crate::answer::Refusal;
use crate::front_door::Request;

/// The most bytes of a ping. No delivery stream takes a larger record, and little of a ping is dropped.
pub(crate) const PING_BYTES_MAX: usize = 1_024_000;

/// The bytes of the ping.
pub(crate) fn unpacked<'a>(request: &'a Request<'_>) -> Result<Cow<'a, [u8]>, Refusal> {
    let body = &*request.body;
    let encoding = request.content_encoding.as_deref().unwrap_or_default();
    let bytes = match encoding.to_ascii_lowercase().as_str() {
        "" | "identity" => Cow::Borrowed(body),
        "gzip" | "x-gzip" => {
            let most = u64::try_from(PING_BYTES_MAX).unwrap_or(u64::MAX).saturating_add(1);
            let mut bytes = Vec::new();
            std::io::copy(&mut MultiGzDecoder::new(body).take(most), &mut bytes)
                .map_err(|_| Refusal::Encoding)?;
            Cow::Owned(bytes)
        }
        _ => return Err(Refusal::Encoding),
    };
    if bytes.len() > PING_BYTES_MAX { Err(Refusal::BodySize) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    fn gzip(content: &[u8]) -> Vec<u8> {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::new(6));
        encoder.write_all(content).unwrap();
        encoder.finish().unwrap()
    }

    fn length(encoding: &str, body: &[u8]) -> Result<usize, Refusal> {
        let request = Request {
            method: "POST".into(),
            path: "/usage_data".into(),
            content_type: None,
            content_encoding: Some(encoding.to_owned()),
            body: body.into(),
        };
        unpacked(&request).map(|bytes| bytes.len())
    }

    #[test]
    fn a_body_may_have_so_many_bytes_and_no_more() {
        let most = vec![b' '; PING_BYTES_MAX];
        let more = vec![b' '; PING_BYTES_MAX + 1];
        for (encoding, pack) in [("", <[u8]>::to_vec as fn(&[u8]) -> Vec<u8>), ("GZIP", gzip)] {
            assert_eq!(length(encoding, &pack(&most)), Ok(PING_BYTES_MAX));
            assert_eq!(length(encoding, &pack(&more)), Err(Refusal::BodySize));
        }
    }

    #[test]
    fn a_body_that_cannot_be_unpacked_is_refused() {
        assert_eq!(length("gzip", b"{}"), Err(Refusal::Encoding));
        assert_eq!(length("gzip", &gzip(&[7; 99])[..20]), Err(Refusal::Encoding));
        assert_eq!(length("br", b"{}"), Err(Refusal::Encoding));
        assert_eq!(length("identity", b"{}"), Ok(2));
    }
}
