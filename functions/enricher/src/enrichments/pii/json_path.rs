//! Places in JSON as Jayway's `JSONPath` names them: names, indexes, slices, `*` and `..`.

/// Longest path, and the most steps in one.
const PATH_BYTES_MAX: usize = 1_000;
const STEPS_MAX: usize = 50;

/// A path that begins at the data of an entity.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct JsonPath(Vec<Step>);

/// A step on the way to a value.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Step {
    /// `.name`, `['one', 'two']`
    Names(Vec<String>),
    /// `[0, -1]`
    Indexes(Vec<i64>),
    /// `[1:3]`, with either end left out
    Slice(Option<i64>, Option<i64>),
    /// `*`
    All,
    /// `..`: what follows, here and at every place below
    Below,
}

impl JsonPath {
    /// Reads a path; an error says what cannot be understood.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > PATH_BYTES_MAX {
            return Err(format!("the path is longer than {PATH_BYTES_MAX} bytes"));
        }
        let wrong = || format!("the path {text:?} cannot be understood");
        let mut rest = text.trim().strip_prefix('$').ok_or_else(wrong)?;
        let mut steps = Vec::new();
        while !rest.is_empty() {
            if steps.len() == STEPS_MAX {
                return Err(format!("the path has more than {STEPS_MAX} steps"));
            }
            if let Some(below) = rest.strip_prefix("..") {
                steps.push(Step::Below);
                rest = below;
                if !rest.starts_with('[') {
                    rest = named(rest, &mut steps).ok_or_else(wrong)?;
                }
            } else if let Some(inside) = rest.strip_prefix(".[").or_else(|| rest.strip_prefix('['))
            {
                let end = end_of_brackets(inside).ok_or_else(wrong)?;
                let (inside, behind) = inside.split_at_checked(end).ok_or_else(wrong)?;
                steps.push(bracketed(inside.trim()).ok_or_else(wrong)?);
                rest = behind.strip_prefix(']').ok_or_else(wrong)?;
            } else {
                let name = rest.strip_prefix('.').ok_or_else(wrong)?;
                rest = named(name, &mut steps).ok_or_else(wrong)?;
            }
        }
        if steps.last() == Some(&Step::Below) { Err(wrong()) } else { Ok(Self(steps)) }
    }

    /// The steps that lead to the values.
    pub(super) fn steps(&self) -> &[Step] {
        &self.0
    }
}

/// Reads a name up to the next step; what is left comes back.
fn named<'t>(text: &'t str, steps: &mut Vec<Step>) -> Option<&'t str> {
    let end = text.find(['.', '[']).unwrap_or(text.len());
    let (name, rest) = text.split_at_checked(end)?;
    if name.is_empty() || name.contains(['(', ')', '?', '@', ']', '\'', '"', ' ']) {
        return None;
    }
    steps.push(if name == "*" { Step::All } else { Step::Names(vec![name.into()]) });
    Some(rest)
}

/// Where the bracket is that is in no quotes.
fn end_of_brackets(text: &str) -> Option<usize> {
    let mut quote = None;
    let mut is_escaped = false;
    for (at, character) in text.char_indices() {
        match (quote, character) {
            _ if is_escaped => is_escaped = false,
            (Some(_), '\\') => is_escaped = true,
            (Some(open), close) if open == close => quote = None,
            (None, '\'' | '"') => quote = Some(character),
            (None, ']') => return Some(at),
            (Some(_) | None, _) => {}
        }
    }
    None
}

fn bracketed(inside: &str) -> Option<Step> {
    if inside == "*" {
        return Some(Step::All);
    }
    if inside.starts_with(['\'', '"']) {
        return names(inside).map(Step::Names);
    }
    let number = |text: &str| text.trim().parse::<i64>();
    if let Some((from, to)) = inside.split_once(':') {
        let end = |text: &str| match text.trim() {
            "" => Some(None),
            text => number(text).ok().map(Some),
        };
        return Some(Step::Slice(end(from)?, end(to)?));
    }
    inside.split(',').map(number).collect::<Result<_, _>>().ok().map(Step::Indexes)
}

/// Names in quotes with commas between them.
fn names(text: &str) -> Option<Vec<String>> {
    let mut names = Vec::new();
    let mut characters = text.chars().peekable();
    loop {
        let quote = characters.find(|character| !character.is_whitespace())?;
        if !matches!(quote, '\'' | '"') {
            return None;
        }
        let mut name = String::new();
        loop {
            match characters.next()? {
                end if end == quote => break,
                '\\' => name.push(characters.next()?),
                character => name.push(character),
            }
        }
        names.push(name);
        match characters.find(|character| !character.is_whitespace()) {
            None => return Some(names),
            Some(',') => {}
            Some(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_path_is_refused() {
        for path in [
            "",
            "a",
            "$a",
            "$.",
            "$..",
            "$[",
            "$[]",
            "$['a'",
            "$['a' 'b']",
            "$[?(@.a==1)]",
            "$.a.length()",
            "$[1:2:3]",
            "$[a]",
            "$.a b",
        ] {
            assert!(JsonPath::parse(path).is_err(), "{path}");
        }
        let longest = format!("$.{}", "a".repeat(PATH_BYTES_MAX - 2));
        assert!(JsonPath::parse(&longest).is_ok());
        assert!(JsonPath::parse(&format!("{longest}a")).is_err());
        assert!(JsonPath::parse(&"$".to_owned().add_steps(STEPS_MAX)).is_ok());
        assert!(JsonPath::parse(&"$".to_owned().add_steps(STEPS_MAX + 1)).is_err());
    }

    trait AddSteps {
        fn add_steps(self, count: usize) -> String;
    }

    impl AddSteps for String {
        fn add_steps(self, count: usize) -> String {
            self + &".a".repeat(count)
        }
    }
}
