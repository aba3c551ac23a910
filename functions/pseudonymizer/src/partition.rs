//! Keys for dynamic partitioning: what a policy keeps of a few columns, made fit for an object's name.

use enriched_event::Column;

/// The columns that may decide an object's name: each has few values, none is about a person.
pub const PARTITION_COLUMNS: [Column; 5] =
    [Column::AppId, Column::Platform, Column::Event, Column::EventVendor, Column::EventName];
/// The longest key, in bytes.
const KEY_BYTES_MAX: usize = 64;
/// The key of what has none: Firehose refuses an empty one.
const UNKNOWN: &str = "unknown";

/// Writes the keys of a treated row as a JSON object; nothing if no key is wanted.
///
/// A value counts only if it is what the tracker sent: a pseudonym as a key would open a partition
/// for every value that somebody makes up, and Firehose has room for 500.
pub(crate) fn of_row(columns: &[Column], original: &str, treated: &str, out: &mut String) {
    write(columns, out, |column| {
        let cell = |row: &str| row.split('\t').nth(column.index()).map(str::to_ascii_lowercase);
        cell(treated).filter(|value| Some(value) == cell(original).as_ref() && is_key(value))
    });
}

/// Writes the keys of anything else.
pub(crate) fn of_nothing(columns: &[Column], out: &mut String) {
    write(columns, out, |_| None);
}

fn write(columns: &[Column], out: &mut String, key: impl Fn(Column) -> Option<String>) {
    out.clear();
    for column in columns {
        out.push(if out.is_empty() { '{' } else { ',' });
        // Names of columns and keys hold nothing that JSON escapes.
        for part in ["\"", column.name(), "\":\"", key(*column).as_deref().unwrap_or(UNKNOWN), "\""]
        {
            out.push_str(part);
        }
    }
    if !out.is_empty() {
        out.push('}');
    }
}

fn is_key(value: &str) -> bool {
    let is_byte = |byte: u8| {
        byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'_' | b'.' | b'-')
    };
    !value.is_empty() && value.len() <= KEY_BYTES_MAX && value.bytes().all(is_byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(original: &str, treated: &str) -> String {
        let mut out = String::from("old");
        of_row(&[Column::AppId], &format!("{original}\tx"), &format!("{treated}\ty"), &mut out);
        out
    }

    #[test]
    fn a_key_is_what_was_kept() {
        let longest = "a".repeat(KEY_BYTES_MAX);
        for (original, treated, expected) in [
            ("Web.1_2-3", "Web.1_2-3", "web.1_2-3"),
            ("shop", "5f3b1d7e", "unknown"),
            ("", "", "unknown"),
            ("a/b", "a/b", "unknown"),
            ("\u{fc}", "\u{fc}", "unknown"),
            ("a\"b", "a\"b", "unknown"),
            (&longest, &longest, &longest),
            (&format!("{longest}a"), &format!("{longest}a"), "unknown"),
        ] {
            assert_eq!(key(original, treated), format!(r#"{{"app_id":"{expected}"}}"#));
        }
    }

    #[test]
    fn there_are_as_many_keys_as_columns() {
        let mut out = String::new();
        of_nothing(&[], &mut out);
        assert_eq!(out, "");
        of_nothing(&PARTITION_COLUMNS[..2], &mut out);
        assert_eq!(out, r#"{"app_id":"unknown","platform":"unknown"}"#);
    }
}
