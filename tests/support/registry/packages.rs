//! What is published.

use super::{Content, Shared, pypi};
use distmill::model::Ecosystem;
use std::collections::BTreeMap;

/// All packages of both ecosystems.
#[derive(Default)]
pub(super) struct Packages {
    /// By normalised name.
    pub(super) pypi: BTreeMap<String, Package>,
    pub(super) gems: BTreeMap<String, Package>,
}

/// One package.
#[derive(Default)]
pub(super) struct Package {
    pub(super) files: Vec<PublishedFile>,
    /// Releases that have no file.
    pub(super) empty_versions: Vec<String>,
}

/// One file and what the index says about it, which may be wrong.
#[derive(Clone)]
pub(super) struct PublishedFile {
    pub(super) version: String,
    pub(super) file_name: String,
    pub(super) content: Content,
    pub(super) sha256: Option<String>,
    /// The address given instead of the right one.
    pub(super) url: Option<String>,
    /// The reason, which may be empty.
    pub(super) yanked: Option<String>,
    pub(super) platform: String,
}

impl PublishedFile {
    pub(super) fn new(version: &str, file_name: &str, content: Content) -> Self {
        Self {
            version: version.to_owned(),
            file_name: file_name.to_owned(),
            sha256: Some(content.sha256().to_string()),
            content,
            url: None,
            yanked: None,
            platform: "ruby".to_owned(),
        }
    }
}

/// A file that was just added, to say more about it.
pub(crate) struct AddedFile<'a> {
    shared: &'a Shared,
    ecosystem: Ecosystem,
    key: String,
    index: usize,
}

impl<'a> AddedFile<'a> {
    pub(super) fn add(
        shared: &'a Shared,
        ecosystem: Ecosystem,
        name: &str,
        file: PublishedFile,
    ) -> Self {
        let key = match ecosystem {
            Ecosystem::Pypi => pypi::normalised(name),
            Ecosystem::Gem => name.to_owned(),
        };
        let mut state = shared.state();
        let packages = state.packages.of(ecosystem);
        let files = &mut packages.entry(key.clone()).or_default().files;
        files.push(file);
        let index = files.len() - 1;
        Self {
            shared,
            ecosystem,
            key,
            index,
        }
    }

    /// Withdrawn without a reason. A yanked gem is absent from the index.
    pub(crate) fn yanked(self) -> Self {
        self.yanked_because("")
    }

    /// Withdrawn for a reason.
    pub(crate) fn yanked_because(self, reason: &str) -> Self {
        self.change(|it| it.yanked = Some(reason.to_owned()))
    }

    /// The index gives the digest of something else.
    pub(crate) fn wrong_sha256(self) -> Self {
        self.change(|it| it.sha256 = Some("0".repeat(64)))
    }

    /// The index gives no digest.
    pub(crate) fn no_sha256(self) -> Self {
        self.change(|it| it.sha256 = None)
    }

    /// The index gives this address, as it stands.
    pub(crate) fn at(self, url: &str) -> Self {
        self.change(|it| it.url = Some(url.to_owned()))
    }

    /// Built for a platform such as `java`; the file name of the gem follows.
    pub(crate) fn platform(self, platform: &str) -> Self {
        self.change(|it| {
            let stem = it.file_name.trim_end_matches(".gem");
            it.file_name = format!("{stem}-{platform}.gem");
            it.platform = platform.to_owned();
        })
    }

    fn change(self, change: impl FnOnce(&mut PublishedFile)) -> Self {
        let mut state = self.shared.state();
        let package = state.packages.of(self.ecosystem).get_mut(&self.key);
        change(&mut package.unwrap().files[self.index]);
        drop(state);
        self
    }
}

impl Packages {
    fn of(&mut self, ecosystem: Ecosystem) -> &mut BTreeMap<String, Package> {
        match ecosystem {
            Ecosystem::Pypi => &mut self.pypi,
            Ecosystem::Gem => &mut self.gems,
        }
    }
}
