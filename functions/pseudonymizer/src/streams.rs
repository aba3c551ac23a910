//! Which stream a batch is of: the configuration says it, the stream's name decides.

use privacy::Stream;

/// The names and ARNs of the streams, each with what it holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Streams(Vec<(String, Stream)>);

impl Streams {
    /// Adds a stream; false if it is there with something else in it.
    pub fn add(&mut self, name: String, stream: Stream) -> bool {
        let is_free = self.0.iter().all(|(other, holds)| *other != name || *holds == stream);
        self.0.push((name, stream));
        is_free
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// What the first of these ARNs holds that is known; nothing is guessed.
    pub fn find(&self, arns: [&str; 2]) -> Option<Stream> {
        arns.into_iter().filter(|arn| !arn.is_empty()).find_map(|arn| {
            let name = arn.rsplit_once('/').map_or(arn, |(_, name)| name);
            let is_it = |(given, _): &&(String, Stream)| given == arn || given == name;
            self.0.iter().find(is_it).map(|(_, stream)| *stream)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "arn:aws:firehose:eu-west-1:123456789012:deliverystream/good";
    const OTHER: &str = "arn:aws:firehose:eu-west-1:999999999999:deliverystream/good";
    const SOURCE: &str = "arn:aws:kinesis:eu-west-1:123456789012:stream/enriched-bad";

    #[test]
    fn the_delivery_stream_counts_before_its_source() {
        let mut streams = Streams::default();
        for (name, stream) in [
            (GOOD, Stream::EnrichedGood),
            ("enriched-bad", Stream::EnrichedBad),
            ("raw", Stream::RawBad),
        ] {
            assert!(streams.add(name.to_owned(), stream));
        }
        for (arns, expected) in [
            ([GOOD, ""], Some(Stream::EnrichedGood)),
            ([GOOD, SOURCE], Some(Stream::EnrichedGood)),
            ([OTHER, SOURCE], Some(Stream::EnrichedBad)),
            ([OTHER, ""], None),
            (["", SOURCE], Some(Stream::EnrichedBad)),
            (["raw", ""], Some(Stream::RawBad)),
            (["", ""], None),
            (["arn:aws:firehose:eu-west-1:1:deliverystream/", ""], None),
            (["arn:aws:firehose:eu-west-1:1:deliverystream/not-raw", ""], None),
        ] {
            assert_eq!(streams.find(arns), expected, "{arns:?}");
        }
        assert!(!streams.add("raw".to_owned(), Stream::EnrichedGood));
    }
}
