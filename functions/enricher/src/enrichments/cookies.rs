//! Cookies of the request that the configuration names, as entities.

use std::iter::Peekable;
use std::str::Chars;
use std::sync::LazyLock;

use iglu::SchemaKey;
use json_tree::Json;

use super::assets::Assets;
use super::document::Document;
use super::work::{Context, Enrichment, Facts, Fault, Work, schema_key};

static SCHEMA: LazyLock<SchemaKey> =
    LazyLock::new(|| schema_key("iglu:org.ietf/http_cookie/jsonschema/1-0-0"));

/// The names of the cookies.
pub(crate) struct CookieExtractor {
    names: Vec<String>,
}

impl Enrichment for CookieExtractor {
    const IDENTIFIER: &'static str = "cookie-extractor";

    fn compile(document: &Document, _assets: &Assets) -> Result<Self, Vec<String>> {
        Ok(Self { names: document.parameters().texts("cookies") })
    }

    fn apply(&self, _work: &mut Work<'_, '_>, facts: &Facts<'_>) -> Result<Vec<Context>, Fault> {
        let lines = facts.headers().filter_map(|line| line.split_once(':'));
        let cookies = lines
            .filter(|(name, _)| name.eq_ignore_ascii_case("cookie"))
            .flat_map(|(_, value)| Pairs { text: value.chars().peekable(), has_begun: false });
        let wanted = cookies.filter(|(name, _)| self.names.contains(name));
        Ok(wanted.map(|(name, value)| entity(name, value)).collect())
    }
}

fn entity(name: String, value: Option<String>) -> Context {
    let value = value.map_or(Json::Null, Json::text);
    Context::new(SCHEMA.clone(), Json::object([("name", Json::text(name)), ("value", value)]))
}

/// The pairs of a header's value, read as Apache's HTTP client does: divided by `;` and `,`,
/// blanks within a word made one, quotes taken off.
struct Pairs<'t> {
    text: Peekable<Chars<'t>>,
    has_begun: bool,
}

impl Iterator for Pairs<'_> {
    type Item = (String, Option<String>);

    fn next(&mut self) -> Option<Self::Item> {
        if !self.has_begun {
            self.has_begun = true;
            self.skip_blanks();
        }
        self.text.peek()?;
        let name = self.word(|c| matches!(c, '=' | ';' | ','), false);
        if self.text.next() != Some('=') {
            return Some((name, None));
        }
        let value = self.word(|c| matches!(c, ';' | ','), true);
        self.text.next();
        Some((name, Some(value)))
    }
}

impl Pairs<'_> {
    /// Reads up to one of the delimiters, which stays.
    fn word(&mut self, is_delimiter: impl Fn(char) -> bool, has_quotes: bool) -> String {
        let mut word = String::new();
        let mut after_blank = false;
        while let Some(&next) = self.text.peek() {
            if is_delimiter(next) {
                break;
            }
            if is_blank(next) {
                self.skip_blanks();
                after_blank = true;
                continue;
            }
            if after_blank && !word.is_empty() {
                word.push(' ');
            }
            after_blank = false;
            if has_quotes && next == '"' {
                self.text.next();
                self.quoted(&mut word);
            } else {
                word.push(next);
                self.text.next();
            }
        }
        word
    }

    /// What stands between quotes; a missing second one is taken to be at the end.
    fn quoted(&mut self, word: &mut String) {
        while let Some(next) = self.text.next() {
            match next {
                '"' => return,
                '\\' => match self.text.next() {
                    Some(escaped @ ('"' | '\\')) => word.push(escaped),
                    Some(other) => word.extend(['\\', other]),
                    None => return,
                },
                '\r' | '\n' => {}
                other => word.push(other),
            }
        }
    }

    fn skip_blanks(&mut self) {
        while self.text.next_if(|&next| is_blank(next)).is_some() {}
    }
}

fn is_blank(character: char) -> bool {
    matches!(character, ' ' | '\t' | '\r' | '\n')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_are_read_as_they_are_sent() {
        for (text, expected) in [
            ("", &[][..]),
            (" ck1;=cv2;ck3=", &[("ck1", None), ("", Some("cv2")), ("ck3", Some(""))]),
            ("ck4=cv4;ck5=\"cv5\"", &[("ck4", Some("cv4")), ("ck5", Some("cv5"))]),
            ("a=1,b = 2 3 ; c", &[("a", Some("1")), ("b", Some("2 3")), ("c", None)]),
            ("a=\"x;y\\\"\\z\"w; b=\"", &[("a", Some("x;y\"\\zw")), ("b", Some(""))]),
            ("a=b=c;;", &[("a", Some("b=c")), ("", None)]),
        ] {
            let pairs = Pairs { text: text.chars().peekable(), has_begun: false };
            let found: Vec<_> = pairs.collect();
            let found: Vec<_> =
                found.iter().map(|(name, value)| (name.as_str(), value.as_deref())).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
