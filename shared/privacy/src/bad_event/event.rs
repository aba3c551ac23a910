//! The columns of an event, as far as it came before it was refused.

use enriched_event::Column;
use json_tree::{Json, Object, Scanner, write_text};

use super::{DOMAIN, comma};
use crate::json::Place;
use crate::json::self_describing::Envelope;
use crate::pseudonym::Pseudonyms;
use crate::rewriter::Rewriter;
use crate::treatment::Treatment;

impl<P: Pseudonyms> Rewriter<'_, P> {
    /// An event as an object of columns.
    pub(super) fn event(&mut self, event: &Object<'_>, out: &mut String) {
        out.push('{');
        for (key, value) in event.iter() {
            let Some(column) = Column::named(key) else {
                self.unlisted_pair(DOMAIN, (key, value), out);
                continue;
            };
            comma(out);
            write_text(column.name(), out);
            out.push(':');
            self.column_value(column, value, out);
        }
        out.push('}');
    }

    /// A column's value: text, a number, or JSON, which may come as a text or as it is.
    pub(super) fn column_value(&mut self, column: Column, json: &Json<'_>, out: &mut String) {
        let policy = self.policy;
        let treatment = policy.column(column).treatment;
        if treatment == Treatment::Drop && !json.is_null() {
            self.tally.dropped += 1;
            out.push_str("null");
            return;
        }
        let (text, length) = (json.to_text(), out.len());
        if treatment == Treatment::Json {
            if let Some(text) = json.as_str() {
                return write_text(&self.json_text(column, text), out);
            }
            if let Some(treated) = self.enveloped_text(column, &text) {
                return out.push_str(&treated);
            }
        }
        let place = Place::Leaf(policy.column_id(column));
        if self.value(&mut Scanner::new(&text), place, 0, out).is_err() {
            // As above: what was read once can be read again.
            out.truncate(length);
            self.hidden(DOMAIN, &text, out);
        }
    }

    /// A column of JSON as a text; broken, it becomes a pseudonym.
    pub(super) fn json_text(&mut self, column: Column, text: &str) -> String {
        if text.is_empty() {
            return String::new();
        }
        self.enveloped_text(column, text).unwrap_or_else(|| self.violated(column, text))
    }

    /// Self-describing JSON of a column, treated, unless it is none.
    pub(super) fn enveloped_text(&mut self, column: Column, text: &str) -> Option<String> {
        let is_event = column == Column::UnstructEvent;
        let envelope = if is_event { Envelope::UnstructEvent } else { Envelope::Contexts };
        let mut treated = String::new();
        self.envelope(text, envelope, None, &mut treated).ok().map(|()| treated)
    }

    /// What becomes of a text that its column could not have taken.
    pub(super) fn violated(&mut self, column: Column, text: &str) -> String {
        let policy = self.policy;
        let id = policy.column_id(column);
        let mut pseudonym = String::new();
        if policy.rule(id).treatment == Treatment::Drop {
            self.tally.dropped += 1;
        } else if !text.is_empty() {
            self.tally.violation(id);
            self.pseudonyms.write(policy.rule(id).domain, text.as_bytes(), &mut pseudonym);
        }
        pseudonym
    }

    /// A column's text, treated.
    pub(super) fn column_text(&mut self, column: Column, text: &str) -> String {
        let mut treated = String::new();
        if !text.is_empty() {
            self.column(column, text, &mut treated);
        }
        treated
    }
}
