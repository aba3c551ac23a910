//! The parameters of a request's query string.

use std::fmt::Display;
use std::ops::RangeInclusive;
use std::str::FromStr;

use collector::request::Request;
use tracker_protocol::{Charset, Pair, query};

/// Names and values, decoded. A value that is empty says nothing.
#[derive(Debug)]
pub(super) struct Query(Vec<(String, String)>);

/// What is wrong with a number, in a sentence.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct WrongNumber(pub(super) String);

impl Query {
    pub(super) fn of(request: &Request<'_>) -> Self {
        Self::parse(request.query.as_deref().unwrap_or_default())
    }

    fn parse(text: &str) -> Self {
        let own =
            |(name, value): Pair<'_>| (name.into_owned(), value.unwrap_or_default().into_owned());
        let pairs = query::pairs(text, Charset::Utf8).into_iter().map(own);
        Self(pairs.filter(|(_, value)| !value.is_empty()).collect())
    }

    /// The first value of a name.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }

    /// All values of a name, which may be repeated, and of which each may be a list with commas.
    pub(super) fn texts(&self, name: &str) -> Option<Vec<String>> {
        let all = self.0.iter().filter(|(found, _)| found == name);
        let texts = all.flat_map(|(_, value)| value.split(',')).filter(|text| !text.is_empty());
        let texts: Vec<_> = texts.map(str::to_owned).collect();
        (!texts.is_empty()).then_some(texts)
    }

    /// A number within bounds; what is beyond them is an error that names them.
    pub(super) fn number<T>(
        &self,
        name: &str,
        bounds: RangeInclusive<T>,
    ) -> Result<Option<T>, WrongNumber>
    where
        T: FromStr + PartialOrd + Display,
    {
        let Some(text) = self.text(name) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| bounds.contains(number));
        let wrong = || {
            WrongNumber(format!("{name} is a number from {} to {}", bounds.start(), bounds.end()))
        };
        number.map(Some).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_end_at_their_bounds() {
        let query = Query::parse("a=0&b=1&c=5&d=6&e=x&f=&g=NaN");
        for name in ["b", "c"] {
            assert!(query.number(name, 1..=5).unwrap().is_some());
        }
        for name in ["a", "d", "e"] {
            assert!(query.number(name, 1..=5).is_err());
        }
        for name in ["f", "missing"] {
            assert_eq!(query.number(name, 1..=5), Ok(None));
        }
        let message = "g is a number from 0 to 1.5".to_owned();
        assert_eq!(query.number("g", 0.0..=1.5), Err(WrongNumber(message)));
    }

    #[test]
    fn the_first_value_that_says_something_counts() {
        let query = Query::parse("a=&a=x%20y&a=z&b=1,2&b=&b=,3&c");
        assert_eq!(query.text("a"), Some("x y"));
        assert_eq!(query.texts("b").unwrap(), ["1", "2", "3"]);
        assert_eq!((query.text("c"), query.texts("c")), (None, None));
    }
}
