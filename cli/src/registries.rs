//! The options `--iglu`: resolver configurations and folders become one resolver.

use std::fmt;
use std::path::{Path, PathBuf};

use iglu::Resolver;
use json_tree::Json;

/// Depth of a resolver configuration; Snowplow's need five levels.
const DEPTH_MAX: usize = 20;
/// Enough for every schema that a laptop's events use.
const CACHE_ENTRIES: i64 = 5_000;
/// The priority of a registry that comes before those of a resolver configuration.
const FIRST: i64 = -1;

/// A registry over HTTP that is named by its address alone.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Registry {
    pub(crate) uri: String,
    pub(crate) api_key: Option<String>,
}

impl fmt::Debug for Registry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Registry({}, api key: {})", self.uri, self.api_key.is_some())
    }
}

/// One resolver over everything that was named, and the embedded schemas.
pub(crate) fn resolver(named: &[PathBuf]) -> Result<Resolver, String> {
    resolver_with(None, named)
}

/// The same with a registry that is asked before the others.
pub(crate) fn resolver_with(
    first: Option<&Registry>,
    named: &[PathBuf],
) -> Result<Resolver, String> {
    let mut repositories: Vec<_> = first.into_iter().map(over_http).collect();
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

fn over_http(registry: &Registry) -> Json<'static> {
    let uri = ("uri", Json::text(registry.uri.clone()));
    let api_key = registry.api_key.as_ref().map(|key| ("apikey", Json::text(key.clone())));
    let connection = Json::object([uri].into_iter().chain(api_key));
    Json::object([
        ("name", Json::text("Registry of the environment")),
        ("priority", Json::integer(FIRST)),
        ("vendorPrefixes", Json::array([])),
        ("connection", Json::object([("http", connection)])),
    ])
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
