//! How a file begins and how long things may get.

use syn::visit::Visit;

use super::{assert_none, over_sources};

const FILE_LINES_MAX: usize = 500;
const FUNCTION_LINES_MAX: usize = 70;
const ARGUMENTS_MAX: usize = 5;
const MAIN_LINES_MAX: usize = 40;

#[test]
fn the_first_line_says_what_a_file_is_for() {
    assert_none(
        &over_sources(first_line),
        "the first line of a file says what it is for",
        "start the file with `//! ...` or `#![doc = include_str!(\"../README.md\")]`",
    );
}

fn first_line(path: &str, text: &str) -> Vec<String> {
    let first = text.lines().next().unwrap_or("");
    let says = first.strip_prefix("//! ").is_some_and(|words| !words.trim().is_empty());
    if says || first.starts_with("#![doc = include_str!") {
        Vec::new()
    } else {
        vec![format!("{path}:1: starts with `{first}`")]
    }
}

#[test]
fn files_are_short() {
    assert_none(
        &over_sources(file_length),
        "a file has at most 500 lines, a function's main.rs at most 40",
        "split it by concern; main.rs only wires",
    );
}

fn file_length(path: &str, text: &str) -> Vec<String> {
    let is_main = path.starts_with("functions/") && path.ends_with("/src/main.rs");
    let most = if is_main { MAIN_LINES_MAX } else { FILE_LINES_MAX };
    let lines = text.lines().count();
    if lines <= most {
        Vec::new()
    } else {
        vec![format!("{path}:{}: has {lines} lines, {most} are allowed", most + 1)]
    }
}

#[test]
fn functions_are_short_and_take_few_arguments() {
    assert_none(
        &over_sources(function_shape),
        "a function has at most 70 lines from `fn` to its last brace and at most 5 arguments",
        "split it by step; give arguments that belong together a struct or a tuple",
    );
}

fn function_shape(path: &str, text: &str) -> Vec<String> {
    let mut shapes = Shapes { path, findings: Vec::new() };
    match syn::parse_file(text) {
        Ok(file) => shapes.visit_file(&file),
        Err(error) => {
            let line = error.span().start().line;
            shapes.findings.push(format!("{path}:{line}: is no Rust: {error}"));
        }
    }
    shapes.findings
}

struct Shapes<'a> {
    path: &'a str,
    findings: Vec<String>,
}

impl Shapes<'_> {
    fn check(&mut self, signature: &syn::Signature, body: Option<&syn::Block>) {
        let (path, name) = (self.path, &signature.ident);
        let first = signature.fn_token.span.start().line;
        let lines = body.map_or(0, |body| body.brace_token.span.close().end().line + 1 - first);
        if lines > FUNCTION_LINES_MAX {
            self.findings.push(format!("{path}:{first}: `{name}` has {lines} lines"));
        }
        let arguments = signature.inputs.len();
        if arguments > ARGUMENTS_MAX {
            self.findings.push(format!("{path}:{first}: `{name}` takes {arguments} arguments"));
        }
    }
}

impl<'a> Visit<'a> for Shapes<'_> {
    fn visit_item_fn(&mut self, function: &'a syn::ItemFn) {
        self.check(&function.sig, Some(&function.block));
        syn::visit::visit_item_fn(self, function);
    }

    fn visit_impl_item_fn(&mut self, function: &'a syn::ImplItemFn) {
        self.check(&function.sig, Some(&function.block));
        syn::visit::visit_impl_item_fn(self, function);
    }

    fn visit_trait_item_fn(&mut self, function: &'a syn::TraitItemFn) {
        self.check(&function.sig, function.default.as_ref());
        syn::visit::visit_trait_item_fn(self, function);
    }
}

mod tests {
    use super::*;

    #[test]
    fn a_first_line_has_words() {
        assert!(first_line("a.rs", "//! What it is.\n").is_empty());
        assert!(first_line("a.rs", "#![doc = include_str!(\"../README.md\")]\n").is_empty());
        for bad in ["", "//!\n", "use std::fmt;\n//! Late.\n", "// No doc.\n", "\n//! Late.\n"] {
            assert_eq!(first_line("a.rs", bad).len(), 1, "{bad:?}");
        }
    }

    #[test]
    fn a_file_ends_at_the_limit() {
        let main = "functions/f/src/main.rs";
        for (path, most) in [("shared/a/src/lib.rs", FILE_LINES_MAX), (main, MAIN_LINES_MAX)] {
            assert!(file_length(path, &"x\n".repeat(most)).is_empty());
            assert_eq!(file_length(path, &"x\n".repeat(most + 1)).len(), 1);
        }
    }

    #[test]
    fn a_function_ends_at_the_limit() {
        let function = |lines: usize| {
            format!(
                "struct S;\nimpl S {{\n fn f(&self) {{\n{}}}\n}}",
                "let a = \"}\"; // }\n".repeat(lines - 2)
            )
        };
        assert_eq!(function_shape("a.rs", &function(FUNCTION_LINES_MAX)), [""; 0]);
        assert_eq!(
            function_shape("a.rs", &function(FUNCTION_LINES_MAX + 1)),
            ["a.rs:3: `f` has 71 lines"]
        );
    }

    #[test]
    fn arguments_are_counted_wherever_a_function_stands() {
        let good = "trait T { fn f(&self, a: (u8, u8), b: Vec<u8>, c: u8, d: u8); }";
        assert_eq!(function_shape("a.rs", good), [""; 0]);
        for bad in [
            "fn f(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8) {}",
            "trait T { fn f(&self, a: u8, b: u8, c: u8, d: u8, e: u8); }",
            "fn outer() { fn f(a: u8, b: u8, c: u8, d: u8, e: u8, f: u8) {} }",
        ] {
            assert_eq!(function_shape("a.rs", bad), ["a.rs:1: `f` takes 6 arguments"]);
        }
        assert_eq!(function_shape("a.rs", "fn f( {").len(), 1);
    }
}
