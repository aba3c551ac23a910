//! The Cargo.toml files, as text, because what they say is lost in what cargo makes of them.

use super::{assert_none, read, tracked};

const ROOT: &str = "Cargo.toml";

/// An entry of a section: its line, and its text with continued lines joined.
#[derive(Debug, PartialEq)]
struct Entry {
    line: usize,
    section: String,
    text: String,
    /// Whether a comment stands above it, directly or above the entries that it follows.
    has_comment: bool,
}

fn entries(manifest: &str) -> Vec<Entry> {
    let mut found: Vec<Entry> = Vec::new();
    let (mut section, mut has_comment, mut open) = (String::new(), false, 0);
    for (index, line) in manifest.lines().enumerate() {
        let line = line.trim();
        let depth = |text: &str| -> i32 {
            text.chars().map(|c| i32::from("[{".contains(c)) - i32::from("]}".contains(c))).sum()
        };
        if open > 0 {
            open += depth(line);
            if let Some(last) = found.last_mut() {
                last.text = format!("{} {line}", last.text);
            }
        } else if line.is_empty() {
            has_comment = false;
        } else if line.starts_with('#') {
            has_comment = true;
        } else if line.starts_with('[') {
            line.trim_matches(['[', ']']).clone_into(&mut section);
            has_comment = false;
        } else {
            open = depth(line);
            let (section, text) = (section.clone(), line.to_owned());
            found.push(Entry { line: index + 1, section, text, has_comment });
        }
    }
    found
}

#[test]
fn a_dependency_is_a_decision() {
    let findings = decisions(ROOT, &read(ROOT));
    assert_none(
        &findings,
        "every dependency is chosen in the workspace, with a reason and without default features",
        "write one line above it that says why, and default-features = false",
    );
}

fn decisions(path: &str, manifest: &str) -> Vec<String> {
    let mut findings = Vec::new();
    let mut count = 0;
    for Entry { line, text, has_comment, .. } in
        entries(manifest).into_iter().filter(|entry| entry.section == "workspace.dependencies")
    {
        count += 1;
        let name = text.split([' ', '=', '.']).next().unwrap_or("");
        if !has_comment {
            findings.push(format!("{path}:{line}: {name} has no line above it that says why"));
        }
        if !text.contains("path = ") && !text.contains("default-features = false") {
            findings.push(format!("{path}:{line}: {name} lacks default-features = false"));
        }
    }
    if count == 0 {
        findings.push(format!("{path}:1: has no [workspace.dependencies]"));
    }
    findings
}

#[test]
fn versions_stand_in_the_workspace_only() {
    let is_member = |path: &String| {
        let is_apart = ["examples/", "fuzz/"].iter().any(|folder| path.starts_with(folder));
        path.ends_with("/Cargo.toml") && !is_apart
    };
    let manifests = tracked().into_iter().filter(is_member);
    let findings: Vec<_> = manifests.flat_map(|path| inherits(&path, &read(&path))).collect();
    assert_none(
        &findings,
        "a member takes its dependencies and lints from the workspace",
        "write `name.workspace = true` and put the version into the root's Cargo.toml",
    );
}

fn inherits(path: &str, manifest: &str) -> Vec<String> {
    let entries = entries(manifest);
    let mut findings: Vec<_> = entries
        .iter()
        .filter(|entry| entry.section.split('.').any(|part| part.ends_with("dependencies")))
        .filter(|entry| {
            let text = entry.text.replace(' ', "");
            !text.contains(".workspace=true") && !text.contains("{workspace=true")
        })
        .map(|entry| format!("{path}:{}: {} is not inherited", entry.line, entry.text))
        .collect();
    let takes_lints = |entry: &Entry| entry.section == "lints" && entry.text == "workspace = true";
    if !entries.iter().any(takes_lints) {
        findings.push(format!("{path}:1: lacks [lints] workspace = true"));
    }
    findings
}

#[test]
fn a_release_reports_its_panics() {
    assert_none(
        &release(ROOT, &read(ROOT)),
        "a panic unwinds in a release, so that it can be reported; a release carries no symbols",
        "write panic = \"unwind\" and strip = true into [profile.release]",
    );
}

fn release(path: &str, manifest: &str) -> Vec<String> {
    let entries = entries(manifest);
    let mut findings = Vec::new();
    for setting in ["panic = \"unwind\"", "strip = true"] {
        let is_there = |entry: &Entry| entry.section == "profile.release" && entry.text == setting;
        if !entries.iter().any(is_there) {
            findings.push(format!("{path}:1: [profile.release] lacks {setting}"));
        }
    }
    for entry in &entries {
        if entry.section.starts_with("profile.") && entry.text.contains("\"abort\"") {
            findings.push(format!("{path}:{}: {}", entry.line, entry.text));
        }
    }
    findings
}

mod tests {
    use super::*;

    #[test]
    fn a_decision_has_a_reason() {
        let good = "[workspace.dependencies]\n# Ours.\na = { path = \"a\" }\nb = { path = \"b\" }\n\
                    # Why.\nc = { version = \"1\", default-features = false, features = [\n  \"d\",\n] }\n";
        assert_eq!(decisions("a", good), [""; 0]);
        for bad in [
            "",
            "[workspace.dependencies]\nc = { version = \"1\", default-features = false }",
            "[workspace.dependencies]\n# Why.\nc = \"1\"",
            "[workspace.dependencies]\n# Why.\nc = { version = \"1\", features = [\n\"d\"\n] }",
            "[workspace.dependencies]\n# Why.\na = { path = \"a\" }\n\nb = { path = \"b\" }",
        ] {
            assert_eq!(decisions("a", bad).len(), 1, "{bad}");
        }
    }

    #[test]
    fn a_version_in_a_member_is_found() {
        let lints = "[lints]\nworkspace = true\n";
        let good = "[dependencies]\na.workspace = true\nb = { workspace = true, features = [\n\"c\"\n] }\n";
        assert_eq!(inherits("a", &format!("{lints}{good}")), [""; 0]);
        assert_eq!(inherits("a", good), ["a:1: lacks [lints] workspace = true"]);
        for bad in [
            "[dependencies]\na = \"1\"",
            "[dev-dependencies]\na = { path = \"../a\" }",
            "[build-dependencies]\na.version = \"1\"",
            "[target.'cfg(unix)'.dependencies]\na = { version = \"1\" }",
            "[dependencies.a]\nversion = \"1\"",
        ] {
            assert_eq!(inherits("a", &format!("{lints}{bad}")).len(), 1, "{bad}");
        }
    }

    #[test]
    fn an_abort_is_found() {
        let good = "[profile.release]\nstrip = true\npanic = \"unwind\"\n";
        assert_eq!(release("a", good), [""; 0]);
        assert_eq!(release("a", "[profile.dev]\nstrip = true\npanic = \"unwind\"\n").len(), 2);
        let abort = format!("{good}[profile.lambda]\npanic = \"abort\"\n");
        assert_eq!(release("a", &abort), ["a:5: panic = \"abort\""]);
    }
}
