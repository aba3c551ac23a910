//! What the user agent says of browser, system and device, by the rules of the uap project.

mod rules;

use std::sync::{LazyLock, OnceLock};

use enriched_event::Column;
use iglu::SchemaKey;
use json_tree::Json;
use ua_parser::{device, os, user_agent};

use self::rules::Rules;
use super::assets::{Asset, Assets};
use super::document::Document;
use super::recent::Recent;
use super::work::{Context, Enrichment, Facts, Fault, Work, schema_key};

/// Largest file of rules.
const RULES_BYTES_MAX: usize = 8 * 1024 * 1024;
/// User agents whose entities are kept, and the longest of them.
const USER_AGENTS_MAX: usize = 10_000;
const USER_AGENT_BYTES_KEPT_MAX: usize = 1_024;
/// What stands behind so many bytes of a user agent is not looked at.
const USER_AGENT_BYTES_MAX: usize = 8 * 1_024;
/// What the rules know nothing of.
const OTHER: &str = "Other";

static SCHEMA: LazyLock<SchemaKey> = LazyLock::new(|| {
    schema_key("iglu:com.snowplowanalytics.snowplow/ua_parser_context/jsonschema/1-0-0")
});

/// The rules that come along, compiled when the first event needs them.
static BUNDLED: OnceLock<Rules> = OnceLock::new();

/// The rules, and what they said of user agents before.
pub(crate) struct UaParser {
    /// None for those that come along.
    rules: Option<Rules>,
    known: Recent<Context>,
}

/// The file of rules, if the configuration names one.
pub(super) fn asset(document: &Document) -> Vec<Asset> {
    let parameters = document.parameters();
    let place = parameters.text("uri").zip(parameters.text("database"));
    place.map(|(uri, file)| Asset::of(uri, file, RULES_BYTES_MAX)).into_iter().collect()
}

impl Enrichment for UaParser {
    const IDENTIFIER: &'static str = "ua-parser";

    fn compile(document: &Document, assets: &Assets) -> Result<Self, Vec<String>> {
        let parameters = document.parameters();
        if parameters.text("uri").is_some() != parameters.text("database").is_some() {
            return Err(vec!["$.data.parameters: `uri` and `database` go together".to_owned()]);
        }
        let mut rules = None;
        for asset in asset(document) {
            let bytes = assets.get(&asset).map(AsRef::as_ref).unwrap_or_default();
            let read = Rules::read(bytes);
            rules = Some(read.map_err(|problem| vec![format!("{}: {problem}", asset.uri)])?);
        }
        Ok(Self { rules, known: Recent::new(USER_AGENTS_MAX, USER_AGENT_BYTES_KEPT_MAX) })
    }

    fn apply(&self, work: &mut Work<'_, '_>, _facts: &Facts<'_>) -> Result<Vec<Context>, Fault> {
        let Some(text) = work.event.filled(Column::Useragent) else { return Ok(Vec::new()) };
        let rules = self.rules.as_ref().unwrap_or_else(|| BUNDLED.get_or_init(Rules::bundled));
        Ok(vec![self.known.get_or(text, || entity(rules, text))])
    }
}

fn entity(rules: &Rules, text: &str) -> Context {
    let text = text.get(..text.floor_char_boundary(USER_AGENT_BYTES_MAX)).unwrap_or(text);
    let (agent, system, device) = rules.extract(text);
    let agent = agent.unwrap_or_else(|| user_agent::ValueRef {
        family: OTHER.into(),
        ..user_agent::ValueRef::default()
    });
    let system =
        system.unwrap_or_else(|| os::ValueRef { os: OTHER.into(), ..os::ValueRef::default() });
    let device = device.unwrap_or_else(|| device::ValueRef {
        device: OTHER.into(),
        ..device::ValueRef::default()
    });
    let part = |part: Option<&str>| part.map_or(Json::Null, |part| Json::text(part.to_owned()));
    let data = Json::object([
        ("useragentFamily", Json::text(agent.family.to_string())),
        ("useragentMajor", part(agent.major)),
        ("useragentMinor", part(agent.minor)),
        ("useragentPatch", part(agent.patch)),
        ("useragentVersion", version(&agent.family, [agent.major, agent.minor, agent.patch, None])),
        ("osFamily", Json::text(system.os.to_string())),
        ("osMajor", part(system.major.as_deref())),
        ("osMinor", part(system.minor.as_deref())),
        ("osPatch", part(system.patch.as_deref())),
        ("osPatchMinor", part(system.patch_minor.as_deref())),
        (
            "osVersion",
            version(
                &system.os,
                [&system.major, &system.minor, &system.patch, &system.patch_minor]
                    .map(Option::as_deref),
            ),
        ),
        ("deviceFamily", Json::text(device.device.to_string())),
    ]);
    Context::new(SCHEMA.clone(), data)
}

/// `Safari 8.0`: the first part behind a space, the others behind points, each if it is there.
fn version(family: &str, parts: [Option<&str>; 4]) -> Json<'static> {
    let mut text = family.to_owned();
    for (at, part) in parts.into_iter().enumerate() {
        if let Some(part) = part {
            text.push(if at == 0 { ' ' } else { '.' });
            text.push_str(part);
        }
    }
    Json::text(text)
}
