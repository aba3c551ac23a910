//! Says in one entity whether anything that was found out takes the visitor for a machine.

use std::sync::LazyLock;

use enriched_event::Column;
use iglu::{SchemaKey, SelfDescribing};
use json_tree::Json;

use super::ASN;
use crate::enrichments::assets::Assets;
use crate::enrichments::document::Document;
use crate::enrichments::work::{Context, Enrichment, Facts, Fault, Work, schema_key};

static VERDICT: LazyLock<SchemaKey> = LazyLock::new(|| {
    schema_key("iglu:com.snowplowanalytics.snowplow/bot_detection/jsonschema/1-0-1")
});
const CLIENT: (&str, &str) = ("com.snowplowanalytics.snowplow", "client_side_bot_detection");
const IAB: (&str, &str) = ("com.iab.snowplow", "spiders_and_robots");
const YAUAA: (&str, &str) = ("nl.basjes", "yauaa_context");
const ROBOT_DEVICES: [&str; 3] = ["Robot", "Robot Mobile", "Robot Imitator"];
const ROBOT_AGENTS: [&str; 2] = ["Robot", "Robot Mobile"];
/// Deepest JSON in the column of entities; it was read before.
const DEPTH_MAX: usize = 210;

/// Which findings count.
pub(crate) struct BotDetection {
    /// The tracker's own, those of the network, of IAB and of YAUAA.
    uses: [bool; 4],
}

impl Enrichment for BotDetection {
    const IDENTIFIER: &'static str = "bot-detection";

    fn compile(document: &Document, _assets: &Assets) -> Result<Self, Vec<String>> {
        let parameters = document.parameters();
        let uses = |name| parameters.truth(name).unwrap_or(false);
        let names = ["useClientSideDetection", "useAsnLookups", "useIab", "useYauaa"];
        Ok(Self { uses: names.map(uses) })
    }

    fn apply(&self, work: &mut Work<'_, '_>, _facts: &Facts<'_>) -> Result<Vec<Context>, Fault> {
        Ok(vec![self.verdict(&work.contexts, work.event.get(Column::Contexts))])
    }
}

impl BotDetection {
    /// The entity, for those of enrichments and the column of those of the tracker.
    fn verdict(&self, contexts: &[Context], tracked: &str) -> Context {
        let any = |wanted, is_bot: fn(&Json<'_>) -> bool| {
            let mut of_kind = contexts.iter().filter(|context| is_of(context.key(), wanted));
            of_kind.any(|context| is_bot(context.data()))
        };
        let [client, asn, iab, yauaa] = self.uses;
        let indicators = [
            ("clientSideDetection", client && client_says_so(tracked)),
            ("asnLookups", asn && any(ASN, |data| is_true(data, "likelyBot"))),
            ("iab", iab && any(IAB, |data| is_true(data, "spiderOrRobot"))),
            ("yauaa", yauaa && any(YAUAA, is_robot)),
        ];
        let indicators = indicators.into_iter().filter(|(_, found)| *found);
        let indicators: Vec<Json<'static>> = indicators.map(|(name, _)| Json::text(name)).collect();
        let data =
            [("bot", Json::Bool(!indicators.is_empty())), ("indicators", Json::array(indicators))];
        Context::new(VERDICT.clone(), Json::object(data))
    }
}

/// Whether the tracker's own detection took the visitor for a machine.
fn client_says_so(tracked: &str) -> bool {
    // Most events have no such entity, so most columns need not be read.
    if !tracked.contains(CLIENT.1) {
        return false;
    }
    let json = Json::parse(tracked, DEPTH_MAX).unwrap_or(Json::Null);
    let entities = json.get("data").and_then(Json::as_array).unwrap_or_default();
    let mut read = entities.iter().filter_map(|entity| SelfDescribing::of(entity).ok());
    read.any(|entity| is_of(&entity.key, CLIENT) && is_true(entity.data, "bot"))
}

fn is_of(key: &SchemaKey, wanted: (&str, &str)) -> bool {
    (key.vendor(), key.name()) == wanted
}

fn is_true(data: &Json<'_>, field: &str) -> bool {
    data.get(field).and_then(Json::as_bool) == Some(true)
}

fn is_robot(data: &Json<'_>) -> bool {
    let is_one_of = |field, names: &[&str]| {
        data.get(field).and_then(Json::as_str).is_some_and(|class| names.contains(&class))
    };
    is_one_of("deviceClass", &ROBOT_DEVICES) || is_one_of("agentClass", &ROBOT_AGENTS)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(uses: [bool; 4], contexts: &[(&'static str, &str)], tracked: &str) -> String {
        let contexts: Vec<Context> = contexts
            .iter()
            .map(|(uri, data)| {
                Context::new(schema_key(uri), Json::parse(data, 9).expect("JSON").into_owned())
            })
            .collect();
        let detection = BotDetection { uses };
        detection.verdict(&contexts, tracked).data().to_text()
    }

    const ASN_URI: &str = "iglu:com.snowplowanalytics.snowplow/asn/jsonschema/1-0-1";
    const IAB_URI: &str = "iglu:com.iab.snowplow/spiders_and_robots/jsonschema/1-0-0";
    const YAUAA_URI: &str = "iglu:nl.basjes/yauaa_context/jsonschema/1-0-4";
    const TRACKED: &str = r#"{"schema":"iglu:a/contexts/jsonschema/1-0-0","data":[{"schema":"iglu:com.snowplowanalytics.snowplow/client_side_bot_detection/jsonschema/1-0-0","data":{"bot":true,"kind":"x"}}]}"#;

    #[test]
    fn any_finding_makes_a_bot() {
        let no_bot = r#"{"bot":false,"indicators":[]}"#;
        for (contexts, expected) in [
            (&[][..], no_bot),
            (&[(ASN_URI, r#"{"number":1}"#), (IAB_URI, r#"{"spiderOrRobot":false}"#)][..], no_bot),
            (
                &[(ASN_URI, r#"{"number":1,"likelyBot":true}"#)][..],
                r#"{"bot":true,"indicators":["asnLookups"]}"#,
            ),
            (
                &[
                    (YAUAA_URI, r#"{"agentClass":"Robot Mobile"}"#),
                    (IAB_URI, r#"{"spiderOrRobot":true}"#),
                ][..],
                r#"{"bot":true,"indicators":["iab","yauaa"]}"#,
            ),
            (
                &[(YAUAA_URI, r#"{"deviceClass":"Robot Imitator"}"#)][..],
                r#"{"bot":true,"indicators":["yauaa"]}"#,
            ),
            (&[(YAUAA_URI, r#"{"agentClass":"Robot Imitator"}"#)][..], no_bot),
        ] {
            assert_eq!(verdict([true; 4], contexts, ""), expected, "{contexts:?}");
            assert_eq!(verdict([false; 4], contexts, TRACKED), no_bot, "{contexts:?}");
        }
    }

    #[test]
    fn the_trackers_own_finding_counts() {
        let expected = r#"{"bot":true,"indicators":["clientSideDetection"]}"#;
        assert_eq!(verdict([true; 4], &[], TRACKED), expected);
        for tracked in [
            TRACKED.replace("true", "false"),
            TRACKED.replace(":[{", ":[1,{").replace("{\"bot\"", "{\"b\""),
        ] {
            assert_eq!(verdict([true; 4], &[], &tracked), r#"{"bot":false,"indicators":[]}"#);
        }
    }
}
