//! Rewrites a regular expression of Java's dialect for the engines that are used here.

use std::fmt::Write as _;
use std::iter::Peekable;
use std::str::Chars;

const DIGITS: &str = "0-9";
const WORD: &str = "a-zA-Z0-9_";
const SPACE: &str = r" \t\n\x0B\f\r";
const BLANK: &str = r" \t\x{A0}\x{1680}\x{180e}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}";
const LINE_BREAKS: &str = r"\n\x0B\f\r\x{85}\x{2028}\x{2029}";
const NO_LINE_BREAK: &str = r"[^\n\r\x{85}\x{2028}\x{2029}]";

/// An expression, and whether it needs what only a backtracking engine can do.
pub(crate) struct Rewritten {
    pub(crate) pattern: String,
    pub(crate) needs_backtracking: bool,
}

/// Rewrites what the dialects understand differently; what neither understands is left as it is.
pub(crate) fn rewrite(java: &str) -> Rewritten {
    let mut writer = Writer {
        rest: java.chars().peekable(),
        out: String::with_capacity(java.len() + 16),
        class_depth: 0,
        needs_backtracking: false,
        dot_is_all: has_flag(java, 's'),
    };
    while let Some(character) = writer.rest.next() {
        writer.step(character);
    }
    Rewritten { pattern: writer.out, needs_backtracking: writer.needs_backtracking }
}

fn has_flag(java: &str, flag: char) -> bool {
    java.split("(?").skip(1).any(|group| {
        let flags = group.chars().take_while(char::is_ascii_alphabetic);
        flags.into_iter().any(|found| found == flag) && !group.starts_with(['P', '<'])
    })
}

struct Writer<'a> {
    rest: Peekable<Chars<'a>>,
    out: String,
    class_depth: usize,
    needs_backtracking: bool,
    dot_is_all: bool,
}

