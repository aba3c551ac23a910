//! The parameters of a request's query string.

use std::borrow::Cow;
use std::str::FromStr;

use collector::request::Request;
use tracker_protocol::{Charset, query};

use super::api::Problem;

/// Names and values, decoded.
#[derive(Debug)]
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub(super) fn of(request: &Request<'_>) -> Self {
        let pairs = query::pairs(request.query.as_deref().unwrap_or_default(), Charset::Utf8);
        let owned = pairs.into_iter().map(|(name, value)| {
            (name.into_owned(), value.map(Cow::into_owned).unwrap_or_default())
        });
        Self(owned.collect())
    }

    /// The value of a name, unless it is empty.
    pub(super) fn text(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(found, _)| found == name);
        found.map(|(_, value)| value.as_str()).filter(|value| !value.is_empty())
    }

    /// A number within bounds; what is beyond them is an error that names them.
    pub(super) fn number<T>(&self, name: &str, (least, most): (T, T)) -> Result<Option<T>, Problem>
    where
        T: FromStr + PartialOrd + std::fmt::Display,
    {
        let Some(text) = self.text(name) else { return Ok(None) };
        let number = text.parse().ok().filter(|number| (&least..=&most).contains(&number));
        match number {
            Some(number) => Ok(Some(number)),
            None => Err(Problem::wrong(format!("{name} is a number from {least} to {most}"))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parameters(query: &str) -> Parameters {
        let pairs = query::pairs(query, Charset::Utf8).into_iter();
        let owned = pairs.map(|(name, value)| (name.into_owned(), value.unwrap().into_owned()));
        Parameters(owned.collect())
    }

    #[test]
    fn numbers_end_at_their_bounds() {
        let parameters = parameters("a=0&b=1&c=5&d=6&e=x&f=&g=a%20b");
        for name in ["b", "c"] {
            assert!(parameters.number(name, (1, 5)).unwrap().is_some());
        }
        for name in ["a", "d", "e"] {
            assert!(parameters.number(name, (1, 5)).is_err());
        }
        for name in ["f", "missing"] {
            assert_eq!(parameters.number(name, (1, 5)).unwrap(), None);
        }
        assert_eq!(parameters.text("g"), Some("a b"));
    }
}
