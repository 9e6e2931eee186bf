//! One measurement, as it is handed to the process that makes it.

use super::floor::Recipe;
use super::{Corpus, Registry, Work};
use crate::model::{Layout, Project};
use serde::{Deserialize, Serialize};
use std::num::NonZeroUsize;
use std::path::PathBuf;

/// What a process does with the packages of a task.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Act {
    /// Imports them.
    Import,
    /// Makes source packages of them, for the [`Recipe`]s; nothing is measured.
    Prepare,
    /// Does the least work on them, on one thread.
    Floor,
}

/// What is done in one measurement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Task {
    /// A fresh folder.
    pub root: PathBuf,
    /// What kind of work.
    pub work: Work,
    /// Threads that import.
    pub threads: NonZeroUsize,
    /// What is done.
    pub act: Act,
    /// Whether a package counts only once it is on stable storage.
    pub durable: bool,
    /// How `sources` and the lookaside cache are laid out.
    pub layout: Layout,
    /// Into how many projects each package goes.
    pub projects: NonZeroUsize,
    /// Where names are found.
    pub registry: Option<String>,
    /// What is imported.
    pub packages: Vec<Package>,
}

/// One package of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Package {
    /// Where an import takes it from, as a user would write it.
    pub source: String,
    /// Its file in the corpus.
    pub path: PathBuf,
    /// The digest of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// How the floor makes a source package of it, where that is known and needed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recipe: Option<Recipe>,
}

impl Task {
    /// How many packages are imported in all.
    #[must_use]
    pub const fn count(&self) -> usize {
        self.packages.len() * self.projects.get()
    }

    /// The project of a number.
    ///
    /// # Panics
    /// Never: such a name is a project's.
    #[must_use]
    pub fn project(number: usize) -> Project {
        Project::new("bench", &format!("project{number}")).expect("the name is a project's")
    }

    /// Every package with the number of its project, one project after the other.
    pub fn each(&self) -> impl Iterator<Item = (usize, &Package)> {
        let projects = 0..self.projects.get();
        projects.flat_map(|project| self.packages.iter().map(move |it| (project, it)))
    }
}

impl Package {
    /// The packages of a corpus. Source packages are files of this machine, unless `distant` has
    /// them come from the registry, as all others do.
    #[must_use]
    pub fn of(corpus: &Corpus, registry: &Registry, distant: bool) -> Vec<Self> {
        let source = |(number, item): (usize, &super::Item)| match corpus.work {
            Work::Srpm if distant => registry.file_url(number, &item.file_name),
            Work::Srpm => item.path.display().to_string(),
            Work::Pypi => format!("pypi:{}=={}", item.name, item.version),
            Work::Gem => format!("gem:{}=={}", item.name, item.version),
        };
        let items = corpus.items.iter().enumerate();
        items
            .map(|(number, item)| Self {
                source: source((number, item)),
                path: item.path.clone(),
                sha256: item.sha256.to_string(),
                recipe: None,
            })
            .collect()
    }
}
