//! Self-describing JSON as trackers send it, and as nobody should.

use super::choices::Choices;
use super::value::Value;
use super::words::Words;

const VERSIONS: [&str; 7] = ["1-0-0", "1-0-1", "1-1-8", "2-0-0", "3-0-0", "1-0-1000", "1-0"];
const UNKNOWN: [&str; 6] = [
    "iglu:com.acme/unknown/jsonschema/1-0-0",
    "iglu:com.gitlab/not_there/jsonschema/1-0-0",
    "iglu:com.gitlab/not_there/avro/1-0-0",
    "iglu:j\u{e4}ne/x/jsonschema/1-0-0",
    "not a schema",
    "",
];
const SNOWPLOW: &str = "iglu:com.snowplowanalytics.snowplow";
const MALFORMED: [&str; 10] =
    ["{", "nul", "01", "\"\\x\"", "{\"a\":1,}", "[1 2]", "\"\u{1}\"", "\"\\ud800\"", "1.", "{}{}"];
/// One step more or less decides whether this is too deep, wherever it stands.
const DEEP: std::ops::Range<usize> = 58..66;

impl Words {
    /// A column of contexts or of one event.
    pub(crate) fn column(&self, choices: &mut Choices<'_>, is_list: bool) -> Value {
        let name = if is_list { "contexts" } else { "unstruct_event" };
        let data = if is_list {
            let count = [1, 0, 2, 3][choices.below(4)];
            Value::Array((0..count).map(|_| self.entity(choices)).collect())
        } else {
            self.entity(choices)
        };
        let version = if choices.one_in(16) { "1-0-1000" } else { "1-0-0" };
        let uri = format!("{SNOWPLOW}/{name}/jsonschema/{version}");
        let mut whole = Value::described(&uri, data);
        match choices.below(96) {
            95 => return Value::described(choices.word(&UNKNOWN), Value::Null),
            94 => return self.any(choices, 2),
            93 => push(&mut whole, "schema", Value::text(uri)),
            92 => push(&mut whole, "data", self.any(choices, 1)),
            91 => push(&mut whole, "more", self.scalar(choices)),
            90 => reverse(&mut whole),
            _ => {}
        }
        whole
    }

    fn entity(&self, choices: &mut Choices<'_>) -> Value {
        if choices.one_in(96) {
            return self.any(choices, 2);
        }
        let (name, fields) = choices.pick(&self.schemas);
        let version = if choices.one_in(4) { choices.word(&VERSIONS) } else { "1-0-0" };
        let uri = match choices.below(8) {
            7 => choices.word(&UNKNOWN).to_owned(),
            _ => format!("iglu:{name}/jsonschema/{version}"),
        };
        let mut entity = Value::described(&uri, self.data(choices, fields));
        match choices.below(48) {
            47 => push(&mut entity, "schema", self.scalar(choices)),
            46 => push(&mut entity, "data", self.data(choices, fields)),
            45 => push(&mut entity, "more", self.scalar(choices)),
            44 => push(&mut entity, "schema", Value::text(uri)),
            43 | 42 => reverse(&mut entity),
            41 => entity = Value::Object(vec![("schema".into(), Value::text(uri))]),
            40 => entity = Value::Object(vec![("data".into(), self.data(choices, fields))]),
            39 => {
                push(&mut entity, "schema", Value::Number("5".into()));
                reverse(&mut entity);
            }
            _ => {}
        }
        entity
    }

    /// Some of the fields with rules, and some without.
    fn data(&self, choices: &mut Choices<'_>, fields: &[String]) -> Value {
        if fields.is_empty() || choices.one_in(24) {
            return self.any(choices, 3);
        }
        let starts_with_items = fields.iter().any(|field| field.starts_with('['));
        let empty = if starts_with_items { Value::Array(vec![]) } else { Value::Object(vec![]) };
        let mut data = empty;
        for _ in 0..choices.below(9) {
            let field = choices.pick(fields).clone();
            let leaf = if choices.one_in(8) { self.any(choices, 3) } else { self.scalar(choices) };
            put(&mut data, &steps(&field), leaf);
        }
        self.disturb(&mut data, choices);
        data
    }

