//! The parameters of a request or an event: each by the rule of the column that it fills.

use enriched_event::Column;
use json_tree::{Json, Object, Scanner, write_text};
use tracker_protocol::convert::{self, Converter};
use tracker_protocol::mapping::{self, Mapping};
use tracker_protocol::{Charset, query};

use super::{DOMAIN, comma};
use crate::domain::below;
use crate::json::Place;
use crate::nodes::Target;
use crate::percent;
use crate::pseudonym::Pseudonyms;
use crate::rewriter::Rewriter;
use crate::time::TimeUnit;
use crate::treatment::Treatment;

/// The most parameters of a query string that are treated one by one.
pub(super) const QUERY_PARAMETERS_MAX: usize = 1_000;
/// The domain of parameters that fill no column.
const PARAMETER: &str = "@bad-event/parameter";
/// The schema of what a click on a redirect says.
const URI_REDIRECT: &str = "com.snowplowanalytics.snowplow/uri_redirect";

/// A parameter; without an equals sign it has no value.
pub(super) type Parameter = (String, Option<String>);

impl<P: Pseudonyms> Rewriter<'_, P> {
    /// What becomes of a parameter; nothing if it is left out.
    pub(super) fn parameter(&mut self, name: &str, value: Option<&str>) -> Option<Parameter> {
        if let Some((mapping, column)) = mapped(name) {
            if self.policy.column(column).treatment == Treatment::Drop {
                self.tally.dropped += 1;
                return None;
            }
            let value = value.map(|value| self.mapped(mapping, column, value));
            return Some((mapping.parameter.to_owned(), value));
        }
        let policy = self.policy;
        let extra = policy.bad_events.parameters.iter().find(|(known, _)| *known == name);
        let (shown, value) = match (name, extra) {
            ("schema", _) => ("schema", value.map(|uri| self.schema_key_text(uri))),
            ("u", _) => ("u", value.map(|target| self.redirect_target(target))),
            (_, Some((known, class))) => {
                let value = value.map(|value| {
                    if policy.classes.accepts(*class, value) {
                        self.tally.kept += 1;
                        return value.to_owned();
                    }
                    self.pseudonym_of(&format!("{PARAMETER}/{known}"), value.as_bytes())
                });
                (known.as_str(), value)
            }
            (_, None) => {
                let domain = below(PARAMETER, "/", name);
                let value = value.map(|value| self.pseudonym_of(&domain, value.as_bytes()));
                return Some((self.pseudonym_of(PARAMETER, name.as_bytes()), value));
            }
        };
        Some((shown.to_owned(), value))
    }

    /// A query string, the parameters in the order sent. What follows a `#` is no part of it.
    pub(super) fn query(&mut self, text: &str, charset: Charset) -> String {
        let text = text.split('#').next().unwrap_or_default();
        let pairs = query::pairs(text, charset);
        if pairs.len() > QUERY_PARAMETERS_MAX {
            return self.pseudonym_of(PARAMETER, text.as_bytes());
        }
        let mut treated = String::new();
        for (name, value) in pairs {
            let Some((name, value)) = self.parameter(&name, value.as_deref()) else { continue };
            if !treated.is_empty() {
                treated.push('&');
            }
            percent::encode(&name, b"", &mut treated);
            if let Some(value) = value {
                treated.push('=');
                percent::encode(&value, b"", &mut treated);
            }
        }
        treated
    }

    /// Parameters in JSON: a list of names with values, or one object.
    pub(super) fn parameters(&mut self, json: &Json<'_>, out: &mut String) {
        let Some(list) = json.as_array() else {
            return match json.as_object() {
                Some(object) => self.parameter_object(object, out),
                None => self.unlisted(PARAMETER, json, out),
            };
        };
        out.push('[');
        for item in list {
            self.listed_parameter(item, out);
        }
        out.push(']');
    }

    /// An item of `[{"name": .., "value": ..}]`.
    fn listed_parameter(&mut self, item: &Json<'_>, out: &mut String) {
        let name = item.get("name").and_then(Json::as_str);
        let value = item.get("value").filter(|value| !value.is_null());
        let is_plain = item
            .as_object()
            .is_some_and(|item| item.keys().all(|key| matches!(key, "name" | "value")));
        match (name, value, value.and_then(Json::as_str)) {
            (Some(name), value, text) if is_plain && value.is_some() == text.is_some() => {
                let Some((name, value)) = self.parameter(name, text) else { return };
                comma(out);
                let value = value.map_or(Json::Null, Json::from);
                Json::object([("name", Json::from(name)), ("value", value)]).write(out);
            }
            _ => {
                comma(out);
                self.unlisted(PARAMETER, item, out);
            }
        }
    }

    /// Parameters as the keys of an object.
    pub(super) fn parameter_object(&mut self, object: &Object<'_>, out: &mut String) {
        out.push('{');
        for (name, value) in object.iter() {
            let text = value.as_str();
            if text.is_none() && !value.is_null() {
                self.unlisted_pair(DOMAIN, (name, value), out);
                continue;
            }
            let Some((name, value)) = self.parameter(name, text) else { continue };
            comma(out);
            write_text(&name, out);
            out.push(':');
            value.map_or(Json::Null, Json::from).write(out);
        }
        out.push('}');
    }

    /// The value of a parameter that fills a column: what the column would hold is treated, so
    /// that its pseudonym is the one of good events, and written back as trackers send it.
    fn mapped(&mut self, mapping: &Mapping, column: Column, value: &str) -> String {
        if value.is_empty() {
            return String::new();
        }
        match mapping.converter {
            Converter::Json => {
                return self.json_parameter(column, value).unwrap_or_else(|text| text);
            }
            Converter::Base64Json => {
                let treated = self.json_parameter(column, &convert::base64url(value));
                return treated.map_or_else(
                    |pseudonym| pseudonym,
                    |it| base64_simd::URL_SAFE_NO_PAD.encode_to_string(it),
                );
            }
            Converter::Timestamp => return self.moment(column, value),
            Converter::Dimensions
            | Converter::Text
            | Converter::Ip
            | Converter::Int
            | Converter::Decimal
            | Converter::Bool
            | Converter::Uuid
            | Converter::EventType
            | Converter::Platform => {}
        }
        let Ok((first, second)) = mapping.converter.convert(value) else {
            return self.violated(column, value);
        };
        let first = first.unwrap_or_default();
        let treated = self.column_text(column, &first);
        if let Some(height) = mapping.second.and_then(|it| Column::ALL.get(it.index)) {
            let height = self.column_text(*height, &second.unwrap_or_default());
            return format!("{treated}x{height}");
        }
        // The short form of an event's type is one of a few words, as the long one is.
        let is_short = mapping.converter == Converter::EventType && treated == first;
        if is_short { value.to_owned() } else { treated }
    }

    /// JSON of a column, treated, or what takes its place.
    fn json_parameter(&mut self, column: Column, text: &str) -> Result<String, String> {
        if self.policy.column(column).treatment != Treatment::Json {
            return Err(self.column_text(column, text));
        }
        match self.enveloped_text(column, text) {
            Some(treated) => Ok(treated),
            None => Err(self.violated(column, text)),
        }
    }

    /// Milliseconds since 1970, by the rule of a column that holds a date and a time.
    fn moment(&mut self, column: Column, value: &str) -> String {
        let Ok(time) = convert::timestamp(value) else { return self.violated(column, value) };
        let cell = time.to_string();
        match self.kept_millis(column, &cell, time.epoch_millis) {
            Some(millis) => millis.to_string(),
            None => self.column_text(column, &cell),
        }
    }

    /// As much of a moment as the rule of a column lets through; none if it lets none through as a
    /// moment.
    pub(super) fn kept_millis(&mut self, column: Column, cell: &str, millis: i64) -> Option<i64> {
        match self.policy.column(column).treatment {
            Treatment::Keep(class) if self.policy.classes.accepts(class, cell) => {
                self.tally.kept += 1;
                Some(millis)
            }
            Treatment::Time(unit) => {
                self.tally.reduced += 1;
                Some(millis - millis.rem_euclid(unit_millis(unit)))
            }
            Treatment::Keep(_)
            | Treatment::Pseudonymize
            | Treatment::Drop
            | Treatment::Ip { .. }
            | Treatment::Round(_)
            | Treatment::Bucket(_)
            | Treatment::Url(..)
            | Treatment::Json => None,
        }
    }

    /// Where a redirect led: by the rule for it in the event that it becomes.
    fn redirect_target(&mut self, target: &str) -> String {
        let policy = self.policy;
        let root = policy.schema(URI_REDIRECT, [1, 0, 0]).map(|rules| policy.nodes.get(rules.root));
        let Some((_, Target::Leaf(id))) = root.and_then(|node| node.field("uri", 0)) else {
            return self.pseudonym_of("@bad-event/parameter/u", target.as_bytes());
        };
        let (mut text, mut treated) = (String::new(), String::new());
        write_text(target, &mut text);
        let done = self.value(&mut Scanner::new(&text), Place::Leaf(id), 0, &mut treated);
        let treated = done.ok().and_then(|()| Json::parse(&treated, 1).ok());
        treated.as_ref().and_then(Json::as_str).unwrap_or_default().to_owned()
    }
}

/// The column that a parameter fills, or the first of two.
fn mapped(name: &str) -> Option<(&'static Mapping, Column)> {
    let mapping = mapping::mapping(name)?;
    Column::ALL.get(mapping.column.index).map(|column| (mapping, *column))
}

fn unit_millis(unit: TimeUnit) -> i64 {
    match unit {
        TimeUnit::Second => 1_000,
        TimeUnit::Minute => 60_000,
        TimeUnit::Hour => 3_600_000,
        TimeUnit::Day => 86_400_000,
    }
}
