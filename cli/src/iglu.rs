//! `whiteout iglu lint`: whether a folder is a registry that serves what it seems to hold.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};

use iglu::{SCHEMA_DEPTH_MAX, Schema, SchemaKey, Version};
use json_tree::Json;

/// Something that is wrong with a file.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Finding {
    file: PathBuf,
    problem: String,
}

/// Why the folder could not be looked at, or how much is wrong with it.
#[derive(Debug)]
pub(crate) enum LintError {
    /// The folder or a file in it cannot be read.
    Unreadable(PathBuf, std::io::Error),
    /// So many findings were printed.
    Findings(usize),
}

impl fmt::Display for LintError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unreadable(path, error) => write!(f, "{}: {error}", path.display()),
            Self::Findings(count) => write!(f, "{count} findings"),
        }
    }
}

impl std::error::Error for LintError {}

/// Prints every finding, and how many schemas there are.
pub(crate) fn lint(folder: &Path) -> Result<(), LintError> {
    let inner = folder.join("schemas");
    let root = if inner.is_dir() { inner } else { folder.to_owned() };
    let mut files = Vec::new();
    collect(&root, &mut files)?;
    let mut lint = Lint { root, ..Lint::default() };
    for file in &files {
        lint.file(file)?;
    }
    lint.gaps();
    lint.findings.sort();
    let mut out = std::io::stdout().lock();
    for Finding { file, problem } in &lint.findings {
        // Whoever closed the pipe has read enough.
        writeln!(out, "{}: {problem}", file.display()).ok();
    }
    writeln!(out, "{} schemas in {} versions", lint.versions.len(), lint.count).ok();
    if lint.findings.is_empty() { Ok(()) } else { Err(LintError::Findings(lint.findings.len())) }
}

