//! YAML as a tree that knows its lines, so that every problem of a document can say where it is.

use std::borrow::Cow;

use saphyr_parser::{Event, Parser};

use crate::problem::Problem;

/// The deepest nesting that is read.
pub const DEPTH_MAX: usize = 16;

/// A value and the line where it begins.
#[derive(Clone, Debug)]
pub struct Node {
    /// From 1.
    pub line: usize,
    /// What it holds.
    pub value: Value,
}

/// What a node holds. Every scalar is text: what it means is the reader's decision, so that
/// `no` and `1-0` never turn into something else.
#[derive(Clone, Debug)]
pub enum Value {
    /// A scalar.
    Text(String),
    /// A sequence.
    List(Vec<Node>),
    /// A mapping; no key occurs twice.
    Map(Vec<Entry>),
}

/// One key of a map.
#[derive(Clone, Debug)]
pub struct Entry {
    /// The key.
    pub key: String,
    /// The line of the key, from 1.
    pub line: usize,
    /// The value.
    pub node: Node,
}

/// Reads one document, which problems call by this name: `the policy`.
pub fn parse(text: &str, document: &'static str) -> Result<Node, Problem> {
    let mut reader = Reader { parser: Parser::new_from_str(text), document, depth: 0 };
    loop {
        match reader.next()? {
            (Event::StreamStart | Event::DocumentStart(_) | Event::Nothing, _) => {}
            (Event::StreamEnd | Event::DocumentEnd, line) => {
                return Err(reader.problem(line, "holds nothing"));
            }
            (event, line) => {
                let node = reader.node(event, line)?;
                return reader.end(node);
            }
        }
    }
}

struct Reader<'a> {
    parser: Parser<'a, saphyr_parser::StrInput<'a>>,
    document: &'static str,
    depth: usize,
}

impl<'a> Reader<'a> {
    fn problem(&self, line: usize, message: impl Into<String>) -> Problem {
        Problem::at(line, self.document, message)
    }

    fn next(&mut self) -> Result<(Event<'a>, usize), Problem> {
        match self.parser.next_event() {
            Some(Ok((event, span))) => Ok((event, span.start.line())),
            Some(Err(error)) => {
                Err(self.problem(error.marker().line(), format!("is no YAML: {}", error.info())))
            }
            None => Ok((Event::StreamEnd, 0)),
        }
    }

    fn end(&mut self, node: Node) -> Result<Node, Problem> {
        loop {
            match self.next()? {
                (Event::StreamEnd, _) => return Ok(node),
                (Event::DocumentEnd | Event::Nothing, _) => {}
                (_, line) => return Err(self.problem(line, "holds a second document")),
            }
        }
    }

    fn node(&mut self, event: Event<'a>, line: usize) -> Result<Node, Problem> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.problem(line, format!("is nested deeper than {DEPTH_MAX}")));
        }
        let value = match event {
            Event::Scalar(text, _, anchor, tag) => {
                self.plain(line, anchor, tag.is_some())?;
                Value::Text(text.into_owned())
            }
            Event::SequenceStart(anchor, tag) => {
                self.plain(line, anchor, tag.is_some())?;
                self.list()?
            }
            Event::MappingStart(anchor, tag) => {
                self.plain(line, anchor, tag.is_some())?;
                self.map()?
            }
            Event::Alias(_)
            | Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::SequenceEnd
            | Event::MappingEnd => {
                return Err(self.problem(line, "uses an alias, which is not understood here"));
            }
        };
        self.depth -= 1;
        Ok(Node { line, value })
    }

    fn list(&mut self) -> Result<Value, Problem> {
        let mut items = Vec::new();
        loop {
            match self.next()? {
                (Event::SequenceEnd, _) => return Ok(Value::List(items)),
                (event, line) => items.push(self.node(event, line)?),
            }
        }
    }

    fn map(&mut self) -> Result<Value, Problem> {
        let mut entries: Vec<Entry> = Vec::new();
        loop {
            let (key, line) = match self.next()? {
                (Event::MappingEnd, _) => return Ok(Value::Map(entries)),
                (Event::Scalar(key, ..), line) => (key, line),
                (_, line) => return Err(self.problem(line, "has a key that is no text")),
            };
            if entries.iter().any(|entry| entry.key == key) {
                return Err(Problem::at(line, &key, "stands here twice"));
            }
            let (event, value_line) = self.next()?;
            let node = self.node(event, value_line)?;
            entries.push(Entry { key: Cow::into_owned(key), line, node });
        }
    }

    /// What a name refers to, or a tag turns into, would not be seen where it is used.
    fn plain(&self, line: usize, anchor: usize, tagged: bool) -> Result<(), Problem> {
        if anchor == 0 && !tagged {
            return Ok(());
        }
        Err(self.problem(line, "uses an anchor or a tag, which is not understood here"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tree_knows_its_lines() {
        let tree = parse("a: 1\nb:\n  - no\n  - {c: \"x y\"}\n", "the document").unwrap();
        let Value::Map(entries) = &tree.value else { panic!("a map") };
        assert_eq!(entries[1].line, 2);
        let Value::List(items) = &entries[1].node.value else { panic!("a list") };
        assert!(matches!(&items[0].value, Value::Text(text) if text == "no"));
        assert_eq!(items[1].line, 4);
    }

    #[test]
    fn what_is_no_plain_tree_is_refused() {
        for (text, line) in [
            ("a: 1\na: 2\n", 2),
            ("a: &x 1\nb: *x\n", 1),
            ("a: !!int 1\n", 1),
            ("a: [1\n", 2),
            ("", 1),
            ("a: 1\n---\nb: 2\n", 2),
            ("? [a]\n: 1\n", 1),
        ] {
            let problem = parse(text, "the document").unwrap_err();
            assert!(problem.line.abs_diff(line) <= 1, "{text:?}: {problem}");
        }
        let deep = format!("{}1{}", "[".repeat(DEPTH_MAX + 1), "]".repeat(DEPTH_MAX + 1));
        assert!(parse(&deep, "the document").is_err());
    }
}
