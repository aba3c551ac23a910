//! `whiteout iglu pull`: mirrors schemas of a resolver's repositories into a folder.

use std::collections::BTreeSet;
use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use enricher::registry::Place;
use iglu::{Connection, EMBEDDED_NAME, Location, RegistryError, Repository, Resolver, SchemaKey};
use json_tree::Json;

use crate::network::Network;
use crate::registries;

/// Depth of a registry's list of schemas, which is flat.
const LIST_DEPTH_MAX: usize = 5;

/// What is to be mirrored.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PullOptions {
    pub(crate) resolver: PathBuf,
    pub(crate) folder: PathBuf,
    /// None means everything that a repository lists.
    pub(crate) uris: Vec<String>,
}

/// Why not everything was mirrored.
#[derive(Debug)]
pub(crate) enum PullError {
    /// The resolver or a URI cannot be used.
    Option(String),
    /// A file cannot be written.
    Unwritable(PathBuf, std::io::Error),
    /// So many schemas could not be had; each was told.
    Missing(usize),
}

impl fmt::Display for PullError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Option(problem) => f.write_str(problem),
            Self::Unwritable(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Missing(count) => write!(f, "{count} schemas could not be had"),
        }
    }
}

impl std::error::Error for PullError {}

/// Mirrors the schemas, and says what became of each.
pub(crate) fn run(options: &PullOptions) -> Result<(), PullError> {
    let named = std::slice::from_ref(&options.resolver);
    let resolver = registries::resolver(named).map_err(PullError::Option)?;
    let network = Network::new();
    let keys = if options.uris.is_empty() {
        listed(&network, &resolver)?
    } else {
        let parse = |uri: &String| {
            SchemaKey::parse(uri).map_err(|_| PullError::Option(format!("{uri:?} names no schema")))
        };
        options.uris.iter().map(parse).collect::<Result<BTreeSet<_>, _>>()?
    };
    let mut missing = 0;
    let mut out = std::io::stdout().lock();
    for key in &keys {
        let line = match ask(&network, &resolver, key) {
            Ok(text) => {
                write(&options.folder, key, &text)?;
                format!("{}: written", key.as_str())
            }
            Err(reason) => {
                missing += 1;
                format!("{}: {reason}", key.as_str())
            }
        };
        // Whoever closed the pipe has read enough.
        writeln!(out, "{line}").ok();
    }
    if missing == 0 { Ok(()) } else { Err(PullError::Missing(missing)) }
}

/// The first answer of the repositories, in the resolver's order.
fn ask(network: &Network, resolver: &Resolver, key: &SchemaKey) -> Result<String, String> {
    let mut reasons = Vec::new();
    for id in resolver.order(key) {
        let Some(repository) = resolver.repository(id) else { continue };
        match network.get(&Place::of(key, repository)) {
            Ok(text) => return Ok(text),
            Err(error) => reasons.push(format!("{}: {error}", repository.name)),
        }
    }
    Err(reasons.join("; "))
}

/// Everything that the repositories list: servers do, static sites do not.
fn listed(network: &Network, resolver: &Resolver) -> Result<BTreeSet<SchemaKey>, PullError> {
    let mut keys = BTreeSet::new();
    for repository in resolver.repositories().iter().filter(|it| it.name != EMBEDDED_NAME) {
        let list = list(network, repository);
        keys.extend(list.map_err(|problem| PullError::Option(format!("{problem}; name them")))?);
    }
    Ok(keys)
}

/// What one repository lists.
pub(crate) fn list(network: &Network, repository: &Repository) -> Result<Vec<SchemaKey>, String> {
    let name = &repository.name;
    let Connection::Http { uri, .. } = &repository.connection else {
        return Err(format!("{name}: has no list of its schemas"));
    };
    let location = Location::Url(format!("{uri}/schemas"));
    let api_key = repository.api_key().map(str::to_owned);
    let list = network.get(&Place { location, api_key }).and_then(|text| names(&text));
    list.map_err(|error| format!("{name}: no list of its schemas ({error})"))
}

