//! What the READMEs show is true: their commands exist and print what is shown, their tables are
//! complete.
//!
//! In a block ```` ```console ````, a line that starts with `$ ` is a command; in a block
//! ```` ```console test ```` it is run, and `…` in the output that is shown stands for anything.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use collector::config::VARIABLES;
use function_env::Variables;

use crate::house_rules::{assert_none, read, root, tracked};
use crate::pipeline::Pipeline;

/// Where the documents say that the local pipeline is.
const ADDRESS: &str = "127.0.0.1:9090";

/// A command of a document and what is shown below it.
#[derive(Debug, PartialEq)]
struct Shown {
    line: usize,
    command: String,
    output: String,
    is_run: bool,
}

fn documents() -> Vec<String> {
    let is_ours = |path: &String| {
        path == "README.md" || path == "cli/README.md" || path.starts_with("functions/")
    };
    tracked().into_iter().filter(is_ours).filter(|path| path.ends_with("README.md")).collect()
}

fn commands(document: &str) -> Vec<Shown> {
    let mut found: Vec<Shown> = Vec::new();
    let (mut fence, mut continues) = (None, false);
    for (index, line) in document.lines().enumerate() {
        if let Some(info) = line.trim_start().strip_prefix("```") {
            fence = if fence.is_none() { Some(info.trim().to_owned()) } else { None };
            continues = false;
            continue;
        }
        let is_run = match fence.as_deref() {
            Some("console") => false,
            Some("console test") => true,
            _ => continue,
        };
        match (line.strip_prefix("$ "), found.last_mut()) {
            (_, Some(last)) if continues => last.command.extend(["\n", line]),
            (Some(command), _) => {
                let (command, output) = (command.to_owned(), String::new());
                found.push(Shown { line: index + 1, command, output, is_run });
            }
            (None, Some(last)) if last.is_run == is_run => last.output.extend([line, "\n"]),
            (None, _) => {}
        }
        continues = line.ends_with('\\') && (continues || line.starts_with("$ "));
    }
    found
}

/// Whether a text is what is shown, where `…` stands for anything.
fn is_as_shown(shown: &str, text: &str) -> bool {
    let mut pieces = shown.trim_end().split('…');
    let Some(mut rest) = text.trim_end().strip_prefix(pieces.next().unwrap_or("")) else {
        return false;
    };
    let Some(last) = pieces.next_back() else { return rest.is_empty() };
    for piece in pieces {
        let Some(at) = rest.find(piece) else { return false };
        rest = &rest[at + piece.len()..];
    }
    rest.ends_with(last)
}

#[test]
fn the_targets_that_are_shown_exist() {
    let makefile = std::fs::read_to_string(root().join("Makefile")).unwrap_or_default();
    let findings: Vec<_> =
        documents().iter().flat_map(|path| unknown_targets(path, &read(path), &makefile)).collect();
    assert_none(
        &findings,
        "`make` commands in a README are targets of the Makefile",
        "correct the command, or add the target",
    );
}

fn unknown_targets(path: &str, document: &str, makefile: &str) -> Vec<String> {
    let mut findings = Vec::new();
    for Shown { line, command, .. } in commands(document) {
        let Some(words) = command.strip_prefix("make ") else { continue };
        let words = words.split('#').next().unwrap_or("");
        for target in words.split_whitespace().filter(|word| !word.contains('=')) {
            let start = format!("{target}:");
            if !makefile.lines().any(|line| line.starts_with(&start)) {
                findings.push(format!("{path}:{line}: there is no target {target}"));
            }
        }
    }
    findings
}

