//! `whiteout pseudonymize`: lines on standard input, what may be seen of them on standard output.

use std::io::{BufRead, BufWriter, Read as _, Write};

use privacy::{Keyed, Pseudonyms, Rewriter, Stream};
use sealed::Recipient;

use crate::config::PseudonymizeOptions;
use crate::policies::{PrivacyError, policy_and_keys, unusable};

/// The longest line that is read, in bytes; no record of a stream is near it.
pub(crate) const LINE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// Treats every line of standard input.
pub(crate) fn run(options: &PseudonymizeOptions) -> Result<(), PrivacyError> {
    let (policy, keys) = policy_and_keys(&options.policy, &options.key_file)?;
    let Some(key) = keys.current() else {
        return Err(unusable(&options.key_file, "holds no current key"));
    };
    let mut rewriter = Rewriter::new(&policy, Keyed::new(&policy, key), key.id());
    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut lines = Lines { rewriter: &mut rewriter, recipients: &options.recipients };
    let (count, quarantined) = lines.treat(options.kind, &mut std::io::stdin().lock(), &mut out)?;
    if options.has_summary {
        let tally = rewriter.tally();
        writeln!(
            std::io::stderr(),
            "lines {count}, quarantined {quarantined}; values kept {}, reduced {}, \
             pseudonymized {} ({} outside of their class), dropped {}",
            tally.kept,
            tally.reduced,
            tally.pseudonymized,
            tally.violations(),
            tally.dropped,
        )?;
    }
    Ok(())
}

/// The next line, without its break; none at the end.
pub(crate) fn next_line(
    input: &mut impl BufRead,
    number: usize,
    line: &mut Vec<u8>,
) -> Result<bool, PrivacyError> {
    line.clear();
    let most = u64::try_from(LINE_BYTES_MAX).unwrap_or(u64::MAX);
    let read = input.by_ref().take(most.saturating_add(1)).read_until(b'\n', line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
    }
    if line.len() > LINE_BYTES_MAX {
        return Err(PrivacyError::Line(number, LINE_BYTES_MAX));
    }
    Ok(read > 0)
}

struct Lines<'a, 'p, P> {
    rewriter: &'a mut Rewriter<'p, P>,
    recipients: &'a [Recipient],
}

impl<P: Pseudonyms> Lines<'_, '_, P> {
    /// Writes one line for each; returns how many there were and how many of them quarantined.
    fn treat(
        &mut self,
        kind: Stream,
        input: &mut impl BufRead,
        out: &mut impl Write,
    ) -> Result<(usize, usize), PrivacyError> {
        let (mut line, mut treated) = (Vec::new(), String::new());
        let (mut count, mut quarantined) = (0, 0);
        while next_line(input, count + 1, &mut line)? {
            count += 1;
            treated.clear();
            if self.rewriter.line(kind, &line, self.recipients, &mut treated).is_err() {
                quarantined += 1;
            }
            treated.push('\n');
            out.write_all(treated.as_bytes())?;
        }
        out.flush()?;
        Ok((count, quarantined))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_end_at_the_limit() {
        let mut line = Vec::new();
        let mut text = vec![b'x'; LINE_BYTES_MAX];
        text.extend(b"\ny");
        let mut input = text.as_slice();
        assert!(next_line(&mut input, 1, &mut line).unwrap());
        assert_eq!(line.len(), LINE_BYTES_MAX);
        assert!(next_line(&mut input, 2, &mut line).unwrap());
        assert_eq!(line, b"y");
        assert!(!next_line(&mut input, 3, &mut line).unwrap());
        text.insert(0, b'x');
        let error = next_line(&mut text.as_slice(), 1, &mut line).unwrap_err();
        assert!(error.to_string().contains("line 1"), "{error}");
    }
}