    /// Pairs that nobody expects, anywhere.
    fn disturb(&self, value: &mut Value, choices: &mut Choices<'_>) {
        match value {
            Value::Object(pairs) => {
                if choices.one_in(6) {
                    let key = self.text(choices);
                    pairs.push((key, self.any(choices, 2)));
                }
                if choices.one_in(16) && !pairs.is_empty() {
                    let (key, _) = choices.pick(pairs).clone();
                    let value = self.scalar(choices);
                    pairs.insert(choices.below(pairs.len() + 1), (key, value));
                }
                for (_, value) in pairs {
                    self.disturb(value, choices);
                }
            }
            Value::Array(items) => {
                if choices.one_in(8) {
                    items.push(self.any(choices, 2));
                }
                for item in items {
                    self.disturb(item, choices);
                }
            }
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::Text(_) | Value::Raw(_) => {}
        }
    }

    fn any(&self, choices: &mut Choices<'_>, depth: usize) -> Value {
        match choices.below(if depth == 0 { 6 } else { 10 }) {
            0..5 => self.scalar(choices),
            5 => match choices.below(64) {
                63 => Value::Raw(choices.word(&MALFORMED).to_owned()),
                60..63 => {
                    let deep = DEEP.start + choices.below(DEEP.len());
                    Value::Raw(format!("{}1{}", "[".repeat(deep), "]".repeat(deep)))
                }
                59 => Value::Raw(choices.word(&["\"\\ud83d\\ude00\"", "\"\\ud83d x\""]).into()),
                _ => self.scalar(choices),
            },
            6 | 7 => {
                let count = choices.below(4);
                Value::Array((0..count).map(|_| self.any(choices, depth - 1)).collect())
            }
            _ => {
                let count = choices.below(4);
                let pair = |_| (self.text(choices), self.any(choices, depth - 1));
                Value::Object((0..count).map(pair).collect())
            }
        }
    }
}

fn push(value: &mut Value, key: &str, inner: Value) {
    if let Value::Object(pairs) = value {
        pairs.push((key.to_owned(), inner));
    }
}

fn reverse(value: &mut Value) {
    if let Value::Object(pairs) = value {
        pairs.reverse();
    }
}

/// `a.b[].c` as the steps `a`, `b`, `[]`, `c`; a backslash stands before a dot in a key.
pub(crate) fn steps(path: &str) -> Vec<String> {
    let path = path.trim_start_matches("$.").trim_start_matches('$');
    let path = path.replace("\\.", "\u{0}").replace("[]", ".[]");
    let steps = path.split('.').filter(|step| !step.is_empty());
    steps.map(|step| step.replace('\u{0}', ".")).collect()
}

/// Puts a leaf at a path, and makes what is missing on the way.
pub(crate) fn put(value: &mut Value, steps: &[String], leaf: Value) {
    let Some((step, rest)) = steps.split_first() else {
        *value = leaf;
        return;
    };
    if step == "[]" {
        if !matches!(value, Value::Array(_)) {
            *value = Value::Array(vec![]);
        }
        if let Value::Array(items) = value {
            items.push(Value::Null);
            put(items.last_mut().unwrap(), rest, leaf);
        }
        return;
    }
    if !matches!(value, Value::Object(_)) {
        *value = Value::Object(vec![]);
    }
    if let Value::Object(pairs) = value {
        let place = pairs.iter().position(|(key, _)| key == step).unwrap_or(pairs.len());
        if place == pairs.len() {
            pairs.push((step.clone(), Value::Null));
        }
        put(&mut pairs[place].1, rest, leaf);
    }
}