#[test]
fn the_commands_print_what_is_shown() {
    let mut findings = Vec::new();
    let mut count = 0;
    for path in documents() {
        let mut shown = commands(&read(&path));
        shown.retain(|shown| shown.is_run);
        if shown.is_empty() {
            continue;
        }
        count += shown.len();
        let folder = checkout();
        let pipeline = Pipeline::over(&folder.join("whiteout-data"), &[]);
        let differences =
            shown.iter().filter_map(|shown| differs(&pipeline, &folder, &path, shown));
        findings.extend(differences);
        drop(pipeline);
        std::fs::remove_dir_all(&folder).unwrap();
    }
    assert_none(
        &findings,
        "a block ```console test shows what its commands print",
        "correct what is shown; write … for what changes from run to run",
    );
    assert!(
        count > 0,
        "no README has a block ```console test: show at least one event going through"
    );
}

/// A folder that looks like the repository, in which a pipeline may keep its state.
fn checkout() -> PathBuf {
    let folder = std::env::temp_dir().join(format!("whiteout-documents-{}", std::process::id()));
    std::fs::remove_dir_all(&folder).ok();
    std::fs::create_dir_all(&folder).unwrap();
    for entry in std::fs::read_dir(root()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name() != "whiteout-data" {
            symlink(entry.path(), folder.join(entry.file_name())).unwrap();
        }
    }
    folder
}

/// What is wrong with what is shown.
fn differs(pipeline: &Pipeline, checkout: &Path, path: &str, shown: &Shown) -> Option<String> {
    let Shown { line, command, output, .. } = shown;
    for endless in ["make run", "whiteout local"] {
        if command.starts_with(endless) {
            return Some(format!("{path}:{line}: {endless} never ends; use ```console for it"));
        }
    }
    let folder = pipeline.binary.parent().unwrap().display();
    let search = Variables::from_process().get("PATH").unwrap_or("").to_owned();
    let ran = Command::new("bash")
        .args(["-c", &format!("exec 2>&1\n{}", command.replace(ADDRESS, &pipeline.address))])
        .current_dir(checkout)
        .env("PATH", format!("{folder}:{search}"))
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let printed = String::from_utf8_lossy(&ran.stdout).replace(&pipeline.address, ADDRESS);
    let printed = printed.replace('\r', "");
    (!is_as_shown(output, &printed)).then(|| {
        format!("{path}:{line}: $ {command}\n--- shown\n{output}--- printed\n{printed}---")
    })
}

#[test]
fn the_collectors_readme_lists_its_variables() {
    let path = "functions/collector/README.md";
    let rows: Vec<_> = VARIABLES.iter().map(|row| [row.name, row.key, row.default]).collect();
    assert_none(
        &table_differs(path, &read(path), &rows),
        "the README has one table with every variable, its key and its default",
        "write | `NAME` | `snowplow.key` | `default` | what it does |, as in src/config/table.rs",
    );
}

fn table_differs(path: &str, document: &str, rows: &[[&str; 3]]) -> Vec<String> {
    let clean = |cell: &str| cell.trim().trim_matches('`').trim().to_owned();
    let mut findings = Vec::new();
    let (mut table, mut tables) = (0, Vec::new());
    let mut seen = Vec::new();
    for (index, line) in document.lines().enumerate() {
        let Some(cells) = line.trim().strip_prefix('|') else {
            table = index + 1;
            continue;
        };
        let cells: Vec<_> = cells.replace("\\|", "\u{1}").split('|').map(clean).collect();
        let cells: Vec<_> = cells.iter().map(|cell| cell.replace('\u{1}', "|")).collect();
        let Some([name, key, default]) = rows.iter().find(|row| row[0] == cells[0]) else {
            continue;
        };
        seen.push(*name);
        tables.push(table);
        for wanted in [key, default] {
            if !cells.iter().any(|cell| cell == wanted) {
                findings.push(format!("{path}:{}: {name} lacks {wanted}", index + 1));
            }
        }
    }
    tables.dedup();
    if tables.len() > 1 {
        findings.push(format!(
            "{path}:{}: the variables are in {} tables",
            tables[1],
            tables.len()
        ));
    }
    for [name, ..] in rows {
        match seen.iter().filter(|seen| seen == &name).count() {
            0 => findings.push(format!("{path}:1: {name} is not in the table")),
            1 => {}
            count => findings.push(format!("{path}:1: {name} is there {count} times")),
        }
    }
    findings
}

