//! What the validator and the resolver report: places and keywords stay, values go.

use enriched_event::Column;
use json_tree::{Json, Object, write_text};
use tracker_protocol::mapping::mapping;

use super::known::{KEYWORDS, TYPES, Wrapper};
use super::leaf::{Leaf, WITHHELD};
use super::shape::{At, Shape};
use super::{DOMAIN, comma, rows, texts};
use crate::class::Builtin;
use crate::nodes::{NodeId, Target};
use crate::pseudonym::Pseudonyms;
use crate::rewriter::Rewriter;

/// The most steps of a path that are shown one by one.
const STEPS_MAX: usize = 64;
/// The largest index in a path, in digits.
const INDEX_DIGITS_MAX: usize = 9;
/// The domain of names that a path holds.
const PATH: &str = "@bad-event/path-step";

/// What is known of a place in the data that a report is about.
#[derive(Clone, Copy)]
enum Spot {
    /// Parameters, which have a closed list.
    Parameters,
    /// Columns, or the parameters that fill them.
    Columns,
    /// `schema` and `data`, in lists or not.
    Wrapper,
    /// The policy has rules for what is inside.
    Tree(NodeId),
    /// Nothing inside has a name that may be shown.
    Unknown,
}

impl<P: Pseudonyms> Rewriter<'_, P> {
    /// A report; the schema that it is about stands beside it.
    pub(super) fn report(&mut self, report: &Object<'_>, around: &Object<'_>, out: &mut String) {
        let uri = around.get("schemaKey").or_else(|| around.get("schema")).and_then(Json::as_str);
        let spot = self.spot(uri.unwrap_or_default());
        out.push('{');
        for (key, value) in report.iter() {
            let shape: &'static Shape = match (key, value) {
                ("error", Json::Text(_)) => {
                    &Shape::Leaf(Leaf::OneOf(&["ValidationError", "ResolutionError"]))
                }
                ("lookupHistory", Json::Array(_)) => &rows::LOOKUP,
                ("dataReports" | "schemaIssues", Json::Array(reports)) => {
                    comma(out);
                    write_text(key, out);
                    out.push_str(":[");
                    for report in reports {
                        comma(out);
                        match report.as_object() {
                            Some(report) => self.data_report(report, spot, out),
                            None => self.unlisted(PATH, report, out),
                        }
                    }
                    out.push(']');
                    continue;
                }
                ("supersededBy", Json::Text(version))
                    if Builtin::SchemaVersion.accepts(version) =>
                {
                    comma(out);
                    out.push_str("\"supersededBy\":");
                    write_text(version, out);
                    continue;
                }
                _ => {
                    self.unlisted_pair(DOMAIN, (key, value), out);
                    continue;
                }
            };
            comma(out);
            write_text(key, out);
            out.push(':');
            self.shaped(shape, value, At { key: "error", siblings: report }, out);
        }
        out.push('}');
    }

    /// One thing that is wrong, or one of a schema.
    fn data_report(&mut self, report: &Object<'_>, spot: Spot, out: &mut String) {
        let path = report.get("path").and_then(Json::as_str).unwrap_or_default();
        let (path, spot) = self.shown_path(path, spot);
        let keyword = report.get("keyword").and_then(Json::as_str);
        let keyword = keyword.filter(|keyword| KEYWORDS.contains(keyword));
        out.push('{');
        for (key, value) in report.iter() {
            match (key, value) {
                ("message", Json::Text(message)) => {
                    comma(out);
                    out.push_str("\"message\":");
                    if texts::is_fixed(message) {
                        write_text(message, out);
                    } else {
                        let separator = if path.is_empty() { "" } else { ": " };
                        let keyword = keyword.unwrap_or(WITHHELD);
                        write_text(&format!("{path}{separator}{keyword}"), out);
                    }
                }
                ("path", Json::Text(_)) => {
                    comma(out);
                    out.push_str("\"path\":");
                    write_text(&path, out);
                }
                ("keyword", Json::Text(_)) => {
                    comma(out);
                    out.push_str("\"keyword\":");
                    write_text(keyword.unwrap_or(WITHHELD), out);
                }
                ("targets", Json::Array(targets)) => {
                    comma(out);
                    out.push_str("\"targets\":");
                    self.targets(targets, spot, out);
                }
                ("path" | "keyword" | "message" | "targets", Json::Null) => {
                    comma(out);
                    write_text(key, out);
                    out.push_str(":null");
                }
                _ => self.unlisted_pair(DOMAIN, (key, value), out),
            }
        }
        out.push('}');
    }

    fn targets(&mut self, targets: &[Json<'_>], spot: Spot, out: &mut String) {
        out.push('[');
        for target in targets {
            comma(out);
            match target.as_str() {
                Some(name) if TYPES.contains(&name) || self.step(spot, name).is_some() => {
                    self.tally.kept += 1;
                    write_text(name, out);
                }
                _ => self.unlisted("@bad-event/target", target, out),
            }
        }
        out.push(']');
    }

    /// A path like `$.items[0].name`, step by step, and the place that it leads to.
    fn shown_path(&mut self, path: &str, root: Spot) -> (String, Spot) {
        if path.split('.').count() > STEPS_MAX {
            return (self.pseudonym_of(PATH, path.as_bytes()), Spot::Unknown);
        }
        let (mut shown, mut spot) = (String::new(), root);
        for (place, step) in path.split('.').enumerate() {
            if place > 0 {
                shown.push('.');
            }
            let (name, indexes) = step.find('[').map_or((step, ""), |at| {
                step.split_at_checked(at).filter(|(_, it)| are_indexes(it)).unwrap_or((step, ""))
            });
            if place > 0 || name != "$" {
                if let Some(inside) = self.step(spot, name) {
                    self.tally.kept += 1;
                    shown.push_str(name);
                    spot = inside;
                } else {
                    shown.push_str(&self.pseudonym_of(PATH, name.as_bytes()));
                    spot = Spot::Unknown;
                }
            } else {
                shown.push('$');
            }
            shown.push_str(indexes);
            for _ in indexes.matches('[') {
                spot = self.item(spot);
            }
        }
        (shown, spot)
    }

    /// The place behind a name, if the name may be shown.
    fn step(&self, spot: Spot, name: &str) -> Option<Spot> {
        let is_parameter = || mapping(name).is_some();
        match spot {
            Spot::Parameters => is_parameter().then_some(Spot::Unknown),
            Spot::Columns => {
                (is_parameter() || Column::named(name).is_some()).then_some(Spot::Unknown)
            }
            Spot::Wrapper => matches!(name, "schema" | "data").then_some(spot),
            Spot::Tree(id) => {
                let (_, target) = self.policy.nodes.get(id).field(name, 0)?;
                Some(spot_of(target))
            }
            Spot::Unknown => None,
        }
    }

    /// The place of an item of a list.
    fn item(&self, spot: Spot) -> Spot {
        match spot {
            Spot::Tree(id) => self.policy.nodes.get(id).items.map_or(Spot::Unknown, spot_of),
            Spot::Parameters | Spot::Columns | Spot::Wrapper | Spot::Unknown => spot,
        }
    }

    /// What is known of the data of a schema.
    fn spot(&mut self, uri: &str) -> Spot {
        match Wrapper::of(uri) {
            Some(Wrapper::PayloadData) => Spot::Parameters,
            Some(Wrapper::Atomic) => Spot::Columns,
            Some(Wrapper::SelfDescribing) => Spot::Wrapper,
            None => self.known(uri).root.map_or(Spot::Unknown, Spot::Tree),
        }
    }

    /// A schema's URI, as a JSON string.
    pub(super) fn schema_key(&mut self, uri: &str, out: &mut String) {
        write_text(&self.schema_key_text(uri), out);
    }

    pub(super) fn schema_key_text(&mut self, uri: &str) -> String {
        if Wrapper::of(uri).is_some() || self.known(uri).is_shown() {
            self.tally.kept += 1;
            return uri.to_owned();
        }
        self.pseudonym_of("@schema-uri", uri.as_bytes())
    }

    /// The same with stars in place of numbers: shown if the first version is.
    pub(super) fn schema_criterion(&mut self, text: &str, out: &mut String) {
        let (name, version) = text.rsplit_once('/').unwrap_or((text, ""));
        let uri = format!("{name}/{}", version.replace('*', "0"));
        if version.len() <= 11 && self.schema_key_text(&uri) == uri {
            write_text(text, out);
        } else {
            self.hidden("@schema-uri", text, out);
        }
    }
}

