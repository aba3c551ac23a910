//! Words that only some files may use, found as tokens: comments and texts do not count.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

use super::{assert_none, over_sources};

#[test]
fn only_config_reads_the_environment() {
    assert_none(
        &over_sources(environment),
        "only config.rs reads the environment",
        "take function_env::Variables as an argument, or read the value in the crate's config.rs",
    );
}

fn environment(path: &str, text: &str) -> Vec<String> {
    if path.ends_with("/config.rs") || path.contains("/config/") {
        return Vec::new();
    }
    let forbidden = |token: &TokenTree| {
        let TokenTree::Ident(name) = token else { return false };
        let name = name.to_string();
        ["var", "vars", "var_os", "vars_os", "set_var", "remove_var"].contains(&&*name)
            || (["args", "args_os"].contains(&&*name) && !path.starts_with("cli/"))
    };
    let mut findings = Vec::new();
    each_level(path, text, &mut findings, &mut |tokens, findings| {
        for window in tokens.windows(4) {
            let [module, TokenTree::Punct(first), TokenTree::Punct(second), used] = window else {
                continue;
            };
            if !is_word(module, "env") || first.as_char() != ':' || second.as_char() != ':' {
                continue;
            }
            let is_forbidden = if let TokenTree::Group(group) = used {
                group.stream().into_iter().any(|token| forbidden(&token))
            } else {
                forbidden(used)
            };
            if is_forbidden {
                findings.push(format!("{path}:{}: uses env::{used}", line(module)));
            }
        }
    });
    findings
}

#[test]
fn nothing_is_conditional_but_tests() {
    assert_none(
        &over_sources(conditions),
        "no cfg but cfg(test)",
        "make the choice a value that is taken at start-up, or a crate of its own",
    );
}

fn conditions(path: &str, text: &str) -> Vec<String> {
    let mut findings = Vec::new();
    each_level(path, text, &mut findings, &mut |tokens, findings| {
        for (index, token) in tokens.iter().enumerate() {
            let mut next = tokens.iter().skip(index + 1).peekable();
            let is_macro = next
                .next_if(|token| matches!(token, TokenTree::Punct(mark) if mark.as_char() == '!'))
                .is_some();
            let Some(TokenTree::Group(condition)) = next.next() else { continue };
            let shown = condition.stream().to_string();
            let is_allowed = if is_word(token, "cfg") {
                (!is_macro && condition.delimiter() != Delimiter::Parenthesis) || shown == "test"
            } else if is_word(token, "cfg_attr") {
                shown.starts_with("test ,")
            } else {
                !is_word(token, "cfg_select")
            };
            if !is_allowed {
                findings.push(format!("{path}:{}: {token}({shown})", line(token)));
            }
        }
    });
    findings
}

#[test]
fn only_main_names_the_runtime_and_the_sdk() {
    assert_none(
        &over_sources(runtime),
        "lambda_runtime and aws-io appear only in a function's main.rs",
        "let main.rs hand the library a RecordSink, bytes and plain values",
    );
}

fn runtime(path: &str, text: &str) -> Vec<String> {
    // An example of a function is a main.rs, too.
    let is_wiring = path.starts_with("functions/")
        && (path.ends_with("/src/main.rs") || path.contains("/examples/"));
    let mut findings = Vec::new();
    each_level(path, text, &mut findings, &mut |tokens, findings| {
        for token in tokens {
            let TokenTree::Ident(name) = token else { continue };
            let name = name.to_string();
            let is_sdk = name.starts_with("aws_sdk_")
                || name.starts_with("aws_smithy_")
                || ["aws_config", "aws_credential_types", "aws_types"].contains(&&*name);
            let is_wire = ["lambda_runtime", "aws_io"].contains(&&*name);
            let is_allowed = path.starts_with("shared/aws-io/") || (is_wire && is_wiring);
            if (is_sdk || is_wire) && !is_allowed {
                findings.push(format!("{path}:{}: names {name}", line(token)));
            }
        }
    });
    findings
}

