//! Formulas of the model: numbers, names, `+ - * /`, parentheses, `ceil`, `min` and `max`.

use std::fmt;

/// The deepest nesting of a formula.
const DEPTH_MAX: usize = 32;

/// A formula, ready to be computed.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Formula {
    Number(f64),
    Name(String),
    Binary(Operator, Box<Formula>, Box<Formula>),
    Ceil(Box<Formula>),
    Min(Box<Formula>, Box<Formula>),
    Max(Box<Formula>, Box<Formula>),
}

/// What stands between two values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Operator {
    Plus,
    Minus,
    Times,
    Over,
}

/// A text is no formula; holds what was met.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoFormula(String);

impl fmt::Display for NoFormula {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "is no formula at {:?}", self.0)
    }
}

impl Formula {
    pub(super) fn parse(text: &str) -> Result<Self, NoFormula> {
        let mut reader = Reader { rest: text.trim(), depth: 0 };
        let formula = reader.sum()?;
        if reader.rest.is_empty() { Ok(formula) } else { Err(reader.refused()) }
    }

    /// The value, with the values of names; the error is the first name that has none.
    pub(super) fn value(&self, of: &impl Fn(&str) -> Option<f64>) -> Result<f64, String> {
        Ok(match self {
            Self::Number(number) => *number,
            Self::Name(name) => of(name).ok_or_else(|| name.clone())?,
            Self::Binary(operator, left, right) => {
                let (left, right) = (left.value(of)?, right.value(of)?);
                match operator {
                    Operator::Plus => left + right,
                    Operator::Minus => left - right,
                    Operator::Times => left * right,
                    Operator::Over => left / right,
                }
            }
            Self::Ceil(inner) => inner.value(of)?.ceil(),
            Self::Min(left, right) => left.value(of)?.min(right.value(of)?),
            Self::Max(left, right) => left.value(of)?.max(right.value(of)?),
        })
    }
}

struct Reader<'a> {
    rest: &'a str,
    depth: usize,
}

impl Reader<'_> {
    fn refused(&self) -> NoFormula {
        NoFormula(self.rest.chars().take(20).collect())
    }

    fn takes(&mut self, sign: char) -> bool {
        let rest = self.rest.strip_prefix(sign);
        self.rest = rest.unwrap_or(self.rest).trim_start();
        rest.is_some()
    }

    fn needs(&mut self, sign: char) -> Result<(), NoFormula> {
        if self.takes(sign) { Ok(()) } else { Err(self.refused()) }
    }

    fn sum(&mut self) -> Result<Formula, NoFormula> {
        self.depth += 1;
        if self.depth > DEPTH_MAX {
            return Err(self.refused());
        }
        let mut left = self.product()?;
        loop {
            let operator = match () {
                () if self.takes('+') => Operator::Plus,
                () if self.takes('-') => Operator::Minus,
                () => break,
            };
            left = Formula::Binary(operator, Box::new(left), Box::new(self.product()?));
        }
        self.depth -= 1;
        Ok(left)
    }

    fn product(&mut self) -> Result<Formula, NoFormula> {
        let mut left = self.value()?;
        loop {
            let operator = match () {
                () if self.takes('*') => Operator::Times,
                () if self.takes('/') => Operator::Over,
                () => return Ok(left),
            };
            left = Formula::Binary(operator, Box::new(left), Box::new(self.value()?));
        }
    }

    fn value(&mut self) -> Result<Formula, NoFormula> {
        if self.takes('(') {
            let inner = self.sum()?;
            self.needs(')')?;
            return Ok(inner);
        }
        let is_part = |it: char| it.is_ascii_alphanumeric() || matches!(it, '_' | '.');
        let end = self.rest.find(|it| !is_part(it)).unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at_checked(end).unwrap_or((self.rest, ""));
        if word.starts_with(|it: char| it.is_ascii_digit()) {
            let number = word.parse().map_err(|_| self.refused())?;
            self.rest = rest.trim_start();
            return Ok(Formula::Number(number));
        }
        if !word.starts_with(|it: char| it.is_ascii_lowercase()) {
            return Err(self.refused());
        }
        self.rest = rest.trim_start();
        if !self.takes('(') {
            return Ok(Formula::Name(word.to_owned()));
        }
        let first = Box::new(self.sum()?);
        let formula = match word {
            "ceil" => Formula::Ceil(first),
            "min" => Formula::Min(first, self.second()?),
            "max" => Formula::Max(first, self.second()?),
            _ => return Err(NoFormula(word.to_owned())),
        };
        self.needs(')')?;
        Ok(formula)
    }

    fn second(&mut self) -> Result<Box<Formula>, NoFormula> {
        self.needs(',')?;
        Ok(Box::new(self.sum()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Result<f64, String> {
        let formula = Formula::parse(text).map_err(|error| error.to_string())?;
        formula.value(&|name| (name == "two").then_some(2.0))
    }

    #[test]
    fn formulas_are_computed_as_in_school() {
        for (text, expected) in [
            ("1", 1.0),
            ("1 + 2 * 3", 7.0),
            ("(1 + 2) * 3", 9.0),
            ("8 - 2 - 1", 5.0),
            ("8 / 2 / two", 2.0),
            ("ceil(two / 3) * 10", 10.0),
            ("min(two, max(0.5, 1 + 0))+1", 2.0),
            (" ( ( two ) ) ", 2.0),
        ] {
            assert_eq!(value(text), Ok(expected), "{text}");
        }
        assert_eq!(value("two + three"), Err("three".to_owned()));
    }

    #[test]
    fn what_is_no_formula_is_refused() {
        for text in [
            "",
            "1 +",
            "1 2",
            "(1",
            "ceil(1, 2)",
            "min(1)",
            "floor(1)",
            "1.2.3",
            "-1",
            "A",
            "1 % 2",
        ] {
            assert!(Formula::parse(text).is_err(), "{text}");
        }
        let nested = |depth: usize| format!("{}1{}", "(".repeat(depth), ")".repeat(depth));
        assert!(Formula::parse(&nested(DEPTH_MAX - 1)).is_ok());
        assert!(Formula::parse(&nested(DEPTH_MAX)).is_err());
    }
}
