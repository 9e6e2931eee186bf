//! The file systems that results go to, flushed as a whole.
//!
//! One flush of a file system covers every file, folder and ref of all jobs that ended before
//! it: it costs about the same for one job as for a hundred, where a flush a file would cost
//! each of them a dozen.

use super::WorkError;
use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

/// One open folder for each file system.
#[derive(Debug)]
pub struct Disks(Vec<File>);

impl Disks {
    /// The file systems that these folders are on.
    ///
    /// # Errors
    /// Names the folder that cannot be opened.
    pub fn of(folders: impl IntoIterator<Item = PathBuf>) -> Result<Self, WorkError> {
        let mut seen = BTreeSet::new();
        let mut disks = Vec::new();
        for path in folders {
            let open = || File::open(&path).and_then(|it| Ok((it.metadata()?.dev(), it)));
            let (device, folder) = open().map_err(|source| WorkError::Disk {
                path: path.clone(),
                source,
            })?;
            if seen.insert(device) {
                disks.push(folder);
            }
        }
        Ok(Self(disks))
    }

    /// Waits until all that was written so far is on stable storage.
    ///
    /// # Errors
    /// When a file system could not write something, whoever wrote it.
    pub fn flush(&self) -> io::Result<()> {
        for disk in &self.0 {
            rustix::fs::syncfs(disk)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_one_file_system_are_flushed_once() {
        let dir = tempfile::TempDir::new().unwrap();
        let (a, b) = (dir.path().join("a"), dir.path().join("b"));
        std::fs::create_dir_all(&a).unwrap();
        std::fs::create_dir_all(&b).unwrap();
        let disks = Disks::of([a, b]).unwrap();
        assert_eq!(disks.0.len(), 1);
        disks.flush().unwrap();
        let error = Disks::of([dir.path().join("c")]).unwrap_err();
        assert!(error.to_string().contains("cannot open"), "{error}");
    }
}