mod tests {
    use super::*;

    #[test]
    fn commands_are_found_in_console_blocks() {
        let document = "```sh\n$ no\n```\ntext\n$ no\n```console\n$ one\nout\n```\n\
                        ```console test\n$ two \\\n  more\na\n\nb\n$ three\n```\n";
        let shown = |line, command: &str, output: &str, is_run| Shown {
            line,
            command: command.into(),
            output: output.into(),
            is_run,
        };
        assert_eq!(
            commands(document),
            [
                shown(7, "one", "out\n", false),
                shown(11, "two \\\n  more", "a\n\nb\n", true),
                shown(16, "three", "", true),
            ]
        );
    }

    #[test]
    fn a_command_that_prints_something_else_is_found() {
        let shown = |command: &str, output: &str| {
            let (command, output) = (command.to_owned(), output.to_owned());
            Shown { line: 1, command, output, is_run: true }
        };
        let pipeline = Pipeline::start(&[]);
        let health = "curl --silent http://127.0.0.1:9090/health";
        assert_eq!(differs(&pipeline, root(), "a", &shown(health, "ok\n")), None);
        assert_eq!(
            differs(&pipeline, root(), "a", &shown("echo http://127.0.0.1:9090", "…9090")),
            None
        );
        assert_eq!(differs(&pipeline, root(), "a", &shown("whiteout --help", "…local…")), None);
        for (command, output) in [
            (health, ""),
            (health, "no\n"),
            ("curl --silent --fail http://127.0.0.1:9090/nothing || echo missing", ""),
            ("no-such-command", ""),
            ("whiteout local --port 0", ""),
        ] {
            assert!(
                differs(&pipeline, root(), "a", &shown(command, output)).is_some(),
                "{command}"
            );
        }
    }

    #[test]
    fn an_ellipsis_stands_for_anything() {
        for (shown, text) in [
            ("", ""),
            ("a\n", "a"),
            ("a…c", "abc"),
            ("a…c", "ac"),
            ("…", "a\nb"),
            ("a…b…c", "axbxbxc"),
        ] {
            assert!(is_as_shown(shown, text), "{shown} {text}");
        }
        for (shown, text) in [
            ("", "a"),
            ("a", ""),
            ("a", "ab"),
            ("a…c", "abd"),
            ("a…b…c", "ac"),
            ("a…a", "a"),
            ("…b", "a"),
        ] {
            assert!(!is_as_shown(shown, text), "{shown} {text}");
        }
    }

    #[test]
    fn a_missing_target_is_found() {
        let makefile = "test: build ## Runs every check\nbuild:\n\tcargo build\n";
        let show = |command: &str| format!("```console\n$ {command}\n```\n");
        assert_eq!(unknown_targets("a", &show("make test # all"), makefile), [""; 0]);
        assert_eq!(unknown_targets("a", &show("make build A=1 test"), makefile), [""; 0]);
        assert_eq!(
            unknown_targets("a", &show("make run"), makefile),
            ["a:2: there is no target run"]
        );
        assert_eq!(unknown_targets("a", &show("make cargo"), makefile).len(), 1);
    }

    #[test]
    fn a_row_that_differs_is_found() {
        let rows = [["A", "a.key", "1"], ["B", "b.key", "x|y"]];
        let good = "| Name | Key |\n|---|---|\n| `A` | `a.key` | `1` | why |\n| `B` | `b.key` | `x\\|y` |\n";
        assert_eq!(table_differs("a", good, &rows), [""; 0]);
        for (right, wrong) in [
            ("`A`", "`C`"),
            ("a.key", "a"),
            ("`1`", "`10`"),
            ("why |\n", "why |\n\n"),
            ("`B`", "`A`"),
        ] {
            let bad = good.replacen(right, wrong, 1);
            assert!(!table_differs("a", &bad, &rows).is_empty(), "{bad}");
        }
    }
}
