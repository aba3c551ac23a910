//! An enriched row: 131 columns in, 131 columns out.

use enriched_event::{Column, Kind};

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
        // Pseudonyms are longer than most of what they take the place of.
        out.reserve(line.len() + line.len() / 2);
        let mut rest = Some(text);
        for column in Column::ALL {
            let from = rest.ok_or(Defect::ColumnCount)?;
            if column.index() > 0 {
                out.push('\t');
            }
            // Most columns are empty.
            let at = if from.starts_with('\t') {
                Some(0)
            } else {
                memchr::memchr(b'\t', from.as_bytes())
            };
            let value = at.map_or(from, |at| from.get(..at).unwrap_or_default());
            rest = at.and_then(|at| from.get(at + 1..));
            if value.is_empty() {
                if matches!(column, Column::DerivedContexts | Column::EtlTags) {
                    self.added(column, out);
                }
            } else if column.kind() == Kind::Json {
                self.json_column(column, value, out)?;
            } else {
                self.column(column, value, out);
                self.tagged(column, out);
            }
        }
        if rest.is_some() { Err(Defect::ColumnCount) } else { Ok(()) }
    }

    /// A column's text, which is not empty. None of what takes its place can hold a tab: classes
    /// are asked about texts that hold none.
    pub(crate) fn column(&mut self, column: Column, value: &str, out: &mut String) {
        let id = self.policy.column_id(column);
        let decision = self.decision(id, value, false);
        match decision.fate {
            Fate::Keep => out.push_str(value),
            Fate::Replace | Fate::Pseudonymize | Fate::Violation => out.push_str(decision.output),
            Fate::Drop => {}
        }
    }

    fn json_column(&mut self, column: Column, value: &str, out: &mut String) -> Result<(), Defect> {
        if self.policy.column(column).treatment != Treatment::Json {
            self.column(column, value, out);
            if self.policy.column(column).treatment == Treatment::Drop {
                // Whether there was something must not be told by what we add.
                self.added(column, out);
            }
            return Ok(());
        }
        let envelope = if column == Column::UnstructEvent {
            Envelope::UnstructEvent
        } else {
            Envelope::Contexts
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
