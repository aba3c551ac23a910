//! The header: lines of text that wrap the file key for each recipient, and a code over them.

use base64_simd::STANDARD_NO_PAD;

use crate::derive;
use crate::stanza::{FileKey, Stanza};
use crate::{HeaderProblem, OpenError};

/// Longest header that is read.
pub const HEADER_BYTES_MAX: usize = 64 * 1024;
/// Most stanzas that are read, and most recipients that are sealed to.
pub const STANZAS_MAX: usize = 128;

/// Random bytes between the header and the content.
pub(crate) const NONCE_BYTES: usize = 16;
pub(crate) const PAYLOAD_LABEL: &[u8] = b"payload";

const VERSION_LINE: &[u8] = b"age-encryption.org/v1\n";
const ARMOUR: &[u8] = b"-----BEGIN AGE ENCRYPTED FILE-----";
const STANZA_START: &[u8] = b"-> ";
const END_START: &[u8] = b"---";
const X25519: &[u8] = b"X25519";
const PASSPHRASE: &[u8] = b"scrypt";
const LINE_CHARACTERS: usize = 64;

/// A header whose form is right; whether its code is, only the file key tells.
pub(crate) struct Header<'a> {
    pub(crate) stanzas: Vec<Stanza>,
    /// What the code is over.
    pub(crate) coded: &'a [u8],
    pub(crate) code: [u8; 32],
    /// What follows the header.
    pub(crate) rest: &'a [u8],
}

pub(crate) fn write(stanzas: &[Stanza], file_key: &FileKey, out: &mut Vec<u8>) {
    out.extend_from_slice(VERSION_LINE);
    for stanza in stanzas {
        for part in [STANZA_START, X25519, b" "] {
            out.extend_from_slice(part);
        }
        write_line(&stanza.point, out);
        // Shorter than a full line, so it is the last.
        write_line(&stanza.wrapped, out);
    }
    out.extend_from_slice(END_START);
    let code = derive::header_code(file_key.as_slice(), out);
    out.push(b' ');
    write_line(&code, out);
}

fn write_line(bytes: &[u8], out: &mut Vec<u8>) {
    STANDARD_NO_PAD.encode_append(bytes, out);
    out.push(b'\n');
}

impl<'a> Header<'a> {
    pub(crate) fn parse(file: &'a [u8]) -> Result<Self, OpenError> {
        if file.starts_with(ARMOUR) {
            return Err(OpenError::Armoured);
        }
        if !file.starts_with(VERSION_LINE) {
            let is_cut = VERSION_LINE.starts_with(file);
            return Err(if is_cut { OpenError::Truncated } else { OpenError::NotAge });
        }
        let mut lines = Lines { file, at: VERSION_LINE.len(), number: 1 };
        let mut found = Found::default();
        loop {
            let start = lines.at;
            let line = lines.read()?;
            if let Some(arguments) = line.strip_prefix(STANZA_START) {
                found.take(arguments, &mut lines)?;
                continue;
            }
            let code = line.strip_prefix(END_START).ok_or(lines.error(HeaderProblem::Line))?;
            let code = code.strip_prefix(b" ").and_then(decode);
            let code = code.ok_or(lines.error(HeaderProblem::Code))?;
            if found.count == 0 {
                return Err(lines.error(HeaderProblem::NoStanza));
            }
            let coded = file.get(..start + END_START.len()).unwrap_or_default();
            let rest = file.get(lines.at..).unwrap_or_default();
            return Ok(Self { stanzas: found.stanzas, coded, code, rest });
        }
    }
}

#[derive(Default)]
struct Found {
    /// Those that can be ours.
    stanzas: Vec<Stanza>,
    /// Of every kind.
    count: usize,
    has_passphrase: bool,
}

