//! `whiteout classify`: bad events on standard input, what they are on standard output.

mod summary;

use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

use bad_event_classifier::{Classifier, Rules, Schemas};
use enricher::registry::Place;
use iglu::{Connection, EMBEDDED_NAME, EMBEDDED_PATH, Repository};

use crate::config::ClassifyOptions;
use crate::network::Network;
use crate::policies::{PrivacyError, unusable};
use crate::pseudonymize::next_line;
use crate::{pull, registries};

use summary::Summary;

/// Says of every line what it is, or of all lines together.
pub(crate) fn run(options: &ClassifyOptions) -> Result<(), PrivacyError> {
    let classifier = classifier(options.rules.as_deref(), &options.iglu)?;
    let mut input = std::io::stdin().lock();
    let mut out = BufWriter::new(std::io::stdout().lock());
    let (mut line, mut count) = (Vec::new(), 0);
    let mut summary = Summary::default();
    while next_line(&mut input, count + 1, &mut line)? {
        count += 1;
        let found = classifier.classify(&line);
        if options.has_summary {
            summary.add(found);
        } else {
            out.write_all(found.to_json().as_bytes())?;
            out.write_all(b"\n")?;
        }
    }
    if options.has_summary {
        out.write_all(summary.to_text().as_bytes())?;
    }
    out.flush()?;
    Ok(())
}

/// A classifier with the rules of a file, if one is named, and with these registries.
pub(crate) fn classifier(
    file: Option<&Path>,
    iglu: &[PathBuf],
) -> Result<Classifier<Schemas>, PrivacyError> {
    let rules = file.map_or_else(|| Ok(Rules::built_in()), rules)?;
    Ok(Classifier::new(rules, schemas(iglu)?))
}

/// The rules of a file, or all that is wrong with it.
fn rules(file: &Path) -> Result<Rules, PrivacyError> {
    let text = std::fs::read_to_string(file).map_err(|error| unusable(file, error))?;
    Rules::parse(&text).map_err(|error| {
        let lines = error.problems.iter().map(|problem| format!("{}: {problem}", file.display()));
        PrivacyError::Unusable(lines.collect())
    })
}

/// The embedded schemas, and those of the registries that are named.
pub(crate) fn schemas(named: &[PathBuf]) -> Result<Schemas, PrivacyError> {
    let mut schemas = Schemas::embedded();
    let unusable = |problem: String| PrivacyError::Unusable(vec![problem]);
    let resolver = registries::resolver(named).map_err(unusable)?;
    for repository in resolver.repositories() {
        add(&mut schemas, repository).map_err(unusable)?;
    }
    Ok(schemas)
}

fn add(schemas: &mut Schemas, repository: &Repository) -> Result<(), String> {
    let name = &repository.name;
    match &repository.connection {
        Connection::Embedded { path } if path == EMBEDDED_PATH || name == EMBEDDED_NAME => Ok(()),
        Connection::Embedded { path } => {
            schemas.add_folder(Path::new(path)).map_err(|error| format!("{path}: {error}"))
        }
        Connection::Http { .. } => {
            let advice = "mirror it into a folder with `whiteout iglu pull`, and name that";
            let network = Network::new();
            let keys = pull::list(&network, repository);
            for key in keys.map_err(|problem| format!("{problem}; {advice}"))? {
                let text = network.get(&Place::of(&key, repository));
                let text = text.map_err(|error| format!("{name}: {}: {error}", key.as_str()))?;
                schemas.add(key.path(), text);
            }
            Ok(())
        }
        Connection::S3 { bucket, .. } => Err(format!(
            "{name}: s3://{bucket} is not read here; sync it to a folder and name that"
        )),
    }
}