type Look<'a> = dyn FnMut(&[TokenTree], &mut Vec<String>) + 'a;

/// Shows the tokens of the file, and of every group in it, to the checker.
fn each_level(path: &str, text: &str, findings: &mut Vec<String>, look: &mut Look<'_>) {
    match text.parse::<TokenStream>() {
        Ok(tokens) => below(tokens, findings, look),
        Err(error) => findings.push(format!("{path}:1: is no Rust: {error}")),
    }
}

fn below(tokens: TokenStream, findings: &mut Vec<String>, look: &mut Look<'_>) {
    let tokens: Vec<_> = tokens.into_iter().collect();
    look(&tokens, findings);
    for token in tokens {
        if let TokenTree::Group(group) = token {
            below(group.stream(), findings, look);
        }
    }
}

fn is_word(token: &TokenTree, word: &str) -> bool {
    matches!(token, TokenTree::Ident(name) if name == word)
}

fn line(token: &TokenTree) -> usize {
    token.span().start().line
}

mod tests {
    use super::*;

    #[test]
    fn the_environment_is_found_however_it_is_imported() {
        let good = "let a = env!(\"CARGO_PKG_VERSION\"); // std::env::var\nlet b = \"env::var\"; \
                    let c = std::env::temp_dir();";
        assert_eq!(environment("shared/a/src/lib.rs", good), [""; 0]);
        for bad in [
            "fn f() { std::env::var(\"A\") }",
            "use std::env::{self, vars_os};",
            "use std::{env::var, fmt};",
            "format!(\"{:?}\", env::var_os(name))",
            "std::env::args()",
        ] {
            assert_eq!(environment("shared/a/src/lib.rs", bad).len(), 1, "{bad}");
            assert_eq!(environment("functions/f/src/config.rs", bad).len(), 0, "{bad}");
            assert_eq!(environment("functions/f/src/config/read.rs", bad).len(), 0, "{bad}");
        }
        assert_eq!(environment("cli/src/main.rs", "std::env::args()"), [""; 0]);
        assert_eq!(environment("cli/src/main.rs", "std::env::var(a)").len(), 1);
    }

    #[test]
    fn conditions_are_found_in_attributes_and_macros() {
        let good = "#[cfg(test)] mod tests; #[cfg_attr(test, derive(Debug))] struct A; \
                    #![cfg(test)] // cfg(unix)\nmatch cfg { _ => 1 } let text = \"#[cfg(unix)]\";";
        assert_eq!(conditions("a.rs", good), [""; 0]);
        for bad in [
            "#[cfg(unix)] fn f() {}",
            "#[cfg(not(test))] fn f() {}",
            "#[cfg(any(test, feature = \"lambda\"))] fn f() {}",
            "#![cfg(feature = \"lambda\")]",
            "fn f() { if cfg!(debug_assertions) {} }",
            "fn f() { if cfg![unix] {} }",
            "#[cfg_attr(feature = \"a\", derive(Debug))] struct A;",
            "cfg_select! { unix => {} }",
        ] {
            assert_eq!(conditions("a.rs", bad).len(), 1, "{bad}");
        }
    }

    #[test]
    fn the_runtime_is_named_where_it_is_wired() {
        let text = "use lambda_runtime::run; // aws_io\nlet a = \"aws_io\";";
        for wiring in ["functions/f/src/main.rs", "functions/f/examples/e.rs"] {
            assert_eq!(runtime(wiring, text), [""; 0]);
            assert_eq!(runtime(wiring, "use aws_sdk_kinesis::Client;").len(), 1);
        }
        assert_eq!(
            runtime("functions/f/src/handler.rs", text),
            ["functions/f/src/handler.rs:1: names lambda_runtime"]
        );
        assert_eq!(runtime("cli/src/main.rs", "fn f() { aws_io::connect() }").len(), 1);
        assert_eq!(runtime("shared/aws-io/src/lib.rs", "use aws_sdk_kinesis::Client;"), [""; 0]);
    }
}
