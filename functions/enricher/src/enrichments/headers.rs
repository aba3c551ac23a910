//! Header lines of the request whose names fit a pattern, as entities.

use std::sync::LazyLock;

use iglu::{Pattern, SchemaKey};
use json_tree::Json;

use super::assets::Assets;
use super::document::Document;
use super::work::{Context, Enrichment, Facts, Fault, Work, schema_key};

static SCHEMA: LazyLock<SchemaKey> =
    LazyLock::new(|| schema_key("iglu:org.ietf/http_header/jsonschema/1-0-0"));

/// The pattern that a whole name must fit.
pub(crate) struct HttpHeaderExtractor {
    names: Pattern,
}

impl Enrichment for HttpHeaderExtractor {
    const IDENTIFIER: &'static str = "http-header-extractor";

    fn compile(document: &Document, _assets: &Assets) -> Result<Self, Vec<String>> {
        let pattern = document.parameters().text("headersPattern").unwrap_or_default();
        let names = Pattern::whole(pattern)
            .map_err(|problem| vec![format!("$.data.parameters.headersPattern: {problem}")])?;
        Ok(Self { names })
    }

    fn apply(&self, _work: &mut Work<'_, '_>, facts: &Facts<'_>) -> Result<Vec<Context>, Fault> {
        Ok(facts.of_request.headers.get_or_init(|| self.entities(facts)).clone())
    }
}

impl HttpHeaderExtractor {
    fn entities(&self, facts: &Facts<'_>) -> Vec<Context> {
        let lines = facts.headers().filter_map(|line| line.split_once(':'));
        let wanted = lines.filter(|(name, _)| self.names.occurs_in(name));
        wanted.map(|(name, value)| entity(trimmed(name), trimmed(value))).collect()
    }
}

/// Without what Java takes for blanks: everything up to the space.
fn trimmed(text: &str) -> String {
    text.trim_matches(|character| character <= ' ').to_owned()
}

fn entity(name: String, value: String) -> Context {
    let data = Json::object([("name", Json::text(name)), ("value", Json::text(value))]);
    Context::new(SCHEMA.clone(), data)
}
