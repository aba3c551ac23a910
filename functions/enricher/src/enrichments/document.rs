//! The configuration files as Snowplow writes them: read, judged by their schemas, all at once.

use std::collections::BTreeSet;
use std::fmt;

use iglu::{Invalid, Schema, SchemaKey, SelfDescribing};
use json_tree::Json;

use super::kind::Kind;

/// Largest configuration file; a script is in it, in base64.
pub const DOCUMENT_BYTES_MAX: usize = 4 * 1024 * 1024;
/// Most files in a folder.
pub const DOCUMENTS_MAX: usize = 200;
/// Deepest JSON in one.
const DEPTH_MAX: usize = 30;

/// A file of the folder of configurations.
#[derive(Clone, PartialEq, Eq)]
pub struct ConfigFile {
    /// Its name, for messages.
    pub name: String,
    /// What is in it.
    pub text: String,
}

impl fmt::Debug for ConfigFile {
    /// Without the text: it can hold keys and salts.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ConfigFile({:?}, {} bytes)", self.name, self.text.len())
    }
}

/// All that is wrong with the configurations of enrichments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConfigProblems(Vec<String>);

impl ConfigProblems {
    /// What is wrong, each with its file and field.
    pub fn new(problems: Vec<String>) -> Self {
        Self(problems)
    }
}

impl fmt::Display for ConfigProblems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the enrichments cannot be used")?;
        self.0.iter().try_for_each(|problem| write!(f, "\n  {problem}"))
    }
}

impl std::error::Error for ConfigProblems {}

/// One enabled enrichment's configuration, which fits its schema.
pub(crate) struct Document {
    pub(crate) file: String,
    pub(crate) kind: Kind,
    pub(crate) schema_key: SchemaKey,
    data: Json<'static>,
}

impl Document {
    /// The field `parameters`, which some configurations have not.
    pub(crate) fn parameters(&self) -> Fields<'_> {
        self.all().object("parameters")
    }

    /// The whole configuration.
    pub(crate) fn all(&self) -> Fields<'_> {
        Fields(Some(&self.data))
    }
}

/// A place in a configuration; what is not there is empty.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'d>(pub(crate) Option<&'d Json<'d>>);

impl<'d> Fields<'d> {
    pub(crate) fn object(self, name: &str) -> Self {
        Self(self.0.and_then(|json| json.get(name)))
    }

    pub(crate) fn json(self) -> Option<&'d Json<'d>> {
        self.0
    }

    pub(crate) fn text(self, name: &str) -> Option<&'d str> {
        self.object(name).0.and_then(Json::as_str)
    }

    pub(crate) fn texts(self, name: &str) -> Vec<String> {
        let values = self.object(name).0.and_then(Json::as_array).unwrap_or_default();
        values.iter().filter_map(Json::as_str).map(str::to_owned).collect()
    }

    /// Pairs of names and texts, in the order of the file.
    pub(crate) fn pairs(self, name: &str) -> Vec<(String, String)> {
        let pairs = self.object(name).0.and_then(Json::as_object);
        let pairs = pairs.into_iter().flat_map(json_tree::Object::iter);
        pairs
            .filter_map(|(name, text)| Some((name.to_owned(), text.as_str()?.to_owned())))
            .collect()
    }

    pub(crate) fn truth(self, name: &str) -> Option<bool> {
        self.object(name).0.and_then(Json::as_bool)
    }

    /// A number that is a whole one, however it is written.
    pub(crate) fn whole(self, name: &str) -> Option<usize> {
        let text = self.object(name).0?.as_number()?;
        let number = text.strip_suffix(".0").unwrap_or(text);
        number.parse().ok()
    }
}

/// Reads the files of a folder, in the order of their names; what is disabled is left out.
pub(crate) fn read(files: &[ConfigFile]) -> Result<Vec<Document>, Vec<String>> {
    let mut problems = Vec::new();
    if files.len() > DOCUMENTS_MAX {
        problems.push(format!("there are more than {DOCUMENTS_MAX} files"));
    }
    let mut files: Vec<&ConfigFile> = files.iter().take(DOCUMENTS_MAX).collect();
    files.sort_by(|a, b| a.name.cmp(&b.name));
    let mut documents: Vec<Document> = Vec::new();
    for file in files {
        match one(file) {
            Ok(document) => documents.extend(document),
            Err(found) => {
                problems.extend(found.into_iter().map(|text| format!("{}: {text}", file.name)));
            }
        }
    }
    let mut seen = BTreeSet::new();
    for document in &documents {
        if !seen.insert(document.kind) && !document.kind.is_list() {
            let name = document.schema_key.name();
            problems.push(format!("{}: {name} is configured a second time", document.file));
        }
    }
    if problems.is_empty() { Ok(documents) } else { Err(problems) }
}

/// One file; none if its enrichment is disabled.
fn one(file: &ConfigFile) -> Result<Option<Document>, Vec<String>> {
    let sole = |problem: String| vec![problem];
    if file.text.len() > DOCUMENT_BYTES_MAX {
        return Err(sole(format!("larger than {DOCUMENT_BYTES_MAX} bytes")));
    }
    // A byte order mark is what some editors leave.
    let text = file.text.trim_start_matches('\u{feff}');
    let json = Json::parse(text, DEPTH_MAX).map_err(|error| {
        // The parser's sentence quotes the text, which may hold a key.
        sole(format!("no JSON at line {}, column {}", error.line(), error.column()))
    })?;
    let SelfDescribing { key, data } = SelfDescribing::of(&json)
        .map_err(|_| sole("not self-describing: it needs `schema` and `data`".to_owned()))?;
    let mut problems = Vec::new();
    for name in json.as_object().into_iter().flat_map(json_tree::Object::keys) {
        if !matches!(name, "schema" | "data") {
            problems.push(format!("$.{name}: no such field"));
        }
    }
    let kind = match Kind::of(&key) {
        Ok(kind) => kind,
        Err(problem) => {
            problems.push(format!("$.schema: {problem}"));
            return Err(problems);
        }
    };
    let is_enabled = data.get("enabled").and_then(Json::as_bool);
    match embedded_schemas::schema(key.path()) {
        Some(schema) => problems.extend(violations(&key, schema, data)),
        // What is not to run needs no more than that.
        None if is_enabled == Some(false) => {}
        None => problems.push(format!("$.schema: {} is not known", key.as_str())),
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    let data = data.clone().into_owned();
    let document = Document { file: file.name.clone(), kind, schema_key: key, data };
    Ok((is_enabled == Some(true)).then_some(document))
}

fn violations(key: &SchemaKey, schema: &str, data: &Json<'_>) -> Vec<String> {
    let schema = match Schema::parse(key, schema) {
        Ok(schema) => schema,
        Err(error) => return vec![format!("$.schema: {error}")],
    };
    match schema.validate(data) {
        Ok(()) => Vec::new(),
        Err(Invalid::Data(reports)) => {
            let place = |message: String| message.replacen('$', "$.data", 1);
            reports.into_iter().map(|report| place(report.message)).collect()
        }
        Err(Invalid::Schema(_)) => vec![format!("$.schema: {} is broken", key.as_str())],
    }
}
