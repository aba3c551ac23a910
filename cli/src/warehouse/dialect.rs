//! What keeps a query of Snowflake's from running in SQLite as it is, where that is only a matter of names.

/// Databases and schemas of the warehouse. SQLite has neither: a table is called by its last name alone.
const SCHEMAS: [(&str, &str); 6] = [
    ("raw", "snowplow"),
    ("raw", "service_ping"),
    ("prep", "snowplow"),
    ("prep", "service_ping"),
    ("prod", "common"),
    ("prod", "common_mart"),
];

/// Functions whose first argument may be a bare word, such as `DAY`.
const OF_UNITS: [&str; 3] = ["dateadd", "datediff", "date_trunc"];

/// The query for SQLite: `prod.common.x` becomes `x`, `DATEADD(DAY, ...` becomes `DATEADD('DAY', ...`. What stands in
/// quotes or comments stays.
pub(super) fn for_sqlite(sql: &str) -> String {
    let (mut out, mut rest) = (String::with_capacity(sql.len()), sql);
    while let Some(first) = rest.chars().next() {
        let name = word(rest);
        let end = if first == '\'' || first == '"' || first == '`' {
            quoted(rest, first)
        } else if first == '[' {
            rest.find(']').map_or(rest.len(), |at| at + 1)
        } else if rest.starts_with("--") {
            rest.find('\n').unwrap_or(rest.len())
        } else if rest.starts_with("/*") {
            rest.find("*/").map_or(rest.len(), |at| at + 2)
        } else if name.is_empty() {
            // Not a part of a word that begins here, nor are digits at its beginning.
            let number = rest.find(|letter| !is_of_word(letter)).unwrap_or(rest.len());
            number.max(first.len_utf8())
        } else if let Some(behind) = after_schema(rest) {
            rest = behind;
            continue;
        } else if let Some((unit, behind)) = unit(rest) {
            out.extend([name, "('", unit, "'"]);
            rest = behind;
            continue;
        } else {
            name.len()
        };
        let (taken, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
        out.push_str(taken);
        rest = behind;
    }
    out
}

fn is_of_word(letter: char) -> bool {
    letter.is_alphanumeric() || letter == '_' || letter == '$'
}

/// The word at the beginning of a text; empty if there is none.
fn word(text: &str) -> &str {
    if text.starts_with(|letter: char| letter.is_alphabetic() || letter == '_') {
        text.find(|letter| !is_of_word(letter)).and_then(|end| text.get(..end)).unwrap_or(text)
    } else {
        ""
    }
}

/// Where a quoted text ends; a doubled quote in it begins another one, which comes to the same.
fn quoted(text: &str, quote: char) -> usize {
    text.match_indices(quote).nth(1).map_or(text.len(), |(at, _)| at + 1)
}

/// What follows a database and a schema, if there is a name.
fn after_schema(text: &str) -> Option<&str> {
    let database = word(text);
    let behind = text.strip_prefix(database)?.strip_prefix('.')?;
    let schema = word(behind);
    let behind = behind.strip_prefix(schema)?.strip_prefix('.')?;
    let is_known = SCHEMAS
        .iter()
        .any(|(of, name)| database.eq_ignore_ascii_case(of) && schema.eq_ignore_ascii_case(name));
    (is_known && !word(behind).is_empty()).then_some(behind)
}

/// A bare unit as a function's first argument, and what follows it.
fn unit(text: &str) -> Option<(&str, &str)> {
    let function = word(text);
    if !OF_UNITS.iter().any(|name| function.eq_ignore_ascii_case(name)) {
        return None;
    }
    let argument = text.strip_prefix(function)?.strip_prefix('(')?.trim_start();
    let unit = word(argument);
    let behind = argument.strip_prefix(unit)?;
    (!unit.is_empty() && behind.trim_start().starts_with(',')).then_some((unit, behind))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_lose_database_and_schema() {
        for (sql, expected) in [
            ("SELECT * FROM prod.common_mart.m", "SELECT * FROM m"),
            ("FROM RAW.Snowplow.gitlab_events AS e", "FROM gitlab_events AS e"),
            ("SELECT prod.common.x.y, e.raw", "SELECT x.y, e.raw"),
            ("FROM prod.nowhere.x", "FROM prod.nowhere.x"),
            ("FROM xraw.snowplow.y", "FROM xraw.snowplow.y"),
            ("FROM 1raw.snowplow.y", "FROM 1raw.snowplow.y"),
            ("raw.snowplow.", "raw.snowplow."),
        ] {
            assert_eq!(for_sqlite(sql), expected);
        }
    }

    #[test]
    fn quotes_and_comments_stay() {
        for sql in [
            "'raw.snowplow.x' \"raw.snowplow.x\" `raw.snowplow.x` [raw.snowplow.x]",
            "'it''s raw.snowplow.x'",
            "-- raw.snowplow.x\n/* raw.snowplow.x */ 'open raw.snowplow.x",
            "/* open raw.snowplow.x",
            "SELECT 'é' || \u{1f600}",
        ] {
            assert_eq!(for_sqlite(sql), sql);
        }
    }

    #[test]
    fn bare_units_become_texts() {
        for (sql, expected) in [
            ("DATEADD(DAY, -7, d)", "DATEADD('DAY', -7, d)"),
            ("date_trunc( week , x)", "date_trunc('week' , x)"),
            ("date_trunc('week', x)", "date_trunc('week', x)"),
            ("datediff(x)", "datediff(x)"),
        ] {
            assert_eq!(for_sqlite(sql), expected);
        }
    }
}
