//! Why a text is no JSON, with and without a quotation from it.

use std::fmt;

/// How many characters of the input a message quotes.
const QUOTED_CHARACTERS_MAX: usize = 6;

/// What was wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ErrorKind {
    /// No value starts like this.
    Value,
    /// A key has to start with a quote.
    Quote,
    /// A key has to be followed by a colon.
    Colon,
    /// An element has to be followed by a comma or a bracket.
    ArrayEnd,
    /// A pair has to be followed by a comma or a brace.
    ObjectEnd,
    /// Nothing but whitespace may follow.
    End,
    /// A word that begins like this one and is another.
    Literal(&'static str),
    /// A number lacks a digit.
    Digit,
    /// A control character that is not escaped.
    ControlCharacter(u8),
    /// A backslash followed by something that has no meaning.
    Escape(char),
    /// `\u` without four hexadecimal digits.
    UnicodeEscape,
    /// The text ends too early.
    Exhausted,
    /// Nested deeper than allowed.
    TooDeep,
}

impl ErrorKind {
    /// Whether the message says nothing about a place.
    fn is_about_the_whole(self) -> bool {
        matches!(self, Self::Exhausted | Self::TooDeep)
    }
}

/// Why a text is no JSON. `Display` says what and where, [`Self::message`] quotes as well.
#[derive(Clone, PartialEq, Eq)]
pub struct ParseError {
    kind: ErrorKind,
    line: usize,
    column: usize,
    quoted: String,
}

impl ParseError {
    pub(crate) fn new(kind: ErrorKind, text: &str, offset: usize) -> Self {
        let (before, rest) = text.split_at_checked(offset).unwrap_or((text, ""));
        let line_start = before.rfind('\n').map_or(0, |at| at + 1);
        let in_line = before.get(line_start..).unwrap_or_default();
        Self {
            kind,
            line: before.bytes().filter(|byte| *byte == b'\n').count() + 1,
            column: in_line.encode_utf16().count() + 1,
            quoted: quote(rest, kind),
        }
    }

    /// What was wrong.
    pub fn kind(&self) -> ErrorKind {
        self.kind
    }

    /// The line, counted from 1.
    pub fn line(&self) -> usize {
        self.line
    }

    /// The column in UTF-16 units, counted from 1.
    pub fn column(&self) -> usize {
        self.column
    }

    /// The text that bad rows carry. It quotes some characters of the input.
    pub fn message(&self) -> String {
        let (line, column, quoted) = (self.line, self.column, &self.quoted);
        let kind = self.kind;
        if kind.is_about_the_whole() {
            return format!("invalid json: {kind}");
        }
        format!("invalid json: expected {kind} got {quoted} (line {line}, column {column})")
    }
}

fn quote(rest: &str, kind: ErrorKind) -> String {
    let is_one = matches!(kind, ErrorKind::ControlCharacter(_) | ErrorKind::Escape(_));
    let units_max = if is_one { 1 } else { QUOTED_CHARACTERS_MAX };
    let mut units = 0;
    let fits = |character: &char| {
        units += character.len_utf16();
        units <= units_max
    };
    let quoted: String = rest.chars().take_while(fits).collect();
    match (rest.len(), quoted.len()) {
        (0, _) => "eof".to_owned(),
        (all, some) if some < all => format!("'{quoted}...'"),
        _ => format!("'{quoted}'"),
    }
}

impl fmt::Display for ErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Value => write!(f, "json value"),
            Self::Quote => write!(f, "\""),
            Self::Colon => write!(f, ":"),
            Self::ArrayEnd => write!(f, "] or ,"),
            Self::ObjectEnd => write!(f, "}} or ,"),
            Self::End => write!(f, "whitespace or eof"),
            Self::Literal(word) => write!(f, "{word}"),
            Self::Digit => write!(f, "digit"),
            Self::ControlCharacter(code) => write!(f, "control char ({code}) in string"),
            Self::Escape(character) => write!(f, "illegal escape sequence \\{character}"),
            Self::UnicodeEscape => write!(f, "valid unicode escape"),
            Self::Exhausted => write!(f, "exhausted input"),
            Self::TooDeep => write!(f, "maximum allowed JSON depth exceeded"),
        }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (kind, line, column) = (self.kind, self.line, self.column);
        if kind.is_about_the_whole() {
            write!(f, "{kind}")?;
        } else if matches!(kind, ErrorKind::Escape(_)) {
            // The character is the input's.
            write!(f, "illegal escape sequence")?;
        } else {
            write!(f, "expected {kind}")?;
        }
        write!(f, " at line {line}, column {column}")
    }
}

impl fmt::Debug for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ParseError({self})")
    }
}

impl std::error::Error for ParseError {}

#[cfg(test)]
mod tests {
    use crate::Json;

    fn message(text: &str) -> String {
        Json::parse(text, 3).expect_err("invalid").message()
    }

    #[test]
    fn messages_are_those_of_the_reference_parser() {
        for (text, expected) in [
            ("words", "expected json value got 'words' (line 1, column 1)"),
            ("many words", "expected json value got 'many w...' (line 1, column 1)"),
            ("{\"a:\"bc\"}", "expected : got 'bc\"}' (line 1, column 6)"),
            ("{\n \"a\": foo}", "expected false got 'foo}' (line 2, column 7)"),
            ("{[1", "expected \" got '[1' (line 1, column 2)"),
            ("{\"a\":1,}", "expected \" got '}' (line 1, column 8)"),
            ("[1,]", "expected json value got ']' (line 1, column 4)"),
            ("[1 2]", "expected ] or , got '2]' (line 1, column 4)"),
            ("{\"a\":1 2}", "expected } or , got '2}' (line 1, column 8)"),
            ("1 x", "expected whitespace or eof got 'x' (line 1, column 3)"),
            ("01", "expected whitespace or eof got '1' (line 1, column 2)"),
            ("[-x]", "expected digit got '-x]' (line 1, column 2)"),
            ("tru!", "expected true got 'tru!' (line 1, column 1)"),
            ("\u{1f600}x y", "expected json value got '\u{1f600}x y' (line 1, column 1)"),
            ("[\"\u{1f600}\" x]", "expected ] or , got 'x]' (line 1, column 7)"),
            ("\"a\tb\"", "expected control char (9) in string got '\t...' (line 1, column 3)"),
            ("\"\\x\"", "expected illegal escape sequence \\x got '\\...' (line 1, column 2)"),
            ("\"\\u12g4\"", "expected valid unicode escape got '\\u12g4...' (line 1, column 2)"),
            ("", "exhausted input"),
            ("{\"a\":", "exhausted input"),
            ("\"\\u12", "exhausted input"),
            ("[[[[1]]]]", "maximum allowed JSON depth exceeded"),
        ] {
            assert_eq!(message(text), format!("invalid json: {expected}"), "{text}");
        }
    }

    #[test]
    fn display_and_debug_quote_nothing() {
        for text in ["secret", "[\"x\" secret", "\"\\secret\""] {
            let error = Json::parse(text, 3).expect_err("invalid");
            let shown = format!("{error} {error:?}");
            assert!(!shown.contains("secr") && !shown.contains("\\s"), "{shown}");
            assert!(shown.contains("line 1"), "{shown}");
        }
    }
}
