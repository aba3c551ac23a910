#![doc = include_str!("../README.md")]

use include_dir::{Dir, include_dir};

static SCHEMAS: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/../../schemas");

/// The text of a schema, by its path `vendor/name/format/version`.
pub fn schema(path: &str) -> Option<&'static str> {
    // A vendor's name begins with no dot, and the README is no schema.
    SCHEMAS.get_file(path).filter(|_| path.matches('/').count() == 3)?.contents_utf8()
}

/// The paths of all schemas, in their order.
pub fn paths() -> Vec<&'static str> {
    let mut paths = Vec::new();
    collect(&SCHEMAS, &mut paths);
    paths.retain(|path| path.matches('/').count() == 3);
    paths.sort_unstable();
    paths
}

fn collect(folder: &'static Dir<'static>, paths: &mut Vec<&'static str>) {
    paths.extend(folder.files().filter_map(|file| file.path().to_str()));
    for inner in folder.dirs() {
        collect(inner, paths);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_schema_describes_itself_as_its_path_says() {
        let paths = paths();
        assert!(paths.len() > 300, "{}", paths.len());
        for path in paths {
            let schema: serde_json::Value = serde_json::from_str(schema(path).unwrap()).unwrap();
            let own = |key: &str| schema["self"][key].as_str().unwrap().to_owned();
            let found = ["vendor", "name", "format", "version"].map(own).join("/");
            assert_eq!(found, path);
        }
    }

    #[test]
    fn what_is_no_schema_is_not_found() {
        for path in ["README.md", "", "com.gitlab", "a/b/c/1-0-0", "../schemas/README.md"] {
            assert_eq!(schema(path), None, "{path}");
        }
    }
}
