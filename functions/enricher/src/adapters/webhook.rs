//! What the events of all webhooks have in common.

use json_tree::Json;
use tracker_protocol::{Charset, Pair, Parameters, query};

use super::Adapted;
use super::envelope::unstruct_event;

/// The platform of events that come from a server.
pub(super) const SERVER: &str = "srv";

/// Parameters of the query string that mean the same as in a tracker's.
const PASSED_ON: [&str; 6] = ["nuid", "aid", "cv", "eid", "ttm", "url"];

/// Parameters of the query string that are no data, where the query string holds data.
pub(super) const NO_DATA: [&str; 4] = ["nuid", "aid", "cv", "p"];

/// What every event of a request gets beside its data. The query string may name another platform.
pub(super) fn common<'a>(
    tracker: &'static str,
    platform: &'static str,
    query: Parameters<'a>,
) -> Vec<Pair<'a>> {
    let mut platform = Some(platform.into());
    let mut passed_on = Vec::new();
    for (name, value) in query.into_pairs() {
        if name == "p" {
            platform = value;
        } else if PASSED_ON.contains(&name.as_ref()) {
            passed_on.push((name, value));
        }
    }
    let mut pairs: Vec<Pair<'a>> = Vec::with_capacity(4 + passed_on.len());
    pairs.push(("tv".into(), Some(tracker.into())));
    pairs.push(("e".into(), Some("ue".into())));
    pairs.push(("p".into(), platform));
    pairs.extend(passed_on);
    pairs
}

/// The parameters of an event, which comes as the text of `ue_pr`.
pub(super) fn parameters(unstruct_event: String, common: Vec<Pair<'_>>) -> Parameters<'_> {
    let mut pairs = common;
    pairs.push(("ue_pr".into(), Some(unstruct_event.into())));
    Parameters::new(pairs)
}

/// The only event of a request.
pub(super) fn one<'a>(
    tracker: &'static str,
    platform: &'static str,
    event: Json<'_>,
    query: Parameters<'a>,
) -> Adapted<'a> {
    Adapted::One(parameters(unstruct_event(event), common(tracker, platform, query)))
}

/// The fields of a form; an error says what is wrong with it.
pub(super) fn form_fields(body: &str) -> Result<Parameters<'_>, String> {
    query::parse(body, Charset::Utf8).map(Parameters::new).map_err(|error| {
        // Of a body only the reason is told, not what was done when it was found.
        error.split_once(": ").map_or(&*error, |(_, reason)| reason).to_owned()
    })
}

/// Fields as they are; one without a value is `null`.
pub(super) fn object_of(fields: &Parameters<'_>) -> Json<'static> {
    let pairs = fields.in_map_order().map(|(name, value)| {
        let value = value.map_or(Json::Null, |value| value.to_owned().into());
        (name.to_owned(), value)
    });
    Json::object(pairs)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapters::tests::{owned, query};

    #[test]
    fn the_query_may_name_the_platform_and_what_a_tracker_would() {
        let made = parameters("{}".to_owned(), common("x-v1", "srv", query("a=b")));
        let [tv, e, p, ue_pr] = &owned(&made)[..] else { panic!("not four") };
        assert_eq!(
            [tv, e, p].map(|(_, value)| value.as_deref()),
            [Some("x-v1"), Some("ue"), Some("srv")]
        );
        assert_eq!(ue_pr.0, "ue_pr");
        let made = parameters(
            "{}".to_owned(),
            common("x-v1", "srv", query("p=mob&nuid=1&aid=2&cv=3&eid=4&ttm=5&url=6&tna=7")),
        );
        assert_eq!(made.len(), 10);
        assert_eq!(
            (made.get("p"), made.get("url"), made.get("tna")),
            (Some("mob"), Some("6"), None)
        );
    }

    #[test]
    fn a_platform_without_a_value_stays_so() {
        let made = parameters("{}".to_owned(), common("x-v1", "srv", query("p")));
        assert!(made.contains("p") && made.get("p").is_none());
    }
}
