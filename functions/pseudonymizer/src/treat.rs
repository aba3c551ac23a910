//! One record in, what may be seen of it out: its lines treated one by one, in whatever form is wanted.

use enriched_event::{EnrichedEvent, SdkFlavour};
use privacy::{Defect, Keyed, Policy, Rewriter, Stream, Tally, sealed_text};

use crate::answer::{ANSWER_BYTES_MAX, Output as Answered};
use crate::config::{Config, Output};
use crate::event::EventRecord;
use crate::outcome::Outcome;
use crate::partition;

/// No answer has room for a record of more bytes, as base64 adds a third.
const OUTPUT_BYTES_MAX: usize = ANSWER_BYTES_MAX / 4 * 3;

/// Treats records, one at a time; its buffers are used for all of them.
pub(crate) struct Treat<'c> {
    config: &'c Config,
    stream: Stream,
    rewriter: Rewriter<'c, Keyed>,
    /// The record's bytes.
    data: Vec<u8>,
    /// One treated line.
    treated: String,
    /// What the record becomes.
    out: String,
    partition_keys: String,
}

impl<'c> Treat<'c> {
    pub(crate) fn new(
        config: &'c Config,
        policy: &'c Policy,
        stream: Stream,
        (keyed, key_id): (Keyed, &str),
    ) -> Self {
        Self {
            config,
            stream,
            rewriter: Rewriter::new(policy, keyed, key_id),
            data: Vec::new(),
            treated: String::new(),
            out: String::new(),
            partition_keys: String::new(),
        }
    }

    /// What was done so far.
    pub(crate) fn tally(&self) -> &Tally {
        self.rewriter.tally()
    }

    /// What the last record became.
    pub(crate) fn output(&self) -> Answered<'_> {
        Answered { data: self.out.as_bytes(), partition_keys: &self.partition_keys }
    }

    /// How many times as large the last record became, if it had at least so many bytes.
    pub(crate) fn swelling(&self, bytes_min: usize) -> usize {
        self.out.len().div_ceil(self.data.len().max(bytes_min).max(1))
    }

    /// Treats a record.
    pub(crate) fn record(&mut self, record: &EventRecord<'_>) -> Outcome {
        self.out.clear();
        self.data.clear();
        partition::of_nothing(&self.config.partition_columns, &mut self.partition_keys);
        if let Err(text) = record.decode(&mut self.data) {
            self.data.clear();
            self.data.extend_from_slice(text.as_bytes());
            // What is no base64 is no text either.
            return self.quarantined(Defect::NotUtf8, usize::MAX);
        }
        let mut outcome = Outcome::default();
        let data = std::mem::take(&mut self.data);
        let is_whole = lines(&data).all(|line| {
            self.line(line, &mut outcome);
            // Asked before the copy, which would double what such a line takes.
            let fits = self.out.len() + self.treated.len() < OUTPUT_BYTES_MAX;
            if fits {
                self.out.push_str(&self.treated);
                self.out.push('\n');
            }
            fits
        });
        self.data = data;
        if is_whole { outcome } else { self.quarantined(Defect::Size, usize::MAX) }
    }

    /// Treats one line.
    fn line(&mut self, line: &[u8], outcome: &mut Outcome) {
        let Config { output, recipients, partition_columns, .. } = self.config;
        self.treated.clear();
        let mut done = self.rewriter.line(self.stream, line, recipients, &mut self.treated);
        if done.is_ok() && self.stream == Stream::EnrichedGood {
            if !partition_columns.is_empty() && outcome.lines == outcome.quarantined {
                // The first row decides for the record.
                let original = str::from_utf8(line).unwrap_or_default();
                let keys = &mut self.partition_keys;
                partition::of_row(partition_columns, original, &self.treated, keys);
            }
            if *output == Output::Json && self.treated.len() < OUTPUT_BYTES_MAX {
                done = sdk_json(&mut self.treated).map(|left_out| outcome.left_out += left_out);
                if let Err(defect) = done {
                    self.treated.clear();
                    let what = (self.stream, defect);
                    self.rewriter.quarantine(what, line, None, &mut self.treated);
                }
            }
        }
        outcome.lines += 1;
        outcome.quarantined += usize::from(done.is_err());
    }

    /// Puts one quarantine line in the place of all that the last record became. Its original comes
    /// along for the recipients if there is so much room.
    pub(crate) fn quarantined(&mut self, defect: Defect, room: usize) -> Outcome {
        partition::of_nothing(&self.config.partition_columns, &mut self.partition_keys);
        let sealed = sealed_text(&self.data, &self.config.recipients);
        for sealed in [sealed.as_deref(), None] {
            self.out.clear();
            self.rewriter.quarantine((self.stream, defect), &self.data, sealed, &mut self.out);
            self.out.push('\n');
            if sealed.is_none() || self.output().extra_bytes() <= room.min(OUTPUT_BYTES_MAX) {
                break;
            }
        }
        Outcome { lines: 1, quarantined: 1, left_out: 0 }
    }
}

