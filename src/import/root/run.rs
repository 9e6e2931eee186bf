//! A root that is opened for writing.

use super::incoming::{HIDDEN_RUN, INCOMING, Incoming, RUN, create};
use super::{Places, RootError, Verified, layout};
use crate::config::Storage;
use std::fs::File;
use std::io;
use std::ops::Deref;
use std::path::Path;
use std::sync::Arc;
use tempfile::{NamedTempFile, TempDir};

/// The folders of one root, opened for writing. Where they are, its [`Places`] say. Clones share
/// what the run holds.
#[derive(Clone, Debug)]
pub struct Root {
    places: Places,
    git: Arc<Incoming>,
    lookaside: Arc<Incoming>,
    srpms: Arc<Incoming>,
    verified: Arc<Verified>,
}

impl Root {
    /// Opens the root with everything in its usual place; see [`Root::open_at`].
    ///
    /// # Errors
    /// Names the folder that cannot be written.
    pub fn open(path: &Path) -> Result<Self, RootError> {
        Self::open_at(Places::find(&Storage::new(path))?)
    }

    /// Creates the folders that are missing, removes what killed runs left unfinished, records
    /// the layout, and opens the root for one run.
    ///
    /// # Errors
    /// Names the folder that cannot be written.
    pub fn open_at(places: Places) -> Result<Self, RootError> {
        create(&places.logs())?;
        if let Some(list) = places.cgit_list() {
            // Better known now than when the first new repository is made.
            let open = File::options().create(true).append(true).open(list);
            open.map_err(RootError::write(list))?;
        }
        let [git, lookaside, srpms] = places.with_incoming();
        let open = |it: &Path| Incoming::open(&it.join(INCOMING), RUN).map(Arc::new);
        let root = Self {
            git: open(&git)?,
            lookaside: open(&lookaside)?,
            srpms: open(&srpms)?,
            verified: Arc::default(),
            places,
        };
        layout::record(&lookaside, root.layout())?;
        Ok(root)
    }

    /// Opens a folder that only source packages go into, and that holds nothing else of a root:
    /// files wait in a hidden folder beside them, which the run takes away at its end.
    ///
    /// # Errors
    /// Names the folder that cannot be written.
    pub fn open_folder(path: &Path) -> Result<Self, RootError> {
        let places = Places::folder(path)?;
        let incoming = Incoming::open(places.all_repositories(), HIDDEN_RUN)?;
        let incoming = Arc::new(incoming);
        Ok(Self {
            git: Arc::clone(&incoming),
            lookaside: Arc::clone(&incoming),
            srpms: incoming,
            verified: Arc::default(),
            places,
        })
    }

    /// The files of the lookaside cache that this run has read.
    #[must_use]
    pub fn verified(&self) -> &Verified {
        &self.verified
    }

    /// A new file in the lookaside's file system, gone when dropped.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn temporary_source(&self) -> io::Result<NamedTempFile> {
        self.lookaside.file()
    }

    /// A new file in the file system of the source packages, gone when dropped.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn temporary_srpm(&self) -> io::Result<NamedTempFile> {
        self.srpms.file()
    }

    /// Takes a folder of the root away at once. What is in it goes with the answer; where the
    /// folder is on another file system, it is gone already.
    ///
    /// # Errors
    /// When the file system refuses; a part may be gone all the same.
    pub fn take_away(&self, folder: &Path) -> io::Result<Option<TempDir>> {
        let parts = [&self.git, &self.lookaside, &self.srpms];
        let mut parts = parts.into_iter().zip(self.with_incoming());
        let part = parts.rfind(|(_, path)| folder.starts_with(path));
        if let Some((incoming, _)) = part
            && let Ok(aside) = incoming.folder()
            && std::fs::rename(folder, aside.path()).is_ok()
        {
            return Ok(Some(aside));
        }
        // On another file system, as behind a link; or not there.
        std::fs::remove_dir_all(folder).map(|()| None)
    }

    /// A new folder in the file system of the repositories, gone when dropped.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn temporary_repository(&self) -> io::Result<TempDir> {
        self.git.folder()
    }
}

impl Deref for Root {
    type Target = Places;

    fn deref(&self) -> &Places {
        &self.places
    }
}

#[cfg(test)]
mod tests {
    use super::super::incoming::INCOMING;
    use super::*;
    use std::fs;

    fn runs(root: &Path) -> usize {
        fs::read_dir(root.join("lookaside").join(INCOMING))
            .unwrap()
            .count()
    }

    #[test]
    fn a_run_leaves_nothing_and_sweeps_only_the_dead() {
        let dir = TempDir::new().unwrap();
        let alive = Root::open(dir.path()).unwrap();
        let dead = dir.path().join("lookaside").join(INCOMING).join("run-dead");
        fs::create_dir(&dead).unwrap();
        fs::write(dead.join("half"), "x").unwrap();
        let second = Root::open(dir.path()).unwrap();
        assert!(!dead.exists());
        assert_eq!(runs(dir.path()), 2);
        let file = second.temporary_source().unwrap();
        assert!(file.path().exists());
        drop((file, second, alive));
        assert_eq!(runs(dir.path()), 0);
    }

    #[test]
    fn a_folder_is_left_as_it_was() {
        let dir = TempDir::new().unwrap();
        fs::create_dir(dir.path().join(".distmill-dead")).unwrap();
        fs::create_dir(dir.path().join("other")).unwrap();
        let names = || {
            let names = fs::read_dir(dir.path()).unwrap();
            let names = names.map(|it| it.unwrap().file_name().into_string().unwrap());
            names.collect::<Vec<_>>()
        };
        let root = Root::open_folder(dir.path()).unwrap();
        assert!(
            root.temporary_srpm()
                .unwrap()
                .path()
                .starts_with(dir.path())
        );
        assert_eq!(names().len(), 2, "{:?}", names());
        drop(root);
        assert_eq!(names(), ["other"]);
    }

    #[test]
    fn a_root_that_is_a_file_is_refused() {
        let file = NamedTempFile::new().unwrap();
        let error = Root::open(file.path()).unwrap_err();
        assert!(error.to_string().contains("cannot write to"));
    }
}
