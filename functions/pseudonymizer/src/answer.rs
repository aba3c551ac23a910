//! The answer to a batch, written as one text whose exact size is known before anything is added.

use base64_simd::STANDARD;
use json_tree::write_text;

/// The largest answer that Lambda hands to Firehose, in bytes.
pub const ANSWER_BYTES_MAX: usize = 6_291_456;
/// Kept free of it: what counts towards Lambda's limit beside the answer itself is not documented.
const MARGIN_BYTES: usize = 32_768;

const START: &str = r#"{"records":["#;
const END: &str = "]}";
const ID: &str = r#"{"recordId":"#;
const DROPPED: &str = r#","result":"Dropped"}"#;
const OK: &str = r#","result":"Ok","data":""#;
const KEYS: &str = r#"","metadata":{"partitionKeys":"#;

/// An answer in the making. Records are answered in their order; for those that are still to come,
/// there is always room to say that they were dropped.
pub(crate) struct Answer {
    text: String,
    /// What the records to come take if all of them are dropped.
    ahead: usize,
    bytes_max: usize,
}

/// What an answer holds of a record.
#[derive(Clone, Copy)]
pub(crate) struct Output<'a> {
    pub(crate) data: &'a [u8],
    /// A JSON object, or nothing.
    pub(crate) partition_keys: &'a str,
}

impl Output<'_> {
    /// How many bytes more than a dropped record it takes.
    pub(crate) fn extra_bytes(self) -> usize {
        let end = if self.partition_keys.is_empty() {
            r#""}"#.len()
        } else {
            KEYS.len() + self.partition_keys.len() + "}}".len()
        };
        let data = self.data.len().div_ceil(3) * 4;
        (OK.len() + data + end).saturating_sub(DROPPED.len())
    }
}

impl Answer {
    /// An answer to records with these ids; none if there is not even room to name them.
    pub(crate) fn new<'i>(ids: impl Iterator<Item = &'i str>) -> Option<Self> {
        Self::limited(ids, ANSWER_BYTES_MAX - MARGIN_BYTES)
    }

    fn limited<'i>(ids: impl Iterator<Item = &'i str>, bytes_max: usize) -> Option<Self> {
        let mut ahead = 0;
        let mut id_text = String::new();
        for (place, id) in ids.enumerate() {
            id_text.clear();
            write_text(id, &mut id_text);
            ahead += usize::from(place > 0) + dropped_bytes(&id_text);
        }
        // All of it at once, so that it never moves; what is not used is never touched.
        let mut text = String::with_capacity(bytes_max);
        text.push_str(START);
        let least = text.len() + ahead + END.len();
        (least <= bytes_max).then_some(Self { text, ahead, bytes_max })
    }

    /// How many bytes the next record may take beyond those of a dropped one.
    pub(crate) fn room(&self) -> usize {
        self.bytes_max.saturating_sub(self.text.len() + self.ahead + END.len())
    }

    /// Answers the next record if there is room.
    pub(crate) fn ok(&mut self, id: &str, output: Output<'_>) -> bool {
        if output.extra_bytes() > self.room() {
            return false;
        }
        self.id(id);
        self.text.push_str(OK);
        STANDARD.encode_append(output.data, &mut self.text);
        if output.partition_keys.is_empty() {
            self.text.push_str(r#""}"#);
        } else {
            self.text.push_str(KEYS);
            self.text.push_str(output.partition_keys);
            self.text.push_str("}}");
        }
        true
    }

    /// Says of the next record that nothing of it is to be delivered.
    pub(crate) fn dropped(&mut self, id: &str) {
        self.id(id);
        self.text.push_str(DROPPED);
    }

    fn id(&mut self, id: &str) {
        let start = self.text.len();
        if !self.text.ends_with('[') {
            self.text.push(',');
        }
        self.text.push_str(ID);
        write_text(id, &mut self.text);
        let written = self.text.len() - start;
        self.ahead = self.ahead.saturating_sub(written + DROPPED.len());
    }

    pub(crate) fn finish(mut self) -> String {
        self.text.push_str(END);
        self.text
    }
}

fn dropped_bytes(id_text: &str) -> usize {
    ID.len() + id_text.len() + DROPPED.len()
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;

    fn output<'a>(data: &'a str, partition_keys: &'a str) -> Output<'a> {
        Output { data: data.as_bytes(), partition_keys }
    }

    #[test]
    fn the_text_is_what_firehose_expects() {
        let ids = ["a\"b", "\u{1}", "c"];
        let mut answer = Answer::limited(ids.into_iter(), 1_000).unwrap();
        assert!(answer.ok(ids[0], output("hi\n", "")));
        answer.dropped(ids[1]);
        assert!(answer.ok(ids[2], output("", r#"{"app_id":"web"}"#)));
        let text = answer.finish();
        assert_eq!(
            serde_json::from_str::<Value>(&text).unwrap(),
            json!({"records": [
                {"recordId": "a\"b", "result": "Ok", "data": "aGkK"},
                {"recordId": "\u{1}", "result": "Dropped"},
                {"recordId": "c", "result": "Ok", "data": "",
                    "metadata": {"partitionKeys": {"app_id": "web"}}},
            ]})
        );
    }

    /// The answer that is as large as it may be, to the byte, and one that would be a byte larger.
    #[test]
    fn the_size_is_exact() {
        for keys in ["", r#"{"app_id":"web"}"#] {
            let ids = ["1", "22", "\n"];
            let answer = |bytes_max: usize| {
                let mut answer = Answer::limited(ids.into_iter(), bytes_max)?;
                let is_ok = answer.ok(ids[0], output("four", keys));
                if !is_ok {
                    answer.dropped(ids[0]);
                }
                answer.dropped(ids[1]);
                answer.dropped(ids[2]);
                Some((is_ok, answer.finish()))
            };
            let (_, text) = answer(1_000).unwrap();
            assert_eq!(answer(text.len()), Some((true, text.clone())));
            let (is_ok, shorter) = answer(text.len() - 1).unwrap();
            assert!(!is_ok && shorter.len() < text.len());
            assert_eq!(answer(shorter.len()), Some((false, shorter.clone())));
            assert_eq!(answer(shorter.len() - 1), None);
        }
    }

    #[test]
    fn room_is_what_a_record_may_take() {
        let mut answer = Answer::limited(["1", "2"].into_iter(), 500).unwrap();
        let most = answer.room();
        let data = "x".repeat(most);
        let part = |length: usize| output(data.get(..length).unwrap(), "");
        let fitting = (0..most).rev().find(|length| part(*length).extra_bytes() <= most).unwrap();
        assert!(!answer.ok("1", part(fitting + 1)));
        assert!(answer.ok("1", part(fitting)));
        assert!(answer.room() < 4);
        answer.dropped("2");
        assert!(answer.finish().len() <= 500);
    }
}