impl Found {
    fn take(&mut self, arguments: &[u8], lines: &mut Lines<'_>) -> Result<(), OpenError> {
        self.count += 1;
        if self.count > STANZAS_MAX {
            return Err(OpenError::TooManyStanzas);
        }
        let mut parts = arguments.split(|byte| *byte == b' ');
        let is_argument = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_graphic);
        if !parts.clone().all(is_argument) {
            return Err(lines.error(HeaderProblem::Arguments));
        }
        let kind = parts.next().unwrap_or_default();
        self.has_passphrase |= kind == PASSPHRASE;
        if self.has_passphrase && self.count > 1 {
            return Err(lines.error(HeaderProblem::PassphraseNotAlone));
        }
        if kind != X25519 {
            return lines.body().map(drop);
        }
        let misfit = lines.error(HeaderProblem::X25519);
        let point = parts.next().and_then(decode).ok_or(misfit)?;
        if parts.next().is_some() {
            return Err(misfit);
        }
        let wrapped = lines.body()?.try_into().map_err(|_| misfit)?;
        self.stanzas.push(Stanza { point, wrapped });
        Ok(())
    }
}

/// The header's lines, without their ends.
struct Lines<'a> {
    file: &'a [u8],
    at: usize,
    number: usize,
}

impl<'a> Lines<'a> {
    fn read(&mut self) -> Result<&'a [u8], OpenError> {
        let end = self.file.len().min(HEADER_BYTES_MAX);
        let rest = self.file.get(self.at..end).unwrap_or_default();
        let Some(length) = rest.iter().position(|byte| *byte == b'\n') else {
            let is_cut = self.file.len() <= HEADER_BYTES_MAX;
            return Err(if is_cut { OpenError::Truncated } else { OpenError::HeaderTooLong });
        };
        self.at += length + 1;
        self.number += 1;
        Ok(rest.get(..length).unwrap_or_default())
    }

    /// A stanza's body, which ends with the first line that is not full, and be it empty.
    fn body(&mut self) -> Result<Vec<u8>, OpenError> {
        let mut body = Vec::new();
        loop {
            let line = self.read()?;
            let part = STANDARD_NO_PAD.decode_to_vec(line).ok();
            let part = part.filter(|_| line.len() <= LINE_CHARACTERS);
            body.extend(part.ok_or(self.error(HeaderProblem::Body))?);
            if line.len() < LINE_CHARACTERS {
                return Ok(body);
            }
        }
    }

    fn error(&self, problem: HeaderProblem) -> OpenError {
        OpenError::Header { problem, line: self.number }
    }
}

