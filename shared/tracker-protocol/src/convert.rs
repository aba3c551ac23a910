//! One parameter's value -> one column's text, or the message that a bad event carries.

mod decimal;
mod number;
mod text;
mod timestamp;

use std::borrow::Cow;

pub use decimal::{DECIMAL_ZEROS_MAX, decimal, double_like};
pub use number::{bool01, dimensions, int, integer_text};
pub use text::{base64url, event_type, extract_ip, platform, tsv_safe, uuid};
pub use timestamp::{Timestamp, collector_timestamp, timestamp};

/// A column's text, or nothing, which is an empty column.
pub type Cell<'a> = Option<Cow<'a, str>>;

/// What is wrong with a value. The texts are the original's, and never quote more than it does.
pub type Message = Cow<'static, str>;

/// How a parameter's value becomes a column's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Converter {
    /// [`tsv_safe`]
    Text,
    /// As it is: JSON, which is parsed and written anew later.
    Json,
    /// [`base64url`]: JSON as well.
    Base64Json,
    /// [`extract_ip`]
    Ip,
    /// [`int`]
    Int,
    /// [`decimal`]
    Decimal,
    /// [`bool01`]
    Bool,
    /// [`uuid`]
    Uuid,
    /// [`dimensions`]: two columns.
    Dimensions,
    /// [`timestamp`]
    Timestamp,
    /// [`event_type`]
    EventType,
    /// [`platform`]
    Platform,
}

impl Converter {
    /// Converts a value to its column and, for dimensions, to the column beside it.
    pub fn convert(self, value: &str) -> Result<(Cell<'_>, Cell<'_>), Message> {
        let cell = match self {
            Self::Text => tsv_safe(value),
            Self::Json => Some(Cow::Borrowed(value)),
            Self::Base64Json => Some(Cow::Owned(base64url(value))),
            Self::Ip => extract_ip(value),
            Self::Int => int(value)?,
            Self::Decimal => decimal(value)?,
            Self::Bool => Some(Cow::Borrowed(bool01(value)?)),
            Self::Uuid => Some(uuid(value)?),
            Self::Timestamp => Some(Cow::Owned(timestamp(value)?.to_string())),
            Self::EventType => Some(Cow::Borrowed(event_type(value)?)),
            Self::Platform => Some(Cow::Borrowed(platform(value)?)),
            Self::Dimensions => {
                let (width, height) = dimensions(value)?;
                return Ok((Some(width), Some(height)));
            }
        };
        Ok((cell, None))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ALL: [Converter; 12] = [
        Converter::Text,
        Converter::Json,
        Converter::Base64Json,
        Converter::Ip,
        Converter::Int,
        Converter::Decimal,
        Converter::Bool,
        Converter::Uuid,
        Converter::Dimensions,
        Converter::Timestamp,
        Converter::EventType,
        Converter::Platform,
    ];

    proptest! {
        #[test]
        fn no_value_makes_it_panic(any in "\\PC*", wild in any::<String>(), close in "[-+0-9.eExX٣,| \t]{0,30}") {
            for converter in ALL {
                for value in [&any, &wild, &close] {
                    if let Ok((first, second)) = converter.convert(value)
                        && !matches!(converter, Converter::Json | Converter::Base64Json)
                    {
                        for cell in [first, second].into_iter().flatten() {
                            prop_assert!(!cell.is_empty() && !cell.contains(['\t', '\n']), "{converter:?}");
                        }
                    }
                }
            }
        }
    }
}
