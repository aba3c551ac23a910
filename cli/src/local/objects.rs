//! Delivered objects as files, in the layout that the bucket has.

use std::fs::{self, File};
use std::io::{self, Read as _, Write as _};
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;

/// The largest object that is read back; deliveries end far below it.
const OBJECT_BYTES_MAX: u64 = 256 * 1024 * 1024;

/// The folder of objects.
#[derive(Clone, Debug)]
pub(super) struct Objects {
    root: PathBuf,
}

impl Objects {
    pub(super) fn new(root: PathBuf) -> Self {
        Self { root }
    }

    /// Writes an object. It appears as a whole or not at all.
    pub(super) fn write(&self, key: &str, bytes: &[u8]) -> io::Result<()> {
        let path = self.root.join(key);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder)?;
        }
        let unfinished = path.with_extension(UNFINISHED);
        let written = File::create(&unfinished).and_then(|mut file| file.write_all(bytes));
        let renamed = written.and_then(|()| fs::rename(&unfinished, &path));
        renamed.inspect_err(|_| drop(fs::remove_file(&unfinished)))
    }

    /// Reads an object.
    pub(super) fn read(&self, key: &str) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        #[allow(clippy::disallowed_methods, reason = "the stream is cut at its limit")]
        File::open(self.root.join(key))?.take(OBJECT_BYTES_MAX).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Opens an object, to be read in part.
    pub(super) fn open(&self, key: &str) -> io::Result<File> {
        File::open(self.root.join(key))
    }

    /// Removes an object, if it is there.
    pub(super) fn remove(&self, key: &str) {
        // One that is gone already needs no removing; one that stays is swept at the next start.
        fs::remove_file(self.root.join(key)).ok();
    }

    /// Removes every file that is no object of the list: what an end in the middle of a turn left.
    pub(super) fn sweep(&self, is_known: impl Fn(&str) -> bool) -> io::Result<()> {
        let mut folders = vec![self.root.clone()];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(&folder)? {
                let path = entry?.path();
                if path.is_dir() {
                    folders.push(path);
                } else if !self.key(&path).is_some_and(|key| is_known(&key)) {
                    fs::remove_file(&path)?;
                }
            }
        }
        Ok(())
    }

    fn key(&self, path: &Path) -> Option<String> {
        let path = path.strip_prefix(&self.root).ok()?.to_str()?;
        Some(path.replace(std::path::MAIN_SEPARATOR, "/"))
    }
}

/// How the name of a file ends that is being written.
const UNFINISHED: &str = "unfinished";

/// The bytes of an object, as Firehose compresses them.
pub(super) fn compressed(content: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(content)?;
    encoder.finish()
}
