//! The second attempt at an address that Java refuses: decode each part, encode it again, strictly.

use std::fmt::Write;

use crate::charset::utf8;
use crate::query::hex_pair;

/// How many digits a port has at most.
const PORT_DIGITS_MAX: usize = 10;

/// The address with everything encoded that is not plainly text. None if it has no readable shape.
///
/// The result may still be refused: hosts stay as they are.
pub(super) fn rewrite(address: &str) -> Option<String> {
    let (rest, fragment) = cut(address, '#');
    let (head, query) = cut(rest, '?');
    let mut out = String::with_capacity(address.len() * 2);
    match split_scheme(head) {
        Some((scheme, rest)) => {
            out.push_str(scheme);
            out.push(':');
            // An authority that has no readable shape is taken for a path.
            match rest.strip_prefix("//").and_then(|rest| write_authority(rest, &out)) {
                Some(with_authority) => out = with_authority,
                None => write_encoded(&mut out, rest, "/"),
            }
        }
        None if head.starts_with("//") => {
            out = write_authority(head.strip_prefix("//")?, &out)?;
        }
        None => write_encoded(&mut out, head, "/"),
    }
    if let Some(query) = query {
        out.push('?');
        for (number, parameter) in query.split('&').enumerate() {
            if number > 0 {
                out.push('&');
            }
            let (name, value) = cut(parameter, '=');
            write_encoded(&mut out, name, "");
            if let Some(value) = value {
                out.push('=');
                write_encoded(&mut out, value, "");
            }
        }
    }
    if let Some(fragment) = fragment {
        out.push('#');
        write_encoded(&mut out, fragment, "");
    }
    Some(out)
}

fn cut(text: &str, at: char) -> (&str, Option<&str>) {
    text.split_once(at).map_or((text, None), |(before, after)| (before, Some(after)))
}

fn split_scheme(head: &str) -> Option<(&str, &str)> {
    let (scheme, rest) = head.split_once(':')?;
    let mut characters = scheme.chars();
    let valid = characters.next().is_some_and(|first| first.is_ascii_alphabetic())
        && characters.all(|c| c.is_ascii_alphanumeric() || matches!(c, '+' | '-' | '.'));
    valid.then_some((scheme, rest))
}

/// What was written before, `//`, the authority as it is (a user encoded), and the path encoded.
fn write_authority(rest: &str, before: &str) -> Option<String> {
    let (authority, path) = match rest.find('/') {
        Some(at) => rest.split_at_checked(at)?,
        None => (rest, ""),
    };
    let mut out = format!("{before}//");
    let mut server = authority;
    if let Some((user_info, host)) = authority.split_once('@') {
        let (user, password) = cut(user_info, ':');
        if !user.contains(['[', ']', ' ', '\t', '\r', '\n']) {
            write_encoded(&mut out, user, "");
            if let Some(password) = password {
                out.push(':');
                write_encoded(&mut out, password, "");
            }
            out.push('@');
            server = host;
        }
    }
    let host_end = match server.strip_prefix('[').and_then(|_| server.find(']')) {
        Some(close) => close + 1,
        None => server.find([':', ' ', '\t', '\r', '\n']).unwrap_or(server.len()),
    };
    let (host, port) = server.split_at_checked(host_end)?;
    out.push_str(host);
    if !port.is_empty() {
        let digits = port.strip_prefix(':')?;
        if digits.len() > PORT_DIGITS_MAX || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        write!(out, ":{}", digits.parse::<i32>().ok()?).ok()?;
    }
    write_encoded(&mut out, path, "/");
    Some(out)
}

/// Decodes and encodes the pieces between the separators, which stay.
fn write_encoded(out: &mut String, text: &str, separator: &str) {
    if separator.is_empty() {
        write_piece(out, text);
        return;
    }
    for (number, piece) in text.split(separator).enumerate() {
        if number > 0 {
            out.push_str(separator);
        }
        write_piece(out, piece);
    }
}

fn write_piece(out: &mut String, piece: &str) {
    const HEX: [char; 16] =
        ['0', '1', '2', '3', '4', '5', '6', '7', '8', '9', 'A', 'B', 'C', 'D', 'E', 'F'];
    for byte in decoded(piece).bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.' | b'_' | b'~' | b'+') {
            out.push(char::from(byte));
        } else {
            let digit = |four: u8| HEX.get(usize::from(four)).copied().unwrap_or('0');
            out.push('%');
            out.push(digit(byte >> 4));
            out.push(digit(byte & 15));
        }
    }
}

/// `%XX` as UTF-8; a percent sign that begins nothing stays.
fn decoded(piece: &str) -> String {
    let mut bytes = Vec::with_capacity(piece.len());
    let mut left = piece.as_bytes();
    while let Some((first, rest)) = left.split_first() {
        let (byte, rest) = hex_pair(left).unwrap_or((*first, rest));
        bytes.push(byte);
        left = rest;
    }
    utf8(bytes)
}
