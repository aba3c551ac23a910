//! Traces that a machine leaves in files: its paths, and the registries that it fetched from.

use super::{assert_none, root, tracked};

#[test]
fn no_file_names_this_machine_or_a_registry() {
    let findings: Vec<_> = tracked()
        .iter()
        .flat_map(|path| traces(path, &std::fs::read(root().join(path)).unwrap()))
        .collect();
    assert_none(
        &findings,
        "no file names a path of the machine that wrote it, or a registry's host",
        "write paths from the repository's root; leave the registry to the tool's configuration",
    );
}

/// In pieces, so that this file is none of the findings.
const WORDS: [(&str, &str); 7] = [
    ("crates", ".io"),
    ("pypi", ".org"),
    ("pythonhosted", ".org"),
    ("registry.npmjs", ".org"),
    ("registry.yarnpkg", ".com"),
    ("/work", "/"),
    ("/root", "/"),
];

fn traces(path: &str, bytes: &[u8]) -> Vec<String> {
    let text = String::from_utf8_lossy(bytes);
    let words = WORDS.map(|(start, end)| format!("{start}{end}"));
    let mut findings = Vec::new();
    for (index, line) in text.lines().enumerate() {
        // Cargo writes this for every registry, whichever mirror it fetches from.
        if path.ends_with("Cargo.lock") && line.starts_with("source = \"registry+") {
            continue;
        }
        for word in words.iter().filter(|word| names(line, word)) {
            findings.push(format!("{path}:{}: names {word}", index + 1));
        }
        if path.ends_with("package-lock.json") && line.contains("\"resolved\"") {
            findings.push(format!("{path}:{}: has a resolved address", index + 1));
        }
    }
    findings
}

/// Whether the line holds the word; a path counts only where it begins.
fn names(line: &str, word: &str) -> bool {
    line.match_indices(word).any(|(at, _)| {
        let before = &line[..at];
        let continues = |c: char| c.is_alphanumeric() || ".-_/}~".contains(c);
        !word.starts_with('/') || before.ends_with("://") || !before.ends_with(continues)
    })
}

#[test]
fn a_trace_is_found() {
    let word = |index: usize| format!("{}{}", WORDS[index].0, WORDS[index].1);
    let (sources, home) = (word(5), word(6));
    let below = ["https://a.example", "~", "$HOME"]
        .map(|start| [&sources, &home].map(|path| format!("{start}{path}")));
    let harmless = ["framework/a", "see ./work\n"].map(str::to_owned);
    for good in harmless.iter().chain(below.iter().flatten()) {
        assert_eq!(traces("a.md", good.as_bytes()), [""; 0], "{good}");
    }
    for index in 0..WORDS.len() {
        let bad = format!("one\n\"{}a\"\n", word(index));
        assert_eq!(traces("a.md", bad.as_bytes()).len(), 1, "{bad}");
    }
    let address = format!("file://{home}a");
    assert_eq!(traces("a.md", address.as_bytes()).len(), 1);
    let lock = format!("source = \"registry+https://github.com/rust-lang/{}-index\"", word(0));
    assert_eq!(traces("Cargo.lock", lock.as_bytes()), [""; 0]);
    assert_eq!(traces("fuzz/Cargo.lock", lock.as_bytes()), [""; 0]);
    assert_eq!(traces("a.md", lock.as_bytes()).len(), 1);
    assert_eq!(traces("x/package-lock.json", b"{\"resolved\": \"a\"}").len(), 1);
}
