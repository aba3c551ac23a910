//! A folder of configuration files, as far as its limits.

use std::path::Path;

use super::document::{ConfigFile, DOCUMENT_BYTES_MAX, DOCUMENTS_MAX};

/// The files of a folder whose names end in `.json`; folders in it are passed over.
pub fn folder(path: &Path) -> Result<Vec<ConfigFile>, String> {
    let entries = std::fs::read_dir(path).map_err(|error| error.to_string())?;
    let mut files = Vec::new();
    for entry in entries {
        let path = entry.map_err(|error| error.to_string())?.path();
        let is_json = path.extension().is_some_and(|extension| extension == "json");
        if !is_json || path.is_dir() {
            continue;
        }
        if files.len() == DOCUMENTS_MAX {
            return Err(format!("more than {DOCUMENTS_MAX} files"));
        }
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let text = function_env::text_file(&path.to_string_lossy(), DOCUMENT_BYTES_MAX)
            .map_err(|problem| format!("{name}: {problem}"))?;
        files.push(ConfigFile { name, text });
    }
    Ok(files)
}
