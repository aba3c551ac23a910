//! The files of the repository.

use std::path::Path;
use std::process::Command;

/// The repository's folder.
pub(crate) fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

/// A text file of the repository.
#[track_caller]
pub(crate) fn read(path: &str) -> String {
    std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Every file that is or will be in git, by its path from the root; without git, every file that is
/// not in a folder of build results.
pub(crate) fn tracked() -> Vec<String> {
    let git = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root())
        .output();
    let mut paths = match git {
        Ok(output) if output.status.success() => {
            let listed = String::from_utf8(output.stdout).unwrap();
            listed.split_terminator('\0').map(str::to_owned).collect()
        }
        _ => walk(root()),
    };
    paths.retain(|path| root().join(path).is_file());
    paths.sort();
    paths.dedup();
    paths
}

/// The Rust sources that the rules are about.
pub(super) fn sources() -> Vec<String> {
    let ours = ["functions/", "shared/", "cli/", "tests/"];
    let mut paths = tracked();
    paths.retain(|path| {
        Path::new(path).extension().is_some_and(|extension| extension == "rs")
            && ours.iter().any(|folder| path.starts_with(folder))
    });
    paths
}

/// The functions' names.
pub(super) fn functions() -> Vec<String> {
    let mut names: Vec<_> = tracked()
        .iter()
        .filter_map(|path| path.strip_prefix("functions/")?.strip_suffix("/Cargo.toml"))
        .map(str::to_owned)
        .collect();
    names.sort();
    assert!(!names.is_empty(), "there are functions");
    names
}

fn walk(folder: &Path) -> Vec<String> {
    let is_result = |name: &str| {
        ["target", ".git", ".aws-sam", "whiteout-data", "node_modules"].contains(&name)
    };
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().is_some_and(|name| is_result(&name.to_string_lossy())) {
            continue;
        }
        if path.is_dir() {
            found.extend(walk(&path));
        } else {
            found.push(path.strip_prefix(root()).unwrap().to_string_lossy().into_owned());
        }
    }
    found
}

#[test]
fn without_git_the_same_sources_are_found() {
    let walked = walk(root());
    let missing: Vec<_> = sources().into_iter().filter(|path| !walked.contains(path)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}
