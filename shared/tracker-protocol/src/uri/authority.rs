//! What stands between `//` and the path: a server with user, host and port, or any registry's name.

use std::ops::Range;

use super::grammar::{Class, Refusal, find, require, scan};
use super::strict::byte;
use super::{Parts, ipv6};

/// Fills in host and port if the authority is a server's. A registry's name is allowed, and has none.
pub(super) fn parse(text: &str, range: Range<usize>, parts: &mut Parts) -> Result<(), Refusal> {
    let end = range.end;
    let server = scan(text, range.clone(), Class::SERVER)? == end;
    let registry = scan(text, range.clone(), Class::REGISTRY_NAME)? == end;
    if !server {
        let refusal = Refusal { reason: "Illegal character in authority", at: range.start };
        return if registry { Ok(()) } else { Err(refusal) };
    }
    match parse_server(text, range) {
        Ok((host, port)) => {
            parts.host = Some(host);
            parts.port = port;
            Ok(())
        }
        Err(_) if registry => Ok(()),
        Err(refusal) => Err(refusal),
    }
}

type Server = (Range<usize>, Option<i32>);

fn parse_server(text: &str, range: Range<usize>) -> Result<Server, Refusal> {
    let Range { mut start, end } = range;
    let at_sign = find(text, start..end, b"@");
    if at_sign < end {
        require(text, start..at_sign, Class::USER_INFO, "Illegal character in user info")?;
        start = at_sign + 1;
    }
    let host = if byte(text, start) == Some(b'[') && start < end {
        bracketed(text, start..end)?
    } else {
        match ipv4(text, start..end) {
            Some(host_end) => start..host_end,
            None => start..hostname(text, start..end)?,
        }
    };
    let mut at = host.end;
    let mut port = None;
    if at < end && byte(text, at) == Some(b':') {
        at += 1;
        require(text, at..end, Class::DIGIT, "Illegal character in port number")?;
        if at < end {
            let digits = text.get(at..end).unwrap_or_default();
            let malformed = Refusal { reason: "Malformed port number", at };
            port = Some(digits.parse().map_err(|_| malformed)?);
            at = end;
        }
    }
    if at < end {
        return Err(Refusal { reason: "Expected port number", at });
    }
    Ok((host, port))
}

/// An IPv6 address in brackets, which belong to the host, perhaps with a scope.
fn bracketed(text: &str, range: Range<usize>) -> Result<Range<usize>, Refusal> {
    let inner = range.start + 1;
    let close = find(text, inner..range.end, b"]");
    if close <= inner || close == range.end {
        return Err(Refusal { reason: "Expected closing bracket for IPv6 address", at: close });
    }
    let percent = find(text, inner..close, b"%");
    ipv6::check(text, inner..percent)?;
    if percent < close {
        if percent + 1 == close {
            return Err(Refusal { reason: "scope id expected", at: percent });
        }
        require(text, percent + 1..close, Class::SCOPE_ID, "Illegal character in scope id")?;
    }
    Ok(range.start..close + 1)
}

/// The end of four numbers up to 255, if nothing but a port follows.
fn ipv4(text: &str, range: Range<usize>) -> Option<usize> {
    let end = ipv4_end(text, range.clone())?;
    (end == range.end || byte(text, end) == Some(b':')).then_some(end)
}

/// The end of four numbers up to 255 that are the whole run of digits and dots.
pub(super) fn ipv4_end(text: &str, range: Range<usize>) -> Option<usize> {
    let end = scan(text, range.clone(), Class::IPV4).ok()?;
    let mut groups = text.get(range.start..end)?.split('.');
    let is_byte = |group: &str| {
        let value = group.bytes().try_fold(0u32, |value, digit| {
            Some(value * 10 + u32::from(digit - b'0')).filter(|value| *value <= 255)
        });
        !group.is_empty() && value.is_some()
    };
    let four = groups.by_ref().take(4).filter(|group| is_byte(group)).count() == 4;
    (four && groups.next().is_none()).then_some(end)
}

/// The end of a host name: labels of letters, digits and inner dashes, the last beginning with a letter.
fn hostname(text: &str, range: Range<usize>) -> Result<usize, Refusal> {
    const ILLEGAL: &str = "Illegal character in hostname";
    let Range { start, end } = range;
    let mut at = start;
    let mut last_label = None;
    while at < end {
        if !byte(text, at).is_some_and(|byte| byte.is_ascii_alphanumeric()) {
            break;
        }
        last_label = Some(at);
        let label_end = scan(text, at..end, Class::LABEL)?;
        if byte(text, label_end - 1) == Some(b'-') {
            return Err(Refusal { reason: ILLEGAL, at: label_end - 1 });
        }
        at = label_end;
        if at == end || byte(text, at) != Some(b'.') {
            break;
        }
        at += 1;
    }
    if at < end && byte(text, at) != Some(b':') {
        return Err(Refusal { reason: ILLEGAL, at });
    }
    let Some(last) = last_label else {
        return Err(Refusal { reason: "Expected hostname", at: start });
    };
    if last > start && !byte(text, last).is_some_and(|byte| Class::ALPHA.has(byte)) {
        return Err(Refusal { reason: ILLEGAL, at: last });
    }
    Ok(at)
}