/// Canonical base64 of 32 bytes.
fn decode(text: &[u8]) -> Option<[u8; 32]> {
    STANDARD_NO_PAD.decode_to_vec(text).ok()?.try_into().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Base64 of 32 bytes of zeros.
    const ZEROS: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
    const FULL: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    fn file(stanzas: &str) -> Vec<u8> {
        format!("age-encryption.org/v1\n{stanzas}--- {ZEROS}\nrest").into_bytes()
    }

    fn ours() -> String {
        format!("-> X25519 {ZEROS}\n{ZEROS}\n")
    }

    fn error(file: &[u8]) -> OpenError {
        Header::parse(file).err().unwrap()
    }

    fn problem(stanzas: &str) -> (HeaderProblem, usize) {
        let OpenError::Header { problem, line } = error(&file(stanzas)) else {
            panic!("{stanzas}: {}", error(&file(stanzas)))
        };
        (problem, line)
    }

    #[test]
    fn what_is_written_is_read() {
        let stanzas = [1, 2].map(|byte| Stanza { point: [byte; 32], wrapped: [byte + 2; 32] });
        let key = FileKey::new([9; 16]);
        let mut out = Vec::new();
        write(&stanzas, &key, &mut out);
        let coded = out.len() - 45;
        out.extend_from_slice(b"rest");
        let header = Header::parse(&out).unwrap();
        assert!(derive::is_header_code(key.as_slice(), &out[..coded], &header.code));
        assert_eq!((header.coded, header.rest), (&out[..coded], &b"rest"[..]));
        let read = header.stanzas.iter().map(|stanza| (stanza.point, stanza.wrapped));
        assert_eq!(read.collect::<Vec<_>>(), [([1; 32], [3; 32]), ([2; 32], [4; 32])]);
    }

    #[test]
    fn stanzas_of_other_kinds_are_skipped() {
        for (stanzas, ours) in [
            (format!("-> other\n\n{}", ours()), 1),
            (format!("{}-> other ! ~ b\n{FULL}\n{FULL}\n\n{}", ours(), ours()), 2),
            (format!("-> other\n{FULL}\nAA\n"), 0),
            ("-> scrypt AAAA 18\nAAAA\n".to_owned(), 0),
        ] {
            assert_eq!(Header::parse(&file(&stanzas)).unwrap().stanzas.len(), ours, "{stanzas}");
        }
    }

    #[test]
    fn what_breaks_the_format_is_refused() {
        use HeaderProblem::{Arguments, Body, Code, Line, NoStanza, PassphraseNotAlone, X25519};
        let cases = [
            (String::new(), NoStanza, 2),
            ("x\n".into(), Line, 2),
            ("->\n\n".into(), Line, 2),
            (format!("{}\n", ours()), Line, 4),
            ("---\n".into(), Code, 2),
            (format!("---{ZEROS}\n"), Code, 2),
            (format!("--- {ZEROS}=\n"), Code, 2),
            (format!("--- {}B\n", "A".repeat(42)), Code, 2),
            (format!("--- {ZEROS}AAA\n"), Code, 2),
            (format!("--- {ZEROS} \n"), Code, 2),
            (format!("--- {ZEROS}\r\n"), Code, 2),
            ("-> \n\n".into(), Arguments, 2),
            ("-> a \n\n".into(), Arguments, 2),
            ("-> a  b\n\n".into(), Arguments, 2),
            ("-> a\tb\n\n".into(), Arguments, 2),
            ("-> \u{e9}\n\n".into(), Arguments, 2),
            ("-> a\r\n\n".into(), Arguments, 2),
            ("-> a\nAA==\n".into(), Body, 3),
            ("-> a\nAB\n".into(), Body, 3),
            ("-> a\nA\n".into(), Body, 3),
            ("-> a\n  \n".into(), Body, 3),
            (format!("-> a\n{FULL}AA\n\n"), Body, 3),
            (format!("-> a\n{FULL}\n"), Body, 4),
            ("-> X25519\n\n".into(), X25519, 2),
            (format!("-> X25519 {ZEROS} a\n{ZEROS}\n"), X25519, 2),
            (format!("-> X25519 {ZEROS}A\n{ZEROS}\n"), X25519, 2),
            (format!("-> X25519 {ZEROS}\nAAAA\n"), X25519, 2),
            (format!("-> X25519 {ZEROS}\n{FULL}\n\n"), X25519, 2),
            (format!("-> scrypt a 1\n\n{}", ours()), PassphraseNotAlone, 4),
            (format!("{}-> scrypt a 1\n\n", ours()), PassphraseNotAlone, 4),
        ];
        for (stanzas, expected, line) in cases {
            assert_eq!(problem(&stanzas), (expected, line), "{stanzas}");
        }
    }

    #[test]
    fn other_files_are_told_apart() {
        assert_eq!(error(b"-----BEGIN AGE ENCRYPTED FILE-----\nYWdl"), OpenError::Armoured);
        for other in [&b"age-encryption.org/v2\n"[..], b"PK", b"age-encryption.org/v1\r\n"] {
            assert_eq!(error(other), OpenError::NotAge);
        }
        let whole = file(&ours());
        for kept in 0..whole.len() - b"rest".len() {
            assert_eq!(error(&whole[..kept]), OpenError::Truncated, "{kept}");
        }
    }

    #[test]
    fn headers_end_at_the_limits() {
        assert!(Header::parse(&file(&ours().repeat(STANZAS_MAX))).is_ok());
        assert_eq!(error(&file(&ours().repeat(STANZAS_MAX + 1))), OpenError::TooManyStanzas);
        let frame = file("-> \n\n").len() - b"rest".len();
        let with = |bytes: usize| file(&format!("-> {}\n\n", "a".repeat(bytes - frame)));
        assert!(Header::parse(&with(HEADER_BYTES_MAX)).is_ok());
        assert_eq!(error(&with(HEADER_BYTES_MAX + 1)), OpenError::HeaderTooLong);
        let endless = [&b"age-encryption.org/v1\n-> "[..], &b"a".repeat(HEADER_BYTES_MAX)].concat();
        assert_eq!(error(&endless), OpenError::HeaderTooLong);
    }
}
