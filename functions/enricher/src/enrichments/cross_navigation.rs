//! What a link from another domain carries in `_sp`: two columns always, an entity if configured.

use std::borrow::Cow;
use std::sync::LazyLock;

use enriched_event::Column;
use iglu::SchemaKey;
use json_tree::Json;
use tracker_protocol::convert::{Cell, base64url};
use tracker_protocol::derived::{CrossDomain, cross_domain};

use super::assets::Assets;
use super::document::Document;
use super::work::{Configured, Context, Enrichment, Facts, Fault, Work, schema_key};
use crate::columns::{input_data, set};

static SCHEMA: LazyLock<SchemaKey> = LazyLock::new(|| {
    schema_key("iglu:com.snowplowanalytics.snowplow/cross_navigation/jsonschema/1-0-0")
});

/// Whether there is an entity.
pub(crate) struct CrossNavigation;

impl Enrichment for CrossNavigation {
    const IDENTIFIER: &'static str = "cross-navigation";

    fn compile(_document: &Document, _assets: &Assets) -> Result<Self, Vec<String>> {
        Ok(Self)
    }

    fn apply(&self, work: &mut Work<'_, '_>, facts: &Facts<'_>) -> Result<Vec<Context>, Fault> {
        columns(work, facts).map(|link| link.and_then(entity).into_iter().collect())
    }
}

/// Fills the columns, and gives the entity if that is configured.
pub(crate) fn run(
    configured: Option<&Configured<CrossNavigation>>,
    work: &mut Work<'_, '_>,
    facts: &Facts<'_>,
) {
    if configured.is_some() {
        // Nothing here has to be loaded first.
        work.apply(configured, facts).ok();
    } else if let Err(Fault::Messages(messages)) = columns(work, facts) {
        for message in messages {
            work.fail(None, message);
        }
    }
}

fn columns<'f>(
    work: &mut Work<'_, '_>,
    facts: &Facts<'f>,
) -> Result<Option<CrossDomain<'f>>, Fault> {
    let given = facts.query_parameter("_sp").and_then(|(_, value)| value.as_deref());
    let Some(value) = given else { return Ok(None) };
    let link = cross_domain(value).map_err(|(value, message)| {
        Fault::Messages(vec![input_data("sp_dtm", Some(value), &message)])
    })?;
    let owned = |text: &Cow<'_, str>| Cow::Owned(text.clone().into_owned());
    set(work.event, Column::RefrDomainUserid, link.domain_user_id.as_ref().map(owned));
    let at = link.timestamp.map(|at| Cow::Owned(at.to_string()));
    set(work.event, Column::RefrDvceTstamp, at);
    Ok(Some(link))
}

/// Who it was and when are needed; the rest is as it may be.
fn entity(link: CrossDomain<'_>) -> Option<Context> {
    let (user, at) = (link.domain_user_id?, link.timestamp?);
    let text = |cell: Cell<'_>| cell.map_or(Json::Null, |text| Json::text(text.into_owned()));
    let decoded = |part: Option<&str>| {
        let plain = part.map(base64url).filter(|plain| !plain.is_empty());
        plain.map_or(Json::Null, Json::text)
    };
    let data = Json::object([
        ("domain_user_id", Json::text(user.into_owned())),
        ("timestamp", Json::text(format!("{}Z", at.to_string().replace(' ', "T")))),
        ("session_id", text(link.session_id)),
        ("user_id", decoded(link.user_id_base64)),
        ("source_id", decoded(link.source_id_base64)),
        ("source_platform", text(link.source_platform)),
        ("reason", decoded(link.reason_base64)),
    ]);
    Some(Context::new(SCHEMA.clone(), data))
}
