//! What values are made of: what policies speak of, and what nobody expects.

use privacy::Policy;

use super::choices::Choices;
use super::value::Value;

pub(crate) const TEXTS: [&str; 50] = [
    "",
    "x",
    "0",
    "1",
    "-1",
    "42",
    "9999",
    "10000",
    "1.50",
    "-0.04",
    "1e3",
    "9223372036854775807",
    "9223372036854775808",
    "true",
    "null",
    "{}",
    "web",
    "struct",
    "production",
    "SaaS",
    "js-3.24.2",
    "1-0-0",
    "1.2.3",
    "en-GB",
    "DE",
    "EUR",
    "Europe/Berlin",
    "text/html; charset=utf-8",
    "0b9f6f0e-7d0a-4c7e-9a0c-000000000001",
    "2026-01-02 03:04:05.678",
    "2026-01-02T03:04:05Z",
    "2026-01-02T03:04:05.123456789+01:00",
    "2026-13-02 03:04:05",
    "203.0.113.77",
    "2001:db8:1:2::3",
    "203.0.113.77, 10.0.0.1",
    "jane.doe@example.com",
    "Größe und Länge",
    "\u{1f600}\u{202e}\u{feff}",
    "\u{7f}\u{85}\u{9f}\u{2028}",
    "\"quoted\" \\ and / more",
    " leading and trailing ",
    "line\nbreak\r",
    "\u{0}\u{1}\u{1f}",
    "_blank",
    "gitlab.com",
    "user_1234567",
    "deadbeefdeadbeefdeadbeefdeadbeef",
    "iglu:com.acme/thing/jsonschema/1-0-0",
    "masked_search",
];

pub(crate) const NUMBERS: [&str; 20] = [
    "0",
    "1",
    "-0",
    "-0.0",
    "1.0",
    "1e0",
    "10E-1",
    "1E+2",
    "-1",
    "7",
    "1.50",
    "0.1",
    "2.345678901234567890123",
    "4102444800000",
    "9223372036854775807",
    "123456789012345678901234567890",
    "1e21",
    "1e400",
    "1e-7",
    "-12345.678",
];

const HOSTS: [&str; 10] = [
    "gitlab.com",
    "GitLab.COM",
    "docs.gitlab.com",
    "localhost",
    "intranet.acme.example",
    "[::1]",
    "[2001:db8::1]",
    "203.0.113.9",
    "",
    "xn--e1afmkfd.example",
];

const SEGMENTS: [&str; 14] = [
    "group",
    "project",
    "-",
    "issues",
    "42",
    "blob",
    "main",
    "a%2Fb",
    "%",
    "%C3%A9",
    "..",
    "",
    "caf\u{e9}",
    "namespace6543",
];

const QUERY: [&str; 12] = [
    "utm_source=news",
    "utm_source=a%20b",
    "a=1",
    "a+b=word",
    "a%20b=x",
    "q=secret",
    "search=secret",
    "%FC=1",
    "%C3%BC=1",
    "=",
    "a=1=2",
    "a",
];

/// What a policy's own text offers.
pub(crate) struct Words {
    pub(crate) all: Vec<String>,
    /// Templates of paths.
    pub(crate) paths: Vec<String>,
    /// Schemas, each with the paths that have rules.
    pub(crate) schemas: Vec<(String, Vec<String>)>,
}

impl Words {
    pub(crate) fn of(text: &str, policy: &Policy) -> Self {
        let is_word = |it: char| it.is_ascii_alphanumeric() || "._-@:/".contains(it);
        let mut words: Vec<String> = text
            .lines()
            .filter(|line| !line.trim_start().starts_with('#'))
            .flat_map(|line| line.split(|it| !is_word(it)))
            .filter(|word| !word.is_empty())
            .map(str::to_owned)
            .collect();
        words.sort();
        words.dedup();
        let paths = text.lines().filter_map(|line| line.trim().strip_prefix("- /"));
        let mut schemas: Vec<(String, Vec<String>)> = Vec::new();
        for schema in policy.schemas() {
            let prefix = format!("{} ", schema.name);
            let fields = policy.rules().filter_map(|(_, it)| it.subject.strip_prefix(&prefix));
            schemas.push((schema.name.clone(), fields.map(str::to_owned).collect()));
        }
        Self { all: words, paths: paths.map(str::to_owned).collect(), schemas }
    }

    pub(crate) fn text(&self, choices: &mut Choices<'_>) -> String {
        match choices.below(8) {
            0..3 => choices.word(&TEXTS).to_owned(),
            3 | 4 => choices.pick(&self.all).clone(),
            5 => self.url(choices),
            6 => choices.word(&NUMBERS).to_owned(),
            _ => {
                let letters = ["a", "Z", "9", "_", "-", " ", "\u{e9}", "\u{20ac}", "\u{1f510}"];
                let count = [1, 3, 17, 64, 65, 1_100][choices.below(6)];
                choices.word(&letters).repeat(count)
            }
        }
    }

    pub(crate) fn scalar(&self, choices: &mut Choices<'_>) -> Value {
        match choices.below(8) {
            0..4 => Value::Text(self.text(choices)),
            4 | 5 => Value::Number(choices.word(&NUMBERS).to_owned()),
            6 => Value::Bool(choices.one_in(2)),
            _ => Value::Null,
        }
    }

    pub(crate) fn url(&self, choices: &mut Choices<'_>) -> String {
        let scheme = choices.word(&["https://", "http://", "HTTPS://", "ftp://", "//", "mailto:"]);
        let user = choices.word(&["", "", "jane:secret@", "a@b@"]);
        let host = choices.word(&HOSTS);
        let port = choices.word(&["", "", ":443", ":0", ":+1", ":99999", ":"]);
        let path = self.path(choices);
        let query = Self::query(choices);
        let query = if query.is_empty() { query } else { format!("?{query}") };
        let fragment = choices.word(&["", "", "#", "#top", "#note_12", "#/a?b=c", "#a b"]);
        format!("{scheme}{user}{host}{port}{path}{query}{fragment}")
    }

    pub(crate) fn path(&self, choices: &mut Choices<'_>) -> String {
        if choices.one_in(2) && !self.paths.is_empty() {
            let template = choices.pick(&self.paths).clone();
            let segments = template.split('/').map(|segment| {
                let is_word = !segment.starts_with('{') || choices.one_in(8);
                if is_word { segment.to_owned() } else { choices.word(&SEGMENTS).to_owned() }
            });
            return segments.fold(String::new(), |path, segment| path + "/" + &segment);
        }
        let count = [0, 1, 2, 3, 5, 70][choices.below(6)];
        (0..count).fold(String::new(), |path, _| path + "/" + choices.word(&SEGMENTS))
    }

    pub(crate) fn query(choices: &mut Choices<'_>) -> String {
        let count = choices.below(4);
        let pairs: Vec<&str> = (0..count).map(|_| choices.word(&QUERY)).collect();
        pairs.join("&")
    }
}
