//! The house rules of docs/STYLE.md that need more than a linter; each is a function over text, tried
//! on a good and a bad example first and on the repository then.

mod cargo_lambda;
mod dependencies;
mod files;
mod functions;
mod limits;
mod manifests;
mod tokens;
mod traces;

pub(crate) use files::{read, root, tracked};

/// Fails with every finding, the rule and what to do about it.
#[track_caller]
pub(crate) fn assert_none(findings: &[String], rule: &str, remedy: &str) {
    assert!(
        findings.is_empty(),
        "\n{} against the rule: {rule}\n  {}\nWhat to do: {remedy}\n",
        findings.len(),
        findings.join("\n  "),
    );
}

/// The rule's checker over every Rust source.
fn over_sources(check: impl Fn(&str, &str) -> Vec<String>) -> Vec<String> {
    let sources = files::sources();
    assert!(sources.len() > 20, "the sources are there: {sources:?}");
    sources.iter().flat_map(|path| check(path, &read(path))).collect()
}
