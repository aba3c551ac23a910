//! Bad events: what was refused, treated like what was accepted.
//!
//! A bad event quotes what it refuses, at many places and in many forms. So nothing is copied here:
//! the line is read as a whole, and what is written is structure, names that stand in these files,
//! pseudonyms, and values that a class or a treatment of the policy accepted.

mod body;
mod event;
mod known;
mod leaf;
mod legacy;
mod parameters;
mod report;
mod request;
mod rows;
mod shape;
mod texts;

#[cfg(test)]
mod tests;

use iglu::SchemaKey;
use json_tree::{Json, Object, Scanner, write_text};

use crate::class::Builtin;
use crate::defect::Defect;
use crate::domain::below;
use crate::json::DEPTH_MAX;
use crate::policy::Audit;
use crate::pseudonym::Pseudonyms;
use crate::rewriter::Rewriter;

use shape::Shape;

/// Whose bad rows describe themselves.
const VENDOR: &str = "com.snowplowanalytics.snowplow.badrows";
/// The domain of what no shape names.
const DOMAIN: &str = "@bad-event";

impl<P: Pseudonyms> Rewriter<'_, P> {
    /// Appends the treated bad event, without a line break. Every defect is found before anything
    /// is appended.
    pub(crate) fn bad_event(
        &mut self,
        line: &[u8],
        sealed: Option<&str>,
        out: &mut String,
    ) -> Result<(), Defect> {
        if line.is_empty() {
            return Err(Defect::Empty);
        }
        let text = str::from_utf8(line).map_err(|_| Defect::NotUtf8)?;
        let json = Json::parse(text, DEPTH_MAX).map_err(|_| Defect::Json(None))?;
        let object = json.as_object().ok_or(Defect::Shape(None))?;
        let added = self.added_to_bad_event(sealed);
        if row_shape(object).is_some() {
            self.bad_row(object, &added, out);
        } else if legacy::is_legacy(object) {
            self.legacy(object, &added, out);
        } else {
            out.push('{');
            for (key, value) in object.iter() {
                self.unlisted_pair(DOMAIN, (key, value), out);
            }
            push_added(&added, out);
            out.push('}');
        }
        Ok(())
    }

    /// A bad row that describes itself; what we add goes to the end of its data.
    pub(super) fn bad_row(&mut self, row: &Object<'_>, added: &str, out: &mut String) {
        out.push('{');
        for (key, value) in row.iter() {
            match (key, value, row_shape(row)) {
                ("schema", _, Some(_)) => {
                    comma(out);
                    out.push_str("\"schema\":");
                    value.write(out);
                }
                ("data", Json::Object(data), Some(shape)) => {
                    comma(out);
                    out.push_str("\"data\":{");
                    self.fields(shape, data, out);
                    push_added(added, out);
                    out.push('}');
                }
                _ => self.unlisted_pair(DOMAIN, (key, value), out),
            }
        }
        out.push('}');
    }

    /// How the line was treated and, sealed, what it was: pairs of an object.
    fn added_to_bad_event(&self, sealed: Option<&str>) -> String {
        let mut added = String::new();
        if self.policy.audit != Audit::Nowhere {
            let pairs = [("policy", &self.audit.policy), ("key", &self.audit.key)];
            let treatment = Json::object(pairs.map(|(key, text)| (key, Json::text(text.as_str()))));
            added.push_str("\"treatment\":");
            treatment.write(&mut added);
        }
        if let Some(sealed) = sealed {
            added.push_str(if added.is_empty() { "" } else { "," });
            added.push_str("\"sealed\":");
            write_text(sealed, &mut added);
        }
        added
    }

    /// A value of which nothing is known: the keys and the leaves become pseudonyms.
    fn unlisted(&mut self, domain: &str, json: &Json<'_>, out: &mut String) {
        let (text, length) = (json.to_text(), out.len());
        if self.unlisted_at(domain, &mut Scanner::new(&text), 0, out).is_err() {
            // What was read once can be read again, so this is for nothing but safety.
            out.truncate(length);
            self.hidden(domain, &text, out);
        }
    }

    /// The same of a value with its key.
    fn unlisted_pair(&mut self, domain: &str, (key, value): (&str, &Json<'_>), out: &mut String) {
        comma(out);
        self.hidden(&below(domain, "", "{}"), key, out);
        out.push(':');
        self.unlisted(&below(domain, "/", key), value, out);
    }

    /// A JSON string with the pseudonym of a text.
    fn hidden(&mut self, domain: &str, text: &str, out: &mut String) {
        out.push('"');
        out.push_str(&self.pseudonym_of(domain, text.as_bytes()));
        out.push('"');
    }

    /// The pseudonym of a value that no rule names; of nothing it is nothing.
    fn pseudonym_of(&mut self, domain: &str, value: &[u8]) -> String {
        let mut pseudonym = String::new();
        if !value.is_empty() {
            domain.clone_into(&mut self.path);
            self.write_unlisted(value, &mut pseudonym);
        }
        pseudonym
    }
}

/// The shape of a bad row's data, if the object is such a bad row.
fn row_shape(row: &Object<'_>) -> Option<&'static [(&'static str, Shape)]> {
    row.get("data")?.as_object()?;
    let uri = row.get("schema")?.as_str().filter(|uri| Builtin::IgluUri.accepts(uri))?;
    let key = SchemaKey::parse(uri).ok().filter(|key| key.vendor() == VENDOR)?;
    rows::ROWS.iter().find(|(name, _)| *name == key.name()).map(|(_, shape)| *shape)
}

fn push_added(added: &str, out: &mut String) {
    if !added.is_empty() {
        comma(out);
        out.push_str(added);
    }
}

/// A comma, unless the text has just been opened.
fn comma(out: &mut String) {
    if !out.ends_with(['{', '[']) {
        out.push(',');
    }
}
