//! A hash over what the tracker sent, by which the same event is known when it comes again.

use enriched_event::Column;

use super::assets::Assets;
use super::digest::Hash;
use super::document::Document;
use super::work::{Context, Enrichment, Facts, Fault, Work};

/// Stands behind every name and every value, so that they cannot run into each other.
const SEPARATOR: &str = "\u{1f}";

/// Which parameters count, and how they are hashed.
pub(crate) struct EventFingerprint {
    excluded: Vec<String>,
    hash: Hash,
}

impl Enrichment for EventFingerprint {
    const IDENTIFIER: &'static str = "event-fingerprint";

    fn compile(document: &Document, _assets: &Assets) -> Result<Self, Vec<String>> {
        let parameters = document.parameters();
        let unknown = "$.data.parameters.hashAlgorithm: no known algorithm";
        let hash = parameters.text("hashAlgorithm").and_then(Hash::named);
        let hash = hash.ok_or_else(|| vec![unknown.to_owned()])?;
        Ok(Self { excluded: parameters.texts("excludeParameters"), hash })
    }

    fn apply(&self, work: &mut Work<'_, '_>, facts: &Facts<'_>) -> Result<Vec<Context>, Fault> {
        let mut pairs: Vec<(u64, &str, &str)> = facts
            .parameters
            .in_sent_order()
            .filter_map(|(name, value)| Some((beginning(name), name, value?)))
            .filter(|(_, name, _)| !self.excluded.iter().any(|excluded| excluded == name))
            .collect();
        pairs.sort_unstable_by(|a, b| a.0.cmp(&b.0).then_with(|| ranks(a.1).cmp(ranks(b.1))));
        // In one piece, because a hash function likes that better than a hundred small ones.
        let bytes = pairs.iter().map(|(_, name, value)| name.len() + value.len() + 2).sum();
        let mut text = String::with_capacity(bytes);
        for (_, name, value) in pairs {
            for part in [name, SEPARATOR, value, SEPARATOR] {
                text.push_str(part);
            }
        }
        work.event.set(Column::EventFingerprint, self.hash.hex([text.as_str()]));
        Ok(Vec::new())
    }
}

/// The first eight ranks of a name, which tell most names apart and compare at once.
fn beginning(name: &str) -> u64 {
    let mut bytes = [0; 8];
    bytes.iter_mut().zip(ranks(name)).for_each(|(byte, rank)| *byte = rank);
    u64::from_be_bytes(bytes)
}

/// Bytes whose order is that of UTF-16, as Java sorts: in UTF-8 alone, U+E000 to U+FFFF would come
/// before what takes four bytes.
fn ranks(name: &str) -> impl Iterator<Item = u8> {
    name.bytes().map(|byte| if matches!(byte, 0xee | 0xef) { byte + 0x10 } else { byte })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_the_order_of_utf_16() {
        let mut names = [
            "\u{1f600}",
            "\u{e000}",
            "\u{ffff}",
            "b",
            "a",
            "",
            "\u{d7ff}",
            "abcdefgh\u{e000}",
            "abcdefgh\u{1f600}",
        ];
        let mut expected = names;
        expected.sort_by_key(|name| name.encode_utf16().collect::<Vec<_>>());
        names.sort_by_key(|name| (beginning(name), ranks(name).collect::<Vec<_>>()));
        assert_eq!(names, expected);
    }
}
