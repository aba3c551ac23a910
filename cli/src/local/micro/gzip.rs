//! Answers in gzip, for clients that ask for it.

use std::io::Write as _;

use collector::request::Request;
use flate2::Compression;
use flate2::write::GzEncoder;
use tokio::sync::mpsc;

use super::super::answer::{Answer, Content, PARTS_WAITING_MAX};
use super::super::objects;

/// The answer, compressed if the client takes that.
pub(super) fn compressed(answer: Answer, request: &Request<'_>) -> Answer {
    let answer = answer.with("Vary", "Accept-Encoding");
    if !request.header_values("Accept-Encoding").any(takes_gzip) {
        return answer;
    }
    let Answer { status, headers, content } = answer;
    let content = match content {
        Content::Whole(bytes) => match objects::compressed(&bytes) {
            Ok(compressed) => Content::Whole(compressed),
            Err(_) => return Answer { status, headers, content: Content::Whole(bytes) },
        },
        Content::Parts(parts) => Content::Parts(compressed_parts(parts)),
    };
    Answer { status, headers, content }.with("Content-Encoding", "gzip")
}

/// Whether a list such as `br;q=1.0, gzip;q=0.8` takes it.
fn takes_gzip(list: &str) -> bool {
    list.split(',').any(|choice| {
        let (name, weight) = choice.split_once(';').unwrap_or((choice, ""));
        let weight = weight.trim().strip_prefix("q=").unwrap_or("1").trim();
        let is_wanted = weight.parse::<f32>().is_ok_and(|weight| weight > 0.0);
        is_wanted && (name.trim().eq_ignore_ascii_case("gzip") || name.trim() == "*")
    })
}

/// Each part is sent on at once, whatever compressing could gain by waiting for more.
#[allow(clippy::disallowed_methods, reason = "the local server is no Lambda function")]
fn compressed_parts(mut parts: mpsc::Receiver<Vec<u8>>) -> mpsc::Receiver<Vec<u8>> {
    let (sender, received) = mpsc::channel(PARTS_WAITING_MAX);
    tokio::task::spawn(async move {
        let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
        loop {
            let part = tokio::select! {
                part = parts.recv() => part,
                () = sender.closed() => return,
            };
            let written = match &part {
                Some(part) => encoder.write_all(part).and_then(|()| encoder.flush()),
                None => encoder.try_finish(),
            };
            // Memory takes everything; an answer that ends early is seen to be broken.
            let compressed = std::mem::take(encoder.get_mut());
            if written.is_err() || sender.send(compressed).await.is_err() || part.is_none() {
                return;
            }
        }
    });
    received
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_sent_to_those_who_take_it() {
        for (list, expected) in [
            ("gzip", true),
            ("deflate, GZIP;q=0.5", true),
            ("br, *", true),
            ("gzip;q=0", false),
            ("gzip; q=0.0", false),
            ("identity", false),
            ("x-gzipped", false),
        ] {
            assert_eq!(takes_gzip(list), expected, "{list}");
        }
    }
}
