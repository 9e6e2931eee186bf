//! The paths of a root: what lies where. Writes nothing.

use super::RootError;
use super::incoming::INCOMING;
use super::layout;
use crate::config::Storage;
use crate::model::{Layout, PackageName, Project, Sha256};
use std::path::{Path, PathBuf};

/// The hidden folder of the lookaside cache that every file in it is also found in by its digest.
pub const CONTENT_INDEX: &str = ".by-hash";

/// Where the parts of a root are, and how they are laid out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    root: PathBuf,
    git: PathBuf,
    lookaside: PathBuf,
    layout: Layout,
    cgit_list: Option<PathBuf>,
}

/// The folder of the queue of a root, which need not be there.
#[must_use]
pub fn queue_of(root: &Path) -> PathBuf {
    root.join("queue")
}

/// The folder of the files that say which workers of a root's queue live, which need not be there.
#[must_use]
pub fn workers_of(root: &Path) -> PathBuf {
    queue_of(root).join("workers")
}

/// The folder of the builds of a root, which need not be there.
#[must_use]
pub fn builds_of(root: &Path) -> PathBuf {
    root.join("builds")
}

impl Places {
    /// The places that an operator named, made absolute.
    ///
    /// # Errors
    /// When the lookaside cache is known to be laid out in another way than asked for.
    pub fn find(storage: &Storage) -> Result<Self, RootError> {
        let absolute = |path: &Path| std::path::absolute(path).map_err(RootError::read(path));
        let root = absolute(&storage.root)?;
        let within = |own: &Option<PathBuf>, name: &str| match own {
            Some(path) => absolute(path),
            None => Ok(root.join(name)),
        };
        let lookaside = within(&storage.lookaside, "lookaside")?;
        let list = storage.cgit_list.as_deref();
        Ok(Self {
            git: within(&storage.git, "git")?,
            layout: layout::of(&lookaside, storage.layout)?,
            cgit_list: list.map(absolute).transpose()?,
            lookaside,
            root,
        })
    }

    /// The same, of what must be there already.
    ///
    /// # Errors
    /// Likewise; and when there is no folder of repositories.
    pub fn present(storage: &Storage) -> Result<Self, RootError> {
        let places = Self::find(storage)?;
        match places.git.is_dir() {
            true => Ok(places),
            false => Err(RootError::Missing(places.git)),
        }
    }

    /// One folder for everything.
    pub(super) fn folder(path: &Path) -> Result<Self, RootError> {
        let path = std::path::absolute(path).map_err(RootError::read(path))?;
        Ok(Self {
            git: path.clone(),
            lookaside: path.clone(),
            layout: Layout::default(),
            cgit_list: None,
            root: path,
        })
    }

    /// How `sources` is written and the lookaside cache is laid out.
    #[must_use]
    pub const fn layout(&self) -> Layout {
        self.layout
    }

    /// The list that cgit reads.
    #[must_use]
    pub fn cgit_list(&self) -> Option<&Path> {
        self.cgit_list.as_deref()
    }

    /// The folder of the run logs.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.root.join("logs")
    }

    /// The folder of the queue.
    #[must_use]
    pub fn queue(&self) -> PathBuf {
        queue_of(&self.root)
    }

    /// The folder of the files that say which workers of the queue live.
    #[must_use]
    pub fn workers(&self) -> PathBuf {
        workers_of(&self.root)
    }

    /// The folder of index pages that were had before.
    #[must_use]
    pub fn pages(&self) -> PathBuf {
        self.root.join("cache")
    }

    /// The folder of results that a frontend did not take yet.
    #[must_use]
    pub fn outbox(&self) -> PathBuf {
        self.root.join("outbox")
    }

    /// The folder of all repositories.
    #[must_use]
    pub fn all_repositories(&self) -> &Path {
        &self.git
    }

    /// The lookaside cache.
    #[must_use]
    pub fn all_lookaside(&self) -> &Path {
        &self.lookaside
    }

    /// The folder of all source packages.
    #[must_use]
    pub fn all_srpms(&self) -> PathBuf {
        self.root.join("srpms")
    }

    /// The folder of a project's repositories.
    #[must_use]
    pub fn repositories(&self, project: &Project) -> PathBuf {
        self.git.join(project.owner()).join(project.name())
    }

    /// The bare repository of a package.
    #[must_use]
    pub fn repository(&self, project: &Project, package: &PackageName) -> PathBuf {
        self.repositories(project).join(format!("{package}.git"))
    }

    /// The folder of a project in the lookaside cache.
    #[must_use]
    pub fn lookasides(&self, project: &Project) -> PathBuf {
        self.lookaside.join(project.owner()).join(project.name())
    }

    /// The folder of a package in the lookaside cache.
    #[must_use]
    pub fn lookaside(&self, project: &Project, package: &PackageName) -> PathBuf {
        self.lookasides(project).join(package.as_str())
    }

    /// The folder of a project's source packages.
    #[must_use]
    pub fn srpms(&self, project: &Project) -> PathBuf {
        let folder = self.all_srpms().join(project.owner());
        folder.join(project.name())
    }

    /// The file that shuts a project while it is taken away; else it is not there. The names are
    /// those of its folders.
    #[must_use]
    pub fn project_door(&self, owner: &str, name: &str) -> PathBuf {
        // Both names together may be longer than that of a file.
        let digest = Sha256::of(format!("{owner}/{name}").as_bytes());
        let folder = self.git.join(INCOMING);
        folder.join(format!("project-{digest}.door"))
    }

    /// The folders that hold an `.incoming` of unfinished files.
    #[must_use]
    pub fn with_incoming(&self) -> [PathBuf; 3] {
        [self.git.clone(), self.lookaside.clone(), self.all_srpms()]
    }
}
