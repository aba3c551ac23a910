//! The options `--iglu`: resolver configurations and folders become one resolver.

use std::path::{Path, PathBuf};

use iglu::Resolver;
use json_tree::Json;

/// Depth of a resolver configuration; Snowplow's need five levels.
const DEPTH_MAX: usize = 20;
/// Enough for every schema that a laptop's events use.
const CACHE_ENTRIES: i64 = 5_000;

/// One resolver over everything that was named, and the embedded schemas.
pub(crate) fn resolver(named: &[PathBuf]) -> Result<Resolver, String> {
    let mut repositories = Vec::new();
    for (index, path) in named.iter().enumerate() {
        if path.is_dir() {
            repositories.push(folder(path, index));
        } else {
            repositories.extend(configured(path)?);
        }
    }
    let config = Json::object([
        ("schema", Json::text("iglu:com.snowplowanalytics.iglu/resolver-config/jsonschema/1-0-1")),
        (
            "data",
            Json::object([
                ("cacheSize", Json::integer(CACHE_ENTRIES)),
                ("repositories", Json::array(repositories)),
            ]),
        ),
    ]);
    Resolver::parse(&config).map_err(|error| error.to_string())
}

/// A registry's folder: the one that holds `schemas/`, or that one itself.
fn folder(path: &Path, index: usize) -> Json<'static> {
    let is_inner = path.file_name().is_some_and(|name| name == "schemas");
    let root = if is_inner { path.parent().unwrap_or(path) } else { path };
    let root = if root.as_os_str().is_empty() { Path::new(".") } else { root };
    let connection = Json::object([("path", Json::text(root.to_string_lossy().into_owned()))]);
    Json::object([
        ("name", Json::text(format!("{} ({index})", path.display()))),
        ("priority", Json::integer(i64::try_from(index).unwrap_or(i64::MAX))),
        ("vendorPrefixes", Json::array([])),
        ("connection", Json::object([("embedded", connection)])),
    ])
}

fn configured(path: &Path) -> Result<Vec<Json<'static>>, String> {
    let complain = |problem: String| format!("--iglu {}: {problem}", path.display());
    let text = std::fs::read_to_string(path).map_err(|error| complain(error.to_string()))?;
    let json = Json::parse(&text, DEPTH_MAX).map_err(|error| complain(error.message()))?;
    // Read once for its own mistakes, so that they are told with its name.
    Resolver::parse(&json).map_err(|error| complain(error.to_string()))?;
    let repositories = json.get("data").and_then(|data| data.get("repositories"));
    let repositories = repositories.and_then(Json::as_array).unwrap_or_default();
    Ok(repositories.iter().map(|repository| repository.clone().into_owned()).collect())
}
