//! What takes the place of a line that cannot be treated part by part.

use json_tree::Json;

use crate::defect::Defect;
use crate::pseudonym::Pseudonyms;
use crate::rewriter::{Rewriter, Stream};

/// What a quarantine line says it is.
pub const QUARANTINE_SCHEMA: &str = "iglu:io.whiteout/quarantine/jsonschema/1-0-0";

impl<P: Pseudonyms> Rewriter<'_, P> {
    /// Appends a line that tells the defect, and of the line itself only a pseudonym, by which two
    /// copies of it can be recognised. It is one column of JSON, so no reader takes it for a row.
    pub fn quarantine(
        &mut self,
        (stream, defect): (Stream, Defect),
        line: &[u8],
        sealed: Option<&str>,
        out: &mut String,
    ) {
        let mut pseudonym = String::new();
        self.tally.pseudonymized += 1;
        self.pseudonyms.write_unlisted("@quarantine", line, &mut pseudonym);
        let mut data = vec![
            ("stream", Json::text(stream.name())),
            ("reason", Json::text(defect.code())),
            ("line", Json::text(pseudonym)),
            ("policy", Json::text(self.audit.policy.as_str())),
            ("key", Json::text(self.audit.key.as_str())),
        ];
        if let Some(column) = defect.column() {
            data.push(("column", Json::text(column.name())));
        }
        if let Some(sealed) = sealed {
            data.push(("sealed", Json::text(sealed)));
        }
        let quarantine =
            Json::object([("schema", Json::text(QUARANTINE_SCHEMA)), ("data", Json::object(data))]);
        quarantine.write(out);
    }
}
