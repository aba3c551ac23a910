//! The options by which `whiteout local` stands in Snowplow Micro's place.

use std::path::{Path, PathBuf};

use function_env::Variables;

use super::Usage;
use crate::registries::Registry;

/// Where a container of Micro's has its files.
const MOUNTS: &str = "/config";

/// Which generation of Micro's API is spoken, where they differ.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum MicroApi {
    /// 3.x.
    V3,
    /// 4.x.
    #[default]
    V4,
}

impl MicroApi {
    fn parse(text: &str, source: &str) -> Result<Self, Usage> {
        match text {
            "3" => Ok(Self::V3),
            "4" => Ok(Self::V4),
            _ => Err(Usage(format!("{source} {text:?} is neither 3 nor 4"))),
        }
    }
}

/// How events are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum EventFormat {
    /// Rows.
    Tsv,
    /// The analytics SDK's JSON.
    Json,
}

/// The options.
#[derive(Debug, Default)]
pub(crate) struct MicroOptions {
    /// Nothing if the environment decides.
    api: Option<MicroApi>,
    /// How good and incomplete events are written as they come, if they are.
    pub(crate) output: Option<EventFormat>,
    /// Where they are sent in place of standard output.
    pub(crate) destination: Option<String>,
    pub(crate) hides_events: bool,
    pub(crate) logs_events: bool,
}

impl MicroOptions {
    pub(super) fn set_api(&mut self, text: &str) -> Result<(), Usage> {
        self.api = Some(MicroApi::parse(text, "--micro-api")?);
        Ok(())
    }

    pub(super) fn set_output(&mut self, format: EventFormat) -> Result<(), Usage> {
        if self.output.is_some_and(|other| other != format) {
            return Err(Usage("--output-tsv and --output-json exclude each other".to_owned()));
        }
        self.output = Some(format);
        Ok(())
    }

    /// Looks at what only all options together tell.
    pub(super) fn check(&self) -> Result<(), Usage> {
        let Some(destination) = &self.destination else { return Ok(()) };
        if self.output.is_none() {
            return Err(Usage("--destination needs --output-tsv or --output-json".to_owned()));
        }
        if !destination.starts_with("http://") && !destination.starts_with("https://") {
            return Err(Usage("--destination is no http:// or https:// URL".to_owned()));
        }
        Ok(())
    }

    /// The generation of the API: the flag, the environment, or the newest.
    pub(crate) fn api(&self) -> Result<MicroApi, Usage> {
        match (self.api, Variables::from_process().get("WHITEOUT_MICRO_API")) {
            (Some(api), _) => Ok(api),
            (None, Some(text)) => MicroApi::parse(text, "WHITEOUT_MICRO_API"),
            (None, None) => Ok(MicroApi::default()),
        }
    }
}

/// An option of Micro's that means nothing here, and what to do in its place.
pub(super) fn refused(option: &str) -> Usage {
    Usage(match option {
        "storage" => "-s, --storage: there is no PostgreSQL here; events are kept in a file below \
                      --data-dir, which another start with the same folder finds again"
            .to_owned(),
        _ => "-a, --auth: there are no accounts here, as only this machine is answered; leave the \
              option out, or let a proxy ask for a login"
            .to_owned(),
    })
}

/// The registry that the environment names.
pub(crate) fn registry() -> Option<Registry> {
    let variables = Variables::from_process();
    let uri = variables.get("MICRO_IGLU_REGISTRY_URL").filter(|uri| !uri.is_empty())?;
    let api_key = variables.get("MICRO_IGLU_API_KEY").filter(|key| !key.is_empty());
    Some(Registry { uri: uri.to_owned(), api_key: api_key.map(str::to_owned) })
}

/// Variables of Micro's that are set and have no effect, with what to do instead.
pub(crate) fn unsupported_variables() -> Vec<String> {
    let variables = Variables::from_process();
    [
        ("MICRO_SSL_CERT_PASSWORD", "HTTPS is not supported; put a proxy in front"),
        ("MICRO_AZURE_BLOB_ACCOUNT", "files are not read from Azure; mount them as a folder"),
        ("MICRO_AZURE_BLOB_SAS_TOKEN", "files are not read from Azure; mount them as a folder"),
        ("MICRO_POSTGRESQL_PASSWORD", "there is no PostgreSQL here; see --data-dir"),
    ]
    .into_iter()
    .filter(|(name, _)| variables.get(name).is_some())
    .map(|(name, instead)| format!("{name} has no effect: {instead}"))
    .collect()
}

/// Folders that are used without being named, as Micro's container has them.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Mounts {
    pub(super) enrichments: Option<PathBuf>,
    pub(super) iglu: Option<PathBuf>,
}

impl Mounts {
    pub(super) fn of_system() -> Self {
        Self::below(Path::new(MOUNTS))
    }

    fn below(root: &Path) -> Self {
        let iglu = root.join("iglu-client-embedded");
        let has_schemas = iglu.join("schemas").is_dir();
        Self {
            enrichments: Some(root.join("enrichments")).filter(|path| path.is_dir()),
            iglu: has_schemas.then_some(iglu),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_are_used_when_they_are_there() {
        let root = std::env::temp_dir().join(format!("whiteout-mounts-{}", std::process::id()));
        assert_eq!(Mounts::below(&root), Mounts::default());
        let (enrichments, iglu) = (root.join("enrichments"), root.join("iglu-client-embedded"));
        std::fs::create_dir_all(&enrichments).unwrap();
        std::fs::create_dir_all(&iglu).unwrap();
        let without_schemas = Mounts { enrichments: Some(enrichments.clone()), iglu: None };
        assert_eq!(Mounts::below(&root), without_schemas);
        std::fs::create_dir_all(iglu.join("schemas")).unwrap();
        let all = Mounts { enrichments: Some(enrichments), iglu: Some(iglu) };
        assert_eq!(Mounts::below(&root), all);
        std::fs::remove_dir_all(&root).unwrap();
    }

    #[test]
    fn an_output_has_one_format_and_a_destination_has_one() {
        let mut options = MicroOptions::default();
        assert!(options.check().is_ok());
        options.destination = Some("http://x".to_owned());
        assert!(options.check().is_err());
        assert!(options.set_output(EventFormat::Tsv).is_ok());
        assert!(options.set_output(EventFormat::Tsv).is_ok() && options.check().is_ok());
        assert!(options.set_output(EventFormat::Json).is_err());
        options.destination = Some("x".to_owned());
        assert!(options.check().is_err());
    }
}