/// The schemas that an Iglu server's list names.
fn names(text: &str) -> Result<Vec<SchemaKey>, RegistryError> {
    let json = Json::parse(text, LIST_DEPTH_MAX);
    let list = json.ok().and_then(|json| {
        let names = json.as_array()?.iter().map(|name| SchemaKey::parse(name.as_str()?).ok());
        names.collect::<Option<Vec<_>>>()
    });
    list.ok_or_else(|| RegistryError::ClientFailure("not a list of schemas".to_owned()))
}

fn write(folder: &Path, key: &SchemaKey, text: &str) -> Result<(), PullError> {
    let file = folder.join("schemas").join(key.path());
    let unwritable = |error| PullError::Unwritable(file.clone(), error);
    if let Some(parent) = file.parent() {
        std::fs::create_dir_all(parent).map_err(unwritable)?;
    }
    std::fs::write(&file, text).map_err(unwritable)
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};
    use std::net::TcpListener;

    use super::*;

    /// A registry with a list and one schema, which wants a key.
    fn registry() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        std::thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
                let first = lines.next().unwrap_or_default();
                let has_key = lines
                    .take_while(|line| !line.is_empty())
                    .any(|line| line.eq_ignore_ascii_case("apikey: secret"));
                let (status, body) = match first.split(' ').nth(1) {
                    _ if !has_key => ("403 Forbidden", "no"),
                    Some("/schemas") => ("200 OK", r#"["iglu:com.acme/x/jsonschema/1-0-0"]"#),
                    Some("/schemas/com.acme/x/jsonschema/1-0-0") => {
                        ("200 OK", r#"{"type":"object"}"#)
                    }
                    _ => ("404 Not Found", "no"),
                };
                let length = body.len();
                write!(&stream, "HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}").ok();
            }
        });
        format!("http://{address}")
    }

    fn options(uris: &[&str]) -> PullOptions {
        static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let folder =
            std::env::temp_dir().join(format!("whiteout-pull-{}-{number}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let resolver = folder.join("resolver.json");
        let uri = registry();
        let config = format!(
            r#"{{"schema":"iglu:com.snowplowanalytics.iglu/resolver-config/jsonschema/1-0-1","data":{{"cacheSize":10,"repositories":[{{"name":"acme","priority":0,"vendorPrefixes":[],"connection":{{"http":{{"uri":"{uri}","apikey":"secret"}}}}}}]}}}}"#
        );
        std::fs::write(&resolver, config).unwrap();
        let uris = uris.iter().map(|uri| (*uri).to_owned()).collect();
        PullOptions { resolver, folder, uris }
    }

    #[test]
    fn everything_that_a_registry_lists_is_mirrored() {
        let options = options(&[]);
        run(&options).unwrap();
        let file = options.folder.join("schemas/com.acme/x/jsonschema/1-0-0");
        assert_eq!(std::fs::read_to_string(file).unwrap(), r#"{"type":"object"}"#);
        std::fs::remove_dir_all(&options.folder).unwrap();
    }

    #[test]
    fn what_cannot_be_had_is_counted_and_the_rest_is_written() {
        let options =
            options(&["iglu:com.acme/x/jsonschema/1-0-0", "iglu:com.acme/y/jsonschema/1-0-0"]);
        assert!(matches!(run(&options), Err(PullError::Missing(1))));
        assert!(options.folder.join("schemas/com.acme/x/jsonschema/1-0-0").is_file());
        std::fs::remove_dir_all(&options.folder).unwrap();
    }

    #[test]
    fn a_name_that_is_none_is_refused() {
        let options = options(&["com.acme/x"]);
        let message = run(&options).unwrap_err().to_string();
        assert!(message.contains("com.acme/x"), "{message}");
        std::fs::remove_dir_all(&options.folder).unwrap();
    }
}
