//! An event in one line: what lists show of it.

use enriched_event::Column;
use rusqlite::Row;
use serde::Serialize;
use serde_json::Value;

/// What is selected of each event, and from where; a condition and an order follow.
pub(super) const FIELDS: &str =
    "e.record, e.kind, e.at, e.event_id, e.app_id, e.event, e.raw, r.data, c.class";
/// The tables that `FIELDS` are of.
pub(super) const WITH_DATA: &str =
    "JOIN _records AS r ON r.sequence = e.record LEFT JOIN _classes AS c ON c.record = e.record";

/// What a list shows of a value, at most.
const SHOWN_CHARS_MAX: usize = 200;

/// One event.
#[derive(Debug, Serialize)]
pub(super) struct Summary {
    pub(super) id: i64,
    /// `good`, `bad` or `incomplete`
    pub(super) kind: &'static str,
    pub(super) at: String,
    pub(super) event_id: Option<String>,
    pub(super) app_id: Option<String>,
    /// `page_view`, or for what describes itself the name of its schema.
    pub(super) name: Option<String>,
    /// What tells it from others of the same name.
    pub(super) about: Option<String>,
    pub(super) platform: Option<String>,
    pub(super) family: Option<String>,
    pub(super) severity: Option<String>,
    pub(super) is_noise: bool,
    pub(super) fingerprint: Option<String>,
    /// The request that it came with: events of the same request have the same.
    pub(super) raw: Option<i64>,
}

/// What numbers of kinds are called.
pub(super) fn kind_name(kind: i64) -> &'static str {
    match kind {
        0 => "good",
        1 => "bad",
        _ => "incomplete",
    }
}

/// The number of a kind.
pub(super) fn kind_number(name: &str) -> Option<i64> {
    (0..3).find(|number| kind_name(*number) == name)
}

impl Summary {
    /// Reads a row of `FIELDS`.
    pub(super) fn of(row: &Row<'_>) -> rusqlite::Result<Self> {
        let kind: i64 = row.get(1)?;
        let at: i64 = row.get(2)?;
        let data = row.get_ref(7)?.as_blob().unwrap_or_default();
        let class = class(row.get_ref(8)?.as_str().unwrap_or_default());
        let mut summary = Self {
            id: row.get(0)?,
            kind: kind_name(kind),
            at: timestamps::iso_millis(at),
            event_id: row.get(3)?,
            app_id: row.get(4)?,
            name: row.get(5)?,
            about: None,
            platform: None,
            family: word(&class, "family"),
            severity: word(&class, "severity"),
            is_noise: class.get("is_noise") == Some(&Value::Bool(true)),
            fingerprint: word(&class, "fingerprint"),
            raw: row.get(6)?,
        };
        if summary.kind == "bad" {
            summary.about = about_bad(&class);
        } else {
            summary.describe_row(&String::from_utf8_lossy(data));
        }
        for text in [&mut summary.app_id, &mut summary.name, &mut summary.about] {
            *text = text.take().map(|text| text.chars().take(SHOWN_CHARS_MAX).collect());
        }
        Ok(summary)
    }

    fn describe_row(&mut self, row: &str) {
        let cells: Vec<&str> = row.split('\t').collect();
        let cell = |column: Column| {
            cells.get(column.index()).copied().filter(|text| !text.is_empty()).map(str::to_owned)
        };
        self.platform = cell(Column::Platform);
        match self.name.as_deref() {
            Some("unstruct") => {
                self.about = joined([cell(Column::EventVendor), cell(Column::EventVersion)], " ");
                self.name = cell(Column::EventName).or(self.name.take());
            }
            Some("struct") => {
                self.about = joined([cell(Column::SeCategory), cell(Column::SeAction)], " / ");
            }
            _ => {
                self.about = cell(Column::PageTitle).or_else(|| cell(Column::PageUrl));
            }
        }
    }
}

/// The classifier's line, which is one object; of several the first counts.
pub(super) fn class(text: &str) -> Value {
    serde_json::from_str(text.lines().next().unwrap_or_default()).unwrap_or_default()
}

fn word(class: &Value, name: &str) -> Option<String> {
    class.get(name)?.as_str().map(str::to_owned)
}

fn about_bad(class: &Value) -> Option<String> {
    let schema = word(class, "schema");
    let name = schema.as_deref().and_then(|schema| {
        let mut parts = schema.strip_prefix("iglu:")?.split('/').skip(1);
        joined([parts.next().map(str::to_owned), parts.nth(1).map(str::to_owned)], " ")
    });
    let sub_class = word(class, "sub_class").map(|it| it.replace('-', " "));
    let place = joined([name, word(class, "pointer")], " ");
    joined([sub_class, place], ": ")
}

fn joined(parts: [Option<String>; 2], between: &str) -> Option<String> {
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    if parts.is_empty() { None } else { Some(parts.join(between)) }
}
