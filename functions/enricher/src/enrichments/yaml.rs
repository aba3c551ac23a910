//! Databases in YAML as a tree: maps, lists and texts, without aliases.

use saphyr_parser::{Event, Parser, StrInput};

use json_tree::Json;

/// Deepest nesting that a database needs.
const DEPTH_MAX: usize = 8;

/// Reads one document; every scalar is a text. An error says where, and quotes nothing.
pub(super) fn parse(text: &str) -> Result<Json<'static>, String> {
    let mut reader = Reader { parser: Parser::new_from_str(text) };
    loop {
        match reader.next()? {
            Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
            Event::StreamEnd | Event::DocumentEnd => return Err("is empty".to_owned()),
            event @ (Event::Alias(_)
            | Event::Scalar(..)
            | Event::SequenceStart(..)
            | Event::SequenceEnd
            | Event::MappingStart(..)
            | Event::MappingEnd) => return reader.node(event, 0),
        }
    }
}

struct Reader<'t> {
    parser: Parser<'t, StrInput<'t>>,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Result<Event<'t>, String> {
        match self.parser.next_event() {
            Some(Ok((event, _))) => Ok(event),
            Some(Err(error)) => Err(format!("is no YAML: line {}", error.marker().line())),
            None => Ok(Event::StreamEnd),
        }
    }

    fn node(&mut self, event: Event<'t>, depth: usize) -> Result<Json<'static>, String> {
        if depth > DEPTH_MAX {
            return Err(format!("nests deeper than {DEPTH_MAX} levels"));
        }
        match event {
            Event::Scalar(text, ..) => Ok(Json::text(text.into_owned())),
            Event::SequenceStart(..) => {
                let mut values = Vec::new();
                loop {
                    let event = self.next()?;
                    if matches!(event, Event::SequenceEnd) {
                        return Ok(Json::Array(values));
                    }
                    values.push(self.node(event, depth + 1)?);
                }
            }
            Event::MappingStart(..) => {
                let mut pairs = Vec::new();
                loop {
                    let event = self.next()?;
                    if matches!(event, Event::MappingEnd) {
                        return Ok(Json::object(pairs));
                    }
                    let Json::Text(key) = self.node(event, depth + 1)? else {
                        return Err("has a key that is no text".to_owned());
                    };
                    let event = self.next()?;
                    pairs.push((key, self.node(event, depth + 1)?));
                }
            }
            Event::Alias(_)
            | Event::SequenceEnd
            | Event::MappingEnd
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd
            | Event::Nothing => Err("has an alias, or ends too early".to_owned()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn maps_lists_and_texts_are_read() {
        let found = parse("a:\n  - regex: '(\\d+)'\n    b: \"x\"\n  - 1\nc: {}\n").unwrap();
        assert_eq!(found.to_text(), r#"{"a":[{"regex":"(\\d+)","b":"x"},"1"],"c":{}}"#);
    }

    #[test]
    fn what_is_no_database_is_refused() {
        for text in ["", "a: [", "a: &x 1\nb: *x", "? [a]\n: b", &"[".repeat(20)] {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
