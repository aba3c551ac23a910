//! The schemas that a policy is held against: the embedded ones and those of `--iglu`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use enricher::registry::Place;
use iglu::{Connection, EMBEDDED_NAME, EMBEDDED_PATH, Repository, SchemaKey, Version};

use crate::network::Network;
use crate::policies::PrivacyError;
use crate::{pull, registries};

/// Schemas by `vendor/name` and version, with their texts.
#[derive(Debug, Default)]
pub(super) struct Catalogue {
    schemas: BTreeMap<String, BTreeMap<Version, String>>,
    /// Those that an option named.
    given: BTreeSet<String>,
}

impl Catalogue {
    /// The embedded schemas, and those of the registries that are named.
    pub(super) fn of(named: &[PathBuf]) -> Result<Self, PrivacyError> {
        let mut catalogue = Self::default();
        for path in embedded_schemas::paths() {
            if let Some(text) = embedded_schemas::schema(path) {
                catalogue.add(path, text);
            }
        }
        catalogue.given.clear();
        let resolver =
            registries::resolver(named).map_err(|it| PrivacyError::Unusable(vec![it]))?;
        let network = Network::new();
        for repository in resolver.repositories() {
            catalogue
                .repository(&network, repository)
                .map_err(|problem| PrivacyError::Unusable(vec![problem]))?;
        }
        Ok(catalogue)
    }

    /// A schema of this path, unless an earlier registry has it.
    fn add(&mut self, path: &str, text: &str) {
        let Ok(key) = SchemaKey::parse(&format!("iglu:{path}")) else { return };
        if key.format() != "jsonschema" {
            return;
        }
        let name = format!("{}/{}", key.vendor(), key.name());
        self.given.insert(name.clone());
        let versions = self.schemas.entry(name).or_default();
        versions.entry(key.version()).or_insert_with(|| text.to_owned());
    }

    fn repository(&mut self, network: &Network, repository: &Repository) -> Result<(), String> {
        let name = &repository.name;
        match &repository.connection {
            Connection::Embedded { path } if path == EMBEDDED_PATH || name == EMBEDDED_NAME => {
                Ok(())
            }
            Connection::Embedded { path } => {
                let root = Path::new(path).join("schemas");
                self.folder(&root, &root).map_err(|error| format!("{}: {error}", root.display()))
            }
            Connection::Http { .. } => {
                let list = pull::list(network, repository);
                let advice = "mirror them into a folder with `whiteout iglu pull`, and name that";
                for key in list.map_err(|problem| format!("{problem}; {advice}"))? {
                    let text = network.get(&Place::of(&key, repository));
                    let text =
                        text.map_err(|error| format!("{name}: {}: {error}", key.as_str()))?;
                    self.add(key.path(), &text);
                }
                Ok(())
            }
            Connection::S3 { bucket, .. } => Err(format!(
                "{name}: s3://{bucket} is read by the function only; sync it to a folder and name that"
            )),
        }
    }

    fn folder(&mut self, root: &Path, folder: &Path) -> std::io::Result<()> {
        let mut paths: Vec<PathBuf> = std::fs::read_dir(folder)?
            .map(|entry| entry.map(|entry| entry.path()))
            .collect::<Result<_, _>>()?;
        paths.sort();
        for path in paths {
            if path.is_dir() {
                self.folder(root, &path)?;
                continue;
            }
            let own = path.strip_prefix(root).unwrap_or(&path);
            let parts: Vec<_> = own.iter().map(|part| part.to_string_lossy()).collect();
            if parts.len() == 4 {
                self.add(&parts.join("/"), &std::fs::read_to_string(&path)?);
            }
        }
        Ok(())
    }

    /// The versions of a schema, rising.
    pub(super) fn versions(&self, name: &str) -> Vec<(Version, &str)> {
        let versions = self.schemas.get(name).into_iter().flatten();
        versions.map(|(version, text)| (*version, text.as_str())).collect()
    }

    /// The schemas, each with whether an option named it.
    pub(super) fn names(&self) -> impl Iterator<Item = (&str, bool)> {
        self.schemas.keys().map(|name| (name.as_str(), self.given.contains(name)))
    }
}
