//! A row of a function's table of variables; the READMEs' tables are checked against it.

/// How a variable's text is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// As it is.
    Text,
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Number,
    /// `365 days`, `10s`, `250ms`.
    Duration,
    /// Texts separated by commas.
    List,
    /// A JSON object of texts.
    Pairs,
}

/// One variable.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Variable {
    /// Its name in the environment.
    pub name: &'static str,
    /// How its text is read.
    pub kind: Kind,
    /// What counts when it is not set.
    pub default: &'static str,
    /// A value that somebody may want.
    pub example: &'static str,
    /// The key of Snowplow's configuration that it replaces; for keys of our own, the one that the
    /// local pipeline's configuration file takes.
    pub key: &'static str,
}

impl Variable {
    /// The row of a README's table.
    pub fn readme_row(&self) -> String {
        let Self { name, kind, default, example, key } = self;
        let kind = format!("{kind:?}").to_lowercase();
        format!("| `{name}` | `{key}` | {kind} | `{default}` | `{example}` |")
    }
}

/// A row of the table.
pub const fn row(
    name: &'static str,
    kind: Kind,
    key: &'static str,
    default: &'static str,
    example: &'static str,
) -> Variable {
    Variable { name, kind, default, example, key }
}
