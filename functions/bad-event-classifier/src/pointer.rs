//! Where in an event something is wrong: names of fields, and no indexes.

/// The most steps that are told apart.
const STEPS_MAX: usize = 32;
/// The longest name that is shown, in bytes.
const NAME_BYTES_MAX: usize = 48;
/// A name with as many digits is an identifier that became a key.
const DIGITS_MAX: usize = 4;

/// A way to a place, step by step. Its names may be anything, so it has no `Debug`.
#[derive(Clone, Default)]
pub(crate) struct Pointer(Vec<Step>);

#[derive(Clone)]
enum Step {
    Name(String),
    /// An item of a list, whichever.
    Item,
}

impl Pointer {
    /// Reads `$.items[0].name`, `/items/0/name`, `name`, or nothing.
    pub(crate) fn parse(path: &str) -> Self {
        let mut pointer = Self::default();
        if let Some(rest) = path.strip_prefix('/') {
            for name in rest.split('/').take(STEPS_MAX) {
                let is_index = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit());
                let name = name.replace("~1", "/").replace("~0", "~");
                pointer.0.push(if is_index { Step::Item } else { Step::Name(name) });
            }
            return pointer;
        }
        for (place, part) in path.split('.').take(STEPS_MAX).enumerate() {
            let mut pieces = part.split('[');
            let name = pieces.next().unwrap_or_default();
            if !(name.is_empty() || place == 0 && matches!(name, "$" | "#")) {
                pointer.0.push(Step::Name(name.to_owned()));
            }
            for piece in pieces.take(STEPS_MAX) {
                let inner = piece.trim_end_matches(']');
                let is_index = inner.bytes().all(|byte| byte.is_ascii_digit());
                let name = || Step::Name(inner.trim_matches(['\'', '"']).to_owned());
                pointer.0.push(if is_index { Step::Item } else { name() });
            }
        }
        pointer.0.truncate(STEPS_MAX);
        pointer
    }

    /// The place of a property of what is there.
    pub(crate) fn property(&self, name: &str) -> Self {
        let mut inner = self.clone();
        inner.0.truncate(STEPS_MAX - 1);
        inner.0.push(Step::Name(name.to_owned()));
        inner
    }

    /// The names as they are, as schemas spell them.
    pub(crate) fn exact(&self) -> String {
        self.written(|name| name)
    }

    /// What may be shown: a name that looks like a value is a star.
    pub(crate) fn shown(&self) -> String {
        self.written(|name| if is_shown(name) { name } else { "*" })
    }

    /// The last name, if it may be shown.
    pub(crate) fn field(&self) -> Option<&str> {
        let last = self.0.iter().rev().find_map(|step| match step {
            Step::Name(name) => Some(name.as_str()),
            Step::Item => None,
        });
        last.filter(|name| is_shown(name))
    }

    fn written<'a>(&'a self, shown: impl Fn(&'a str) -> &'a str) -> String {
        let mut text = String::new();
        for step in &self.0 {
            text.push('/');
            match step {
                Step::Name(name) => text.push_str(shown(name)),
                Step::Item => text.push_str("[*]"),
            }
        }
        text
    }
}

/// Whether a name looks like one that a developer gave: letters, digits, dashes and underscores,
/// few digits, and no pseudonym.
fn is_shown(name: &str) -> bool {
    let digits = name.bytes().filter(u8::is_ascii_digit).count();
    let is_pseudonym = name.starts_with("p1") && name.contains('_');
    (1..=NAME_BYTES_MAX).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-$:".contains(&byte))
        && digits <= DIGITS_MAX
        && !is_pseudonym
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_way_to_write_a_place_is_read() {
        for (path, expected) in [
            ("$", ""),
            ("", ""),
            ("$.user_id", "/user_id"),
            ("$.items[0].sku", "/items/[*]/sku"),
            ("$[12][3].p", "/[*]/[*]/p"),
            ("/items/4/sku", "/items/[*]/sku"),
            ("tid", "/tid"),
            ("$['a'].b", "/a/b"),
            ("$.alex@example.com", "/*/com"),
            ("$.user_12345", "/*"),
            ("$.user_1234", "/user_1234"),
            ("$.p1k1_abcdefgh", "/*"),
        ] {
            assert_eq!(Pointer::parse(path).shown(), expected, "{path}");
        }
    }

    #[test]
    fn steps_and_names_end_at_their_limits() {
        for count in [STEPS_MAX, STEPS_MAX + 1] {
            let path = vec!["a"; count].join(".");
            assert_eq!(Pointer::parse(&path).shown().matches('/').count(), STEPS_MAX);
            let deep = Pointer::parse(&path).property("b");
            assert!(deep.shown().ends_with("/b") && deep.shown().matches('/').count() == STEPS_MAX);
        }
        assert!(
            is_shown(&"a".repeat(NAME_BYTES_MAX)) && !is_shown(&"a".repeat(NAME_BYTES_MAX + 1))
        );
        assert_eq!(Pointer::parse("$.a[1].b_c").field(), Some("b_c"));
    }
}