/// Every file below a folder, in the order of their names.
fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), LintError> {
    let unreadable = |error| LintError::Unreadable(folder.to_owned(), error);
    let entries: Result<Vec<_>, _> = std::fs::read_dir(folder).map_err(unreadable)?.collect();
    let mut paths: Vec<PathBuf> =
        entries.map_err(unreadable)?.iter().map(std::fs::DirEntry::path).collect();
    paths.sort();
    for path in paths {
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}

#[derive(Default)]
struct Lint {
    root: PathBuf,
    findings: Vec<Finding>,
    count: usize,
    /// The versions of each schema, by its path without them.
    versions: BTreeMap<PathBuf, Vec<Version>>,
}

impl Lint {
    fn complain(&mut self, file: &Path, problem: impl Into<String>) {
        self.findings.push(Finding { file: file.to_owned(), problem: problem.into() });
    }

    fn file(&mut self, file: &Path) -> Result<(), LintError> {
        let path = file.strip_prefix(&self.root).unwrap_or(file).to_owned();
        let parts: Vec<_> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
        let [vendor, name, format, version] = parts.as_slice() else {
            // A README beside the vendors is no mistake.
            if parts.len() > 1 {
                self.complain(file, "is not at vendor/name/format/version");
            }
            return Ok(());
        };
        let uri = format!("iglu:{vendor}/{name}/{format}/{version}");
        let Ok(key) = SchemaKey::parse(&uri) else {
            self.complain(file, format!("{uri} names no schema"));
            return Ok(());
        };
        self.count += 1;
        let folder = path.parent().map(Path::to_owned).unwrap_or_default();
        self.versions.entry(folder).or_default().push(key.version());
        if format == "jsonschema" {
            let unreadable = |error| LintError::Unreadable(file.to_owned(), error);
            let text = std::fs::read_to_string(file).map_err(unreadable)?;
            self.schema(file, &key, &text);
        }
        Ok(())
    }

    fn schema(&mut self, file: &Path, key: &SchemaKey, text: &str) {
        match Schema::parse(key, text) {
            Err(error) => self.complain(file, error.to_string()),
            Ok(schema) => {
                for issue in schema.issues() {
                    self.complain(file, format!("{}: {}", issue.path, issue.message));
                }
            }
        }
        let Ok(json) = Json::parse(text, SCHEMA_DEPTH_MAX) else { return };
        let own =
            |field: &str| json.get("self").and_then(|own| own.get(field)).and_then(Json::as_str);
        let version = key.version().to_string();
        for (field, expected) in [
            ("vendor", key.vendor()),
            ("name", key.name()),
            ("format", key.format()),
            ("version", version.as_str()),
        ] {
            match own(field) {
                Some(found) if found == expected => {}
                Some(found) => self
                    .complain(file, format!("self.{field} is {found}, its path says {expected}")),
                None => self.complain(file, format!("self.{field} is missing")),
            }
        }
    }

    /// A version without the one before it: consumers cannot tell what changed.
    fn gaps(&mut self) {
        for (path, versions) in std::mem::take(&mut self.versions) {
            for version in &versions {
                let before = match *version {
                    Version { addition: 1.., .. } => {
                        Version { addition: version.addition - 1, ..*version }
                    }
                    Version { revision: 1.., .. } => {
                        Version { revision: version.revision - 1, ..*version }
                    }
                    Version { model: 2.., .. } => Version { model: version.model - 1, ..*version },
                    Version { .. } => continue,
                };
                let is_there = versions.iter().any(|other| {
                    (other.model, other.revision) == (before.model, before.revision)
                        && (version.addition == 0 || other.addition == before.addition)
                        || version.revision == 0
                            && version.addition == 0
                            && other.model == before.model
                });
                if !is_there {
                    let file = self.root.join(&path).join(version.to_string());
                    self.complain(&file, format!("the version before it is missing ({before})"));
                }
            }
            self.versions.insert(path, versions);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn findings(files: &[(&str, &str)]) -> Vec<String> {
        static NEXT: std::sync::atomic::AtomicUsize = std::sync::atomic::AtomicUsize::new(0);
        let number = NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let root =
            std::env::temp_dir().join(format!("whiteout-lint-{}-{number}", std::process::id()));
        for (path, text) in files {
            let file = root.join(path);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
            std::fs::write(file, text).unwrap();
        }
        let mut lint = Lint { root: root.clone(), ..Lint::default() };
        let mut found = Vec::new();
        collect(&root, &mut found).unwrap();
        for file in &found {
            lint.file(file).unwrap();
        }
        lint.gaps();
        std::fs::remove_dir_all(&root).unwrap();
        lint.findings.sort();
        lint.findings.into_iter().map(|finding| finding.problem).collect()
    }

    fn schema(version: &str, more: &str) -> String {
        format!(
            r#"{{"self":{{"vendor":"com.acme","name":"x","format":"jsonschema","version":"{version}"}}{more}}}"#
        )
    }

    #[test]
    fn a_registry_in_order_has_no_findings() {
        let [a, b, c] = ["1-0-0", "1-0-1", "2-0-0"].map(|version| schema(version, ""));
        let files = [
            ("README.md", "hello"),
            ("com.acme/x/jsonschema/1-0-0", a.as_str()),
            ("com.acme/x/jsonschema/1-0-1", &b),
            ("com.acme/x/jsonschema/2-0-0", &c),
        ];
        assert_eq!(findings(&files), Vec::<String>::new());
    }

    #[test]
    fn each_kind_of_mistake_is_found() {
        let check = |path: &str, text: &str, expected: &str| {
            let found = findings(&[(path, text)]);
            assert!(found.iter().any(|problem| problem.contains(expected)), "{found:?}");
        };
        check("com.acme/x/1-0-0", "{}", "vendor/name/format/version");
        check("com.acme/x/jsonschema/1-0", "{}", "names no schema");
        check("com.acme/x/jsonschema/1-0-0", "{", "json");
        check("com.acme/x/jsonschema/1-0-0", "{}", "self.vendor is missing");
        check(
            "com.acme/y/jsonschema/1-0-0",
            &schema("1-0-0", ""),
            "self.name is x, its path says y",
        );
        check("com.acme/x/jsonschema/1-0-0", &schema("1-0-0", r#","type":7"#), "type");
        check("com.acme/x/jsonschema/1-0-2", &schema("1-0-2", ""), "before it is missing (1-0-1)");
    }
}
