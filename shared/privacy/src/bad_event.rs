//! Bad events: what was refused, treated like what was accepted.

use crate::defect::Defect;
use crate::pseudonym::Pseudonyms;
use crate::rewriter::Rewriter;

impl<P: Pseudonyms> Rewriter<'_, P> {
    /// Appends the treated bad event, without a line break.
    pub(crate) fn bad_event(
        &mut self,
        line: &[u8],
        sealed: Option<&str>,
        out: &mut String,
    ) -> Result<(), Defect> {
        let _ = (line, sealed, out);
        Err(Defect::Shape(None))
    }
}