impl Writer<'_> {
    fn step(&mut self, character: char) {
        match (character, self.class_depth) {
            ('\\', _) => self.escape(),
            ('[', _) => self.open_class(),
            (']', 1..) => {
                self.class_depth -= 1;
                self.out.push(']');
            }
            ('-' | '~', 1..) => self.dash(character),
            ('.', 0) if !self.dot_is_all => self.out.push_str(NO_LINE_BREAK),
            ('(', 0) => self.group(),
            ('*' | '+' | '?' | '}', 0) => {
                self.out.push(character);
                if self.rest.next_if_eq(&'+').is_some() {
                    self.out.push('+');
                    self.needs_backtracking = true;
                }
            }
            _ => self.out.push(character),
        }
    }

    fn open_class(&mut self) {
        self.class_depth += 1;
        self.out.push('[');
        if self.rest.next_if_eq(&'^').is_some() {
            self.out.push('^');
        }
        if self.rest.next_if_eq(&']').is_some() {
            self.out.push_str("\\]");
        }
    }

    /// A dash that stands between two characters makes a range, any other is a dash.
    fn dash(&mut self, character: char) {
        let begins = self.out.ends_with('[') || self.out.ends_with("[^");
        let ends = self.rest.peek() == Some(&']');
        let after_set = self.out.ends_with([']', '-']) && !self.out.ends_with("\\]");
        let after_range = self.ends_with_range();
        if character == '~' || begins || ends || after_set || after_range {
            self.out.push('\\');
        }
        self.out.push(character);
    }

    /// Whether the last three characters are a range such as `0-9`.
    fn ends_with_range(&self) -> bool {
        let mut last = self.out.chars().rev();
        let _end = last.next();
        let (dash, start) = (last.next(), last.next());
        dash == Some('-') && start.is_some_and(|start| start != '\\' && start != '[')
    }

    fn group(&mut self) {
        self.out.push('(');
        let mut ahead = self.rest.clone();
        if ahead.next() != Some('?') {
            return;
        }
        self.needs_backtracking |= match ahead.next() {
            Some('=' | '!' | '>') => true,
            Some('<') => matches!(ahead.next(), Some('=' | '!')),
            _ => false,
        };
    }

    fn escape(&mut self) {
        let Some(letter) = self.rest.next() else {
            self.out.push('\\');
            return;
        };
        match letter {
            'd' => self.set(DIGITS, false),
            'D' => self.set(DIGITS, true),
            'w' => self.set(WORD, false),
            'W' => self.set(WORD, true),
            's' => self.set(SPACE, false),
            'S' => self.set(SPACE, true),
            'h' => self.set(BLANK, false),
            'H' => self.set(BLANK, true),
            'v' => self.set(LINE_BREAKS, false),
            'V' => self.set(LINE_BREAKS, true),
            'p' | 'P' => self.property(letter == 'P'),
            'Q' => self.quoted(),
            'E' => {}
            'e' => self.out.push_str("\\x1B"),
            'Z' => self.out.push_str("\\n?\\z"),
            'R' => self.out.push_str("(?:\\r\\n|[\\n\\x0B\\f\\r\\x{85}\\x{2028}\\x{2029}])"),
            'u' => self.unicode(),
            '1'..='9' | 'k' if self.class_depth == 0 => {
                self.needs_backtracking = true;
                self.out.extend(['\\', letter]);
            }
            letter if letter.is_ascii_alphanumeric() => self.out.extend(['\\', letter]),
            plain => self.literal(plain),
        }
    }

    fn set(&mut self, members: &str, is_negated: bool) {
        let caret = if is_negated { "^" } else { "" };
        self.out.extend(["[", caret, members, "]"]);
    }

    fn literal(&mut self, plain: char) {
        if plain.is_ascii_punctuation() && !matches!(plain, '<' | '>' | '_') {
            self.out.push('\\');
        }
        self.out.push(plain);
    }

    fn quoted(&mut self) {
        while let Some(character) = self.rest.next() {
            if character == '\\' && self.rest.next_if_eq(&'E').is_some() {
                return;
            }
            self.literal(character);
        }
    }

    fn unicode(&mut self) {
        let mut unit = || {
            let digits: String = self.rest.by_ref().take(4).collect();
            u32::from_str_radix(&digits, 16).unwrap_or(0xfffd)
        };
        let first = unit();
        let mut ahead = self.rest.clone();
        let is_pair = (0xd800..0xdc00).contains(&first)
            && (ahead.next(), ahead.next()) == (Some('\\'), Some('u'));
        let point = if is_pair {
            self.rest = ahead;
            let digits: String = self.rest.by_ref().take(4).collect();
            let low = u32::from_str_radix(&digits, 16).unwrap_or(0xdc00);
            0x1_0000 + ((first & 0x3ff) << 10) + (low & 0x3ff)
        } else {
            first
        };
        let character = char::from_u32(point).unwrap_or(char::REPLACEMENT_CHARACTER);
        // Writing to a String cannot fail.
        write!(self.out, "\\x{{{:x}}}", u32::from(character)).unwrap_or_default();
    }

    fn property(&mut self, is_negated: bool) {
        let mut name = String::new();
        if self.rest.next_if_eq(&'{').is_some() {
            name.extend(self.rest.by_ref().take_while(|character| *character != '}'));
        } else {
            name.extend(self.rest.next());
        }
        if let Some(members) = posix(&name) {
            return self.set(members, is_negated);
        }
        let name = name.strip_prefix("Is").unwrap_or(&name);
        let letter = if is_negated { "\\P{" } else { "\\p{" };
        self.out.extend([letter, name, "}"]);
    }
}

/// Classes that Java limits to ASCII.
fn posix(name: &str) -> Option<&'static str> {
    Some(match name {
        "Lower" => "a-z",
        "Upper" => "A-Z",
        "ASCII" => r"\x00-\x7F",
        "Alpha" => "a-zA-Z",
        "Digit" => DIGITS,
        "Alnum" => "a-zA-Z0-9",
        "Punct" => r"!-/:-@\[-`{-\x7E",
        "Graph" => "!-\\x7E",
        "Print" => " -\\x7E",
        "Blank" => " \\t",
        "Cntrl" => r"\x00-\x1F\x7F",
        "XDigit" => "0-9a-fA-F",
        "Space" => SPACE,
        _ => return None,
    })
}
