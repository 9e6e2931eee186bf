//! Where the files of one package go: text to its repository, the rest to the lookaside cache.

use super::hex;
use super::make_folder;
use super::pack::Kind;
use super::repository::{Entries, Repositories};
use crate::import::distgit::is_text;
use crate::model::Layout;
use md5::Md5;
use sha2::{Digest, Sha512};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A file of a package.
pub(super) struct File<'a> {
    pub(super) name: &'a str,
    pub(super) bytes: &'a [u8],
    pub(super) is_executable: bool,
}

/// A dist-git that is being filled.
pub(super) struct Place {
    root: PathBuf,
    layout: Layout,
    repositories: Repositories,
    /// Files of the lookaside cache by their digest: equal ones are links to the first.
    stored: HashMap<String, PathBuf>,
}

impl Place {
    pub(super) fn new(root: &Path, layout: Layout) -> Self {
        Self {
            root: root.to_owned(),
            layout,
            repositories: Repositories::new(),
            stored: HashMap::new(),
        }
    }

    /// Writes the files of a package.
    pub(super) fn put(
        &mut self,
        project: &str,
        package: &str,
        mut files: Vec<File<'_>>,
    ) -> io::Result<()> {
        files.sort_unstable_by_key(|it| it.name);
        let mut entries = Entries::new();
        let (mut sources, mut uploaded) = (String::new(), Vec::new());
        for File {
            name,
            bytes,
            is_executable,
        } in files
        {
            if is_text(bytes) {
                let id = self.repositories.packer.add(Kind::Blob, bytes)?;
                entries.insert(name, (is_executable, id));
                continue;
            }
            let sum = match self.layout {
                Layout::DistGit => hex(&Sha512::digest(bytes)),
                Layout::Copr => hex(&Md5::digest(bytes)),
            };
            let _ = match self.layout {
                Layout::DistGit => writeln!(sources, "SHA512 ({name}) = {sum}"),
                Layout::Copr => writeln!(sources, "{sum}  {name}"),
            };
            uploaded.push(name);
            self.store(project, package, name, sum, bytes)?;
        }
        let packer = &mut self.repositories.packer;
        let blob = packer.add(Kind::Blob, sources.as_bytes())?;
        entries.insert("sources", (false, blob));
        let git = self.root.join("git").join(project);
        let git = git.join(format!("{package}.git"));
        self.repositories.commit(git, package, entries, &uploaded)
    }

    fn store(
        &mut self,
        project: &str,
        package: &str,
        name: &str,
        sum: String,
        bytes: &[u8],
    ) -> io::Result<()> {
        let mut path = self.root.join("lookaside").join(project);
        let kind = match self.layout {
            Layout::DistGit => Some("sha512"),
            Layout::Copr => None,
        };
        let folders = [Some(package), Some(name), kind, Some(&*sum)];
        for folder in folders.into_iter().flatten() {
            path.push(folder);
            make_folder(&path)?;
        }
        path.push(name);
        match self.stored.get(&sum) {
            Some(first) if *first == path => Ok(()),
            Some(first) => match fs::hard_link(first, &path) {
                // The same package again.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
                other => other,
            },
            None => {
                fs::write(&path, bytes)?;
                self.stored.insert(sum, path);
                Ok(())
            }
        }
    }
}
