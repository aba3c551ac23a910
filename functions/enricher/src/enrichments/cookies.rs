//! Cookies of the request that the configuration names, as entities.

use std::borrow::Cow;
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
        Ok(facts.of_request.cookies.get_or_init(|| self.entities(facts)).clone())
    }
}

impl CookieExtractor {
    fn entities(&self, facts: &Facts<'_>) -> Vec<Context> {
        let lines = facts.headers().filter_map(|line| line.split_once(':'));
        let cookies = lines
            .filter(|(name, _)| name.eq_ignore_ascii_case("cookie"))
            .flat_map(|(_, value)| Pairs::of(value));
        let wanted = cookies.filter(|(name, _)| self.names.iter().any(|wanted| wanted == name));
        wanted.map(|(name, value)| entity(&name, value.as_deref())).collect()
    }
}

fn entity(name: &str, value: Option<&str>) -> Context {
    let value = value.map_or(Json::Null, |value| Json::text(value.to_owned()));
    let data = Json::object([("name", Json::text(name.to_owned())), ("value", value)]);
    Context::new(SCHEMA.clone(), data)
}

/// The pairs of a header's value, read as Apache's HTTP client does: divided by `;` and `,`,
/// blanks within a word made one, quotes taken off.
struct Pairs<'t> {
    rest: Chars<'t>,
}

impl<'t> Pairs<'t> {
    fn of(value: &'t str) -> Self {
        Self { rest: value.trim_start_matches(is_blank).chars() }
    }
}

impl<'t> Iterator for Pairs<'t> {
    type Item = (Cow<'t, str>, Option<Cow<'t, str>>);

    fn next(&mut self) -> Option<Self::Item> {
        self.peek()?;
        let name = self.word(|c| matches!(c, '=' | ';' | ','), false);
        if self.rest.next() != Some('=') {
            return Some((name, None));
        }
        let value = self.word(|c| matches!(c, ';' | ','), true);
        self.rest.next();
        Some((name, Some(value)))
    }
}

impl<'t> Pairs<'t> {
    fn peek(&self) -> Option<char> {
        self.rest.clone().next()
    }

    /// Reads up to one of the delimiters, which stays.
    fn word(&mut self, is_delimiter: impl Fn(char) -> bool, has_quotes: bool) -> Cow<'t, str> {
        let rest = self.rest.as_str();
        let (raw, behind) = rest
            .split_at_checked(rest.find(&is_delimiter).unwrap_or(rest.len()))
            .unwrap_or((rest, ""));
        let word = raw.trim_matches(is_blank);
        let is_plain = |c: char| !is_blank(c) && (c != '"' || !has_quotes);
        if word.chars().all(is_plain) {
            self.rest = behind.chars();
            return Cow::Borrowed(word);
        }
        Cow::Owned(self.unpacked(is_delimiter, has_quotes))
    }

    /// The same, where blanks or quotes make the word another text than was sent.
    fn unpacked(&mut self, is_delimiter: impl Fn(char) -> bool, has_quotes: bool) -> String {
        let mut word = String::new();
        let mut after_blank = false;
        while let Some(next) = self.peek().filter(|next| !is_delimiter(*next)) {
            self.rest.next();
            if is_blank(next) {
                after_blank = true;
                continue;
            }
            if after_blank && !word.is_empty() {
                word.push(' ');
            }
            after_blank = false;
            if has_quotes && next == '"' {
                self.quoted(&mut word);
            } else {
                word.push(next);
            }
        }
        word
    }

    /// What stands between quotes; a missing second one is taken to be at the end.
    fn quoted(&mut self, word: &mut String) {
        while let Some(next) = self.rest.next() {
            match next {
                '"' => return,
                '\\' => match self.rest.next() {
                    Some(escaped @ ('"' | '\\')) => word.push(escaped),
                    Some(other) => word.extend(['\\', other]),
                    None => return,
                },
                '\r' | '\n' => {}
                other => word.push(other),
            }
        }
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
            let found: Vec<_> = Pairs::of(text).collect();
            let found: Vec<_> =
                found.iter().map(|(name, value)| (&**name, value.as_deref())).collect();
            assert_eq!(found, expected, "{text}");
        }
    }
}
