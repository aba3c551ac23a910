//! Single values of a bad event.

use enriched_event::Column;
use json_tree::{Json, write_text};
use tracker_protocol::Charset;

use super::known;
use super::shape::At;
use super::{row_shape, texts};
use crate::class::Builtin;
use crate::pseudonym::Pseudonyms;
use crate::rewriter::Rewriter;
use crate::time::TimeUnit;
use crate::treatment::Treatment;

/// What stands in place of a text that cannot be shown.
pub(super) const WITHHELD: &str = "withheld";

/// What a value is, and so what may be seen of it.
#[derive(Clone, Copy)]
pub(super) enum Leaf {
    /// One of these texts.
    OneOf(&'static [&'static str]),
    /// The first part of a protocol's path.
    Vendor,
    /// The second part.
    Protocol,
    /// The name of a program.
    Name,
    /// The name of a registry.
    Words,
    /// The version of a program.
    Version,
    /// When a program found something.
    Timestamp,
    /// A text encoding.
    Encoding,
    /// A content type.
    ContentType,
    /// The host that was asked.
    Hostname,
    /// The name of a column, a parameter, or a part of a request.
    FieldName,
    /// A whole number.
    Integer,
    /// The size of something that was refused.
    Size,
    /// A sentence, shown if it is one of those that programs always say.
    Text,
    /// What never is shown, and tells nothing by being equal to another.
    Withheld,
    /// A report of the validator or the resolver, or a sentence.
    Error,
    /// The name of a schema.
    SchemaKey,
    /// The names of schemas, with stars for numbers.
    SchemaCriterion,
    /// What becomes, or became, a column.
    Column(Column),
    /// The columns of an event, by name.
    Event,
    /// A request's or an event's parameters.
    Parameters,
    /// A request's body.
    Body,
    /// Header lines.
    Headers,
    /// A request as the collector writes it, in base64.
    Thrift,
    /// A line of some stream.
    Line,
    /// Another bad row.
    BadRow,
    /// Anything: it becomes pseudonyms.
    Unlisted,
}

impl<P: Pseudonyms> Rewriter<'_, P> {
    /// Writes what may be seen of a value that is not null.
    pub(super) fn leaf(&mut self, leaf: Leaf, json: &Json<'_>, at: At<'_>, out: &mut String) {
        if let Json::Text(text) = json {
            return self.text_leaf(leaf, text, at, out);
        }
        match (leaf, json) {
            (Leaf::Integer, Json::Number(number)) if known::is_integer(number) => {
                self.tally.kept += 1;
                out.push_str(number);
            }
            (Leaf::Size, Json::Number(number)) if known::is_integer(number) => {
                self.tally.reduced += 1;
                // How long a text was can tell which one it was.
                let digits = number.char_indices();
                out.extend(digits.map(|(place, digit)| if place == 0 { digit } else { '0' }));
            }
            (Leaf::Column(column), _) => self.column_value(column, json, out),
            (Leaf::Error, Json::Object(report)) => self.report(report, at.siblings, out),
            (Leaf::Event, Json::Object(event)) => self.event(event, out),
            (Leaf::Parameters, Json::Array(_) | Json::Object(_)) => self.parameters(json, out),
            (Leaf::Headers, Json::Array(lines)) => {
                let kept: Vec<String> = lines
                    .iter()
                    .filter_map(|line| self.header(line.as_str().unwrap_or_default()))
                    .collect();
                Json::array(kept.into_iter().map(Json::from)).write(out);
            }
            (Leaf::BadRow, Json::Object(row)) if row_shape(row).is_some() => {
                self.bad_row(row, "", out);
            }
            _ => self.unlisted(&at.domain(), json, out),
        }
    }

    fn text_leaf(&mut self, leaf: Leaf, text: &str, at: At<'_>, out: &mut String) {
        let shown = match leaf {
            Leaf::OneOf(texts) => texts.contains(&text),
            Leaf::Vendor => known::is_vendor(text),
            Leaf::Protocol => known::is_version(text),
            Leaf::Name => known::is_name(text),
            Leaf::Words => known::is_words(text),
            Leaf::Version => Builtin::Version.accepts(text),
            Leaf::Encoding => Charset::by_name(text).is_some_and(|it| it.name() == text),
            Leaf::ContentType => self.is_content_type(text),
            Leaf::FieldName => known::is_field(text),
            Leaf::Text | Leaf::Withheld | Leaf::Error => {
                return self.sentence(leaf, text, out);
            }
            Leaf::Column(column) => return self.column_value(column, &Json::from(text), out),
            Leaf::SchemaKey => return self.schema_key(text, out),
            Leaf::SchemaCriterion => return self.schema_criterion(text, out),
            Leaf::Hostname => return write_text(&self.hostname(text), out),
            Leaf::Timestamp => {
                if let Some(shown) = self.moment_of_failure(text) {
                    return write_text(&shown, out);
                }
                false
            }
            Leaf::Body => return write_text(&self.body(text.as_bytes()), out),
            Leaf::Thrift => return write_text(&self.thrift_text(text), out),
            Leaf::Line => return write_text(&self.line_text(text, &at.domain()), out),
            Leaf::Integer
            | Leaf::Size
            | Leaf::Event
            | Leaf::Parameters
            | Leaf::Headers
            | Leaf::BadRow
            | Leaf::Unlisted => false,
        };
        if shown || text.is_empty() {
            self.tally.kept += 1;
            write_text(text, out);
        } else {
            self.hidden(&at.domain(), text, out);
        }
    }

    /// When something was found, as fine as the policy shows when the event was collected: the one
    /// follows the other within seconds. Readers want a time here, so there is always a day.
    fn moment_of_failure(&mut self, text: &str) -> Option<String> {
        let treatment = self.policy.column(Column::CollectorTstamp).treatment;
        if let Treatment::Keep(class) = treatment
            && Builtin::Timestamp.accepts(text)
            && self.policy.classes.accepts(class, text)
        {
            self.tally.kept += 1;
            return Some(text.to_owned());
        }
        let unit = if let Treatment::Time(unit) = treatment { unit } else { TimeUnit::Day };
        let mut shown = String::new();
        unit.truncate(text, &mut shown)?;
        self.tally.reduced += 1;
        Some(shown)
    }

    /// A sentence of a program. It is no pseudonym, because nobody counts sentences that quote
    /// values, and each of them would be another one.
    fn sentence(&mut self, leaf: Leaf, text: &str, out: &mut String) {
        let shown = texts::shown(text).filter(|_| !matches!(leaf, Leaf::Withheld));
        if shown.is_some() {
            self.tally.kept += 1;
        } else {
            self.tally.dropped += 1;
        }
        write_text(shown.as_deref().unwrap_or(WITHHELD), out);
    }
}
