//! A file that a variable names, read as far as its limit.

use std::fs::File;
use std::io::Read as _;

/// The text of a file of so many bytes at most; an error is what is wrong with it.
pub fn text_file(path: &str, bytes_max: usize) -> Result<String, String> {
    let most = u64::try_from(bytes_max).unwrap_or(u64::MAX);
    let mut text = String::new();
    let read = File::open(path).and_then(|file| {
        #[allow(clippy::disallowed_methods, reason = "the stream is cut at its limit")]
        file.take(most.saturating_add(1)).read_to_string(&mut text)
    });
    match read {
        Ok(bytes) if bytes > bytes_max => Err(format!("larger than {bytes_max} bytes")),
        Ok(_) => Ok(text),
        Err(error) => Err(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_ends_at_its_limit() {
        let path = std::env::temp_dir().join(format!("whiteout-text-file-{}", std::process::id()));
        let path = path.to_str().unwrap();
        std::fs::write(path, "four").unwrap();
        assert_eq!(text_file(path, 4).as_deref(), Ok("four"));
        assert_eq!(text_file(path, 3).unwrap_err(), "larger than 3 bytes");
        std::fs::remove_file(path).unwrap();
        assert!(text_file(path, 4).is_err());
    }
}