/// The lines of a record: at least one. A line break at the end makes none, and of `\r\n` none is
/// a part of the line.
fn lines(data: &[u8]) -> impl Iterator<Item = &[u8]> {
    let data = data.strip_suffix(b"\n").unwrap_or(data);
    let mut rest = Some(data);
    std::iter::from_fn(move || {
        let text = rest?;
        // Records are kilobytes long and hold one line, so looking for its end is worth a quick way.
        let end = memchr::memchr(b'\n', text);
        rest = end.and_then(|end| text.get(end + 1..));
        let line = end.and_then(|end| text.get(..end)).unwrap_or(text);
        Some(line.strip_suffix(b"\r").unwrap_or(line))
    })
}

/// Makes JSON of a row. Columns that have no place in it as what they became are left out: a
/// pseudonym is no number. Says how many these are.
fn sdk_json(row: &mut String) -> Result<usize, Defect> {
    let mut event = EnrichedEvent::parse_tsv(row).map_err(|_| Defect::ColumnCount)?;
    let mut left_out = 0;
    loop {
        match event.to_sdk_json(SdkFlavour::Python) {
            Ok(json) => {
                *row = Box::<str>::from(json).into_string();
                return Ok(left_out);
            }
            Err(defects) => {
                for defect in &defects {
                    // What is missing cannot be left out.
                    if event.filled(defect.column).is_none() {
                        return Err(Defect::Shape(Some(defect.column)));
                    }
                    event.clear(defect.column);
                    left_out += 1;
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use enriched_event::Column;
    use serde_json::Value;

    use super::*;

    #[test]
    fn a_record_has_lines() {
        for (data, expected) in [
            ("", &[""][..]),
            ("\n", &[""]),
            ("a", &["a"]),
            ("a\n", &["a"]),
            ("a\r\nb\r\n", &["a", "b"]),
            ("a\n\nb", &["a", "", "b"]),
            ("a\n\n", &["a", ""]),
            ("\ra", &["\ra"]),
        ] {
            let found: Vec<_> = lines(data.as_bytes()).collect();
            let expected: Vec<_> = expected.iter().map(|line| line.as_bytes()).collect();
            assert_eq!(found, expected, "{data:?}");
        }
    }

    #[test]
    fn a_pseudonym_is_no_number() {
        let mut event = EnrichedEvent::new();
        event.set(Column::AppId, "web");
        event.set(Column::TxnId, "5f3b1d7e");
        event.set(Column::Contexts, "5f3b1d7e");
        let mut row = Vec::new();
        event.write_tsv(&mut row);
        let mut row = String::from_utf8(row).unwrap();
        assert_eq!(sdk_json(&mut row), Ok(2));
        let json: Value = serde_json::from_str(&row).unwrap();
        assert_eq!(json, serde_json::json!({"app_id": "web"}));
        assert_eq!(sdk_json(&mut "a\tb".to_owned()), Err(Defect::ColumnCount));
    }
}
