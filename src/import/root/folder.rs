//! Folders that come and go.

use std::fs;
use std::io;
use std::path::Path;

/// More often than anybody removes a folder in the moment between two.
const TRIES: usize = 100_000;

/// Makes a folder and those above it where they are missing, though somebody may remove those
/// that are empty meanwhile: an owner's folder goes with the last project.
///
/// # Errors
/// When the file system refuses.
pub fn make_folder(folder: &Path) -> io::Result<()> {
    for _ in 1..TRIES {
        match fs::create_dir_all(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            other => return other,
        }
    }
    fs::create_dir_all(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::{AtomicBool, Ordering};

    #[test]
    fn it_is_made_though_those_above_it_go() {
        let dir = tempfile::TempDir::new().unwrap();
        let (owner, done) = (dir.path().join("owner"), AtomicBool::new(false));
        std::thread::scope(|scope| {
            scope.spawn(|| {
                while !done.load(Ordering::Relaxed) {
                    let _ = fs::remove_dir(&owner);
                }
            });
            for n in 0..200 {
                let project = owner.join(n.to_string());
                let made = make_folder(&project);
                let gone = fs::remove_dir(&project);
                done.store(
                    made.is_err() || gone.is_err() || n == 199,
                    Ordering::Relaxed,
                );
                made.unwrap();
                gone.unwrap();
            }
        });
        assert!(make_folder(Path::new("/dev/null/x")).is_err());
    }
}
