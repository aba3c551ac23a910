//! Functions of Snowflake's that SQLite lacks, as far as queries of the documents use them.

use rusqlite::functions::{Context, FunctionFlags};
use rusqlite::types::{Value, ValueRef};
use rusqlite::{Connection, Error};

use super::moment::{Moment, Unit};

const PURE: FunctionFlags = FunctionFlags::SQLITE_UTF8.union(FunctionFlags::SQLITE_DETERMINISTIC);

/// Makes them known to a connection. The views use none of them, so that any program can read them.
pub(super) fn register(db: &Connection) -> Result<(), Error> {
    db.create_scalar_function("iff", 3, PURE, |call| {
        let chosen = if is_true(call.get_raw(0)) { 1 } else { 2 };
        call.get::<Value>(chosen)
    })?;
    db.create_scalar_function("startswith", 2, PURE, |call| {
        both(call).map(|texts| texts.map(|(text, start)| text.starts_with(&start)))
    })?;
    db.create_scalar_function("contains", 2, PURE, |call| {
        both(call).map(|texts| texts.map(|(text, part)| text.contains(&part)))
    })?;
    db.create_scalar_function("split_part", 3, PURE, |call| {
        let Some((text, separator)) = both(call)? else { return Ok(None) };
        Ok(Some(part(&text, &separator, call.get(2)?)))
    })?;
    db.create_scalar_function("date_trunc", 2, PURE, |call| {
        let (unit, moment) = (unit(call)?, moment(call, 1)?);
        Ok(moment.map(|moment| moment.truncated(unit).to_text()))
    })?;
    db.create_scalar_function("dateadd", 3, PURE, |call| {
        let (unit, moment) = (unit(call)?, moment(call, 2)?);
        let Some(count) = call.get::<Option<i64>>(1)? else { return Ok(None) };
        Ok(moment.and_then(|moment| moment.plus(unit, count)).map(Moment::to_text))
    })?;
    db.create_scalar_function("datediff", 3, PURE, |call| {
        let unit = unit(call)?;
        let (Some(from), Some(to)) = (moment(call, 1)?, moment(call, 2)?) else { return Ok(None) };
        Ok(Some(to.count(unit) - from.count(unit)))
    })
}

fn is_true(value: ValueRef<'_>) -> bool {
    match value {
        ValueRef::Integer(number) => number != 0,
        ValueRef::Real(number) => number != 0.0,
        ValueRef::Null | ValueRef::Text(_) | ValueRef::Blob(_) => false,
    }
}

fn both(call: &Context<'_>) -> Result<Option<(String, String)>, Error> {
    Ok(call.get::<Option<String>>(0)?.zip(call.get::<Option<String>>(1)?))
}

/// A part, counted from 1, or from the end with numbers below 0; empty if there is none.
fn part(text: &str, separator: &str, number: i64) -> String {
    let mut parts: Vec<_> =
        if separator.is_empty() { vec![text] } else { text.split(separator).collect() };
    if number < 0 {
        parts.reverse();
    }
    let index = usize::try_from(number.unsigned_abs().saturating_sub(1)).unwrap_or(usize::MAX);
    parts.get(index).copied().unwrap_or_default().to_owned()
}

fn unit(call: &Context<'_>) -> Result<Unit, Error> {
    let name: String = call.get(0)?;
    Unit::named(&name).ok_or_else(|| {
        let problem = format!("there is no unit of time called {name}");
        Error::UserFunctionError(problem.into())
    })
}

fn moment(call: &Context<'_>, index: usize) -> Result<Option<Moment>, Error> {
    Ok(call.get::<Option<String>>(index)?.and_then(|text| Moment::parse(&text)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ask(sql: &str) -> Value {
        let db = Connection::open_in_memory().unwrap();
        register(&db).unwrap();
        db.query_row(&format!("SELECT {sql}"), (), |row| row.get(0)).unwrap()
    }

    #[test]
    fn texts_are_looked_at_as_in_snowflake() {
        let text = |text: &str| Value::Text(text.to_owned());
        for (sql, expected) in [
            ("iff(1 > 0, 'a', 'b')", text("a")),
            ("iff(NULL, 'a', 2)", Value::Integer(2)),
            ("startswith('iglu:x', 'iglu:')", Value::Integer(1)),
            ("startswith('x', 'iglu:')", Value::Integer(0)),
            ("contains('abc', 'b')", Value::Integer(1)),
            ("contains(NULL, 'b')", Value::Null),
            ("split_part('a/b/c', '/', 2)", text("b")),
            ("split_part('a/b/c', '/', -1)", text("c")),
            ("split_part('a/b/c', '/', 9)", text("")),
            ("split_part('a', '', 1)", text("a")),
        ] {
            assert_eq!(ask(sql), expected, "{sql}");
        }
    }

    #[test]
    fn moments_are_counted_as_in_snowflake() {
        for (sql, expected) in [
            ("date_trunc('week', '2026-03-01 10:00:00.000')", "2026-02-23 00:00:00.000"),
            ("date_trunc('MONTH', '2026-03-31')", "2026-03-01"),
            ("dateadd('day', -1, '2026-03-01')", "2026-02-28"),
            ("dateadd('month', 1, '2026-01-31 01:02:03.004')", "2026-02-28 01:02:03.004"),
            ("dateadd('hour', 25, '2026-03-01')", "2026-03-02 01:00:00.000"),
        ] {
            assert_eq!(ask(sql), Value::Text(expected.to_owned()), "{sql}");
        }
        for (sql, expected) in [
            ("datediff('hour', '2026-03-01 09:59:59', '2026-03-01 10:00:00')", 1),
            ("datediff('day', '2026-03-01', '2026-02-27')", -2),
            ("datediff('year', '2025-12-31', '2026-01-01')", 1),
        ] {
            assert_eq!(ask(sql), Value::Integer(expected), "{sql}");
        }
        assert_eq!(ask("date_trunc('day', 'no moment')"), Value::Null);
    }
}
