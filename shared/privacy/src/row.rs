//! An enriched row: 131 columns in, 131 columns out.

use enriched_event::{COLUMN_COUNT, Column, Kind};

use crate::defect::Defect;
use crate::json::self_describing::{Envelope, Unreadable};
use crate::pseudonym::Pseudonyms;
use crate::rewriter::Rewriter;
use crate::treatment::{Fate, Treatment};

/// Around our entity where there are no others.
const CONTEXTS_OPEN: &str =
    r#"{"schema":"iglu:com.snowplowanalytics.snowplow/contexts/jsonschema/1-0-1","data":["#;

impl<P: Pseudonyms> Rewriter<'_, P> {
    /// Appends the treated row, without a line break. What was appended before a defect was found
    /// is taken back.
    pub fn row(&mut self, line: &[u8], out: &mut String) -> Result<(), Defect> {
        let length = out.len();
        let done = self.columns(line, out);
        if done.is_err() {
            out.truncate(length);
        }
        done
    }

    fn columns(&mut self, line: &[u8], out: &mut String) -> Result<(), Defect> {
        if line.is_empty() {
            return Err(Defect::Empty);
        }
        let text = str::from_utf8(line).map_err(|_| Defect::NotUtf8)?;
        if memchr::memchr_iter(b'\t', line).count() != COLUMN_COUNT - 1 {
            return Err(Defect::ColumnCount);
        }
        let mut from = 0;
        for column in Column::ALL {
            let rest = line.get(from..).unwrap_or_default();
            let end = memchr::memchr(b'\t', rest).map_or(line.len(), |at| from + at);
            let value = text.get(from..end).unwrap_or_default();
            if from > 0 {
                out.push('\t');
            }
            from = end + 1;
            if value.is_empty() {
                self.added(column, out);
            } else if column.kind() == Kind::Json {
                self.json_column(column, value, out)?;
            } else {
                self.column(column, value, out);
                self.tagged(column, out);
            }
        }
        Ok(())
    }

    /// A column's text, which is not empty. None of what takes its place can hold a tab: classes
    /// are asked about texts that hold none.
    pub(crate) fn column(&mut self, column: Column, value: &str, out: &mut String) {
        let policy = self.policy;
        let id = policy.column_id(column);
        let rule = policy.rule(id);
        self.scratch.clear();
        match self.fate(id, rule, value) {
            Fate::Keep => {
                self.tally.kept += 1;
                out.push_str(value);
            }
            Fate::Replace => {
                self.tally.reduced += 1;
                out.push_str(&self.scratch);
            }
            Fate::Pseudonymize | Fate::Violation => {
                self.pseudonyms.write(rule.domain, value.as_bytes(), out);
            }
            Fate::Drop => self.tally.dropped += 1,
        }
    }

    fn json_column(&mut self, column: Column, value: &str, out: &mut String) -> Result<(), Defect> {
        if self.policy.column(column).treatment != Treatment::Json {
            self.column(column, value, out);
            return Ok(());
        }
        let envelope = match column {
            Column::UnstructEvent => Envelope::UnstructEvent,
            _ => Envelope::Contexts,
        };
        let entity = self.audit.entity.clone().filter(|_| column == Column::DerivedContexts);
        self.envelope(value, envelope, entity.as_deref(), out).map_err(
            |unreadable| match unreadable {
                Unreadable::Json => Defect::Json(Some(column)),
                Unreadable::Shape => Defect::Shape(Some(column)),
            },
        )
    }

    /// What an empty column gets from us.
    fn added(&mut self, column: Column, out: &mut String) {
        if column == Column::DerivedContexts {
            if let Some(entity) = &self.audit.entity {
                out.push_str(CONTEXTS_OPEN);
                out.push_str(entity);
                out.push_str("]}");
            }
        } else {
            self.tagged(column, out);
        }
    }

    fn tagged(&mut self, column: Column, out: &mut String) {
        if let Some(tags) = self.audit.tags.as_ref().filter(|_| column == Column::EtlTags) {
            if !out.ends_with('\t') {
                out.push(',');
            }
            out.push_str(tags);
        }
    }
}