fn spot_of(target: Target) -> Spot {
    match target {
        Target::Leaf(_) => Spot::Unknown,
        Target::Tree(id) => Spot::Tree(id),
    }
}

/// `[0][12]`
fn are_indexes(text: &str) -> bool {
    let inner = text.strip_prefix('[').and_then(|text| text.strip_suffix(']'));
    inner.is_some_and(|inner| {
        inner.split("][").all(|index| {
            (1..=INDEX_DIGITS_MAX).contains(&index.len())
                && index.bytes().all(|byte| byte.is_ascii_digit())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Constant, Policy};

    #[test]
    fn a_path_is_shown_as_far_as_its_names_are_known() {
        let policy = Policy::parse(include_str!("../../../../policies/gitlab.yaml")).unwrap();
        let mut rewriter = Rewriter::new(&policy, Constant, "k1");
        let standard = "iglu:com.gitlab/gitlab_standard/jsonschema/1-1-1";
        let snowplow = |name: &str| format!("iglu:com.snowplowanalytics.snowplow/{name}");
        let payload_data = snowplow("payload_data/jsonschema/1-0-4");
        let contexts = snowplow("contexts/jsonschema/1-0-1");
        for (uri, path, expected) in [
            (standard, "$.user_id", "$.user_id"),
            (standard, "$.alex", "$.PSEUDONYM"),
            (standard, "$.alex.user_id", "$.PSEUDONYM.PSEUDONYM"),
            (standard, "$.user_id[alex]", "$.PSEUDONYM"),
            (standard, "$.user_id[0][12]", "$.user_id[0][12]"),
            (standard, "/user_id", "PSEUDONYM"),
            (&payload_data, "$[3].uid", "$[3].uid"),
            (&payload_data, "$[3].alex", "$[3].PSEUDONYM"),
            (&contexts, "$.data[0].schema", "$.data[0].schema"),
            ("", "$.user_id", "$.PSEUDONYM"),
            ("", "", ""),
        ] {
            let spot = rewriter.spot(uri);
            assert_eq!(rewriter.shown_path(path, spot).0, expected, "{uri} {path}");
        }
    }

    #[test]
    fn a_path_is_followed_up_to_its_limit() {
        let policy = Policy::parse(include_str!("../../../../policies/strict.yaml")).unwrap();
        let mut rewriter = Rewriter::new(&policy, Constant, "k1");
        let path = |steps: usize| vec!["$"; steps].join(".");
        let mut steps =
            |count| rewriter.shown_path(&path(count), Spot::Unknown).0.matches('.').count();
        assert_eq!((steps(STEPS_MAX), steps(STEPS_MAX + 1)), (STEPS_MAX - 1, 0));
    }

    #[test]
    fn indexes_are_numbers() {
        for (text, expected) in [
            ("[0]", true),
            ("[0][12]", true),
            ("[999999999]", true),
            ("[1000000000]", false),
            ("[alex]", false),
            ("[]", false),
            ("[0]x", false),
        ] {
            assert_eq!(are_indexes(text), expected, "{text}");
        }
    }
}
