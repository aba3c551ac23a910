//! One line of a stream in, one line that may be seen out, whatever it held.

use sealed::{Recipient, seal};

use crate::defect::Defect;
use crate::pseudonym::Pseudonyms;
use crate::rewriter::{Rewriter, Stream};

impl<P: Pseudonyms> Rewriter<'_, P> {
    /// Appends what may be seen of a line, without a line break. A defect says that this is a
    /// quarantine line.
    ///
    /// With recipients, bad events and quarantined lines carry their original, which only the
    /// holder of one of the private keys can open.
    pub fn line(
        &mut self,
        stream: Stream,
        line: &[u8],
        recipients: &[Recipient],
        out: &mut String,
    ) -> Result<(), Defect> {
        let is_row = stream == Stream::EnrichedGood;
        // A row goes without its original unless it is quarantined; a bad event never does.
        let mut sealed = if is_row { None } else { sealed_text(line, recipients) };
        let done =
            if is_row { self.row(line, out) } else { self.bad_event(line, sealed.as_deref(), out) };
        done.inspect_err(|defect| {
            if is_row {
                sealed = sealed_text(line, recipients);
            }
            self.quarantine((stream, *defect), line, sealed.as_deref(), out);
        })
    }
}

/// The original for whoever holds the private key, in base64. Without random numbers there is none:
/// what cannot be sealed is not shown in another way.
pub fn sealed_text(line: &[u8], recipients: &[Recipient]) -> Option<String> {
    if recipients.is_empty() {
        return None;
    }
    seal(recipients, line).ok().map(|sealed| base64_simd::STANDARD.encode_to_string(sealed))
}
